//! Losses of how much outputs and targets overlap, and their gradient.

use crate::launch::dispatch::Extent;
use crate::launch::dispatch::Resource::{Order, State, Steps, Tensor, Totals};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `1 - factor B / (both B + targets T + outputs X + 1e-7)` of a set of values, where `X` is the sum of the outputs,
/// `T` that of the targets and `B` that of their products. Source: `dice` and `tversky` in
/// `keras/src/losses/losses.py`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overlap {
    /// The factor of the products above the line.
    pub factor: f32,
    /// The factor of the products below the line.
    pub both: f32,
    /// The factor of the targets' sum below the line.
    pub targets: f32,
    /// The factor of the outputs' sum below the line.
    pub outputs: f32,
}

impl Overlap {
    /// The mean loss of several sets. `sums` holds those of the products of all sets, then of the targets, then of the outputs.
    pub fn of(&self, sums: &[f64]) -> f64 {
        let sets = sums.len() / 3;
        let (both, rest) = sums.split_at(sets);
        let (targets, outputs) = rest.split_at(sets.min(rest.len()));
        let each = both.iter().zip(targets).zip(outputs).map(|((both, targets), outputs)| {
            let wide = |weight: f32, sum: &f64| f64::from(weight) * sum;
            let below = wide(self.both, both) + wide(self.targets, targets) + wide(self.outputs, outputs) + 1e-7;
            1.0 - wide(self.factor, both) / below
        });
        each.sum::<f64>() / sets.max(1) as f64
    }
}

/// A loss of overlaps for an output of a known rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlapping {
    /// The loss of a set's sums.
    pub overlap: Overlap,
    /// Whether each channel is a set of its own; otherwise the whole sample is one.
    pub of_channels: bool,
    /// Whether a set includes all samples of a batch.
    pub joint: bool,
}

/// The sums of each set: of all sets those of the products, then of the targets, then of the outputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlapSums {
    /// Sets of a sample, all of one size, which lie one behind the other.
    pub sets: usize,
    /// Floats: the network's output.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub target: TensorId,
    /// Floats, three for each [`OverlapSums::CHUNK`] values of each set, in the order of the sums.
    pub parts: TensorId,
    /// Floats, three for each set.
    pub sums: TensorId,
}

touches!(OverlapSums in BatchInnermost {
    reads: input, target;
    writes: parts, sums;
});

impl OverlapSums {
    /// The number of values that are summed in one part.
    pub const CHUNK: usize = 256;

    /// The number of parts of a set of so many values.
    pub const fn chunks(values: usize) -> usize {
        values.div_ceil(Self::CHUNK)
    }
}

/// The sums over all samples of a batch, repeated for each sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlapBatch {
    /// Sets of a sample.
    pub sets: usize,
    /// The sums of each sample, as [`OverlapSums`] writes them.
    pub sums: TensorId,
    /// Floats of the same sizes as `sums`.
    pub totals: TensorId,
    /// In evaluation: the index of the sums among those of the metrics, for executors whose groups of samples are not batches.
    pub counters: Option<usize>,
}

touches!(OverlapBatch in BatchInnermost {
    reads: sums;
    writes: totals;
});

/// The loss of a sample, which is the mean over its sets, and its gradient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlapLoss {
    /// The loss of a set's sums.
    pub overlap: Overlap,
    /// Sets of a sample.
    pub sets: usize,
    /// Whether the sums are those of the batch, so that the loss of each sample is the batch's.
    pub joint: bool,
    /// The sums that [`OverlapSums`] or [`OverlapBatch`] wrote.
    pub sums: TensorId,
    /// Floats: the values that outputs are compared with.
    pub target: TensorId,
    /// One float: the loss of each sample.
    pub losses: TensorId,
    /// The gradient of the mean over the real samples of the batch, zero for padding; None in evaluation.
    pub dinput: Option<TensorId>,
}

touches!(OverlapLoss in BatchInnermost {
    reads: sums, target;
    writes: losses, dinput;
});

fn constants(elements: usize, sets: usize, overlap: Option<(Overlap, bool)>) -> Constants {
    let none = Overlap {
        factor: 0.0,
        both: 0.0,
        targets: 0.0,
        outputs: 0.0,
    };
    let (overlap, joint) = overlap.unwrap_or((none, false));
    vec![
        ("ELEMENTS", unsigned(elements)),
        ("SETS", unsigned(sets)),
        ("CHUNK", unsigned(OverlapSums::CHUNK)),
        ("JOINT", Constant::Bool(joint)),
        ("FACTOR", Constant::Float(overlap.factor)),
        ("BOTH", Constant::Float(overlap.both)),
        ("TARGETS", Constant::Float(overlap.targets)),
        ("OUTPUTS", Constant::Float(overlap.outputs)),
    ]
}

impl Operation for OverlapSums {
    fn name(&self) -> &'static str {
        "overlap"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, target) = (words.tensor(self.input), words.tensor(self.target));
        Written {
            formula: format!(
                "{} = sums of {input} {target}, {target}, {input}",
                words.tensor(self.sums)
            ),
            sizes: words.size(self.target),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.target);
        let chunks = Self::chunks(elements / self.sets.max(1));
        let constants = constants(elements, self.sets, None);
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Tensor(self.target)),
            (2, Tensor(self.parts)),
        ];
        let kernel = launcher.kernel(File::Overlap, "chunks", constants.clone());
        launcher.push_long(kernel, bindings, launcher.each(self.sets * chunks), Self::CHUNK);
        let bindings = vec![(2, Tensor(self.parts)), (3, Tensor(self.sums))];
        let kernel = launcher.kernel(File::Overlap, "total", constants);
        launcher.push_long(kernel, bindings, launcher.each(3 * self.sets), chunks);
    }
}

impl Operation for OverlapBatch {
    fn name(&self) -> &'static str {
        "overlap of a batch"
    }

    fn joins(&self) -> bool {
        true
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (sums, totals) = (words.tensor(self.sums), words.tensor(self.totals));
        Written {
            formula: format!("{totals} = batch_sums({sums})"),
            sizes: words.size(self.sums),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = constants(self.sets, self.sets, None);
        let bindings = vec![
            (3, Tensor(self.sums)),
            (7, State),
            (9, Order),
            (10, Tensor(self.totals)),
        ];
        let kernel = launcher.kernel(File::Overlap, "join", constants);
        let work = Extent::Invocations {
            fixed: 3 * self.sets,
            per_quad: 0,
            workgroup: launcher.tiling.workgroup,
        };
        launcher.push_long(kernel, bindings, work, 2 * launcher.quads);
    }
}

impl Operation for OverlapLoss {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (sums, dinput) = (words.tensor(self.sums), words.also(self.dinput));
        Written {
            formula: format!("loss{dinput} = 1 - overlap({sums})"),
            sizes: words.size(self.target),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.target);
        let constants = constants(elements, self.sets, Some((self.overlap, self.joint)));
        if let Some(dinput) = self.dinput {
            let bindings = vec![
                (1, Tensor(self.target)),
                (3, Tensor(self.sums)),
                (5, Tensor(dinput)),
                (6, Steps),
                (7, State),
            ];
            let kernel = launcher.kernel(File::Overlap, "gradient", constants.clone());
            launcher.push(kernel, bindings, launcher.each(elements));
        }
        let bindings = vec![
            (3, Tensor(self.sums)),
            (4, Tensor(self.losses)),
            (7, State),
            (8, Totals),
            (9, Order),
        ];
        let kernel = launcher.kernel(File::Overlap, "loss", constants);
        launcher.push_long(kernel, bindings, launcher.each(1), self.sets);
    }
}
