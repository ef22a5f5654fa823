use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::Dropout;
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn dropout(&mut self, input: TensorId, rate: f64) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("dropout", channels, positions, TensorKind::Floats);
        self.push(Dropout::new(rate, &format!("dropout_{}", output.0), input, output));
        output
    }
}

impl Differentiated for Dropout {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        let (rate, stream) = (self.rate, self.stream);
        to.contribute(self.input, |dinput| Dropout {
            rate,
            stream,
            input: doutput,
            output: dinput,
        });
    }
}
