//! `SeparableConv2D`: `keras/src/layers/convolutional/separable_conv2d.py` and `base_separable_conv.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::explanation::windows;
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::depthwise_conv2d::{DEPTH_MULTIPLIER, DEPTHWISE_INITIALIZER};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::layers::weighted;
use crate::numbers::{count, pair};
use crate::ops::{
    Dense, DenseDinput, DenseDkernel, DenseGeometry, GroupedConvolution, GroupedConvolutionDinput,
    GroupedConvolutionDkernel, GroupedGeometry,
};
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::Window;
use serde::Serialize;

/// `SeparableConv2D(filters, kernel_size, strides, padding, dilation_rate, depth_multiplier, ...)`: a convolution
/// that filters each channel by itself, then mixes the channels at each place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeparableConv2D {
    /// The number of output channels.
    pub filters: usize,
    /// `kernel_size`, `strides`, `dilation_rate` and `padding`.
    pub window: Window,
    /// The number of channels for each input channel, before they are mixed.
    pub depth_multiplier: usize,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel of the separate channels is initialized, `glorot_uniform` by default.
    pub depthwise_initializer: Initializer,
    /// How the weights of the mixture are initialized, `glorot_uniform` by default.
    pub pointwise_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

impl Class for SeparableConv2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SeparableConv2D",
        aliases: &["SeparableConvolution2D"],
        doc: "Convolution of each channel by itself, then a mixture of the channels at each place",
        parameters: &[
            Argument::required("filters", ArgumentKind::Count, "output channels"),
            Argument::required("kernel_size", ArgumentKind::Pair, "height and width of the kernel"),
            sliding::STRIDES,
            sliding::PADDING,
            DATA_FORMAT,
            sliding::DILATION_RATE,
            DEPTH_MULTIPLIER,
            weighted::ACTIVATION,
            weighted::USE_BIAS,
            DEPTHWISE_INITIALIZER,
            Argument::optional(
                "pointwise_initializer",
                ArgumentKind::Initializer,
                Literal::Str("glorot_uniform"),
                "how the weights of the mixture start",
            ),
            weighted::BIAS_INITIALIZER,
            Argument::regularizer("depthwise_regularizer"),
            Argument::regularizer("pointwise_regularizer"),
            Argument::regularizer("bias_regularizer"),
            Argument::regularizer("activity_regularizer"),
            Argument::constraint("depthwise_constraint"),
            Argument::constraint("pointwise_constraint"),
            Argument::constraint("bias_constraint"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let filters = arguments.count("filters");
        let window = sliding::window(arguments);
        let depth_multiplier = arguments.count("depth_multiplier");
        let activation = arguments.read("activation", values::activation);
        let use_bias = arguments.bool("use_bias");
        let depthwise_initializer = arguments.read("depthwise_initializer", initializers::read);
        let pointwise_initializer = arguments.read("pointwise_initializer", initializers::read);
        let bias_initializer = arguments.read("bias_initializer", initializers::read);
        Some(Self {
            filters: filters?,
            window: window?,
            depth_multiplier: depth_multiplier?,
            activation: activation?,
            use_bias: use_bias?,
            depthwise_initializer: depthwise_initializer?,
            pointwise_initializer: pointwise_initializer?,
            bias_initializer: bias_initializer?,
        })
    }
}

/// The name under which the forward pass keeps the channels, before they are mixed, for the backward pass.
const DEPTHWISE: &str = "depthwise";

impl SeparableConv2D {
    fn channels(&self, input: &Shape) -> usize {
        input.channels().saturating_mul(self.depth_multiplier)
    }

    /// The convolution of the separate channels, the mixture, and the shape between the two; None where the window does not fit.
    fn products(&self, input: &Shape) -> Option<(GroupedGeometry, DenseGeometry, Shape)> {
        let grid = sliding::grid(input, &self.window)?;
        let channels = self.channels(input);
        let between = Shape::map(grid.vertical.output, grid.horizontal.output, channels);
        let depthwise = GroupedGeometry {
            groups: input.channels(),
            in_channels: input.channels(),
            out_channels: channels,
            grid,
        };
        let pointwise = DenseGeometry {
            inputs: channels,
            units: self.filters,
            positions: between.positions(),
        };
        Some((depthwise, pointwise, between))
    }
}

