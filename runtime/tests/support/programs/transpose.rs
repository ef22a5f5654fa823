use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::Transpose;
use compiler::plan::{TensorId, TensorKind};

impl Build {
    pub fn transpose(&mut self, input: TensorId) -> TensorId {
        let (rows, columns) = self.sizes(input);
        let output = self.tensor("transpose", rows * columns, 1, TensorKind::Floats);
        self.push(Transpose {
            rows,
            columns,
            input,
            output,
        });
        output
    }
}

impl Differentiated for Transpose {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let doutput = to.doutput(self.output);
        to.contribute(self.input, |dinput| Transpose {
            rows: self.columns,
            columns: self.rows,
            input: doutput,
            output: dinput,
        });
    }
}
