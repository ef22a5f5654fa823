//! The memory that tasks work in: blocks of a batch, and what a task sees of them.
//!
//! A task is given its ranges by `tasks`, which keeps what it reads and what it writes apart. That is what everything here
//! relies on: a [`Share`] or a [`Joined`] is made by promising that nothing else works on the same ranges meanwhile, and a
//! task asks for the ranges that it was given and no others.
#![allow(unsafe_code)]

use super::kernels::update::Update;
use super::memory::{Codes, Floats, Output, Shared};
use super::simd::{Instructions, LANES, Row, Simd};
use crate::data::Split;
use compiler::host::step::StepRecord;
use compiler::training::optimizer::Optimizer;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The memory of one block.
pub struct Arena {
    rows: Shared<Row>,
    codes: Shared<Codes>,
}

impl Arena {
    /// Of so many rows and codes; none where there is no memory for them.
    pub fn new(rows: usize, codes: usize) -> Option<Self> {
        Some(Self {
            rows: Shared::zeros(rows)?,
            codes: Shared::zeros(codes)?,
        })
    }

    /// How many bytes one takes.
    pub fn bytes(rows: usize, codes: usize) -> u64 {
        let rows = (rows as u64).saturating_mul(size_of::<Row>() as u64);
        let codes = (codes as u64).saturating_mul(size_of::<Codes>() as u64);
        rows.saturating_add(codes)
    }

    /// Rows, for who has the arena to itself.
    pub fn rows_alone(&mut self, range: Range<usize>) -> &[Row] {
        // SAFETY: `&mut self`: nobody else is there.
        unsafe { self.rows.rows(range) }
    }

    /// Codes, for who has the arena to itself.
    pub fn codes_alone(&mut self, range: Range<usize>) -> &[Codes] {
        // SAFETY: `&mut self`: nobody else is there.
        unsafe { self.codes.rows(range) }
    }

    /// The rows of a finished block.
    ///
    /// # Safety
    /// No task writes them while the slice lives.
    pub unsafe fn rows(&self, range: Range<usize>) -> &[Row] {
        // SAFETY: as the caller promises.
        unsafe { self.rows.rows(range) }
    }
}

/// What a block's sums came to.
#[derive(Default)]
pub struct BlockSums {
    loss: AtomicU64,
    correct: AtomicU64,
    /// What the metrics count, each the bits of an `f64`.
    counters: Vec<AtomicU64>,
}

impl BlockSums {
    /// Loss and right samples.
    pub fn get(&self) -> (f64, f64) {
        (
            f64::from_bits(self.loss.load(Ordering::Relaxed)),
            f64::from_bits(self.correct.load(Ordering::Relaxed)),
        )
    }

    /// Replaces the sum of the losses and the number of right samples.
    pub fn set(&self, loss: f64, correct: f64) {
        self.loss.store(loss.to_bits(), Ordering::Relaxed);
        self.correct.store(correct.to_bits(), Ordering::Relaxed);
    }

    /// Those of a block, with so many of metrics.
    pub fn with(counters: usize) -> Self {
        Self {
            counters: (0..counters).map(|_| AtomicU64::new(0)).collect(),
            ..Self::default()
        }
    }

    /// Some of the sums of metrics, of which one worker has charge.
    pub fn counted(&self, range: Range<usize>) -> &[AtomicU64] {
        self.counters.get(range).unwrap_or_default()
    }

    /// The sums of metrics.
    pub fn counters(&self) -> impl Iterator<Item = f64> {
        self.counters
            .iter()
            .map(|counter| f64::from_bits(counter.load(Ordering::Relaxed)))
    }

    /// Adds what the loss is larger by; one worker a block.
    pub fn add_loss(&self, loss: f64) {
        let (before, correct) = self.get();
        self.set(before + loss, correct);
    }
}

/// A block of a batch.
pub struct Block<'a> {
    /// The memory that its tensors lie in.
    pub arena: &'a Arena,
    /// The team's packed weights.
    pub packed: &'a Shared<Row>,
    /// All parameters of the network, at the places that the plan gives them.
    pub parameters: &'a Shared<Row>,
    /// Where its gradients go.
    pub gradients: Option<&'a Shared<Row>>,
    /// Whether it is the first of its part ([`Share::sets_gradients`]).
    pub first: bool,
    /// The data set that its samples are taken from.
    pub split: &'a Split,
    /// Its samples, at most sixteen.
    pub order: &'a [u32],
    /// Its place among the batch's blocks.
    pub index: usize,
    /// The step's key for random numbers; of no meaning where nothing is trained, since nothing is drawn there.
    pub key: [u32; 2],
    /// Real samples of the whole batch.
    pub batch: usize,
    /// Where its sums go.
    pub sums: &'a BlockSums,
}

