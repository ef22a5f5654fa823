//! The plan and its programs, as data.

use super::folded::Folded;
use super::parameter::Parameter;
use super::tensor::{Slot, Tensor, TensorId};
use crate::ops::{Op, Overlap};
use crate::shape::Shape;
use crate::training::optimizer::Optimizer;
use serde::Serialize;
use std::ops::Range;

/// All that a network does on a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The model's name.
    pub model: String,
    /// Where each variable lies in the flat parameter buffer; gradients and optimizer slots have the same layout.
    pub parameters: Vec<Parameter>,
    /// The length of the flat parameter buffer, a multiple of 4.
    pub parameter_floats: usize,
    /// The update rule, where the network was compiled.
    pub optimizer: Option<Optimizer>,
    /// The shape of one input sample.
    pub input_shape: Shape,
    /// The shape of one output sample.
    pub output_shape: Shape,
    /// A training step: gather, forward, loss, backward, update. Empty where the network was not compiled.
    pub training: Program,
    /// A validation step: gather, forward, loss. Empty where the network was not compiled.
    pub evaluation: Program,
    /// Gather and forward; the last operation writes the output.
    pub prediction: Program,
    /// What products have taken in for prediction ([`plan_to_infer`](crate::plan_to_infer)); empty where training goes on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<Folded>,
}

/// Operations in order, and the tensors between them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Program {
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// The operations.
    pub operations: Vec<Instruction>,
    /// The tensor that holds the network's output (before a final softmax that the loss has absorbed); none where nothing
    /// runs, or where a head keeps its output to itself.
    pub output: Option<TensorId>,
    /// Memory: tensors whose lifetimes do not meet share a slot. Filled by `memory::assign`.
    pub slots: Vec<Slot>,
    /// The operations cut where the samples of a batch meet, in order and without gaps. Blocks of samples run side by side
    /// within a phase; the next one begins when all of them are done. Filled by `phases::assign`; not printed while there
    /// is only one.
    #[serde(skip_serializing_if = "is_one_phase")]
    pub phases: Vec<Range<usize>>,
}

fn is_one_phase(phases: &[Range<usize>]) -> bool {
    phases.len() <= 1
}

/// One operation of a program.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instruction {
    /// The layer it is of; `input`, `loss` and `optimizer` for those.
    pub layer: String,
    /// What it does.
    #[serde(flatten)]
    pub op: Op,
}

impl Program {
    /// The places of the sums that are counted, in order: those of [`Compile::reported`], where they are not the whole loss or
    /// the loss's own count of what is right.
    ///
    /// [`Compile::reported`]: crate::training::compile::Compile::reported
    pub fn counts(&self) -> Vec<Range<usize>> {
        let counts = self.operations.iter().filter_map(|instruction| {
            let Op::Count(count) = &instruction.op else {
                return None;
            };
            Some(count.first..count.first + count.counters)
        });
        counts.collect()
    }

    /// The loss of whole batches that it has: the place of its sums among those of the metrics, how many sets, and what they cost.
    pub fn joint(&self) -> Option<(usize, usize, Overlap)> {
        let mut place = None;
        for instruction in &self.operations {
            if let Op::OverlapBatch(batch) = &instruction.op {
                place = batch.counters;
            } else if let Op::OverlapLoss(loss) = &instruction.op {
                return place.map(|place| (place, loss.sets, loss.overlap));
            }
        }
        None
    }

    /// How many sums its metrics keep, and a loss of whole batches.
    pub fn counters(&self) -> usize {
        let of_metrics = self.counts().into_iter().map(|counted| counted.end).max();
        let of_loss = self.joint().map(|(first, sets, _)| first + 3 * sets);
        of_metrics.max(of_loss).unwrap_or(0)
    }

    /// Bytes of all slots for a padded batch of `quads` times four samples.
    pub fn bytes(&self, quads: usize) -> usize {
        self.slots.iter().map(|slot| slot.bytes_per_quad * quads).sum()
    }
}
