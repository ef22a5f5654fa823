use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Softmax, SoftmaxBackward};
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn softmax(&mut self, input: TensorId) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("softmax", channels, positions, TensorKind::Floats);
        self.push(Softmax { input, output });
        output
    }
}

impl Differentiated for Softmax {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let output = self.output;
        let doutput = to.doutput(output);
        to.contribute(self.input, |dinput| SoftmaxBackward {
            output,
            doutput,
            dinput,
        });
    }
}
