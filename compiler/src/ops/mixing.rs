//! Samples of a batch mixed with one another, and what they are compared with alike.

use super::draws;
use super::transforms::Drawn;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// Floats of a sample that [`Mixtures`] makes.
pub const MIXTURE: usize = 6;

/// How samples are mixed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mixture {
    /// Two samples lie over one another (Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018).
    MixUp {
        /// Both parameters of the beta distribution of a sample's own share.
        alpha: f32,
    },
    /// A rectangle of one sample is put into another (Yun et al., "`CutMix`", 2019).
    CutMix {
        /// What both parameters of the beta distribution are drawn from, once a batch.
        factor: Drawn,
    },
}

impl Mixture {
    /// The range of the distribution's parameters.
    pub fn parameters(self) -> Drawn {
        match self {
            Self::MixUp { alpha } => [alpha, alpha],
            // Keras adds this, so that 0 is a parameter too.
            Self::CutMix { factor } => factor.map(|bound| bound + 1e-6),
        }
    }

    /// Whether rectangles are cut out.
    pub fn cuts(self) -> bool {
        match self {
            Self::MixUp { .. } => false,
            Self::CutMix { .. } => true,
        }
    }
}

/// `output = partner, share, left, right, top, bottom` of each sample: the sample of the batch that it is mixed with, the share
/// that it keeps of itself, and the rectangle that is the partner's, in columns and rows.
///
/// Number 0 of the batch: the distribution's parameter; of each sample 1 and 2: where its rectangle begins, as shares of the
/// room there is across and down; 3, all 32 bits of it: its place in a shuffle, where the partner's place is how many samples
/// have a smaller number; `4 + 2 t` and `5 + 2 t`: attempt `t` at a number of the beta distribution (Jöhnk's, for parameters
/// up to 1), of which the first that holds is taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mixtures {
    /// How samples are mixed.
    pub mixture: Mixture,
    /// Height and width of the pictures.
    pub size: (usize, usize),
    /// What tells this layer's draws from others'.
    pub stream: [u32; 2],
    /// Where each sample's mixture is written: [`MIXTURE`] floats.
    pub output: TensorId,
}

impl Mixtures {
    /// How often a number of the beta distribution is attempted. At least every other attempt holds.
    pub const ATTEMPTS: usize = 32;
}

touches!(Mixtures in BatchInnermost {
    writes: output;
});

impl Operation for Mixtures {
    fn name(&self) -> &'static str {
        "mixtures"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let [low, high] = self.mixture.parameters();
        let formula = match self.mixture {
            Mixture::MixUp { .. } => format!("mixtures(beta {low:?})"),
            Mixture::CutMix { .. } => format!("rectangles(beta {low:?} to {high:?})"),
        };
        Written {
            formula: format!("{} = {formula}", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let [low, high] = self.mixture.parameters();
        let own: Constants = vec![
            ("HEIGHT", unsigned(self.size.0)),
            ("WIDTH", unsigned(self.size.1)),
            ("FIRST", Constant::Bool(self.mixture.cuts())),
            ("LOW_0", Constant::Float(low)),
            ("HIGH_0", Constant::Float(high)),
        ];
        let constants = draws::constants(self.stream, own);
        let kernel = launcher.kernel(File::Augmentation, "mixtures", constants);
        let bindings = vec![(1, Steps), (2, State), (3, Tensor(self.output))];
        // Ten rounds of the generator and four comparisons for each quad of the batch; an attempt is two numbers.
        let turns = 15 * launcher.quads + 21 * Self::ATTEMPTS;
        launcher.push_long(kernel, bindings, launcher.each(1), turns);
    }
}

/// `output = share input + (1 - share) partner's input`; or, where rectangles are cut out of pictures, the partner's input
/// within the sample's rectangle and its own elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mix {
    /// Height and width, where rectangles are cut out.
    pub cut: Option<(usize, usize)>,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// What [`Mixtures`] has made.
    pub mixtures: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Mix in BatchInnermost {
    reads: input, mixtures;
    writes: output;
});

impl Operation for Mix {
    fn name(&self) -> &'static str {
        "mix"
    }

    fn joins(&self) -> bool {
        true
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, mixtures) = (words.tensor(self.input), words.tensor(self.mixtures));
        let what = if self.cut.is_some() { "cut" } else { "mix" };
        Written {
            formula: format!("{} = {what}({input}, {mixtures})", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let (height, width) = self.cut.unwrap_or((1, 1));
        let own: Constants = vec![
            ("ELEMENTS", unsigned(elements)),
            ("POSITIONS", unsigned(height * width)),
            ("WIDTH", unsigned(width)),
            ("FIRST", Constant::Bool(self.cut.is_some())),
        ];
        let constants = draws::constants([0; 2], own);
        let kernel = launcher.kernel(File::Augmentation, "mixed", constants);
        let bindings = vec![
            (0, Tensor(self.input)),
            (3, Tensor(self.output)),
            (4, Tensor(self.mixtures)),
        ];
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}
