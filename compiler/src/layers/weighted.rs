//! What layers share that multiply by a kernel and add a bias.

use crate::activation::Activation;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Kind, Literal, Parameter};
use crate::call::values;
use crate::variable::Variable;

/// `activation`.
pub(super) const ACTIVATION: Parameter =
    Parameter::optional("activation", Kind::Activation, Literal::None, "function after the bias");

/// `kernel_initializer`.
pub(super) const KERNEL_INITIALIZER: Parameter = Parameter::optional(
    "kernel_initializer",
    Kind::Initializer,
    Literal::Str("glorot_uniform"),
    "how the kernel starts",
);

/// `bias_initializer`.
pub(super) const BIAS_INITIALIZER: Parameter = Parameter::optional(
    "bias_initializer",
    Kind::Initializer,
    Literal::Str("zeros"),
    "how the bias starts",
);

/// The arguments `activation`, `use_bias`, `kernel_initializer` and `bias_initializer`.
pub(super) struct Weights {
    pub(super) activation: Option<Activation>,
    pub(super) use_bias: Option<bool>,
    pub(super) kernel_initializer: Option<Initializer>,
    pub(super) bias_initializer: Option<Initializer>,
}

impl Weights {
    /// Reads them; what is of no use is none, and has been reported.
    pub(super) fn read(arguments: &mut Arguments) -> Self {
        Self {
            activation: arguments.read("activation", values::activation),
            use_bias: arguments.bool("use_bias"),
            kernel_initializer: arguments.read("kernel_initializer", initializers::read),
            bias_initializer: arguments.read("bias_initializer", initializers::read),
        }
    }
}

/// The variables in Keras's order: the kernel of this shape and, with `use_bias`, one number for each output.
pub(super) fn kernel_and_bias(
    kernel: Vec<usize>,
    outputs: usize,
    use_bias: bool,
    kernel_initializer: Initializer,
    bias_initializer: Initializer,
) -> Vec<Variable> {
    let kernel = Variable::new("kernel", kernel, kernel_initializer);
    let bias = Variable::new("bias", vec![outputs], bias_initializer);
    if use_bias { vec![kernel, bias] } else { vec![kernel] }
}

/// The sentence on the activation behind the bias, if there is one that does anything.
pub(super) fn then(activation: Activation) -> Option<String> {
    activation.words().map(|text| format!("Then {text}"))
}

/// What a drawing says of the activation.
pub(super) fn does(activation: Activation) -> Option<String> {
    (activation != Activation::Linear).then(|| activation.to_string())
}
