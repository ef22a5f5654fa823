//! `Conv2D`: `keras/src/layers/convolutional/conv2d.py` and `base_conv.py`.

use super::{NAME, Refusal, over_image};
use crate::activation::Activation;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::Window;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Conv2D(filters, kernel_size, strides, padding, dilation_rate, activation, use_bias, ...)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv2D {
    /// Output channels.
    pub filters: usize,
    /// `kernel_size`, `strides`, `dilation_rate` and `padding`.
    pub window: Window,
    /// What follows the bias.
    pub activation: Activation,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel starts.
    pub kernel_initializer: Initializer,
    /// How the bias starts.
    pub bias_initializer: Initializer,
}

/// The call.
pub static SIGNATURE: Signature = Signature {
    name: "Conv2D",
    aliases: &["Convolution2D"],
    doc: "Convolution over height and width (a cross-correlation: the kernel is not flipped)",
    parameters: &[
        Parameter::required("filters", Kind::Count, "output channels"),
        Parameter::required("kernel_size", Kind::Pair, "height and width of the kernel"),
        Parameter::optional(
            "strides",
            Kind::Pair,
            Literal::Pair(1, 1),
            "cells from one window to the next",
        ),
        Parameter::optional(
            "padding",
            Kind::Padding,
            Literal::Str("valid"),
            "whether windows may stick out of the image",
        ),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
            ..Parameter::unsupported("data_format", Literal::None)
        },
        Parameter::optional(
            "dilation_rate",
            Kind::Pair,
            Literal::Pair(1, 1),
            "cells from one tap of the kernel to the next",
        ),
        Parameter::unsupported("groups", Literal::Int(1)),
        Parameter::optional("activation", Kind::Activation, Literal::None, "function after the bias"),
        Parameter::optional(
            "use_bias",
            Kind::Bool,
            Literal::Bool(true),
            "whether each filter has a bias",
        ),
        Parameter::optional(
            "kernel_initializer",
            Kind::Initializer,
            Literal::Str("glorot_uniform"),
            "how the kernel starts",
        ),
        Parameter::optional(
            "bias_initializer",
            Kind::Initializer,
            Literal::Str("zeros"),
            "how the bias starts",
        ),
        Parameter::unsupported("kernel_regularizer", Literal::None),
        Parameter::unsupported("bias_regularizer", Literal::None),
        Parameter::unsupported("activity_regularizer", Literal::None),
        Parameter::unsupported("kernel_constraint", Literal::None),
        Parameter::unsupported("bias_constraint", Literal::None),
    ],
    keywords: &[NAME[0], NAME[1], NAME[2], NAME[3], NAME[4], NAME[5], NAME[6], NAME[7]],
};

impl Conv2D {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        let filters = arguments.count("filters");
        let size = arguments.pair("kernel_size");
        let strides = arguments.pair("strides");
        let padding = arguments.read("padding", values::padding);
        let dilation = arguments.pair("dilation_rate");
        let activation = arguments.read("activation", values::activation);
        let use_bias = arguments.bool("use_bias");
        let kernel_initializer = arguments.read("kernel_initializer", crate::call::initializers::read);
        let bias_initializer = arguments.read("bias_initializer", crate::call::initializers::read);
        let (strides, dilation) = (strides?, dilation?);
        if strides != (1, 1) && dilation != (1, 1) {
            let (stride_span, dilation_span) = (arguments.span_of("strides"), arguments.span_of("dilation_rate"));
            arguments.diagnostics().push(
                Diagnostic::error("E0307", "strides and dilation_rate cannot both be above 1")
                    .at(dilation_span, format!("{}x{}", dilation.0, dilation.1))
                    .because(stride_span, format!("{}x{}", strides.0, strides.1))
                    .help("leave one of them out"),
            );
            return None;
        }
        Some(Self {
            filters: filters?,
            window: Window {
                size: size?,
                strides,
                dilation,
                padding: padding?,
            },
            activation: activation?,
            use_bias: use_bias?,
            kernel_initializer: kernel_initializer?,
            bias_initializer: bias_initializer?,
        })
    }

    pub(super) fn output(&self, input: &Shape) -> Result<Shape, Refusal> {
        let (height, width, _) = over_image(input, &self.window)?;
        Ok(Shape::map(height, width, self.filters))
    }

    pub(super) fn variables(&self, input: &Shape) -> Vec<Variable> {
        let (height, width) = self.window.size;
        let kernel = vec![height, width, input.channels(), self.filters];
        super::kernel_and_bias(
            kernel,
            self.filters,
            self.use_bias,
            self.kernel_initializer,
            self.bias_initializer,
        )
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        vec![
            ("filters", self.filters.to_string()),
            ("kernel_size", super::pair(size)),
            ("strides", super::pair(strides)),
            ("padding", padding.name().to_owned()),
            ("dilation_rate", super::pair(dilation)),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }
}
