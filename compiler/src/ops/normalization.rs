//! Normalization: from each element the mean of its set is subtracted, the rest is divided by the set's standard
//! deviation, multiplied by gamma, and beta is added. Group, layer and batch normalization consist of these
//! operations; those that join the samples of a batch are in `batch_normalization`.
//!
//! xhat is (input - mean) / deviation, g the gradient of the output times gamma.

use crate::launch::dispatch::Resource::{Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// Elements in a chunk of a set; a GPU sums each chunk in an invocation of its own.
pub const CHUNK: usize = 256;

/// The elements of a sample that are normalized together: groups of channels over all positions, or all channels of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Sets {
    /// The channels of the input and of the output.
    pub channels: usize,
    /// The positions of each channel, height x width of a map.
    pub positions: usize,
    /// The number of groups, which divides the channels; None where the channels of each position are a set.
    pub groups: Option<usize>,
}

impl Sets {
    /// The number of sets of a sample.
    pub fn sets(&self) -> usize {
        self.groups.unwrap_or(self.positions)
    }

    /// The number of elements of a set.
    pub fn count(&self) -> usize {
        match self.groups {
            Some(groups) => self.channels / groups.max(1) * self.positions,
            None => self.channels,
        }
    }

    /// The number of chunks that a set is divided into.
    pub fn chunks(&self) -> usize {
        self.count().div_ceil(CHUNK).max(1)
    }

    /// The number of elements of a chunk; the last may have fewer than [`CHUNK`].
    pub fn chunk_count(&self, chunk: usize) -> usize {
        (self.count() - chunk * CHUNK).min(CHUNK)
    }

    /// The indices of a chunk's elements within a sample.
    #[inline]
    pub fn elements(&self, set: usize, chunk: usize) -> impl Iterator<Item = usize> + use<> {
        let (set_step, step) = match self.groups {
            Some(_) => (self.count(), 1),
            None => (1, self.positions),
        };
        let first = chunk * CHUNK;
        (first..first + self.chunk_count(chunk)).map(move |k| set * set_step + k * step)
    }

    /// The set that all elements of a channel belong to; None where each position is a set.
    #[inline]
    pub fn set_of_channel(&self, channel: usize) -> Option<usize> {
        let groups = self.groups?;
        Some(channel / (self.channels / groups.max(1)).max(1))
    }

    pub(super) fn written(&self) -> String {
        let (channels, positions) = (self.channels, self.positions);
        format!("{channels}x{positions} in {} sets", self.sets())
    }

    /// The values for the constants of `normalization.wgsl`.
    pub(super) fn constants(&self, affine: &Affine, epsilon: f32, splits: (usize, usize)) -> Constants {
        vec![
            ("CHANNELS", unsigned(self.channels)),
            ("POSITIONS", unsigned(self.positions)),
            ("BY_POSITION", Constant::Bool(self.groups.is_none())),
            ("GROUPS", unsigned(self.groups.unwrap_or(1))),
            ("CHUNK", unsigned(CHUNK)),
            ("EPSILON", Constant::Float(epsilon)),
            ("HAS_GAMMA", Constant::Bool(affine.gamma.is_some())),
            ("HAS_BETA", Constant::Bool(affine.beta.is_some())),
            ("GAMMA_AT", at(affine.gamma)),
            ("BETA_AT", at(affine.beta)),
            ("DGAMMA_AT", unsigned(affine.gamma_partial)),
            ("DBETA_AT", unsigned(affine.beta_partial)),
            ("SPLIT_POSITIONS", unsigned(splits.0)),
            ("SPLIT_QUADS", unsigned(splits.1)),
        ]
    }
}

/// The places of gamma and beta among the parameters, and of their partial gradients in vec4s.
#[derive(Default)]
pub(super) struct Affine {
    pub(super) gamma: Option<Range>,
    pub(super) beta: Option<Range>,
    pub(super) gamma_partial: usize,
    pub(super) beta_partial: usize,
}

/// The mean of each chunk of each set, and the sum of squares around that mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moments {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats: `[set][chunk][mean, spread]`, where the spread is the sum of squares around the mean.
    pub moments: TensorId,
}

touches!(Moments in BatchInnermost {
    reads: input;
    writes: moments;
});

impl Operation for Moments {
    fn name(&self) -> &'static str {
        "moments"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (moments, input) = (words.tensor(self.moments), words.tensor(self.input));
        Written {
            formula: format!("{moments} = moments({input})"),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let sets = &self.sets;
        let (set_step, step) = match sets.groups {
            Some(_) => (sets.count(), 1),
            None => (1, sets.positions),
        };
        let constants = vec![
            ("SETS", unsigned(sets.sets())),
            ("COUNT", unsigned(sets.count())),
            ("SET_STEP", unsigned(set_step)),
            ("STEP", unsigned(step)),
            ("CHUNK", unsigned(CHUNK)),
            ("ELEMENTS", unsigned(sets.channels * sets.positions)),
        ];
        let kernel = launcher.kernel(File::Moments, "forward", constants);
        let work = launcher.each(sets.sets() * sets.chunks());
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.moments))], work);
    }
}

/// The mean of each set and the inverse of its standard deviation, from the moments of its chunks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetStatistics {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Floats: `[set][chunk][mean, spread]`, as [`Moments`] writes them.
    pub moments: TensorId,
    /// Floats: `[set][mean, 1 / deviation]`.
    pub statistics: TensorId,
}

touches!(SetStatistics in BatchInnermost {
    reads: moments;
    writes: statistics;
});

impl Operation for SetStatistics {
    fn name(&self) -> &'static str {
        "set statistics"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (statistics, moments) = (words.tensor(self.statistics), words.tensor(self.moments));
        Written {
            formula: format!("{statistics} = statistics({moments})"),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = self.sets.constants(&Affine::default(), self.epsilon, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "set_statistics", constants);
        let work = launcher.each(self.sets.sets());
        let bindings = vec![(5, Tensor(self.moments)), (6, Tensor(self.statistics))];
        launcher.push(kernel, bindings, work);
    }
}

/// `output = xhat gamma + beta`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Normalize {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats: `[set][mean, 1 / deviation]`.
    pub statistics: TensorId,
    /// Parameters, one for each channel; None without a gamma.
    pub gamma: Option<Range>,
    /// Parameters, one for each channel; None without a beta.
    pub beta: Option<Range>,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Normalize in BatchInnermost {
    reads: input, statistics;
    writes: output;
    parameters: gamma, beta;
});

impl Operation for Normalize {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let gamma = times(self.gamma, words);
        let formula = format!("normalize({input}, {statistics}){gamma}{}", words.plus(self.beta));
        Written {
            formula: format!("{} = {formula}", words.tensor(self.output)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let affine = Affine {
            gamma: self.gamma,
            beta: self.beta,
            ..Affine::default()
        };
        let constants = self.sets.constants(&affine, 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "forward", constants);
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (2, Tensor(self.output)),
            (6, Tensor(self.statistics)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// ` * layer.gamma` where there is a gamma, otherwise nothing.
pub(super) fn times(gamma: Option<Range>, words: &Words<'_>) -> String {
    gamma.map_or_else(String::new, |gamma| format!(" * {}", words.variable(gamma)))
}
