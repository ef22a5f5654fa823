//! What layers share that multiply by a kernel and add a bias.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::layers::activations;
use crate::ops::{
    Convolution, ConvolutionDinput, ConvolutionDkernel, ConvolutionGeometry, Dense, DenseDinput, DenseDkernel,
    DenseGeometry, Doutput, GroupedConvolution, GroupedConvolutionDinput, GroupedConvolutionDkernel, GroupedGeometry,
};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::variable::Variable;

/// The argument `activation`: the function that ends the layer.
pub(super) const ACTIVATION: Argument = Argument::optional(
    "activation",
    ArgumentKind::Activation,
    Literal::None,
    "function after the bias",
);

/// The argument `use_bias`: whether each output has a bias; `True` by default.
pub(super) const USE_BIAS: Argument = Argument::optional(
    "use_bias",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether each filter has a bias",
);

/// The argument `kernel_initializer`, Glorot's uniform distribution by default.
pub(super) const KERNEL_INITIALIZER: Argument = Argument::optional(
    "kernel_initializer",
    ArgumentKind::Initializer,
    Literal::Str("glorot_uniform"),
    "how the kernel starts",
);

/// The argument `bias_initializer`, zeros by default.
pub(super) const BIAS_INITIALIZER: Argument = Argument::optional(
    "bias_initializer",
    ArgumentKind::Initializer,
    Literal::Str("zeros"),
    "how the bias starts",
);

/// The arguments `activation`, `use_bias`, `kernel_initializer` and `bias_initializer`.
pub(super) struct Weights {
    pub(super) activation: Option<ActivationFunction>,
    pub(super) use_bias: Option<bool>,
    pub(super) kernel_initializer: Option<Initializer>,
    pub(super) bias_initializer: Option<Initializer>,
}

impl Weights {
    /// Reads all four; those that were reported are None.
    pub(super) fn read(arguments: &mut Arguments) -> Self {
        Self {
            activation: arguments.read("activation", values::activation),
            use_bias: arguments.bool("use_bias"),
            kernel_initializer: arguments.read("kernel_initializer", initializers::read),
            bias_initializer: arguments.read("bias_initializer", initializers::read),
        }
    }
}

/// The variables in Keras's order: a kernel of this shape and, with `use_bias`, a bias with a number for each output.
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

/// The sentence for learners about the activation behind the bias; None for `linear`.
pub(super) fn then(activation: ActivationFunction) -> Option<String> {
    activation.words().map(|text| format!("Then {text}"))
}

/// The line of a drawing about the activation; None for `linear`.
pub(super) fn does(activation: ActivationFunction) -> Option<String> {
    (activation != ActivationFunction::Linear).then(|| activation.to_string())
}

/// The multiplication by a kernel that a layer consists of.
#[derive(Clone, Copy)]
pub(super) enum Product {
    /// A window that slides over the image.
    Convolution(ConvolutionGeometry),
    /// A window that slides over the image, in groups of channels.
    Grouped(GroupedGeometry),
    /// A matrix product over the channels, at every position.
    Dense(DenseGeometry),
}

impl Product {
    /// The matrix product over the channels, the same for every position of the input.
    pub(super) fn dense(units: usize, input: &Shape) -> Self {
        Self::Dense(DenseGeometry {
            inputs: input.channels(),
            units,
            positions: input.positions(),
        })
    }

    fn forward(self, at: &mut Forward<'_>, output: TensorId) {
        let (input, bias) = (at.input(), at.variable("bias"));
        let Some(kernel) = at.variable("kernel") else { return };
        match self {
            Self::Convolution(geometry) => at.push(Convolution {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                pool: false,
                codes: None,
                output,
            }),
            Self::Grouped(geometry) => at.push(GroupedConvolution {
                geometry,
                input,
                kernel,
                bias,
                output,
            }),
            Self::Dense(geometry) => at.push(Dense {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                output,
            }),
        }
    }

    /// Appends the operation that makes the gradients of kernel and bias; both train or neither does.
    fn dkernel(self, at: &mut Backward<'_>, doutput: TensorId) {
        let (input, bias) = (at.input(), at.variable("bias"));
        let Some(kernel) = at.variable("kernel").filter(|_| at.trains("kernel")) else {
            return;
        };
        match self {
            Self::Convolution(geometry) => at.push(ConvolutionDkernel {
                geometry,
                input,
                doutput: Doutput {
                    tensor: doutput,
                    codes: None,
                },
                kernel,
                bias,
            }),
            Self::Grouped(geometry) => at.push(GroupedConvolutionDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            }),
            Self::Dense(geometry) => at.push(DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            }),
        }
    }

    fn dinput(self, at: &mut Backward<'_>, doutput: TensorId) {
        let Some(kernel) = at.variable("kernel") else { return };
        let Some(dinput) = at.dinput(0) else { return };
        let mask = None;
        match self {
            Self::Convolution(geometry) => at.push(ConvolutionDinput {
                geometry,
                doutput: Doutput {
                    tensor: doutput,
                    codes: None,
                },
                kernel,
                mask,
                dinput,
            }),
            Self::Grouped(geometry) => at.push(GroupedConvolutionDinput {
                geometry,
                doutput,
                kernel,
                dinput,
            }),
            Self::Dense(geometry) => at.push(DenseDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            }),
        }
    }
}

/// The name under which the forward pass keeps the activation's input for the backward pass.
const LINEAR: &str = "linear";

/// Lowers the forward pass: the product, then the activation. Returns the output.
pub(super) fn forward(product: Product, function: ActivationFunction, at: &mut Forward<'_>) -> TensorId {
    activated(function, at, |at, output| product.forward(at, output))
}

/// Lowers a forward pass in which `make` writes the tensor that the activation takes. Returns the output.
pub(super) fn activated(
    function: ActivationFunction,
    at: &mut Forward<'_>,
    make: impl FnOnce(&mut Forward<'_>, TensorId),
) -> TensorId {
    if activations::is_skipped(function, at.absorbed()) {
        let output = at.output();
        make(at, output);
        return output;
    }
    let linear = at.tensor(LINEAR, at.shape());
    make(at, linear);
    at.remember(LINEAR, linear);
    activations::apply(function, linear, at)
}

/// Lowers the backward pass: the gradients of the variables that train and, where it is of use, of the input.
pub(super) fn backward(product: Product, function: ActivationFunction, at: &mut Backward<'_>) {
    let doutput = before_activation(function, at);
    product.dkernel(at, doutput);
    product.dinput(at, doutput);
}

/// Appends the gradient step of the activation; returns the gradient of the activation's input.
pub(super) fn before_activation(function: ActivationFunction, at: &mut Backward<'_>) -> TensorId {
    let doutput = at.doutput();
    let Some(linear) = at.recall(LINEAR) else {
        return doutput;
    };
    let dlinear = at.tensor(LINEAR, at.shape());
    activations::step_back(function, linear, doutput, dlinear, at);
    dlinear
}
