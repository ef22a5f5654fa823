//! Numbers of a network, each with the arithmetic behind it.

use super::expression::Equation;

/// A number, or several that belong together, with the reason for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The quantity that the equations come to.
    pub what: What,
    /// The axis of the image that the number is of, where the two axes differ.
    pub axis: Axis,
    /// The arithmetic, step by step; the last equation gives the number itself.
    pub equations: Vec<Equation>,
    /// The reason in a few words; may be empty.
    pub because: String,
}

/// The quantities that a [`Fact`] may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Cells of a layer's output along an axis.
    Size,
    /// Cells by which windows stick out of the image.
    Padding,
    /// Numbers of the input that one number of the output is made of, for layers without weights.
    Window,
    /// Weights and biases of a layer, or of all layers.
    Parameters,
    /// Parameters that training moves, and those that it leaves as they are.
    Trainable,
    /// Multiply-adds of one sample.
    MultiplyAdds,
    /// Cells of the picture along an axis that a number of the output depends on: the receptive field.
    Sees,
    /// Cells of the picture along an axis between two neighbouring numbers of the output.
    Step,
    /// Numbers in one sample's output, and the bytes that they take.
    Memory,
    /// Bytes of the outputs of a whole batch.
    BatchMemory,
    /// Training samples of the data set, or of what is left after `validation_split`.
    Samples,
    /// Steps of an epoch: batches of the training samples.
    Steps,
    /// Updates of the parameters in the whole training.
    Updates,
    /// The loss of a network that guesses at random.
    Guessing,
    /// Numbers that the optimizer keeps besides the parameters.
    State,
    /// One update of one weight, worked out by hand.
    Update,
    /// Multiply-adds of the whole training.
    Work,
}

/// The axes of an image that a fact may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Both axes, whose numbers are the same, or no axis at all.
    Both,
    /// The height, where the width has other numbers.
    Height,
    /// The width, where the height has other numbers.
    Width,
}

impl What {
    /// The few words that stand before the numbers in print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Padding => "padding",
            Self::Window => "made of",
            Self::Parameters => "parameters",
            Self::Trainable => "not trained",
            Self::MultiplyAdds => "multiply-adds",
            Self::Sees => "sees",
            Self::Step => "step",
            Self::Memory => "memory",
            Self::BatchMemory => "a batch",
            Self::Samples => "samples",
            Self::Steps => "an epoch",
            Self::Updates => "updates",
            Self::Guessing => "guessing",
            Self::State => "remembers",
            Self::Update => "by hand",
            Self::Work => "work",
        }
    }
}

impl Fact {
    pub(crate) fn new(what: What, equations: Vec<Equation>, because: impl Into<String>) -> Self {
        Self {
            what,
            axis: Axis::Both,
            equations,
            because: because.into(),
        }
    }

    pub(crate) fn along(self, axis: Axis) -> Self {
        Self { axis, ..self }
    }

    /// The words of the quantity and its axis: `size`, `height`, `sees, width`.
    pub fn name(&self) -> String {
        let axis = match self.axis {
            Axis::Both => return self.what.name().to_owned(),
            Axis::Height => "height",
            Axis::Width => "width",
        };
        if self.what == What::Size {
            axis.to_owned()
        } else {
            format!("{}, {axis}", self.what.name())
        }
    }
}
