//! The operations of one tensor that have no rooms of their own here: each a line of geometry.

use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{
    AddBias, Dalpha, Dbias, GroupedConvolution, GroupedConvolutionDinput, GroupedConvolutionDkernel, GroupedGeometry,
    Merge, MergeBackward, Merging, Permute, PermuteGeometry, Prelu, PreluBackward, PreluGeometry, Rescale, Shift,
    ShiftGeometry, UpSample, UpSampleBackward, UpSamplingGeometry,
};
use compiler::plan::{ParameterLayout, TensorId, TensorKind};
use compiler::window::Window;

impl Build {
    fn like(&mut self, name: &str, of: TensorId) -> TensorId {
        let (channels, positions) = self.sizes(of);
        self.tensor(name, channels, positions, TensorKind::Floats)
    }

    pub fn shift(&mut self, input: TensorId, geometry: ShiftGeometry) -> TensorId {
        let positions = geometry.to.0 * geometry.to.1;
        let output = self.tensor("shift", geometry.channels, positions, TensorKind::Floats);
        self.push(Shift {
            geometry,
            input,
            output,
        });
        output
    }

    pub fn upsample(&mut self, input: TensorId, geometry: UpSamplingGeometry) -> TensorId {
        let positions = geometry.size.0 * geometry.factors.0 * geometry.size.1 * geometry.factors.1;
        let output = self.tensor("upsampled", geometry.channels, positions, TensorKind::Floats);
        self.push(UpSample {
            geometry,
            input,
            output,
        });
        output
    }

    pub fn grouped(
        &mut self,
        input: TensorId,
        (height, width): (usize, usize),
        (groups, outputs): (usize, usize),
        window: Window,
        bias: bool,
    ) -> TensorId {
        let inputs = self.sizes(input).0;
        let grid = window.over(height, width).expect("the window fits");
        let shape = vec![window.size.0, window.size.1, inputs / groups, outputs];
        let kernel = self.parameter("kernel", shape, ParameterLayout::Convolution);
        let bias = bias.then(|| self.parameter("bias", vec![outputs], ParameterLayout::Vector));
        let positions = grid.vertical.output * grid.horizontal.output;
        let output = self.tensor("grouped", outputs, positions, TensorKind::Floats);
        self.push(GroupedConvolution {
            geometry: GroupedGeometry {
                groups,
                in_channels: inputs,
                out_channels: outputs,
                grid,
            },
            input,
            kernel,
            bias,
            output,
        });
        output
    }

    pub fn add_bias(&mut self, input: TensorId) -> TensorId {
        let channels = self.sizes(input).0;
        let bias = self.parameter("bias", vec![channels], ParameterLayout::Vector);
        let output = self.like("biased", input);
        self.push(AddBias { input, bias, output });
        output
    }

    pub fn merge(&mut self, function: Merging, left: TensorId, right: TensorId) -> TensorId {
        let output = self.like("merged", left);
        self.push(Merge {
            function,
            left,
            right,
            output,
        });
        output
    }

    pub fn rescale(&mut self, input: TensorId, factors: Vec<(f32, f32)>) -> TensorId {
        let output = self.like("rescaled", input);
        self.push(Rescale { factors, input, output });
        output
    }

    pub fn permute(&mut self, input: TensorId, sizes: [usize; 3], order: [usize; 3]) -> TensorId {
        let geometry = PermuteGeometry::new(sizes, order);
        let positions = geometry.sizes[1] * geometry.sizes[2];
        let output = self.tensor("permuted", geometry.sizes[0], positions, TensorKind::Floats);
        self.push(Permute {
            geometry,
            input,
            output,
        });
        output
    }

    pub fn prelu(&mut self, input: TensorId, geometry: PreluGeometry) -> TensorId {
        let [channels, rows, columns] = geometry.alpha;
        let alpha = self.parameter("alpha", vec![rows, columns, channels], ParameterLayout::Vector);
        let output = self.like("prelu", input);
        self.push(Prelu {
            geometry,
            input,
            alpha,
            output,
        });
        output
    }
}

impl Differentiated for Shift {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (geometry, input) = (self.geometry.reversed(), to.doutput(self.output));
        to.contribute(self.input, |output| Shift {
            geometry,
            input,
            output,
        });
    }
}

impl Differentiated for UpSample {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (geometry, doutput) = (self.geometry, to.doutput(self.output));
        to.contribute(self.input, |dinput| UpSampleBackward {
            geometry,
            doutput,
            dinput,
        });
    }
}

impl Differentiated for GroupedConvolution {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (geometry, kernel, doutput) = (self.geometry, self.kernel, to.doutput(self.output));
        to.push(GroupedConvolutionDkernel {
            geometry,
            input: self.input,
            doutput,
            kernel,
            bias: self.bias,
        });
        to.contribute(self.input, |dinput| GroupedConvolutionDinput {
            geometry,
            doutput,
            kernel,
            dinput,
        });
    }
}

impl Differentiated for AddBias {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (doutput, bias) = (to.doutput(self.output), self.bias);
        let (_, positions) = to.build.sizes(self.output);
        to.push(Dbias {
            positions,
            doutput,
            bias,
        });
        to.contribute(self.input, |output| Rescale::by(1.0, doutput, output));
    }
}

impl Differentiated for Merge {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (function, left, right, doutput) = (self.function, self.left, self.right, to.doutput(self.output));
        match function {
            Merging::Multiply => {
                for (of, other) in [(left, right), (right, left)] {
                    to.contribute(of, |output| Merge {
                        function,
                        left: doutput,
                        right: other,
                        output,
                    });
                }
            }
            Merging::Subtract => {
                to.contribute(left, |output| Rescale::by(1.0, doutput, output));
                to.contribute(right, |output| Rescale::by(-1.0, doutput, output));
            }
            Merging::Maximum | Merging::Minimum => {
                for (of, of_left) in [(left, true), (right, false)] {
                    to.contribute(of, |dinput| MergeBackward {
                        function,
                        of_left,
                        left,
                        right,
                        doutput,
                        dinput,
                    });
                }
            }
        }
    }
}

impl Differentiated for Rescale {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let factors = self.factors.iter().map(|&(scale, _)| (scale, 0.0)).collect();
        let input = to.doutput(self.output);
        to.contribute(self.input, |output| Rescale { factors, input, output });
    }
}

impl Differentiated for Permute {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        // Where each axis of the input stands in the output: the one with the largest steps is its first.
        let PermuteGeometry { sizes, steps } = self.geometry;
        let mut order = [0, 1, 2];
        order.sort_by_key(|&axis| std::cmp::Reverse((steps[axis], sizes[axis])));
        let geometry = PermuteGeometry::new(sizes, order);
        let input = to.doutput(self.output);
        to.contribute(self.input, |output| Permute {
            geometry,
            input,
            output,
        });
    }
}

impl Differentiated for Prelu {
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (geometry, input, alpha, doutput) = (self.geometry, self.input, self.alpha, to.doutput(self.output));
        to.push(Dalpha {
            geometry,
            input,
            doutput,
            alpha,
        });
        to.contribute(input, |dinput| PreluBackward {
            geometry,
            input,
            alpha,
            doutput,
            dinput,
        });
    }
}
