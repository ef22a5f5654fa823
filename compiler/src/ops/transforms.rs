//! How pictures move: a matrix for each sample, drawn in training.

use super::draws;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// A range that a number is drawn from: the least, and what none reaches.
pub type Drawn = [f32; 2];

/// What is drawn, and what moves a picture by it. Numbers are drawn in the order that is given here, as Keras draws them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// Turned round along one axis or both, or left as it is: one number, up to 0.5 or above.
    Flip {
        /// Left and right change places.
        horizontal: bool,
        /// Above and below change places.
        vertical: bool,
    },
    /// Moved down and to the right, by shares of height and width: two numbers.
    Translate {
        /// Shares of the height.
        height: Drawn,
        /// Shares of the width.
        width: Drawn,
    },
    /// Turned about the middle: one number.
    Rotate {
        /// Whole turns, clockwise.
        turns: Drawn,
    },
    /// Drawn out or pressed together about the middle: one number, or one for each axis.
    Zoom {
        /// What the height that is seen is multiplied by.
        height: Drawn,
        /// The same of the width; as the height where there is none.
        width: Option<Drawn>,
    },
    /// Leant over: three numbers, the first, above 0.5, for the other way.
    Shear {
        /// Columns for each row.
        x: Drawn,
        /// Rows for each column.
        y: Drawn,
    },
    /// A window of the output's size somewhere in the input, the same for all samples of a batch: two numbers, of the first
    /// sample.
    Crop,
    /// A window of this size in the middle of the input, drawn out or pressed together to the output's. Nothing is drawn.
    Window {
        /// Its height and width.
        size: (usize, usize),
    },
}

impl Motion {
    /// Its number in the shader, and what it draws from.
    fn kind(self) -> (usize, Drawn, Drawn) {
        const NONE: Drawn = [0.0, 0.0];
        match self {
            Self::Flip { .. } => (0, NONE, NONE),
            Self::Translate { height, width } => (1, height, width),
            Self::Rotate { turns } => (2, turns, NONE),
            Self::Zoom { height, width } => (3, height, width.unwrap_or(NONE)),
            Self::Shear { x, y } => (4, x, y),
            Self::Crop => (5, NONE, NONE),
            Self::Window { size } => (6, [size.0 as f32, 0.0], [size.1 as f32, 0.0]),
        }
    }

    /// Two facts about it: along which axes a flip goes; whether a zoom draws a number for the width.
    fn flags(self) -> (bool, bool) {
        match self {
            Self::Flip { horizontal, vertical } => (horizontal, vertical),
            Self::Zoom { width, .. } => (width.is_some(), false),
            Self::Translate { .. } | Self::Rotate { .. } | Self::Shear { .. } | Self::Crop | Self::Window { .. } => {
                (false, false)
            }
        }
    }

    /// In a word.
    fn word(self) -> &'static str {
        match self {
            Self::Flip { .. } => "flip",
            Self::Translate { .. } => "translation",
            Self::Rotate { .. } => "rotation",
            Self::Zoom { .. } => "zoom",
            Self::Shear { .. } => "shear",
            Self::Crop => "crop",
            Self::Window { .. } => "window",
        }
    }
}

/// `output = a0, a1, a2, b0, b1, b2` of each sample: pixel `(x, y)` of what is made comes from
/// `(a0 x + a1 y + a2, b0 x + b1 y + b2)` of what was there. See [`draws`] for which numbers are drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transforms {
    /// What is drawn.
    pub motion: Motion,
    /// Height and width of what was there.
    pub from: (usize, usize),
    /// Height and width of what is made.
    pub to: (usize, usize),
    /// What tells this layer's draws from others'.
    pub stream: [u32; 2],
    /// Six floats.
    pub output: TensorId,
}

touches!(Transforms in BatchInnermost {
    writes: output;
});

impl Operation for Transforms {
    fn name(&self) -> &'static str {
        "transforms"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("{} = {}", words.tensor(self.output), self.motion.word()),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (kind, first, second) = self.motion.kind();
        let flags = self.motion.flags();
        let own: Constants = vec![
            ("HEIGHT", unsigned(self.from.0)),
            ("WIDTH", unsigned(self.from.1)),
            ("OUT_HEIGHT", unsigned(self.to.0)),
            ("OUT_WIDTH", unsigned(self.to.1)),
            ("MOTION", unsigned(kind)),
            ("FIRST", Constant::Bool(flags.0)),
            ("SECOND", Constant::Bool(flags.1)),
            ("LOW_0", Constant::Float(first[0])),
            ("HIGH_0", Constant::Float(first[1])),
            ("LOW_1", Constant::Float(second[0])),
            ("HIGH_1", Constant::Float(second[1])),
        ];
        let constants = draws::constants(self.stream, own);
        let kernel = launcher.kernel(File::Augmentation, "transforms", constants);
        let bindings = vec![(1, Steps), (2, State), (3, Tensor(self.output))];
        launcher.push(kernel, bindings, launcher.each(1));
    }
}
