use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{Convolution, ConvolutionDinput, ConvolutionDkernel, ConvolutionGeometry, Doutput};
use compiler::plan::{ParameterLayout, TensorId, TensorKind};
use compiler::window::Window;

impl Build {
    /// `pool`: the fused 2x2 maximum.
    #[allow(clippy::too_many_arguments)]
    pub fn convolution(
        &mut self,
        input: TensorId,
        (height, width): (usize, usize),
        filters: usize,
        window: Window,
        bias: bool,
        relu: bool,
        pool: bool,
    ) -> TensorId {
        let (channels, positions) = self.sizes(input);
        assert_eq!(positions, height * width);
        let grid = window.over(height, width).expect("the window fits");
        let shape = vec![window.size.0, window.size.1, channels, filters];
        let kernel = self.parameter("kernel", shape, ParameterLayout::Convolution);
        let bias = bias.then(|| self.parameter("bias", vec![filters], ParameterLayout::Vector));
        let (mut rows, mut columns) = (grid.vertical.output, grid.horizontal.output);
        if pool {
            (rows, columns) = (rows / 2, columns / 2);
        }
        let output = self.tensor("convolution", filters, rows * columns, TensorKind::Floats);
        let codes = pool.then(|| self.tensor("codes", filters, rows * columns, TensorKind::Codes));
        let geometry = ConvolutionGeometry {
            in_channels: channels,
            out_channels: filters,
            grid,
        };
        self.push(Convolution {
            geometry,
            input,
            kernel,
            bias,
            relu,
            pool,
            codes,
            output,
        });
        output
    }
}

impl Differentiated for Convolution {
    fn backward(&self, to: &mut Backward<'_>, around: &Around<'_>) {
        let (geometry, kernel) = (self.geometry, self.kernel);
        let doutput = Doutput {
            tensor: to.behind_relu(self.output, self.relu, around),
            codes: self.codes,
        };
        to.push(ConvolutionDkernel {
            geometry,
            input: self.input,
            doutput,
            kernel,
            bias: self.bias,
        });
        let mask = to.mask(self.input, around);
        to.contribute(self.input, |dinput| ConvolutionDinput {
            geometry,
            doutput,
            kernel,
            mask,
            dinput,
        });
    }
}
