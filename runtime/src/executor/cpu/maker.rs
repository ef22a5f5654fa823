//! What an operation makes its tasks with: places in the arena, and the list of tasks so far.

use super::kernels::elementwise::Rectifier;
use super::simd::{Instructions, LANES};
use super::task::{Cost, Items, Job, Join, Task, Tasks, Touched, Work};
use compiler::ops::Doutput;
use compiler::ops::operation::Access;
use compiler::plan::streaming::Streaming;
use compiler::plan::{self, Program, Tensor, TensorId, TensorKind, TensorLayout};
use compiler::window::Grid;
use std::collections::HashMap;
use std::ops::Range;

/// Makes the tasks of a program, one operation after another, and hands out memory to them.
pub struct Maker<'a> {
    /// What is made ready.
    pub program: &'a Program,
    /// What it is made ready for.
    pub instructions: Instructions,
    /// The dense layers where the samples of a batch meet.
    pub streaming: &'a Streaming,
    /// What has been made.
    pub made: Tasks,
    /// Padded copies of inputs.
    pub padded: HashMap<(TensorId, Grid), Range<usize>>,
    /// Where the gradient of a convolution's map is spread out; for one convolution after another.
    pub map: Range<usize>,
    /// Whose gradient lies there, whether zeros surround it, and in which layout.
    pub spread: Option<(Doutput, bool, TensorLayout)>,
    /// The index of the operation whose tasks are made.
    pub operation: usize,
    /// What it is estimated to cost in its layout.
    pub cycles: Cost,
    /// The rectifier that it finishes with besides what it is itself.
    pub rectifier: Option<Rectifier>,
    /// The layout that it takes and makes.
    pub layout: TensorLayout,
    /// Copies of tensors in the other layout than they were made in.
    pub turned: HashMap<TensorId, Range<usize>>,
    /// Whether an operation before it has made gradients of the same variables.
    pub adds: bool,
    /// Whether an operation before it has begun the block's sums.
    pub judged: bool,
}

impl<'a> Maker<'a> {
    /// Nothing made yet. `map`: the row at which maps are spread out.
    pub fn new(program: &'a Program, instructions: Instructions, streaming: &'a Streaming, map: usize) -> Self {
        Self {
            program,
            instructions,
            streaming,
            made: Tasks::default(),
            padded: HashMap::new(),
            map: map..map,
            spread: None,
            operation: 0,
            cycles: Cost::Block(0),
            rectifier: None,
            layout: TensorLayout::BatchInnermost,
            turned: HashMap::new(),
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
                *slot = rows_of(tensor).max(*slot);
            }
        }
        let mut starts = Vec::new();
        for slot in &slots {
            starts.push(self.made.rows);
            self.made.rows += if keep { 0 } else { *slot };
        }
        for tensor in tensors {
            let elements = rows_of(tensor);
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
        self.made.output = self.program.output.map_or(0..0, |output| self.made_at(output));
        self.made.layouts = tensors.iter().map(|tensor| tensor.layout).collect();
        self.made.blocked = self.made.layouts.contains(&TensorLayout::ChannelBlocked);
    }

    /// Where a tensor lies, in the layout of the operation.
    pub fn at(&self, id: TensorId) -> Range<usize> {
        let other = self
            .program
            .tensors
            .get(id.0)
            .is_some_and(|tensor| tensor.layout != self.layout);
        let turned = self.turned.get(&id).filter(|_| other);
        turned.cloned().unwrap_or_else(|| self.made_at(id))
    }

    /// Where a tensor lies, in the layout that it is made in.
    pub fn made_at(&self, id: TensorId) -> Range<usize> {
        self.made.places.get(id.0).cloned().unwrap_or(0..0)
    }

    /// Whether the operation is channel-blocked.
    pub fn is_blocked(&self) -> bool {
        match self.layout {
            TensorLayout::BatchInnermost => false,
            TensorLayout::ChannelBlocked => true,
        }
    }

    /// Maps of so many channels, one after another: one a channel, or one for each sample's blocks of sixteen channels.
    pub fn planes(&self, channels: usize) -> usize {
        match self.layout {
            TensorLayout::BatchInnermost => channels,
            TensorLayout::ChannelBlocked => LANES * channels.div_ceil(LANES),
        }
    }

