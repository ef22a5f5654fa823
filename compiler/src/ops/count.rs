//! The sums that metrics keep: what outputs are against their targets, over the samples of a batch.

use crate::launch::dispatch::Resource::{Order, State, Tensor, Totals, Weights};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::compare::Hit;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};
use std::collections::BTreeMap;

/// The sums that a metric keeps of outputs `x` and targets `y`. A row consists of a position's values along the last axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// One sum: the mean of `(x - y)^2` over a sample's values.
    SquaredError,
    /// One sum: the mean of `|x - y|` over a sample's values.
    AbsoluteError,
    /// Three sums: values above the threshold whose target is not 0; those whose target is 0; and values not above it
    /// whose target is not 0.
    Decisions {
        /// The number above which a value counts as a yes.
        threshold: f32,
        /// The only channel that counts; None where all do.
        class: Option<usize>,
    },
    /// Twice as many sums as `buckets`: for each of as many equal parts of 0..1 the values whose target is not 0,
    /// then the others. Part 0 holds 0 and its upper end; the last part is empty.
    Buckets {
        /// The number of parts, at least 2.
        buckets: usize,
        /// Whether each channel has sums of its own, one channel's after another's.
        apart: bool,
    },
    /// Three sums for each channel: targets where the answer is yes, what they lack to 1 there, and targets where it is no.
    Classes {
        /// The number above which a value counts as a yes; None where the largest of a row does.
        threshold: Option<f32>,
    },
    /// `classes * classes` sums: how often a value of a first class (of the target, in rows) is taken for one of a second.
    Confusion {
        /// The number of classes.
        classes: usize,
        /// The least value of class 1, below which a value is of class 0; None where a row is of the class of its largest value.
        threshold: Option<f32>,
    },
    /// One sum: the mean of one channel of `x` over a sample's positions.
    Mean {
        /// The index of the channel.
        channel: usize,
    },
    /// One sum: the share of a sample that is right, as [`Hit`] says.
    Right {
        /// The condition for being right.
        hit: Hit,
    },
    /// One sum: the share of a sample's rows in which fewer than `k` values are above that of the target's largest.
    TopK {
        /// The number of answers that may contain the right one.
        k: usize,
    },
}

impl Counting {
    /// The number of sums that it keeps for rows of so many channels.
    pub const fn counters(&self, channels: usize) -> usize {
        match *self {
            Self::SquaredError | Self::AbsoluteError | Self::TopK { .. } | Self::Mean { .. } | Self::Right { .. } => 1,
            Self::Decisions { .. } => 3,
            Self::Buckets { buckets, apart: false } => 2 * buckets,
            Self::Buckets { buckets, apart: true } => 2 * buckets * channels,
            Self::Classes { .. } => 3 * channels,
            Self::Confusion { classes, .. } => classes * classes,
        }
    }

    /// What a sample counts that weighs so much: Keras keeps pairs of classes as integers, and weights lose their fractions.
    pub const fn counts(&self, weight: f32) -> f32 {
        match self {
            Self::Confusion { .. } => weight.trunc(),
            Self::SquaredError
            | Self::AbsoluteError
            | Self::Decisions { .. }
            | Self::Buckets { .. }
            | Self::Classes { .. }
            | Self::Mean { .. }
            | Self::Right { .. }
            | Self::TopK { .. } => weight,
        }
    }

    /// Whether the sums are whole numbers, which kernels count in integers.
    const fn is_whole(&self) -> bool {
        match self {
            Self::SquaredError
            | Self::AbsoluteError
            | Self::Classes { .. }
            | Self::Mean { .. }
            | Self::Right { .. }
            | Self::TopK { .. } => false,
            Self::Decisions { .. } | Self::Buckets { .. } | Self::Confusion { .. } => true,
        }
    }

    /// The number by which kernels know it.
    const fn number(&self) -> u32 {
        match self {
            Self::SquaredError => 0,
            Self::AbsoluteError => 1,
            Self::Classes { .. } => 2,
            Self::TopK { .. } => 3,
            Self::Decisions { .. } => 4,
            Self::Buckets { .. } => 5,
            Self::Confusion { .. } => 6,
            Self::Mean { .. } => 7,
            Self::Right { .. } => 8,
        }
    }

