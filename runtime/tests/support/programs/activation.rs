use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::activation::ActivationFunction;
use compiler::ops::{Activation, ActivationBackward};
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn activation(&mut self, input: TensorId, function: ActivationFunction) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("activation", channels, positions, TensorKind::Floats);
        self.push(Activation {
            function,
            input,
            output,
        });
        output
    }
}

impl Differentiated for Activation {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (function, output) = (self.function, self.output);
        let doutput = to.doutput(output);
        let input = function.needs_input().then_some(self.input);
        to.contribute(self.input, |dinput| ActivationBackward {
            function,
            input,
            output,
            doutput,
            dinput,
        });
    }
}