/// A worker's share of a task on a block.
pub struct Share<'a> {
    /// What kernels run with.
    pub instructions: Instructions,
    /// The block that the task works on.
    pub block: &'a Block<'a>,
    /// The items of the share.
    pub items: Range<usize>,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// Items of the whole task.
    all: usize,
    /// Whether a task before it has made gradients of the same variables, on this block.
    adds: bool,
}

impl<'a> Share<'a> {
    /// The items of a task that has `all` of them.
    ///
    /// # Safety
    /// Every task before this one is done with, on this block, by all workers; the items of this one that other workers do
    /// meanwhile are others; nobody writes the parameters.
    pub unsafe fn new(
        instructions: Instructions,
        block: &'a Block<'a>,
        (items, all, adds): (Range<usize>, usize, bool),
        scratch: &'a mut [Row],
    ) -> Self {
        Self {
            instructions,
            block,
            items,
            scratch,
            all,
            adds,
        }
    }

    // SAFETY, for all of these: a task's inputs were written by tasks before it, its outputs are read by tasks after it,
    // and each item writes elements of its own; the plan's memory pass keeps inputs and outputs apart.

    /// Rows that the task takes.
    pub fn read(&self, range: &Range<usize>) -> &'a [Row] {
        // SAFETY: see above.
        unsafe { self.block.arena.rows.rows(range.clone()) }
    }

    /// Rows that the task takes, where there are any.
    pub fn read_maybe(&self, range: Option<&Range<usize>>) -> Option<&'a [Row]> {
        range.map(|range| self.read(range))
    }

    /// Rows that the task makes, each item its own.
    pub fn write(&self, range: &Range<usize>) -> Output<'a, Row> {
        // SAFETY: see above.
        unsafe { self.block.arena.rows.output(range.clone()) }
    }

    /// Of rows that the task makes, those of the share, where every item makes equally many, one after another.
    pub fn own(&self, range: &Range<usize>) -> &'a mut [Row] {
        let each = range.len() / self.all;
        let own = range.start + self.items.start * each..range.start + self.items.end * each;
        // SAFETY: see above.
        unsafe { self.block.arena.rows.rows_mut(own) }
    }

    /// Codes that the task takes.
    pub fn codes(&self, range: &Range<usize>) -> &'a [Codes] {
        // SAFETY: see above.
        unsafe { self.block.arena.codes.rows(range.clone()) }
    }

    /// Codes that the task makes, each item its own.
    pub fn write_codes(&self, range: &Range<usize>) -> Output<'a, Codes> {
        // SAFETY: see above.
        unsafe { self.block.arena.codes.output(range.clone()) }
    }

    /// Where the parameters lies, in floats from the start of the parameters.
    pub fn parameters(&self, range: &Range<usize>) -> &'a [f32] {
        // SAFETY: nobody writes the parameters meanwhile.
        floats_of(unsafe { self.block.parameters.rows(whole_rows(range)) }, range)
    }

    /// Weights that a task before this one has packed.
    pub fn packed(&self, range: &Range<usize>) -> &'a [f32] {
        // SAFETY: see above.
        floats_of(unsafe { self.block.packed.rows(whole_rows(range)) }, range)
    }

    /// Weights that the task packs, each item its own.
    pub fn write_packed(&self, range: &Range<usize>) -> Floats<'a> {
        // SAFETY: see above.
        unsafe { self.block.packed.floats(range.clone()) }
    }

    /// Whether the gradients that the task makes are the first of their variables in the block's part: they are set, others
    /// are added.
    pub fn sets_gradients(&self) -> bool {
        self.block.first && !self.adds
    }

    /// The gradients of the block's part, each item its own; none where nothing is trained.
    pub fn gradients(&self) -> Option<Floats<'a>> {
        let gradients = self.block.gradients?;
        // SAFETY: see above.
        Some(unsafe { gradients.floats(0..gradients.floats_len()) })
    }
}

/// A worker's share of a task on all blocks of a batch.
pub struct Joined<'a> {
    /// What kernels run with.
    pub instructions: Instructions,
    /// The items of the share.
    pub items: Range<usize>,
    /// Real samples of the batch.
    pub batch: usize,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    memory: Memory<'a>,
}

