//! The motions of pictures: a matrix for each sample, drawn while training.

use super::draws;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The range that a number is drawn from: the least value, and the end, which is left out.
pub type Drawn = [f32; 2];

/// A motion and the ranges of its random numbers, which are drawn in the order of this list, as Keras draws them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// Mirrored along the given axes or left as it is: one number, which mirrors at 0.5 or below.
    Flip {
        /// Whether left and right change places.
        horizontal: bool,
        /// Whether top and bottom change places.
        vertical: bool,
    },
    /// Moved down and to the right: two numbers.
    Translate {
        /// The distance down, as a share of the height.
        height: Drawn,
        /// The distance to the right, as a share of the width.
        width: Drawn,
    },
    /// Turned about the middle: one number.
    Rotate {
        /// The angle, in whole turns clockwise.
        turns: Drawn,
    },
    /// Stretched or compressed about the middle: one number, or one for each axis.
    Zoom {
        /// The factor of the height that is seen.
        height: Drawn,
        /// The factor of the width that is seen; None where it is that of the height.
        width: Option<Drawn>,
    },
    /// Slanted: three numbers, the first of which reverses the direction where it is above 0.5.
    Shear {
        /// The shift to the side, in columns for each row.
        x: Drawn,
        /// The shift up or down, in rows for each column.
        y: Drawn,
    },
    /// A window of the output's size at a random place of the input: two numbers of the first sample, which all
    /// samples of the batch share.
    Crop,
    /// A window in the middle of the input, stretched or compressed to the output's size. Nothing is drawn.
    Window {
        /// Height and width of the window.
        size: (usize, usize),
    },
}

impl Motion {
    /// The motion's number in the shader, and the ranges that it draws from.
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

    /// Two flags of the motion: the axes that a flip mirrors; whether a zoom draws a number for the width.
    fn flags(self) -> (bool, bool) {
        match self {
            Self::Flip { horizontal, vertical } => (horizontal, vertical),
            Self::Zoom { width, .. } => (width.is_some(), false),
            Self::Translate { .. } | Self::Rotate { .. } | Self::Shear { .. } | Self::Crop | Self::Window { .. } => {
                (false, false)
            }
        }
    }

    /// The motion's name in printed plans.
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

/// `output = a0, a1, a2, b0, b1, b2` for each sample: pixel `(x, y)` of the output comes from
/// `(a0 x + a1 y + a2, b0 x + b1 y + b2)` of the input. See [`draws`] for the random numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transforms {
    /// The motion that the matrices describe, and the ranges of its random numbers.
    pub motion: Motion,
    /// Height and width of the input, in pixels.
    pub from: (usize, usize),
    /// Height and width of the output, in pixels.
    pub to: (usize, usize),
    /// Two words that tell this layer's random numbers from other layers' (`draws::stream`).
    pub stream: [u32; 2],
    /// Six floats for each sample.
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
