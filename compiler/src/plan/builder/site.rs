//! A layer as lowering sees it.

use crate::activation::ActivationFunction;
use crate::plan::parameter::Range;
use crate::shape::Shape;
use crate::training::regularizers::Strengths;

/// A layer of the network, seen from outside.
#[allow(clippy::struct_excessive_bools, reason = "four independent facts")]
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its name; its tensors and operations bear it.
    pub name: String,
    /// Whose outputs it takes: indices of sites before this one.
    pub inputs: Vec<usize>,
    /// The shape of one sample of its output.
    pub shape: Shape,
    /// Its variables.
    pub variables: Vec<Place>,
    /// Whether its output is its input's tensor under another shape, so that it needs no operation.
    pub is_view: bool,
    /// Whether training leaves it as it is (`trainable=False`).
    pub is_frozen: bool,
    /// Whether it is the layer whose output the network's is, and what the loss takes.
    pub is_last: bool,
    /// The activation that the loss absorbs, if this is the last layer of a network that has a loss.
    pub absorbed: Option<ActivationFunction>,
    /// What its output adds to the loss.
    pub activity: Option<Strengths>,
    /// Whether the gradient of its output is of use: whether it or anything before it has variables
    /// that train.
    pub needs_gradient: bool,
    /// Of one of several inputs: where it begins among the numbers of a sample.
    pub part: Option<usize>,
}

/// Where a variable lies in the flat parameter buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its name in the layer: `kernel`.
    pub variable: &'static str,
    /// Its numbers.
    pub range: Range,
    /// Whether the optimizer moves it.
    pub trainable: bool,
}

impl Site {
    /// Where the variable of a name lies; nothing where the layer has none of that name.
    pub fn variable(&self, name: &str) -> Option<Range> {
        self.place(name).map(|place| place.range)
    }

    /// Whether the optimizer moves the variable of a name.
    pub fn trains(&self, name: &str) -> bool {
        self.place(name).is_some_and(|place| place.trainable)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        self.variables.iter().find(|place| place.variable == name)
    }
}
