//! `Conv1D`: `keras/src/layers/convolutional/conv1d.py` and `base_conv.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::grouping::{GROUPS, groups, groups_fit, is_one};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::signals::{self, Window1D};
use crate::layers::weighted::{self, Product, Weights};
use crate::numbers::count;
use crate::ops::{ConvolutionGeometry, GroupedGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Conv1D(filters, kernel_size, strides, padding, dilation_rate, groups, ...)`: a convolution along a signal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv1D {
    /// The number of output channels.
    pub filters: usize,
    /// `kernel_size`, `strides`, `dilation_rate` and `padding`.
    pub window: Window1D,
    /// The number of groups of channels, each of which sees its own input channels only; 1 for an ordinary convolution.
    #[serde(skip_serializing_if = "is_one")]
    pub groups: usize,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel is initialized, `glorot_uniform` by default.
    pub kernel_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

impl Class for Conv1D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Conv1D",
        aliases: &["Convolution1D"],
        doc: "Convolution along a signal, length x channels",
        parameters: &[
            Argument::required("filters", ArgumentKind::Count, "output channels"),
            Argument::required("kernel_size", ArgumentKind::Count, "length of the kernel"),
            Argument::optional(
                "strides",
                ArgumentKind::Count,
                Literal::Int(1),
                "cells from one window to the next",
            ),
            Argument::optional(
                "padding",
                ArgumentKind::Word(&["valid", "same", "causal"]),
                Literal::Str("valid"),
                "whether windows may stick out; causal: before the first cell alone",
            ),
            DATA_FORMAT,
            Argument::optional(
                "dilation_rate",
                ArgumentKind::Count,
                Literal::Int(1),
                "cells from one tap of the kernel to the next",
            ),
            GROUPS,
            weighted::ACTIVATION,
            weighted::USE_BIAS,
            weighted::KERNEL_INITIALIZER,
            weighted::BIAS_INITIALIZER,
            Argument::regularizer("kernel_regularizer"),
            Argument::regularizer("bias_regularizer"),
            Argument::regularizer("activity_regularizer"),
            Argument::constraint("kernel_constraint"),
            Argument::constraint("bias_constraint"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let filters = arguments.count("filters");
        let size = arguments.count("kernel_size");
        let strides = arguments.count("strides");
        let padding = arguments.read("padding", values::word);
        let dilation = arguments.count("dilation_rate");
        let groups = groups(arguments, filters);
        let weights = Weights::read(arguments);
        let (strides, dilation) = (strides?, dilation?);
        if strides > 1 && dilation > 1 {
            let (stride_span, dilation_span) = (arguments.span_of("strides"), arguments.span_of("dilation_rate"));
            arguments.diagnostics().push(
                Diagnostic::error("E0307", "strides and dilation_rate cannot both be above 1")
                    .at(dilation_span, dilation.to_string())
                    .because(stride_span, strides.to_string())
                    .help("leave one of them out"),
            );
            return None;
        }
        Some(Self {
            filters: filters?,
            window: Window1D {
                size: size?,
                strides,
                dilation,
                padding: signals::padding(padding?),
            },
            groups: groups?,
            activation: weights.activation?,
            use_bias: weights.use_bias?,
            kernel_initializer: weights.kernel_initializer?,
            bias_initializer: weights.bias_initializer?,
        })
    }
}

impl Conv1D {
    fn product(&self, input: &Shape) -> Option<Product> {
        let grid = self.window.over(input)?;
        let (in_channels, out_channels) = (input.channels(), self.filters);
        Some(if self.groups > 1 {
            Product::Grouped(GroupedGeometry {
                groups: self.groups,
                in_channels,
                out_channels,
                grid,
            })
        } else {
            Product::Convolution(ConvolutionGeometry {
                in_channels,
                out_channels,
                grid,
            })
        })
    }
}

impl Definition for Conv1D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let output = signals::over(inputs, &self.window, self.filters, "kernel_size")?;
        let channels = inputs.first().map_or(1, |input| input.channels());
        groups_fit(self.groups, channels).map(|()| output)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        weighted::kernel_and_bias(
            vec![self.window.size, input.channels() / self.groups, self.filters],
            self.filters,
            self.use_bias,
            self.kernel_initializer,
            self.bias_initializer,
        )
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("filters", self.filters.to_string()),
            ("kernel_size", self.window.size.to_string()),
            ("strides", self.window.strides.to_string()),
            ("padding", self.window.padding.name().to_owned()),
            ("dilation_rate", self.window.dilation.to_string()),
            ("groups", self.groups.to_string()),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.activation)
    }

    fn weight_use(&self) -> Option<WeightUse> {
        Some(WeightUse::Everywhere)
    }

    fn taps(&self, input: &Shape) -> Vec<usize> {
        vec![self.window.size, input.channels() / self.groups]
    }

    fn unit(&self) -> &'static str {
        "filter"
    }

    fn layout(&self, variable: &Variable, _: Option<&Shape>) -> ParameterLayout {
        match variable.name {
            "kernel" => ParameterLayout::Convolution,
            _ => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = self.window.over(&at.input_shape())?;
        let inputs = at.input_shape().channels() / self.groups;
        let kernel = at.variable_as("kernel", vec![1, self.window.size, inputs, self.filters])?;
        let bias = at.variable("bias");
        let image = signals::portable_image(at);
        let output = at.convolved(image, kernel, bias, grid, self.groups);
        let output = at.reshaped(output, at.shape());
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
        let bias = if self.use_bias { " and its bias" } else { "" };
        let verb = if self.filters == 1 { "slides" } else { "slide" };
        let does = format!(
            "{} of length {} {verb} along the signal. At each place a filter multiplies the numbers below it by its weights and \
             adds up the products{bias}. Each filter's results are one channel of what comes out.",
            count(self.filters, "filter"),
            self.window.size
        );
        std::iter::once(does).chain(weighted::then(self.activation)).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        signals::sizes(&self.window, place, "zeros")
    }

    fn does(&self) -> Vec<String> {
        let mut does = signals::does(&self.window, 1, "");
        does.extend(weighted::does(self.activation));
        does
    }
}