    /// Where a tensor lies that may be missing.
    pub fn maybe(&self, id: Option<TensorId>) -> Option<Range<usize>> {
        id.map(|id| self.at(id))
    }

    /// Positions of a tensor's map.
    pub fn positions(&self, id: TensorId) -> usize {
        self.program.tensors.get(id.0).map_or(1, |tensor| tensor.positions)
    }

    /// Channels of a tensor.
    pub fn channels(&self, id: TensorId) -> usize {
        self.program.tensors.get(id.0).map_or(1, |tensor| tensor.channels)
    }

    /// Blocks of sixteen channels of a tensor, where the operation is channel-blocked.
    pub fn blocks(&self, id: TensorId) -> Option<usize> {
        self.is_blocked().then(|| self.channels(id).div_ceil(LANES))
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

    /// Adds a task for every block, of so many items; where the operation is channel-blocked, equally many are each sample's,
    /// one sample after another.
    pub fn push(&mut self, work: impl Work + 'static, items: usize) {
        let items = match self.layout {
            TensorLayout::BatchInnermost => Items::Block(items),
            TensorLayout::ChannelBlocked => Items::Sample(items / LANES),
        };
        self.push_items(work, items);
    }

    /// Adds a task that works on each map by itself, of so many that lie one after another in each of its tensors, as many as
    /// [`planes`](Self::planes) gives of their channels. Its items fall into maps alike.
    pub fn push_by_map(&mut self, work: impl Work + 'static, items: usize, maps: usize) {
        self.push(work, items);
        if maps == 0 || !items.is_multiple_of(maps) {
            return;
        }
        let op = self.program.operations.get(self.operation).map(|one| &one.op);
        let accesses = op.map(|op| op.accesses()).unwrap_or_default();
        let is_floats = |id: TensorId| {
            let tensor = self.program.tensors.get(id.0);
            tensor.is_some_and(|tensor| tensor.kind == TensorKind::Floats)
        };
        let touched: Vec<Touched> = (accesses.into_iter().filter(|(id, _)| is_floats(*id)))
            .map(|(id, access)| Touched {
                rows: self.at(id),
                writes: access == Access::Write,
            })
            .collect();
        if let Some(task) = self.made.tasks.last_mut()
            && touched.iter().all(|one| one.rows.len().is_multiple_of(maps))
        {
            task.maps = Some(match self.layout {
                TensorLayout::BatchInnermost => Items::Block(maps),
                TensorLayout::ChannelBlocked => Items::Sample(maps / LANES),
            });
            task.touched = touched;
        }
    }

    /// Adds a task for every block.
    pub fn push_items(&mut self, work: impl Work + 'static, items: Items) {
        self.add(Job::Apart(Box::new(work)), items, false);
    }

    /// Adds a task that is done once a step, or once for all blocks where nothing is trained. It reads parameters alone.
    pub fn push_once(&mut self, work: impl Work + 'static, items: usize) {
        self.add(Job::Apart(Box::new(work)), Items::Block(items), true);
    }

    /// Adds a task that joins the samples of a batch.
    pub fn push_joined(&mut self, work: impl Join + 'static, items: usize) {
        self.add(Job::Joined(Box::new(work)), Items::Block(items), false);
    }

    fn add(&mut self, job: Job, items: Items, once: bool) {
        self.made.tasks.push(Task {
            operation: self.operation,
            adds: self.adds,
            job,
            items,
            maps: None,
            touched: Vec::new(),
            once,
            cycles: self.cycles,
        });
    }
}

/// Rows that a tensor takes of a block's memory.
fn rows_of(tensor: &Tensor) -> usize {
    match tensor.layout {
        TensorLayout::BatchInnermost => tensor.elements(),
        TensorLayout::ChannelBlocked => LANES * tensor.channels.div_ceil(LANES) * tensor.positions,
    }
}

/// The floats of a range of parameters.
pub fn floats(range: plan::Range) -> Range<usize> {
    range.offset..range.offset + range.floats
}
