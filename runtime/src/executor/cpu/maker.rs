//! What an operation makes its tasks with: places in the arena, and the list of tasks so far.

use super::simd::{Instructions, LANES};
use super::task::{Job, Join, Task, Tasks, Work};
use compiler::ops::Doutput;
use compiler::plan::{self, Program, TensorId, TensorKind};
use compiler::window::Grid;
use std::collections::HashMap;
use std::ops::Range;

/// Tasks under construction.
pub struct Maker<'a> {
    /// What is made ready.
    pub program: &'a Program,
    /// What it is made ready for.
    pub instructions: Instructions,
    /// What has been made.
    pub made: Tasks,
    /// Padded copies of inputs.
    pub padded: HashMap<(TensorId, Grid), Range<usize>>,
    /// Where the gradient of a convolution's map is spread out; for one convolution after another.
    pub map: Range<usize>,
    /// Whose gradient lies there, and whether zeros surround it.
    pub spread: Option<(Doutput, bool)>,
    /// The index of the operation whose tasks are made.
    pub operation: usize,
    /// Whether an operation before it has made gradients of the same variables.
    pub adds: bool,
    /// Whether an operation before it has begun the block's sums.
    pub judged: bool,
}

impl<'a> Maker<'a> {
    /// Nothing made yet. `map`: the row at which maps are spread out.
    pub fn new(program: &'a Program, instructions: Instructions, map: usize) -> Self {
        Self {
            program,
            instructions,
            made: Tasks::default(),
            padded: HashMap::new(),
            map: map..map,
            spread: None,
            operation: 0,
            adds: false,
            judged: false,
        }
    }

    /// Gives each tensor its rows. `keep`: of its own, so that it can be looked at afterwards.
    pub fn place(&mut self, keep: bool) {
        let tensors = &self.program.tensors;
        let mut slots = vec![0; self.program.slots.len()];
        for tensor in tensors.iter().filter(|tensor| tensor.kind == TensorKind::Floats) {
            if let Some(slot) = slots.get_mut(tensor.slot) {
                *slot = tensor.elements().max(*slot);
            }
        }
        let mut starts = Vec::new();
        for slot in &slots {
            starts.push(self.made.rows);
            self.made.rows += if keep { 0 } else { *slot };
        }
        for tensor in tensors {
            let elements = tensor.elements();
            let start = match (tensor.kind, starts.get(tensor.slot)) {
                (TensorKind::Codes, _) => {
                    self.made.codes += elements;
                    self.made.codes - elements
                }
                (TensorKind::Floats, Some(&start)) if !keep => start,
                (TensorKind::Floats, _) => self.rows(elements).start,
            };
            self.made.places.push(start..start + elements);
        }
        self.made.output = self.program.output.map_or(0..0, |output| self.at(output));
    }

    /// Where a tensor lies.
    pub fn at(&self, id: TensorId) -> Range<usize> {
        self.made.places.get(id.0).cloned().unwrap_or(0..0)
    }

    /// Where a tensor lies that may be missing.
    pub fn maybe(&self, id: Option<TensorId>) -> Option<Range<usize>> {
        id.map(|id| self.at(id))
    }

    /// Positions of a tensor's map.
    pub fn positions(&self, id: TensorId) -> usize {
        self.program.tensors.get(id.0).map_or(1, |tensor| tensor.positions)
    }

    /// New rows of the arena.
    pub fn rows(&mut self, count: usize) -> Range<usize> {
        self.made.rows += count;
        self.made.rows - count..self.made.rows
    }

    /// New floats of packed weights.
    pub fn pack(&mut self, floats: usize) -> Range<usize> {
        // A cache line's multiple, so that two workers never share one.
        let start = self.made.packed;
        self.made.packed += floats.next_multiple_of(LANES);
        start..start + floats
    }

    /// Adds a task for every block.
    pub fn push(&mut self, work: impl Work + 'static, items: usize) {
        self.add(Job::Apart(Box::new(work)), items, false);
    }

    /// Adds a task that each team does once a step.
    pub fn push_once(&mut self, work: impl Work + 'static, items: usize) {
        self.add(Job::Apart(Box::new(work)), items, true);
    }

    /// Adds a task that joins the samples of a batch.
    pub fn push_joined(&mut self, work: impl Join + 'static, items: usize) {
        self.add(Job::Joined(Box::new(work)), items, false);
    }

    fn add(&mut self, job: Job, items: usize, once: bool) {
        self.made.tasks.push(Task {
            operation: self.operation,
            adds: self.adds,
            job,
            items,
            once,
        });
    }
}

/// The floats of a range of parameters.
pub fn floats(range: plan::Range) -> Range<usize> {
    range.offset..range.offset + range.floats
}
