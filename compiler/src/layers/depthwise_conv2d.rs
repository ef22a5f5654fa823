//! `DepthwiseConv2D`: `keras/src/layers/convolutional/depthwise_conv2d.py` and `base_depthwise_conv.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::explanation::windows;
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::layers::weighted::{self, Product};
use crate::numbers::pair;
use crate::ops::GroupedGeometry;
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::Window;
use serde::Serialize;

/// `DepthwiseConv2D(kernel_size, strides, padding, depth_multiplier, dilation_rate, ...)`: a convolution that filters
/// each channel by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DepthwiseConv2D {
    /// `kernel_size`, `strides`, `dilation_rate` and `padding`.
    pub window: Window,
    /// The number of output channels for each input channel.
    pub depth_multiplier: usize,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel is initialized, `glorot_uniform` by default.
    pub depthwise_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

/// The argument `depth_multiplier`: output channels for each input channel, 1 by default.
pub(super) const DEPTH_MULTIPLIER: Argument = Argument::optional(
    "depth_multiplier",
    ArgumentKind::Count,
    Literal::Int(1),
    "how many channels are made of each",
);

/// The argument `depthwise_initializer`, Glorot's uniform distribution by default.
pub(super) const DEPTHWISE_INITIALIZER: Argument = Argument::optional(
    "depthwise_initializer",
    ArgumentKind::Initializer,
    Literal::Str("glorot_uniform"),
    "how the kernel of each channel starts",
);

impl Class for DepthwiseConv2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "DepthwiseConv2D",
        aliases: &[],
        doc: "Convolution of each channel by itself",
        parameters: &[
            Argument::required("kernel_size", ArgumentKind::Pair, "height and width of the kernel"),
            sliding::STRIDES,
            sliding::PADDING,
            DEPTH_MULTIPLIER,
            DATA_FORMAT,
            sliding::DILATION_RATE,
            weighted::ACTIVATION,
            weighted::USE_BIAS,
            DEPTHWISE_INITIALIZER,
            weighted::BIAS_INITIALIZER,
            Argument::regularizer("depthwise_regularizer"),
            Argument::regularizer("bias_regularizer"),
            Argument::regularizer("activity_regularizer"),
            Argument::constraint("depthwise_constraint"),
            Argument::constraint("bias_constraint"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let window = sliding::window(arguments);
        let depth_multiplier = arguments.count("depth_multiplier");
        let activation = arguments.read("activation", values::activation);
        let use_bias = arguments.bool("use_bias");
        let depthwise_initializer = arguments.read("depthwise_initializer", initializers::read);
        let bias_initializer = arguments.read("bias_initializer", initializers::read);
        Some(Self {
            window: window?,
            depth_multiplier: depth_multiplier?,
            activation: activation?,
            use_bias: use_bias?,
            depthwise_initializer: depthwise_initializer?,
            bias_initializer: bias_initializer?,
        })
    }
}

impl DepthwiseConv2D {
    fn channels(&self, input: &Shape) -> usize {
        input.channels().saturating_mul(self.depth_multiplier)
    }

    fn product(&self, input: &Shape) -> Option<Product> {
        Some(Product::Grouped(GroupedGeometry {
            groups: input.channels(),
            in_channels: input.channels(),
            out_channels: self.channels(input),
            grid: sliding::grid(input, &self.window)?,
        }))
    }
}

impl Definition for DepthwiseConv2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        sliding::over(input, &self.window, self.channels(input))
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        let (height, width) = self.window.size;
        weighted::kernel_and_bias(
            vec![height, width, input.channels(), self.depth_multiplier],
            self.channels(input),
            self.use_bias,
            self.depthwise_initializer,
            self.bias_initializer,
        )
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        vec![
            ("kernel_size", pair(size)),
            ("strides", pair(strides)),
            ("padding", padding.name().to_owned()),
            ("depth_multiplier", self.depth_multiplier.to_string()),
            ("dilation_rate", pair(dilation)),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("depthwise_initializer", self.depthwise_initializer.to_string()),
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

    fn taps(&self, _: &Shape) -> Vec<usize> {
        vec![self.window.size.0, self.window.size.1]
    }

    fn layout(&self, variable: &Variable, _: Option<&Shape>) -> ParameterLayout {
        match variable.name {
            "kernel" => ParameterLayout::Depthwise,
            _ => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.input_shape(), &self.window)?;
        let channels = at.input_shape().channels();
        let (height, width) = self.window.size;
        let kernel = vec![height, width, 1, channels * self.depth_multiplier];
        let (kernel, bias) = (at.variable_as("kernel", kernel)?, at.variable("bias"));
        let output = at.convolved(at.input(), kernel, bias, grid, channels);
        Some(at.activated(self.activation, output))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        match self.product(at.input_shape()) {
            Some(product) => weighted::forward(product, self.activation, at),
            None => at.input(),
        }
    }

    fn backward(&self, at: &mut Backward<'_>) {
        if let Some(product) = self.product(at.input_shape()) {
            weighted::backward(product, self.activation, at);
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let (height, width) = self.window.size;
        let of_each = match self.depth_multiplier {
            1 => "A kernel".to_owned(),
            several => format!("{several} kernels"),
        };
        let bias = if self.use_bias { " and its bias" } else { "" };
        let does = format!(
            "{of_each} of {height}x{width} for each channel, which sees that channel alone: at each place it adds up the \
             numbers below it, each times a weight{bias}. What the channels have to do with each other is left to the next layer."
        );
        std::iter::once(does).chain(weighted::then(self.activation)).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        windows::sizes(place.input().and_then(Shape::as_map), &self.window, "zeros")
    }

    fn does(&self) -> Vec<String> {
        let mut does = sliding::does(&self.window, (1, 1), "each channel ");
        does.extend(weighted::does(self.activation));
        does
    }
}
