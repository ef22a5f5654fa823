//! Layers as lowering sees them.

use crate::activation::ActivationFunction;
use crate::plan::parameter::Range;
use crate::shape::Shape;
use crate::training::regularizers::Strengths;

/// What other layers and the loss know of a layer.
#[allow(clippy::struct_excessive_bools, reason = "four independent facts")]
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The layer's name, which its tensors and operations bear.
    pub name: String,
    /// The indices of the sites whose outputs it takes, all before this one.
    pub inputs: Vec<usize>,
    /// The shape of one sample of its output.
    pub shape: Shape,
    /// The layer's variables, in Keras's order.
    pub variables: Vec<Place>,
    /// Whether the output is the input's tensor under another shape, so that no operation is needed.
    pub is_view: bool,
    /// Whether training leaves it as it is (`trainable=False`).
    pub is_frozen: bool,
    /// Whether its output is one of the network's outputs, and so an input of the loss.
    pub is_last: bool,
    /// The activation that the loss takes over, for the last layer of a network that has a loss.
    pub absorbed: Option<ActivationFunction>,
    /// The factors of the activity regularizer, whose penalty on the output the loss includes; None without one.
    pub activity: Option<Strengths>,
    /// Whether the gradient of its output is of use: whether this layer or any before it has variables that train.
    pub needs_gradient: bool,
    /// The number of a sample's row at which an input's part begins; None unless it is one of several inputs.
    pub part: Option<usize>,
}

/// The place of a variable in the flat parameter buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The variable's name within the layer: `kernel`.
    pub variable: &'static str,
    /// The floats of the buffer that hold it.
    pub range: Range,
    /// Whether the optimizer moves it.
    pub trainable: bool,
}

impl Site {
    /// The place of the variable `name` in the flat buffer; None where the layer has none of that name.
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.place(name).map(|place| place.range)
    }

    /// Whether the optimizer moves the variable `name`.
    pub fn trains(&self, name: &str) -> bool {
        self.place(name).is_some_and(|place| place.trainable)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        self.variables.iter().find(|place| place.variable == name)
    }
}
