//! The layers: one file each, with its arguments, its shape rule, its variables and its lowering.

use crate::activation::Activation as Function;
use crate::initializer::Initializer;
use crate::shape::Shape;
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

/// `Input(shape)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// One sample's shape.
    pub shape: Shape,
}

/// `Conv2D(filters, kernel_size, strides, padding, dilation_rate, activation, use_bias, ...)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv2D {
    /// Output channels.
    pub filters: usize,
    /// kernel_size, strides, dilation_rate and padding.
    pub window: Window,
    /// What follows the bias.
    pub activation: Function,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel starts.
    pub kernel_initializer: Initializer,
    /// How the bias starts.
    pub bias_initializer: Initializer,
}

/// `MaxPooling2D` and `AveragePooling2D`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pooling2D {
    /// pool_size, strides and padding.
    pub window: Window,
}

/// `GlobalAveragePooling2D` and `GlobalMaxPooling2D`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPooling2D {
    /// Whether height and width stay, as 1 and 1.
    pub keepdims: bool,
}

/// `Flatten()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flatten {}

/// `Dense(units, activation, use_bias, kernel_initializer, bias_initializer)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dense {
    /// Outputs.
    pub units: usize,
    /// What follows the bias.
    pub activation: Function,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel starts.
    pub kernel_initializer: Initializer,
    /// How the bias starts.
    pub bias_initializer: Initializer,
}

/// `Activation(activation)`, `ReLU(...)`, `Softmax()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activation {
    /// The function.
    pub function: Function,
}

/// `Add()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Add {}

/// `Concatenate(axis)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Concatenate {
    /// The axis among those of one sample: 0 is the height of an image; Keras's `axis=-1` is the last.
    pub axis: usize,
}

impl Layer {
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
