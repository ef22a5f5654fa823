//! Normalization: sets of elements less their mean, divided by their standard deviation, times gamma, plus beta. Group,
//! layer and batch normalization are made of these; what joins the samples of a batch is in `batch_normalization`.
//!
//! xhat is (input - mean) / deviation, g the gradient of the output times gamma.

use super::splits::Splits;
use crate::launch::dispatch::Resource::{Gradients, Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// Elements of a chunk of a set: a GPU sums each in an invocation of its own.
pub const CHUNK: usize = 256;

/// What of a sample is normalised by itself: groups of channels over all positions, or all channels of each position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Sets {
    /// How many channels the input has, and the output with it.
    pub channels: usize,
    /// Positions.
    pub positions: usize,
    /// Groups of channels, which divide them; none where each position is a set.
    pub groups: Option<usize>,
}

impl Sets {
    /// How many sets a sample has.
    pub fn sets(&self) -> usize {
        self.groups.unwrap_or(self.positions)
    }

    /// Elements of a set.
    pub fn count(&self) -> usize {
        match self.groups {
            Some(groups) => self.channels / groups.max(1) * self.positions,
            None => self.channels,
        }
    }

    /// Chunks of a set.
    pub fn chunks(&self) -> usize {
        self.count().div_ceil(CHUNK).max(1)
    }

    /// Elements of a chunk.
    pub fn chunk_count(&self, chunk: usize) -> usize {
        (self.count() - chunk * CHUNK).min(CHUNK)
    }

    /// The elements of a chunk of a set.
    #[inline]
    pub fn elements(&self, set: usize, chunk: usize) -> impl Iterator<Item = usize> + use<> {
        let (set_step, step) = match self.groups {
            Some(_) => (self.count(), 1),
            None => (1, self.positions),
        };
        let first = chunk * CHUNK;
        (first..first + self.chunk_count(chunk)).map(move |k| set * set_step + k * step)
    }

    /// The set of an element.
    #[inline]
    pub fn set_of(&self, element: usize) -> usize {
        match self.groups {
            Some(_) => element / self.count(),
            None => element % self.positions,
        }
    }

    fn written(&self) -> String {
        let (channels, positions) = (self.channels, self.positions);
        format!("{channels}x{positions} in {} sets", self.sets())
    }

