//! Tasks: what workers do to one block of sixteen samples, or once to a whole batch.

use super::run::{Joined, Share};
use std::ops::Range;

/// A piece of an operation, on one block. Its ranges are rows of the arena, and floats of the parameter, gradient and
/// packed buffers.
pub trait Work: Send + Sync {
    /// Does the share's items. It reads what tasks before it wrote, and each item writes elements of its own.
    fn run(&self, share: Share<'_>);
}

/// A piece of an operation that joins the samples, on all blocks of a batch.
pub trait Join: Send + Sync {
    /// Does the items. It reads what the phases before it wrote, and each item writes elements of its own. What a sum adds
    /// up in which order follows from the batch alone.
    fn run(&self, joined: Joined<'_>);
}

/// What a task does.
pub enum Job {
    /// For each block.
    Apart(Box<dyn Work>),
    /// Once a batch.
    Joined(Box<dyn Join>),
}

/// A piece of work.
pub struct Task {
    /// The index of the operation that it belongs to.
    pub operation: usize,
    /// What to do.
    pub job: Job,
    /// Into how many shares it can be cut.
    pub items: usize,
    /// Whether once a step is enough for each team, not for every block.
    pub once: bool,
    /// Whether an operation before it has made gradients of the same variables, so that its own are added.
    pub adds: bool,
}

/// Tasks between two places where the samples of a batch meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Indices of tasks.
    pub tasks: Range<usize>,
    /// Whether they join the samples; else each is done for every block.
    pub joins: bool,
}

/// A program made ready.
#[derive(Default)]
pub struct Tasks {
    /// The tasks of a step, in their order.
    pub tasks: Vec<Task>,
    /// The tasks cut where samples meet; one where they never do.
    pub phases: Vec<Phase>,
    /// Rows of a block's arena.
    pub rows: usize,
    /// Codes of a block's arena.
    pub codes: usize,
    /// Floats of packed weights.
    pub packed: usize,
    /// Rows of scratch that a worker needs.
    pub scratch: usize,
    /// Where each tensor lies, rows or codes by its kind.
    pub places: Vec<Range<usize>>,
    /// Where the output lies; nowhere where no tensor has it.
    pub output: Range<usize>,
    /// Multiply-adds of one sample in the forward pass.
    pub work: usize,
    /// Tasks of the forward pass that have them.
    pub products: usize,
}

impl Tasks {
    /// Multiply-adds of a task on a block of so many samples, of those that have any, on average.
    pub fn mean_work(&self, samples: usize) -> usize {
        self.work * samples / self.products.max(1)
    }

    /// Whether the samples of a batch meet. Every block then needs an arena of its own.
    pub fn joins(&self) -> bool {
        self.phases.len() > 1
    }
}