impl Definition for SeparableConv2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = inputs.first().ok_or(Refusal::NoInput)?;
        sliding::over(input, &self.window, self.filters)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        let (height, width) = self.window.size;
        let depthwise = vec![height, width, input.channels(), self.depth_multiplier];
        let pointwise = vec![1, 1, self.channels(input), self.filters];
        let mut variables = vec![
            Variable::new("depthwise_kernel", depthwise, self.depthwise_initializer),
            Variable::new("pointwise_kernel", pointwise, self.pointwise_initializer),
        ];
        if self.use_bias {
            variables.push(Variable::new("bias", vec![self.filters], self.bias_initializer));
        }
        variables
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        vec![
            ("filters", self.filters.to_string()),
            ("kernel_size", pair(size)),
            ("strides", pair(strides)),
            ("padding", padding.name().to_owned()),
            ("dilation_rate", pair(dilation)),
            ("depth_multiplier", self.depth_multiplier.to_string()),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("depthwise_initializer", self.depthwise_initializer.to_string()),
            ("pointwise_initializer", self.pointwise_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }

    fn window(&self) -> Option<&Window> {
        Some(&self.window)
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.activation)
    }

    fn weight_use(&self) -> Option<WeightUse> {
        Some(WeightUse::Everywhere)
    }

    fn steps(&self, input: &Shape, output: &Shape) -> Option<(Vec<Vec<usize>>, &'static str)> {
        let (positions, channels) = (output.positions(), self.channels(input));
        let (height, width) = self.window.size;
        let steps = vec![
            vec![positions, channels, height, width],
            vec![positions, channels, self.filters],
        ];
        Some((steps, "first each channel by itself, then the mixture at each place"))
    }

    fn unit(&self) -> &'static str {
        "filter"
    }

    fn layout(&self, variable: &Variable, _: Option<&Shape>) -> ParameterLayout {
        match variable.name {
            "depthwise_kernel" => ParameterLayout::Depthwise,
            _ => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.input_shape(), &self.window)?;
        let channels = at.input_shape().channels();
        let (height, width) = self.window.size;
        let depthwise = vec![height, width, 1, channels * self.depth_multiplier];
        let depthwise = at.variable_as("depthwise_kernel", depthwise)?;
        let pointwise = at.variable("pointwise_kernel")?;
        let bias = at.variable("bias");
        let between = at.convolved(at.input(), depthwise, None, grid, channels);
        let (height, width, _) = at.shape_of(between).as_map()?;
        let cell = Window::CELL.over(height, width)?;
        let output = at.convolved(between, pointwise, bias, cell, 1);
        Some(at.activated(self.activation, output))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        let Some((depthwise, pointwise, between)) = self.products(at.input_shape()) else {
            return input;
        };
        let kernels = at.variable("depthwise_kernel").zip(at.variable("pointwise_kernel"));
        let Some((depthwise_kernel, pointwise_kernel)) = kernels else {
            return input;
        };
        let bias = at.variable("bias");
        let channels = at.tensor(DEPTHWISE, &between);
        at.push(GroupedConvolution {
            geometry: depthwise,
            input,
            kernel: depthwise_kernel,
            bias: None,
            output: channels,
        });
        at.remember(DEPTHWISE, channels);
        weighted::activated(self.activation, at, |at, output| {
            at.push(Dense {
                geometry: pointwise,
                input: channels,
                kernel: pointwise_kernel,
                bias,
                relu: false,
                output,
            });
        })
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = weighted::before_activation(self.activation, at);
        let Some((depthwise, pointwise, between)) = self.products(at.input_shape()) else {
            return;
        };
        let kernels = at.variable("depthwise_kernel").zip(at.variable("pointwise_kernel"));
        let (Some((depthwise_kernel, pointwise_kernel)), Some(channels)) = (kernels, at.recall(DEPTHWISE)) else {
            return;
        };
        let (input, bias, trains) = (at.input(), at.variable("bias"), at.trains("depthwise_kernel"));
        if trains {
            at.push(DenseDkernel {
                geometry: pointwise,
                input: channels,
                doutput,
                kernel: pointwise_kernel,
                bias,
            });
        }
        if !trains && !at.needs(0) {
            return;
        }
        let dchannels = at.tensor(DEPTHWISE, &between);
        at.push(DenseDinput {
            geometry: pointwise,
            doutput,
            kernel: pointwise_kernel,
            mask: None,
            dinput: dchannels,
        });
        if trains {
            at.push(GroupedConvolutionDkernel {
                geometry: depthwise,
                input,
                doutput: dchannels,
                kernel: depthwise_kernel,
                bias: None,
            });
        }
        if let Some(dinput) = at.dinput(0) {
            at.push(GroupedConvolutionDinput {
                geometry: depthwise,
                doutput: dchannels,
                kernel: depthwise_kernel,
                dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let (height, width) = self.window.size;
        let bias = if self.use_bias { ", and adds its bias" } else { "" };
        let does = format!(
            "A convolution in two cheap steps. A kernel of {height}x{width} for each channel sees that channel alone; then {} at each \
             place mix the channels: each adds them up, each times a weight{bias}.",
            count(self.filters, "filter")
        );
        std::iter::once(does).chain(weighted::then(self.activation)).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        windows::sizes(place.input().and_then(Shape::as_map), &self.window, "zeros")
    }

    fn does(&self) -> Vec<String> {
        let mut does = sliding::does(&self.window, (1, 1), "separable ");
        does.extend(weighted::does(self.activation));
        does
    }
}
