//! What the loops have in common: what the first worker has besides, and how a share of a task is run.

use super::super::run::{Block, BlockSums, Share};
use super::super::simd::Instructions;
use super::super::simd::Row;
use super::super::task::{Chain, Job, Task};
use crate::executor::{Flow, Sums, Watch};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What only the first worker, the caller's thread, has.
pub struct First<'a, 'b> {
    pub sums: &'a mut Sums,
    pub watch: &'a mut Watch<'b>,
    /// Seconds by task, then of the update, then of waiting.
    pub profile: Option<&'a mut [f64]>,
}

/// Measures seconds, where a profile was asked for.
pub struct Clock(Option<Instant>);

impl Clock {
    pub fn start(first: Option<&First<'_, '_>>) -> Self {
        Self(first.and_then(|first| first.profile.as_ref()).map(|_| Instant::now()))
    }

    pub fn lap(&mut self, first: &mut Option<First<'_, '_>>, index: usize) {
        if let (
            Some(since),
            Some(First {
                profile: Some(profile), ..
            }),
        ) = (&mut self.0, first)
        {
            let now = Instant::now();
            profile[index] += (now - *since).as_secs_f64();
            *since = now;
        }
    }
}

impl First<'_, '_> {
    /// Asks the watcher whether to go on; the answer is the others' after the next barrier.
    pub fn ask(&mut self, stop: &AtomicBool) {
        if (self.watch)(self.sums) == Flow::Stop {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Adds up blocks of so many samples, in their order.
    pub fn add(&mut self, blocks: &[BlockSums], (samples, block): (usize, usize), steps: usize) {
        for block in &blocks[..samples.div_ceil(block)] {
            let (loss, correct) = block.get();
            self.sums.loss += loss;
            self.sums.correct += correct;
            for (place, counted) in block.counters().enumerate() {
                match self.sums.counters.get_mut(place) {
                    Some(sum) => *sum += counted,
                    None => self.sums.counters.push(counted),
                }
            }
        }
        self.sums.samples += samples;
        self.sums.steps += steps;
    }
}

/// One share of one task of a block.
#[allow(unsafe_code)]
pub fn run_task(block: &Block<'_>, instructions: Instructions, task: &Task, items: Range<usize>, scratch: &mut [Row]) {
    match &task.job {
        Job::Apart(work) if !items.is_empty() => {
            // SAFETY: a team's members wait for each other after every task and share its items out, or there is one, who does
            // chains map by map, none of which looks at another's memory; an arena is one
            // team's; and the parameters are written only between everyone's two barriers. What is packed once for all
            // blocks, all workers share out, and wait for each other before anyone reads it.
            let items = (items, task.items.all(), task.adds);
            work.run(unsafe { Share::new(instructions, block, items, scratch) });
        }
        // A phase of its own, see `Training::join`.
        Job::Apart(_) | Job::Joined(_) => {}
    }
}

/// All items of a chain's tasks on a block of so many samples, for a worker that has it to itself. `done` is called behind each call
/// of a task, with its index.
pub fn run_chain(
    (tasks, chain): (&[Task], &Chain),
    (block, samples): (&Block<'_>, usize),
    instructions: Instructions,
    scratch: &mut [Row],
    mut done: impl FnMut(usize),
) {
    let all = chain.maps.map_or(1, |maps| maps.of(samples));
    for start in (0..all).step_by(chain.together) {
        let maps = start..(start + chain.together).min(all);
        for at in chain.tasks.clone() {
            let task = &tasks[at];
            // All of a task's without maps.
            let each = task.items.of(samples) / all;
            run_task(block, instructions, task, each * maps.start..each * maps.end, scratch);
            done(at);
        }
    }
}
