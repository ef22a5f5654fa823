//! Tasks: what workers do to one block of sixteen samples, or once to a whole batch.

use super::run::{Joined, Share};
use super::simd::LANES;
use compiler::plan::TensorLayout;
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
    /// Work that is done for each block of sixteen samples by itself.
    Apart(Box<dyn Work>),
    /// Work that is done once a batch, on all its blocks together.
    Joined(Box<dyn Join>),
}

/// Into how many shares a task can be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// So many, however many samples a block has.
    Block(usize),
    /// So many for each sample, one sample after another.
    Sample(usize),
    /// Parts of chunks of the pieces that each sample has so many of, all samples' one after another.
    Chunks {
        /// Pieces of a sample.
        each: usize,
        /// Pieces of a chunk.
        chunk: usize,
        /// Parts of a chunk.
        parts: usize,
    },
}

impl Items {
    /// How many items a block of so many samples has.
    pub fn of(self, samples: usize) -> usize {
        match self {
            Self::Block(items) => items,
            Self::Sample(items) => items * samples,
            Self::Chunks { each, chunk, parts } => (each * samples).div_ceil(chunk) * parts,
        }
    }

    /// How many items a whole block has.
    pub fn all(self) -> usize {
        self.of(LANES)
    }
}

/// A piece of work.
pub struct Task {
    /// The index of the operation that it belongs to.
    pub operation: usize,
    /// The work itself, and whether it is a block's or a batch's.
    pub job: Job,
    /// Into how many shares it can be cut.
    pub items: Items,
    /// Into how many maps the items fall, equally many for each and one map's after another's, where it works on each map of
    /// what it touches by itself.
    pub maps: Option<Items>,
    /// What it touches of a block's memory; nothing where it has no maps.
    pub touched: Vec<Touched>,
    /// Whether once a step is enough for each team, not for every block.
    pub once: bool,
    /// Whether an operation before it has made gradients of the same variables, so that its own are added.
    pub adds: bool,
    /// Estimated cycles of its operation.
    pub cycles: Cost,
}

/// Estimated cycles of one core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Of a block, however many samples it has.
    Block(u64),
    /// Of each sample.
    Sample(u64),
}

impl Cost {
    /// Cycles for so many samples, of one block.
    pub fn of(self, samples: usize) -> u64 {
        match self {
            Self::Block(cycles) => cycles,
            Self::Sample(cycles) => cycles.saturating_mul(samples as u64),
        }
    }
}

/// Tasks between two places where the samples of a batch meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// The phase's tasks, as indices into [`Tasks::tasks`].
    pub tasks: Range<usize>,
    /// Whether they join the samples; else each is done for every block.
    pub joins: bool,
}

/// Tasks that are done one after another, all items of each or map by map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The chain's tasks, as indices into all of them.
    pub tasks: Range<usize>,
    /// Into how many maps each task's items fall, one after another.
    pub maps: Option<Items>,
    /// How many maps are worked on together.
    pub together: usize,
}

/// Rows of a block that a task touches, and whether it writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The rows of the arena.
    pub rows: Range<usize>,
    /// Whether they are written.
    pub writes: bool,
}

/// A program made ready.
#[derive(Default)]
pub struct Tasks {
    /// The tasks of a step, in their order.
    pub tasks: Vec<Task>,
    /// The tasks cut where samples meet; one where they never do.
    pub phases: Vec<Phase>,
    /// The tasks cut where maps are not worked on by themselves, within phases.
    pub chains: Vec<Chain>,
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
    /// How each tensor lies there.
    pub layouts: Vec<TensorLayout>,
    /// Where the output lies; nowhere where no tensor has it.
    pub output: Range<usize>,
    /// Whether some tensors are channel-blocked: a block of few samples then has less to do.
    pub blocked: bool,
    /// Multiply-adds of one sample in the forward pass.
    pub work: usize,
    /// Tasks of the forward pass that have them.
    pub products: usize,
}

impl Tasks {
    /// Multiply-adds of a task on a block of so many samples, of those that have any, on average.
    pub fn mean_work(&self, samples: usize) -> usize {
        self.work * self.counted(samples) / self.products.max(1)
    }

    /// The chains of a phase.
    pub fn chains_of(&self, phase: &Phase) -> impl Iterator<Item = &Chain> {
        let first = self
            .chains
            .partition_point(|chain| chain.tasks.start < phase.tasks.start);
        let chains = self.chains.get(first..).unwrap_or_default();
        chains.iter().take_while(|chain| chain.tasks.start < phase.tasks.end)
    }

    /// As how many samples a block of so many counts.
    pub fn counted(&self, samples: usize) -> usize {
        if self.blocked { samples.min(LANES) } else { LANES }
    }

    /// Whether all workers pack weights together, once a step, and wait for each other: each team by itself packs fewer than
    /// these sooner than it would wait. A step of the one-layer network took 3 % longer with the wait.
    pub fn packs_together(&self) -> bool {
        self.packed >= 1 << 16
    }

    /// Whether the samples of a batch meet. Every block then needs an arena of its own.
    pub fn joins(&self) -> bool {
        self.phases.len() > 1
    }
}