/// What tasks that join the samples work in.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    /// One for each block of the batch, in order.
    pub arenas: &'a [Arena],
    /// All parameters of the network, at the places that the plan gives them.
    pub parameters: &'a Shared<Row>,
    /// The optimizer's, each laid out like the parameters.
    pub slots: &'a [Shared<Row>],
    /// How parameters move that a task moves itself.
    pub optimizer: &'a Optimizer,
    /// What the host says about the step.
    pub step: &'a StepRecord,
}

impl<'a> Joined<'a> {
    /// The items of a task.
    ///
    /// # Safety
    /// Every task before this one is done with, on all blocks, by all workers; the items of this one that other workers do
    /// meanwhile are others, and no other task runs.
    pub unsafe fn new(
        instructions: Instructions,
        items: Range<usize>,
        batch: usize,
        scratch: &'a mut [Row],
        memory: Memory<'a>,
    ) -> Self {
        Self {
            instructions,
            items,
            batch,
            scratch,
            memory,
        }
    }

    /// Blocks of the batch.
    pub fn blocks(&self) -> usize {
        self.batch.div_ceil(LANES)
    }

    /// Real samples of a block; the lanes behind them hold nothing of meaning.
    pub fn samples(&self, block: usize) -> usize {
        self.batch.saturating_sub(block * LANES).min(LANES)
    }

    /// A row of a block that the task takes.
    pub fn row(&self, block: usize, row: usize) -> &'a Row {
        // SAFETY: it was written by a phase before this one, and is not one that the task makes.
        let rows = unsafe { self.memory.arenas[block].rows.rows(row..row + 1) };
        &rows[0]
    }

    /// Rows of a block that the task makes, each item its own.
    pub fn write(&self, block: usize, range: &Range<usize>) -> Output<'a, Row> {
        // SAFETY: each item writes rows of its own, and nobody reads them in this phase.
        unsafe { self.memory.arenas[block].rows.output(range.clone()) }
    }

    /// Parameters that no optimizer moves, each item its own.
    pub fn states(&self, range: &Range<usize>) -> Floats<'a> {
        // SAFETY: each item has floats of its own, and nobody else reads parameters in this phase.
        unsafe { self.memory.parameters.floats(range.clone()) }
    }

    /// Rows of a block that the task takes.
    pub fn rows(&self, block: usize, range: &Range<usize>) -> &'a [Row] {
        // SAFETY: they were written by a phase before this one, and are not rows that the task makes.
        unsafe { self.memory.arenas[block].rows.rows(range.clone()) }
    }

    /// Parameters that the task reads and does not move.
    pub fn parameters(&self, range: &Range<usize>) -> &'a [f32] {
        // SAFETY: nobody writes them in this phase.
        floats_of(unsafe { self.memory.parameters.rows(whole_rows(range)) }, range)
    }

    /// The optimizer's step for parameters of an item, whose gradients are all known.
    pub fn update<S: Simd>(&self, simd: S, range: Range<usize>, gradients: &[f32]) {
        let Memory {
            parameters,
            slots: kept,
            optimizer,
            step,
            ..
        } = self.memory;
        let floats = 0..range.len();
        let mut views = [None; 4];
        for (view, shared) in views.iter_mut().zip(kept) {
            // SAFETY: each item has parameters of its own, and nobody else reads them in this phase; slots are laid out like
            // the parameters.
            *view = Some(unsafe { shared.floats(range.clone()) });
        }
        let mut slots = [None, None, None, None];
        for (slot, view) in slots.iter_mut().zip(&views) {
            *slot = view.as_ref().map(|view| view.part(floats.clone()));
        }
        // SAFETY: as for the slots.
        let view = unsafe { parameters.floats(range) };
        let parameters = view.part(floats.clone());
        simd.call(Update {
            optimizer,
            step,
            parameters,
            slots: &mut slots,
            parts: &[&gradients[floats]],
            scale: 1.0,
            gradients: None,
        });
    }

    /// Where parameters lie, and what the optimizer keeps of them, to be brought near.
    pub fn kept(&self) -> (&'a Shared<Row>, &'a [Shared<Row>]) {
        (self.memory.parameters, self.memory.slots)
    }
}

/// The rows that hold these floats.
fn whole_rows(floats: &Range<usize>) -> Range<usize> {
    floats.start / LANES..floats.end.div_ceil(LANES)
}

/// The floats of a range, from the rows that hold them.
fn floats_of<'a>(rows: &'a [Row], range: &Range<usize>) -> &'a [f32] {
    let all: &[f32] = bytemuck::cast_slice(rows);
    &all[range.start % LANES..][..range.len()]
}
