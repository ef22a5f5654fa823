//! The layers: one file a layer or family, with its arguments, its shape rule and its variables.

pub mod activation;
pub mod convolution;
pub mod dense;
pub mod flatten;
pub mod global_pooling;
pub mod input;
pub mod merging;
pub mod pooling;

pub use activation::Activation;
pub use convolution::Conv2D;
pub use dense::Dense;
pub use flatten::Flatten;
pub use global_pooling::GlobalPooling2D;
pub use input::Input;
pub use merging::{Add, Concatenate};
pub use pooling::Pooling2D;

use crate::activation::Activation as Function;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::Window;
use serde::Serialize;

/// A layer with every argument resolved. The variants bear Keras's class names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum Layer {
    /// The pictures.
    Input(Input),
    /// A convolution over an image (cross-correlation, as everywhere in the field).
    Conv2D(Conv2D),
    /// The largest value of each window.
    MaxPooling2D(Pooling2D),
    /// The mean of each window; padding does not count.
    AveragePooling2D(Pooling2D),
    /// The mean of each channel.
    GlobalAveragePooling2D(GlobalPooling2D),
    /// The largest value of each channel.
    GlobalMaxPooling2D(GlobalPooling2D),
    /// All values in a row: height, then width, then channels.
    Flatten(Flatten),
    /// A matrix product over the last axis.
    Dense(Dense),
    /// A function of each value.
    Activation(Activation),
    /// `Activation::Relu` with its three constants as arguments.
    ReLU(Activation),
    /// A softmax over the last axis.
    Softmax(Activation),
    /// The sum of two or more tensors of one shape.
    Add(Add),
    /// Two or more tensors end to end along one axis.
    Concatenate(Concatenate),
}

/// A layer that can be called.
#[derive(Debug)]
pub struct Entry {
    /// How it is called.
    pub signature: &'static Signature,
    /// The layer of these arguments; nothing where one of them, which has then been reported, is of no use.
    pub(crate) build: fn(&mut Arguments) -> Option<Layer>,
}

/// Every layer that can be called, `Input` first.
pub static CATALOGUE: [Entry; 13] = [
    Entry {
        signature: &input::SIGNATURE,
        build: |arguments| Input::build(arguments).map(Layer::Input),
    },
    Entry {
        signature: &convolution::SIGNATURE,
        build: |arguments| Conv2D::build(arguments).map(Layer::Conv2D),
    },
    Entry {
        signature: &pooling::MAX,
        build: |arguments| Pooling2D::build(arguments).map(Layer::MaxPooling2D),
    },
    Entry {
        signature: &pooling::AVERAGE,
        build: |arguments| Pooling2D::build(arguments).map(Layer::AveragePooling2D),
    },
    Entry {
        signature: &global_pooling::AVERAGE,
        build: |arguments| GlobalPooling2D::build(arguments).map(Layer::GlobalAveragePooling2D),
    },
    Entry {
        signature: &global_pooling::MAX,
        build: |arguments| GlobalPooling2D::build(arguments).map(Layer::GlobalMaxPooling2D),
    },
    Entry {
        signature: &flatten::SIGNATURE,
        build: |_| Some(Layer::Flatten(Flatten {})),
    },
    Entry {
        signature: &dense::SIGNATURE,
        build: |arguments| Dense::build(arguments).map(Layer::Dense),
    },
    Entry {
        signature: &activation::ACTIVATION,
        build: |arguments| Activation::named(arguments).map(Layer::Activation),
    },
    Entry {
        signature: &activation::RELU,
        build: |arguments| Activation::relu(arguments).map(Layer::ReLU),
    },
    Entry {
        signature: &activation::SOFTMAX,
        build: |_| {
            Some(Layer::Softmax(Activation {
                function: Function::Softmax,
            }))
        },
    },
    Entry {
        signature: &merging::ADD,
        build: |_| Some(Layer::Add(Add {})),
    },
    Entry {
        signature: &merging::CONCATENATE,
        build: |arguments| Concatenate::build(arguments).map(Layer::Concatenate),
    },
];

