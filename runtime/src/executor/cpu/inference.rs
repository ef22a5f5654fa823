//! Programs without training: made ready for the number of samples that a call brings, and kept for the next call with what
//! they packed of the weights.

use super::finishing::finished;
use super::memory::Shared;
use super::run::Arena;
use super::simd::{Instructions, LANES, Row};
use super::size::{self, zeros};
use super::task::Tasks;
use super::tasks;
use crate::error::Result;
use compiler::plan::layout::{arranged, arrangement};
use compiler::plan::streaming::Streaming;
use compiler::plan::{Program, TensorLayout};
use std::sync::Mutex;

/// How many arrangements of a program are kept ready, such as that of whole blocks and one of few samples. Each has packed
/// weights of its own, which take up to four times the memory of the weights.
const KEPT: usize = 2;

/// One of a plan's two programs without training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The program that evaluates: the loss, the right answers and the sums of metrics.
    Evaluation,
    /// The program that predicts: the network's output alone.
    Prediction,
}

/// A program, as it is arranged for different numbers of samples.
pub struct Inference {
    /// How many of the first operations are channel-blocked, for one sample, two, up to a block of them.
    choices: [usize; LANES],
    /// What was made ready and used last, the latest at the end.
    ready: Vec<Ready>,
    instructions: Instructions,
}

/// A program made ready, and its memory.
pub struct Ready {
    /// How many of the first operations are channel-blocked.
    blocked: usize,
    /// The tasks of the program, in the order in which they run.
    pub tasks: Tasks,
    /// One a team, as many as were needed so far.
    pub arenas: Vec<Arena>,
    /// One a worker, as many as were needed so far.
    pub scratches: Vec<Mutex<Vec<Row>>>,
    /// The weights in the order in which kernels read them.
    pub packed: Shared<Row>,
    /// Whether these were packed from the current parameters.
    pub is_packed: bool,
}

impl Ready {
    /// Has memory for so many teams and workers.
    pub fn make_room(&mut self, teams: usize, workers: usize) -> Result<()> {
        let more = teams.saturating_sub(self.arenas.len());
        self.arenas.extend(size::arenas(more, &self.tasks)?);
        let scratch = || Mutex::new(vec![Row([0.0; LANES]); self.tasks.scratch]);
        let workers = workers.max(self.scratches.len());
        self.scratches.resize_with(workers, scratch);
        Ok(())
    }
}

impl Inference {
    /// A program, for as many samples as a call brings; `layout`: not as is cheapest, but as far as it goes in this one.
    pub fn new(program: &Program, instructions: Instructions, layout: Option<TensorLayout>) -> Self {
        Self {
            choices: std::array::from_fn(|place| match layout {
                None => arrangement(program, place + 1).blocked,
                Some(TensorLayout::BatchInnermost) => 0,
                Some(TensorLayout::ChannelBlocked) => program.operations.len(),
            }),
            ready: Vec::new(),
            instructions,
        }
    }

    /// The tasks for whole blocks.
    pub fn tasks(&self, program: &Program) -> Tasks {
        self.made(program, self.choices[LANES - 1])
    }

    fn made(&self, program: &Program, blocked: usize) -> Tasks {
        let none = Streaming::default();
        if blocked == 0 {
            return tasks::tasks(program, self.instructions, false, &none);
        }
        let (program, finishing) = finished(arranged(program, blocked));
        tasks::finishing_tasks((&program, &finishing), self.instructions, false, &none)
    }

    /// Takes out what is ready for so many samples, or makes it so.
    pub fn take(&mut self, program: &Program, samples: usize) -> Result<Ready> {
        let blocked = self.choices[samples.clamp(1, LANES) - 1];
        if let Some(at) = self.ready.iter().position(|ready| ready.blocked == blocked) {
            return Ok(self.ready.remove(at));
        }
        let tasks = self.made(program, blocked);
        Ok(Ready {
            blocked,
            arenas: Vec::new(),
            scratches: Vec::new(),
            packed: zeros("the packed weights", tasks.packed)?,
            is_packed: false,
            tasks,
        })
    }

    /// Puts back what was taken out. What was used longest ago makes room for it.
    pub fn put(&mut self, ready: Ready) {
        if self.ready.len() >= KEPT {
            self.ready.remove(0);
        }
        self.ready.push(ready);
    }

    /// The parameters are others now.
    pub fn forget_weights(&mut self) {
        for ready in &mut self.ready {
            ready.is_packed = false;
        }
    }
}
