//! A number of a network with the arithmetic behind it.

use super::expression::Equation;

/// A number, or some that belong together, and why they are as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What is counted.
    pub what: What,
    /// Along which axis of the image, where the two differ.
    pub axis: Axis,
    /// The arithmetic; what the last one comes to is what is counted.
    pub equations: Vec<Equation>,
    /// Why, in a few words; may be empty.
    pub because: String,
}

/// What a [`Fact`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Cells of the output along an axis.
    Size,
    /// Cells by which windows stick out of the image.
    Padding,
    /// Numbers that one number of the output is made of, where no weights are involved.
    Window,
    /// Weights and biases.
    Parameters,
    /// Those that training moves, and those that it does not.
    Trainable,
    /// Multiply-adds of one sample.
    MultiplyAdds,
    /// Cells of the picture that a number of the output depends on.
    Sees,
    /// Cells of the picture from one number of the output to the next.
    Step,
    /// Numbers of the output, and their bytes.
    Memory,
    /// Bytes for a whole batch.
    BatchMemory,
    /// Training samples of the data set, or of what is left after `validation_split`.
    Samples,
    /// Steps of an epoch.
    Steps,
    /// Updates of the parameters in the whole training.
    Updates,
    /// The loss of a network that guesses.
    Guessing,
    /// Numbers that the optimizer remembers.
    State,
    /// One update of one weight.
    Update,
    /// Multiply-adds of training.
    Work,
}

/// Axes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// It is the same for both, or there are none.
    Both,
    /// Along the height alone.
    Height,
    /// Along the width alone.
    Width,
}

impl What {
    /// The few words that stand before its numbers.
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

    /// What is counted, along which axis: `size`, `height`, `sees, width`.
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
