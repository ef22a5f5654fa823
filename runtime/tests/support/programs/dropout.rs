use super::Build;
use super::augmentation;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Dropout, Op};
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn dropout(&mut self, input: TensorId, rate: f64) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("dropout", channels, positions, TensorKind::Floats);
        self.push(Dropout::new(rate, &format!("dropout_{}", output.0), input, output));
        output
    }

    /// Whole channels of each sample.
    pub fn spatial_dropout(&mut self, input: TensorId, rate: f64) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("dropout", channels, positions, TensorKind::Floats);
        let dropout = Dropout::new(rate, &format!("dropout_{}", output.0), input, output);
        self.push(dropout.of_runs(positions));
        output
    }
}

/// The operations where nothing is trained: what takes a dropout's output takes its input instead.
pub fn left_out(ops: &[Op]) -> Vec<Op> {
    let mut left: Vec<Op> = Vec::new();
    let mut instead: Vec<(TensorId, TensorId)> = Vec::new();
    for op in ops {
        let mut op = op.clone();
        for tensor in op.tensors_mut() {
            if let Some((_, input)) = instead.iter().find(|(output, _)| output == tensor) {
                *tensor = *input;
            }
        }
        if let Op::Dropout(Dropout { input, output, .. }) = op {
            instead.push((output, input));
        } else if let Some(pair) = augmentation::instead(&op) {
            instead.push(pair);
        } else {
            left.push(augmentation::undrawn(op));
        }
    }
    left
}

impl Differentiated for Dropout {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        let (rate, stream, together) = (self.rate, self.stream, self.together);
        to.contribute(self.input, |dinput| Dropout {
            rate,
            stream,
            together,
            input: doutput,
            output: dinput,
        });
    }
}
