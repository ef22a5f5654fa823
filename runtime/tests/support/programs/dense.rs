use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Dense, DenseDinput, DenseDkernel, DenseGeometry};
use compiler::plan::{ParameterLayout, TensorId, TensorKind};

impl Build {
    /// Over all elements of the input, or over its channels at each position.
    pub fn dense(&mut self, input: TensorId, units: usize, flat: bool, bias: bool, relu: bool) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let (inputs, positions) = if flat {
            (channels * positions, 1)
        } else {
            (channels, positions)
        };
        let kernel = self.parameter(
            "kernel",
            vec![inputs, units],
            ParameterLayout::Dense {
                channels: inputs,
                positions: 1,
            },
        );
        let bias = bias.then(|| self.parameter("bias", vec![units], ParameterLayout::Vector));
        let output = self.tensor("dense", units, positions, TensorKind::Floats);
        let geometry = DenseGeometry {
            inputs,
            units,
            positions,
        };
        self.push(Dense {
            geometry,
            input,
            kernel,
            bias,
            relu,
            output,
        });
        output
    }
}

impl Differentiated for Dense {
    fn backward(&self, to: &mut Backward<'_>, around: &Around<'_>) {
        let (geometry, kernel) = (self.geometry, self.kernel);
        let doutput = to.behind_relu(self.output, self.relu, around);
        to.push(DenseDkernel {
            geometry,
            input: self.input,
            doutput,
            kernel,
            bias: self.bias,
        });
        let mask = to.mask(self.input, around);
        to.contribute(self.input, |dinput| DenseDinput {
            geometry,
            doutput,
            kernel,
            mask,
            dinput,
        });
    }
}