    /// The constants of `normalization.wgsl`.
    fn constants(&self, affine: &Affine, epsilon: f32, splits: (usize, usize)) -> Constants {
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

/// Where gamma and beta lie, and their partial gradients.
#[derive(Default)]
struct Affine {
    gamma: Option<Range>,
    beta: Option<Range>,
    gamma_partial: usize,
    beta_partial: usize,
}

/// The mean of each chunk of each set, and the sum of squares around it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moments {
    /// What is normalised by itself.
    pub sets: Sets,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats: [set][chunk][mean, spread].
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

/// The mean of each set and one divided by its standard deviation, from its chunks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetStatistics {
    /// What is normalised by itself.
    pub sets: Sets,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Floats: [set][chunk][mean, spread].
    pub moments: TensorId,
    /// Floats: [set][mean, 1 / deviation].
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
    /// What is normalised by itself.
    pub sets: Sets,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats: [set][mean, 1 / deviation].
    pub statistics: TensorId,
    /// Parameters, one a channel.
    pub gamma: Option<Range>,
    /// Parameters, one a channel.
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

/// ` * layer.gamma` where there is one.
pub(super) fn times(gamma: Option<Range>, words: &Words<'_>) -> String {
    gamma.map_or_else(String::new, |gamma| format!(" * {}", words.variable(gamma)))
}

/// The sums of g and of g xhat over each chunk of each set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeSums {
    /// What is normalised by itself.
    pub sets: Sets,
    /// What was normalised.
    pub input: TensorId,
    /// Floats: [set][mean, 1 / deviation].
    pub statistics: TensorId,
    /// Parameters, one a channel.
    pub gamma: Option<Range>,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Floats: [set][chunk][g, g xhat].
    pub sums: TensorId,
}

touches!(NormalizeSums in BatchInnermost {
    reads: input, statistics, doutput;
    writes: sums;
    parameters: gamma;
});

impl Operation for NormalizeSums {
    fn name(&self) -> &'static str {
        "normalize sums"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let g = format!("{}{}", words.tensor(self.doutput), times(self.gamma, words));
        Written {
            formula: format!("{} = sums({g}, {input}, {statistics})", words.tensor(self.sums)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let affine = Affine {
            gamma: self.gamma,
            ..Affine::default()
        };
        let constants = self.sets.constants(&affine, 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "backward_sums", constants);
        let work = launcher.each(self.sets.sets() * self.sets.chunks());
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (6, Tensor(self.statistics)),
            (7, Tensor(self.sums)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// The means of g and of g xhat over each set, from the sums of its chunks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetMeans {
    /// What is normalised by itself.
    pub sets: Sets,
    /// Floats: [set][chunk][g, g xhat].
    pub sums: TensorId,
    /// Floats: [set][g, g xhat].
    pub means: TensorId,
}

touches!(SetMeans in BatchInnermost {
    reads: sums;
    writes: means;
});

impl Operation for SetMeans {
    fn name(&self) -> &'static str {
        "set means"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("{} = means({})", words.tensor(self.means), words.tensor(self.sums)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = self.sets.constants(&Affine::default(), 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "set_means", constants);
        let work = launcher.each(self.sets.sets());
        launcher.push(kernel, vec![(7, Tensor(self.sums)), (8, Tensor(self.means))], work);
    }
}

/// `dinput = (g - mean of g - xhat mean of g xhat) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeBackward {
    /// What is normalised by itself.
    pub sets: Sets,
    /// What was normalised.
    pub input: TensorId,
    /// Floats: [set][mean, 1 / deviation].
    pub statistics: TensorId,
    /// Parameters, one a channel.
    pub gamma: Option<Range>,
    /// Floats: [set][g, g xhat].
    pub means: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the input.
    pub dinput: TensorId,
}

touches!(NormalizeBackward in BatchInnermost {
    reads: input, statistics, means, doutput;
    writes: dinput;
    parameters: gamma;
});

impl Operation for NormalizeBackward {
    fn name(&self) -> &'static str {
        "normalize backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let g = format!("{}{}", words.tensor(self.doutput), times(self.gamma, words));
        let formula = format!("normalize'({g}, {input}, {statistics}, {})", words.tensor(self.means));
        Written {
            formula: format!("{} = {formula}", words.tensor(self.dinput)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let affine = Affine {
            gamma: self.gamma,
            ..Affine::default()
        };
        let constants = self.sets.constants(&affine, 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "backward", constants);
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (4, Tensor(self.dinput)),
            (6, Tensor(self.statistics)),
            (8, Tensor(self.means)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// `dgamma = sum of doutput xhat`, `dbeta = sum of doutput`, over positions and samples; each only where set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dgamma {
    /// What is normalised by itself.
    pub sets: Sets,
    /// What was normalised.
    pub input: TensorId,
    /// Floats: [set][mean, 1 / deviation].
    pub statistics: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Where the gradient of the gamma lies, in floats from the start of the gradients.
    pub gamma: Option<Range>,
    /// Where the gradient of the beta lies, in floats from the start of the gradients.
    pub beta: Option<Range>,
}

touches!(Dgamma in BatchInnermost {
    reads: input, statistics, doutput;
    gradients: gamma, beta;
});

impl Operation for Dgamma {
    fn name(&self) -> &'static str {
        "dgamma"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let made: Vec<String> = [self.gamma, self.beta]
            .into_iter()
            .flatten()
            .map(|range| format!("d{}", words.variable(range)))
            .collect();
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let doutput = words.tensor(self.doutput);
        Written {
            formula: format!("{} = sums({doutput}, {input}, {statistics})", made.join(", ")),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let units = self.sets.channels.div_ceil(4);
        let splits = Splits::of(launcher, units, self.sets.positions, 5);
        let parts = splits.parts();
        let mut partial = |range: Option<Range>| range.map_or(0, |range| launcher.schedule.partial(range, parts));
        let affine = Affine {
            gamma: self.gamma,
            beta: self.beta,
            gamma_partial: partial(self.gamma),
            beta_partial: partial(self.beta),
        };
        let constants = self.sets.constants(&affine, 0.0, (splits.rows, splits.quads));
        let kernel = launcher.kernel(File::Normalization, "dgamma", constants);
        let work = launcher.fixed(units * parts);
        let bindings = vec![
            (0, Tensor(self.input)),
            (3, Tensor(self.doutput)),
            (6, Tensor(self.statistics)),
            (9, Gradients),
        ];
        launcher.push_long(kernel, bindings, work, splits.turns);
    }
}
