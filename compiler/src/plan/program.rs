//! Plans and their programs, as data.

use super::folded::Folded;
use super::parameter::Parameter;
use super::tensor::{Slot, Tensor, TensorId};
use crate::ops::{Count, Op, Overlap};
use crate::shape::Shape;
use crate::training::optimizer::Optimizer;
use serde::Serialize;
use std::ops::Range;

/// All that a network does on a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The name that the description gives the model.
    pub model: String,
    /// The place of each variable in the flat parameter buffer; gradients and the optimizer's slots have the same layout.
    pub parameters: Vec<Parameter>,
    /// The length of the flat parameter buffer, a multiple of 4.
    pub parameter_floats: usize,
    /// The update rule; None where the network is not compiled.
    pub optimizer: Option<Optimizer>,
    /// The shape of one input sample.
    pub input_shape: Shape,
    /// The shape of one output sample.
    pub output_shape: Shape,
    /// A training step: gather, forward pass, loss, backward pass, update. Empty where the network is not compiled.
    pub training: Program,
    /// A validation step: gather, forward pass, loss. Empty where the network is not compiled.
    pub evaluation: Program,
    /// Gather and forward pass; the last operation writes the output.
    pub prediction: Program,
    /// What products have taken in for prediction ([`plan_to_infer`](crate::plan_to_infer)); empty where training goes on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<Folded>,
}

/// Operations in order, and the tensors that they exchange.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Program {
    /// All tensors, by the numbers that operations know them by.
    pub tensors: Vec<Tensor>,
    /// The operations in the order in which they run.
    pub operations: Vec<Instruction>,
    /// The tensor that holds the network's output, before a final softmax that the loss takes over; None where
    /// nothing runs, or where a head keeps its output to itself.
    pub output: Option<TensorId>,
    /// Pieces of memory: tensors whose lifetimes do not overlap share a slot. Filled by `memory::assign`.
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

/// An operation of a program, and the layer that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instruction {
    /// The layer's name; `input`, `loss` or `optimizer` for operations of no layer.
    pub layer: String,
    /// The operation with its tensors and sizes.
    #[serde(flatten)]
    pub op: Op,
}

impl Program {
    /// What metrics count, in order: an operation for each of [`Compile::reported`], except for the whole loss and the
    /// right answers that the loss counts itself.
    ///
    /// [`Compile::reported`]: crate::training::compile::Compile::reported
    pub fn counts(&self) -> impl Iterator<Item = &Count> {
        self.operations.iter().filter_map(|instruction| {
            let Op::Count(count) = &instruction.op else {
                return None;
            };
            Some(count)
        })
    }

    /// For a loss of whole batches: the place of its sums among those of the metrics, the number of sets, and the
    /// loss itself. None for other losses.
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

    /// How many sums the metrics and a loss of whole batches keep.
    pub fn counters(&self) -> usize {
        let of_metrics = self.counts().map(|count| count.first + count.counters).max();
        let of_loss = self.joint().map(|(first, sets, _)| first + 3 * sets);
        of_metrics.max(of_loss).unwrap_or(0)
    }

    /// Bytes of all slots for a batch of `quads` times four samples.
    pub fn bytes(&self, quads: usize) -> usize {
        self.slots.iter().map(|slot| slot.bytes_per_quad * quads).sum()
    }
}
