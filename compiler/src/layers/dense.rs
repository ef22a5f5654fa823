//! `Dense`: `keras/src/layers/core/dense.py`.

use super::NAME;
use crate::activation::Activation;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use crate::shape::Shape;
use crate::variable::Variable;
use serde::Serialize;

/// `Dense(units, activation, use_bias, kernel_initializer, bias_initializer)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dense {
    /// Outputs.
    pub units: usize,
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
    name: "Dense",
    aliases: &[],
    doc: "Every output from every input, along the last axis",
    parameters: &[
        Parameter::required("units", Kind::Count, "outputs"),
        Parameter::optional("activation", Kind::Activation, Literal::None, "function after the bias"),
        Parameter::optional(
            "use_bias",
            Kind::Bool,
            Literal::Bool(true),
            "whether each output has a bias",
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
        Parameter::unsupported("lora_rank", Literal::None),
        Parameter::unsupported("lora_alpha", Literal::None),
        Parameter::unsupported("quantization_config", Literal::None),
    ],
    keywords: &NAME,
};

impl Dense {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        let units = arguments.count("units");
        let activation = arguments.read("activation", values::activation);
        let use_bias = arguments.bool("use_bias");
        let kernel_initializer = arguments.read("kernel_initializer", crate::call::initializers::read);
        let bias_initializer = arguments.read("bias_initializer", crate::call::initializers::read);
        Some(Self {
            units: units?,
            activation: activation?,
            use_bias: use_bias?,
            kernel_initializer: kernel_initializer?,
            bias_initializer: bias_initializer?,
        })
    }

    pub(super) fn output(&self, input: &Shape) -> Shape {
        let mut sizes = input.sizes().to_vec();
        if let Some(last) = sizes.last_mut() {
            *last = self.units;
        }
        Shape::new(sizes)
    }

    pub(super) fn variables(&self, input: &Shape) -> Vec<Variable> {
        let kernel = vec![input.channels(), self.units];
        super::kernel_and_bias(
            kernel,
            self.units,
            self.use_bias,
            self.kernel_initializer,
            self.bias_initializer,
        )
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("units", self.units.to_string()),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }
}