    /// The name in printed plans.
    const fn written(&self) -> &'static str {
        match self {
            Self::SquaredError => "squared_error",
            Self::AbsoluteError => "absolute_error",
            Self::Decisions { .. } => "decisions",
            Self::Buckets { .. } => "buckets",
            Self::Classes { .. } => "classes",
            Self::Confusion { .. } => "confusion",
            Self::TopK { .. } => "top_k",
            Self::Mean { .. } => "mean",
            Self::Right { .. } => "right",
        }
    }
}

/// Adds the batch's real samples to the sums of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// The sums to keep.
    pub counting: Counting,
    /// The index of its first sum among those of all metrics.
    pub first: usize,
    /// The number of its sums.
    pub counters: usize,
    /// The weights by which samples count, of their classes; classes that are missing weigh 1. If it has any, the last sum is
    /// that of the weights.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<u32, f32>,
    /// Positions of the output: its elements without the last axis.
    pub positions: usize,
    /// Floats: the network's output.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub target: TensorId,
}

touches!(Count in BatchInnermost {
    reads: input, target;
});

impl Operation for Count {
    fn name(&self) -> &'static str {
        "metric"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, target) = (words.tensor(self.input), words.tensor(self.target));
        Written {
            formula: if self.classes.is_empty() {
                format!("sums += {}({input}, {target})", self.counting.written())
            } else {
                format!("sums += weight[class] * {}({input}, {target})", self.counting.written())
            },
            sizes: words.size(self.target),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.target);
        let channels = elements / self.positions.max(1);
        let (threshold, class, number) = match self.counting {
            Counting::SquaredError | Counting::AbsoluteError | Counting::Right { hit: Hit::Largest } => (None, None, 0),
            Counting::Decisions { threshold, class } => (Some(threshold), class, 0),
            Counting::Buckets { buckets, .. } => (None, None, buckets),
            Counting::Classes { threshold } => (threshold, None, channels),
            Counting::Confusion { classes, threshold } => (threshold, None, classes),
            Counting::TopK { k } => (None, None, k),
            Counting::Mean { channel } => (None, Some(channel), 0),
            Counting::Right {
                hit: Hit::Above(threshold),
            } => (Some(threshold), None, 0),
        };
        let classes = class.map_or(0..channels, |class| class..class + 1);
        let scale = match self.counting {
            Counting::SquaredError | Counting::AbsoluteError | Counting::Right { hit: Hit::Above(_) } => {
                1.0 / elements.max(1) as f32
            }
            Counting::TopK { .. } | Counting::Mean { .. } | Counting::Right { hit: Hit::Largest } => {
                1.0 / self.positions.max(1) as f32
            }
            Counting::Decisions { .. }
            | Counting::Buckets { .. }
            | Counting::Classes { .. }
            | Counting::Confusion { .. } => 1.0,
        };
        let apart = matches!(self.counting, Counting::Buckets { apart: true, .. });
        let constants = vec![
            ("CHANNELS", unsigned(channels)),
            ("POSITIONS", unsigned(self.positions)),
            ("FIRST", unsigned(self.first)),
            ("COUNTERS", unsigned(self.counters)),
            ("KIND", Constant::Unsigned(self.counting.number())),
            ("LARGEST", Constant::Bool(threshold.is_none())),
            ("THRESHOLD", Constant::Float(threshold.unwrap_or(0.5))),
            ("FROM", unsigned(classes.start)),
            ("TO", unsigned(classes.end)),
            ("NUMBER", unsigned(number.max(1))),
            ("SCALE", Constant::Float(scale)),
            ("APART", Constant::Bool(apart)),
        ];
        let mut bindings = vec![
            (0, Tensor(self.input)),
            (1, Tensor(self.target)),
            (2, State),
            (3, Totals),
            (4, Order),
        ];
        if !self.classes.is_empty() {
            bindings.push((5, Weights));
            let kernel = launcher.kernel(File::Metrics, "weigh", constants);
            launcher.push_long(kernel, bindings, launcher.each(self.counters), 2 * elements);
        } else if self.counting.is_whole() {
            let kernel = launcher.kernel(File::Metrics, "tally", constants);
            launcher.push_long(kernel, bindings, launcher.each(self.positions), 2 * channels);
        } else {
            let kernel = launcher.kernel(File::Metrics, "count", constants);
            launcher.push_long(kernel, bindings, launcher.each(self.counters), 2 * elements);
        }
    }
}