/// What every layer of Keras takes by name beside its own arguments.
pub(crate) const NAME: [Parameter; 8] = [
    Parameter::optional(
        "name",
        Kind::Name,
        Literal::None,
        "the layer's name; None means an automatic one",
    ),
    Parameter {
        kind: Kind::Unsupported(&[Literal::Str("float32")]),
        ..Parameter::unsupported("dtype", Literal::None)
    },
    Parameter::unsupported("trainable", Literal::Bool(true)),
    Parameter::unsupported("autocast", Literal::Bool(true)),
    Parameter::unsupported("activity_regularizer", Literal::None),
    Parameter::unsupported("input_shape", Literal::None),
    Parameter::unsupported("input_dim", Literal::None),
    Parameter::unsupported("batch_size", Literal::None),
];

/// How many outputs a layer takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// The input alone.
    None,
    /// Most layers.
    One,
    /// What merges: two or more.
    Many,
}

/// Why a layer does not take its inputs: facts, which `check` puts into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It needs height x width x channels.
    NotAnImage,
    /// No window fits the image.
    DoesNotFit,
    /// It has no input.
    NoInput,
    /// The input of index `other` does not go with the first one, along the axes beside `axis`.
    Differs {
        /// Its place among the inputs.
        other: usize,
        /// The axis of a concatenation, which may differ.
        axis: Option<usize>,
    },
    /// The inputs have no such axis.
    NoAxis {
        /// As it was written.
        axis: i64,
        /// The inputs' rank.
        rank: usize,
    },
}

/// The layer that a call names.
pub fn entry(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.signature.is_called(name))
}

