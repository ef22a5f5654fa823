//! What batch normalization does besides the operations of `normalization`: it joins the samples of a batch in
//! training, keeps the moving statistics, and normalizes by these otherwise. Its sets are the channels.

use super::normalization::{CHUNK, Sets, times};
use crate::launch::dispatch::Extent;
use crate::launch::dispatch::Resource::{Order, Parameters, State, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// Invocations that share the sums of a channel.
const SHARED: usize = 64;

/// The values for the constants of `batch_normalization.wgsl`.
fn constants(sets: &Sets, rates: (f32, f32), affine: [Option<Range>; 2], moving: [Option<Range>; 2]) -> Constants {
    let ([gamma, beta], [mean, variance]) = (affine, moving);
    vec![
        ("CHANNELS", unsigned(sets.channels)),
        ("POSITIONS", unsigned(sets.positions)),
        ("CHUNK", unsigned(CHUNK)),
        ("MOMENTUM", Constant::Float(rates.0)),
        ("EPSILON", Constant::Float(rates.1)),
        ("HAS_GAMMA", Constant::Bool(gamma.is_some())),
        ("HAS_BETA", Constant::Bool(beta.is_some())),
        ("GAMMA_AT", at(gamma)),
        ("BETA_AT", at(beta)),
        ("MEAN_AT", at(mean)),
        ("VARIANCE_AT", at(variance)),
    ]
}

/// Launches a kernel with one workgroup for each channel.
fn push_shared(
    launcher: &mut Launcher<'_>,
    entry: &'static str,
    constants: Constants,
    bindings: Vec<(u32, crate::launch::dispatch::Resource)>,
    channels: usize,
) {
    let mut kernel = launcher.kernel(File::BatchNormalization, entry, constants);
    for (name, value) in &mut kernel.constants {
        if *name == "WORKGROUP" {
            *value = unsigned(SHARED);
        }
    }
    let work = Extent::Invocations {
        fixed: channels * SHARED,
        per_quad: 0,
        workgroup: SHARED,
    };
    launcher.push(kernel, bindings, work);
}

/// The mean of each channel over the batch and the inverse of its standard deviation, from the moments of chunks, the
/// same for each sample. Also `moving = momentum moving + (1 - momentum) batch's` for the moving mean and the moving
/// variance, which is that of the population.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchStatistics {
    /// The channels, each over all positions.
    pub sets: Sets,
    /// The share of themselves that the moving statistics keep, from 0 to 1.
    pub momentum: f32,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Floats: `[channel][chunk][mean, spread]`, where the spread is the sum of squares around the mean.
    pub moments: TensorId,
    /// Floats: `[channel][mean, 1 / deviation]`.
    pub statistics: TensorId,
    /// Parameters, one for each channel, which this operation updates.
    pub moving_mean: Range,
    /// Parameters, one for each channel, which this operation updates.
    pub moving_variance: Range,
}

touches!(BatchStatistics in BatchInnermost {
    reads: moments;
    writes: statistics;
    states: moving_mean, moving_variance;
});

impl Operation for BatchStatistics {
    fn name(&self) -> &'static str {
        "batch statistics"
    }

    fn joins(&self) -> bool {
        true
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (mean, variance) = (words.variable(self.moving_mean), words.variable(self.moving_variance));
        let (statistics, moments) = (words.tensor(self.statistics), words.tensor(self.moments));
        Written {
            formula: format!("{statistics}, {mean}, {variance} = batch_statistics({moments})"),
            sizes: format!("{} channels", self.sets.channels),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let moving = [Some(self.moving_mean), Some(self.moving_variance)];
        let constants = constants(&self.sets, (self.momentum, self.epsilon), [None; 2], moving);
        let bindings = vec![
            (3, Tensor(self.moments)),
            (4, Tensor(self.statistics)),
            (7, Order),
            (8, State),
            (9, Parameters),
        ];
        push_shared(launcher, "batch_statistics", constants, bindings, self.sets.channels);
    }
}

/// The means of g and of g xhat over the batch, from the sums of chunks: the same for each sample of the batch, and
/// zero for the padding of its last quad.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchMeans {
    /// The channels, each over all positions.
    pub sets: Sets,
    /// Floats: `[channel][chunk][g, g xhat]`.
    pub sums: TensorId,
    /// Floats: `[channel][g, g xhat]`.
    pub means: TensorId,
}

touches!(BatchMeans in BatchInnermost {
    reads: sums;
    writes: means;
});

impl Operation for BatchMeans {
    fn name(&self) -> &'static str {
        "batch means"
    }

    fn joins(&self) -> bool {
        true
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!(
                "{} = batch_means({})",
                words.tensor(self.means),
                words.tensor(self.sums)
            ),
            sizes: format!("{} channels", self.sets.channels),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = constants(&self.sets, (0.0, 0.0), [None; 2], [None; 2]);
        let bindings = vec![(5, Tensor(self.sums)), (6, Tensor(self.means)), (7, Order), (8, State)];
        push_shared(launcher, "batch_means", constants, bindings, self.sets.channels);
    }
}

/// `output = (input - moving_mean) / sqrt(moving_variance + epsilon) gamma + beta`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeMoving {
    /// The channels, each over all positions.
    pub sets: Sets,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Parameters, one for each channel; None without a gamma.
    pub gamma: Option<Range>,
    /// Parameters, one for each channel; None without a beta.
    pub beta: Option<Range>,
    /// Parameters, one for each channel.
    pub moving_mean: Range,
    /// Parameters, one for each channel.
    pub moving_variance: Range,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(NormalizeMoving in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
    parameters: gamma, beta, moving_mean, moving_variance;
});

impl Operation for NormalizeMoving {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (mean, variance) = (words.variable(self.moving_mean), words.variable(self.moving_variance));
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let formula = format!("({input} - {mean}) / sqrt({variance} + {})", self.epsilon);
        let (gamma, beta) = (times(self.gamma, words), words.plus(self.beta));
        Written {
            formula: format!("{output} = {formula}{gamma}{beta}"),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let moving = [Some(self.moving_mean), Some(self.moving_variance)];
        let constants = constants(&self.sets, (0.0, self.epsilon), [self.gamma, self.beta], moving);
        let kernel = launcher.kernel(File::BatchNormalization, "forward_moving", constants);
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        launcher.push(kernel, bindings, work);
    }
}

/// The gradient of the input of [`NormalizeMoving`]: `dinput = doutput gamma / sqrt(moving_variance + epsilon)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeMovingBackward {
    /// The channels, each over all positions.
    pub sets: Sets,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Parameters, one for each channel; None without a gamma.
    pub gamma: Option<Range>,
    /// Parameters, one for each channel.
    pub moving_variance: Range,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the input.
    pub dinput: TensorId,
}

touches!(NormalizeMovingBackward in BatchInnermost {
    reads: doutput;
    writes: dinput;
    parameters: gamma, moving_variance;
});

impl Operation for NormalizeMovingBackward {
    fn name(&self) -> &'static str {
        "normalize backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let variance = words.variable(self.moving_variance);
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        let gamma = times(self.gamma, words);
        Written {
            formula: format!("{dinput} = {doutput} / sqrt({variance} + {}){gamma}", self.epsilon),
            sizes: words.size(self.dinput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let moving = [None, Some(self.moving_variance)];
        let constants = constants(&self.sets, (0.0, self.epsilon), [self.gamma, None], moving);
        let kernel = launcher.kernel(File::BatchNormalization, "backward_moving", constants);
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![(1, Parameters), (10, Tensor(self.doutput)), (11, Tensor(self.dinput))];
        launcher.push(kernel, bindings, work);
    }
}
