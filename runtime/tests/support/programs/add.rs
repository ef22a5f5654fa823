use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Add, Copy};
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn add(&mut self, left: TensorId, right: TensorId) -> TensorId {
        let (channels, positions) = self.sizes(left);
        let output = self.tensor("add", channels, positions, TensorKind::Floats);
        self.push(Add { left, right, output });
        output
    }
}

impl Differentiated for Add {
    /// The gradient of both is that of the sum; copied, since each may be added to.
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        for input in [self.left, self.right] {
            let block = to.elements(input);
            to.contribute(input, |dinput| Copy {
                blocks: 1,
                block,
                input_stride: block,
                input_offset: 0,
                output_stride: block,
                output_offset: 0,
                input: doutput,
                output: dinput,
            });
        }
    }
}