impl Layer {
    /// Its signature.
    pub fn signature(&self) -> &'static Signature {
        match self {
            Self::Input(_) => &input::SIGNATURE,
            Self::Conv2D(_) => &convolution::SIGNATURE,
            Self::MaxPooling2D(_) => &pooling::MAX,
            Self::AveragePooling2D(_) => &pooling::AVERAGE,
            Self::GlobalAveragePooling2D(_) => &global_pooling::AVERAGE,
            Self::GlobalMaxPooling2D(_) => &global_pooling::MAX,
            Self::Flatten(_) => &flatten::SIGNATURE,
            Self::Dense(_) => &dense::SIGNATURE,
            Self::Activation(_) => &activation::ACTIVATION,
            Self::ReLU(_) => &activation::RELU,
            Self::Softmax(_) => &activation::SOFTMAX,
            Self::Add(_) => &merging::ADD,
            Self::Concatenate(_) => &merging::CONCATENATE,
        }
    }

    /// Keras's class name.
    pub fn class(&self) -> &'static str {
        self.signature().name
    }

    /// How many outputs it takes in.
    pub fn arity(&self) -> Arity {
        match self {
            Self::Input(_) => Arity::None,
            Self::Add(_) | Self::Concatenate(_) => Arity::Many,
            Self::Conv2D(_)
            | Self::MaxPooling2D(_)
            | Self::AveragePooling2D(_)
            | Self::GlobalAveragePooling2D(_)
            | Self::GlobalMaxPooling2D(_)
            | Self::Flatten(_)
            | Self::Dense(_)
            | Self::Activation(_)
            | Self::ReLU(_)
            | Self::Softmax(_) => Arity::One,
        }
    }

    /// The output's shape, given the inputs'.
    pub fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let one = inputs.first().copied().ok_or(Refusal::NoInput);
        match self {
            Self::Input(layer) => Ok(layer.shape.clone()),
            Self::Conv2D(layer) => layer.output(one?),
            Self::MaxPooling2D(layer) | Self::AveragePooling2D(layer) => layer.output(one?),
            Self::GlobalAveragePooling2D(layer) | Self::GlobalMaxPooling2D(layer) => layer.output(one?),
            Self::Flatten(_) => one.map(Flatten::output),
            Self::Dense(layer) => one.map(|input| layer.output(input)),
            Self::Activation(_) | Self::ReLU(_) | Self::Softmax(_) => one.cloned(),
            Self::Add(_) => Add::output(inputs),
            Self::Concatenate(layer) => layer.output(inputs),
        }
    }

    /// Its variables, given the first input's shape.
    pub fn variables(&self, input: &Shape) -> Vec<Variable> {
        match self {
            Self::Conv2D(layer) => layer.variables(input),
            Self::Dense(layer) => layer.variables(input),
            Self::Input(_)
            | Self::MaxPooling2D(_)
            | Self::AveragePooling2D(_)
            | Self::GlobalAveragePooling2D(_)
            | Self::GlobalMaxPooling2D(_)
            | Self::Flatten(_)
            | Self::Activation(_)
            | Self::ReLU(_)
            | Self::Softmax(_)
            | Self::Add(_)
            | Self::Concatenate(_) => Vec::new(),
        }
    }

    /// Every argument as it would be written, defaults included, in Keras's order.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Input(layer) => layer.arguments(),
            Self::Conv2D(layer) => layer.arguments(),
            Self::MaxPooling2D(layer) | Self::AveragePooling2D(layer) => layer.arguments(),
            Self::GlobalAveragePooling2D(layer) | Self::GlobalMaxPooling2D(layer) => layer.arguments(),
            Self::Dense(layer) => layer.arguments(),
            Self::Activation(layer) => layer.named_arguments(),
            Self::ReLU(layer) => layer.relu_arguments(),
            Self::Concatenate(layer) => layer.arguments(),
            Self::Flatten(_) | Self::Softmax(_) | Self::Add(_) => Vec::new(),
        }
    }

    /// The window that slides over the image, if it is a layer that has one.
    pub fn window(&self) -> Option<&Window> {
        match self {
            Self::Conv2D(layer) => Some(&layer.window),
            Self::MaxPooling2D(layer) | Self::AveragePooling2D(layer) => Some(&layer.window),
            Self::Input(_)
            | Self::GlobalAveragePooling2D(_)
            | Self::GlobalMaxPooling2D(_)
            | Self::Flatten(_)
            | Self::Dense(_)
            | Self::Activation(_)
            | Self::ReLU(_)
            | Self::Softmax(_)
            | Self::Add(_)
            | Self::Concatenate(_) => None,
        }
    }

    /// The activation at the end of the layer, if it is one that has any.
    pub fn activation(&self) -> Option<Function> {
        match self {
            Self::Conv2D(layer) => Some(layer.activation),
            Self::Dense(layer) => Some(layer.activation),
            Self::Activation(layer) | Self::ReLU(layer) | Self::Softmax(layer) => Some(layer.function),
            Self::Input(_)
            | Self::MaxPooling2D(_)
            | Self::AveragePooling2D(_)
            | Self::GlobalAveragePooling2D(_)
            | Self::GlobalMaxPooling2D(_)
            | Self::Flatten(_)
            | Self::Add(_)
            | Self::Concatenate(_) => None,
        }
    }
}

/// Height, width and channels after a window has been laid over the image.
fn over_image(input: &Shape, window: &Window) -> Result<(usize, usize, usize), Refusal> {
    let (height, width, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
    let grid = window.over(height, width).ok_or(Refusal::DoesNotFit)?;
    Ok((grid.vertical.output, grid.horizontal.output, channels))
}

/// The variables of what multiplies and adds, in Keras's order.
fn kernel_and_bias(
    kernel: Vec<usize>,
    outputs: usize,
    use_bias: bool,
    kernel_initializer: Initializer,
    bias_initializer: Initializer,
) -> Vec<Variable> {
    let kernel = Variable {
        name: "kernel",
        shape: kernel,
        initializer: kernel_initializer,
        trainable: true,
    };
    let bias = Variable {
        name: "bias",
        shape: vec![outputs],
        initializer: bias_initializer,
        trainable: true,
    };
    if use_bias { vec![kernel, bias] } else { vec![kernel] }
}

/// `(5, 5)`
pub(crate) fn pair((vertical, horizontal): (usize, usize)) -> String {
    format!("({vertical}, {horizontal})")
}

/// `(28, 28, 1)`, `(784,)`
pub(crate) fn tuple(sizes: &[usize]) -> String {
    match sizes {
        [only] => format!("({only},)"),
        sizes => format!(
            "({})",
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}
