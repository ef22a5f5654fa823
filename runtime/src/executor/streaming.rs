//! An executor for data sets that do not fit into memory. Windows of batches are read from the file one after another, ahead of
//! the steps, and given to another executor, each as a data set of its own. An epoch in parts gives the same bits as in one.

use super::{Clock, Device, Executor, Flow, Memory, Set, StepTimes, Sums, Tally, Watch};
use crate::data::{Pixels, Split, Stored, Targets};
use crate::error::Result;
use compiler::host::step::StepRecord;
use compiler::plan::TensorId;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// About how many bytes the samples of a window take.
const WINDOW: usize = 16 << 20;

/// Runs a plan by another executor, which it gives the data window by window.
pub struct Streaming {
    inner: Box<dyn Executor>,
    /// The number of samples of a step, in training and in validation.
    batch_sizes: [usize; 2],
    /// About how many bytes the samples of a window take.
    window: usize,
    /// The splits that lie in files, of which `inner` has only a window.
    train: Option<Arc<Split>>,
    test: Option<Arc<Split>>,
}

impl Streaming {
    /// Wraps another executor, with its batch sizes in training and in validation.
    pub fn new(inner: Box<dyn Executor>, batch_size: usize, validation_batch_size: usize) -> Self {
        Self {
            inner,
            batch_sizes: [batch_size.max(1), validation_batch_size.max(1)],
            window: WINDOW,
            train: None,
            test: None,
        }
    }

    /// With windows of about `bytes` bytes.
    #[must_use]
    pub fn with_windows_of(self, bytes: usize) -> Self {
        Self { window: bytes, ..self }
    }

    /// How many samples a window has: as many whole batches as fit, at least one.
    fn samples(&self, stored: &Stored, batch_size: usize) -> usize {
        let batches = self.window / (stored.stride() * batch_size).max(1);
        batches.max(1) * batch_size
    }

    fn split(&self, set: Set) -> Option<Arc<Split>> {
        match set {
            Set::Train => self.train.clone(),
            Set::Test => self.test.clone(),
        }
    }
}

/// Reads the samples of `order` from a split's file into memory.
fn part(split: &Split, stored: &Stored, order: &[u32]) -> Result<Arc<Split>> {
    let targets = split.targets.as_ref().map(|targets| {
        let size = targets.shape.elements();
        let of = |&sample: &u32| targets.values.get(sample as usize * size..(sample as usize + 1) * size);
        Targets {
            shape: targets.shape.clone(),
            values: order.iter().filter_map(of).flatten().copied().collect(),
        }
    });
    Ok(Arc::new(Split {
        shape: split.shape.clone(),
        pixels: split.pixels.samples(order, stored.elements())?,
        labels: order
            .iter()
            .filter_map(|&sample| split.labels.get(sample as usize).copied())
            .collect(),
        targets,
    }))
}

/// Called for each window with its samples and their indices in the split; says whether to go on.
type Each<'a> = dyn FnMut(&Arc<Split>, &[u32]) -> Result<Flow> + 'a;

/// Gives `each` one window after another until it says `Stop`; the next window is read while `each` works on the one before.
fn windows(split: &Split, stored: &Stored, order: &[u32], count: usize, each: &mut Each<'_>) -> Result<()> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        scope.spawn(move || {
            for order in order.chunks(count.max(1)) {
                if sender.send(part(split, stored, order)).is_err() {
                    break;
                }
            }
        });
        for part in receiver {
            let part = part?;
            let order: Vec<u32> = (0..part.len() as u32).collect();
            if each(&part, &order)? == Flow::Stop {
                break;
            }
        }
        Ok(())
    })
}

/// A split's samples on the disk; `None` where they are in memory.
fn stored(split: &Split) -> Option<&Stored> {
    match &split.pixels {
        Pixels::Stored(stored) => Some(stored),
        Pixels::Bytes(_) | Pixels::Levels(_) | Pixels::Floats(_) => None,
    }
}

impl Executor for Streaming {
    fn device(&self) -> &Device {
        self.inner.device()
    }

    fn prepare(&mut self) -> Result<()> {
        self.inner.prepare()
    }

    /// For a split in a file, the first window is loaded, so that what does not fit is refused now.
    fn load(&mut self, set: Set, split: &Arc<Split>) -> Result<()> {
        let kept = stored(split).is_some().then(|| Arc::clone(split));
        if let Some(stored) = stored(split) {
            let first = self.samples(stored, self.batch_sizes[0]).min(split.len());
            let order: Vec<u32> = (0..first as u32).collect();
            self.inner.load(set, &part(split, stored, &order)?)?;
        } else {
            self.inner.load(set, split)?;
        }
        match set {
            Set::Train => self.train = kept,
            Set::Test => self.test = kept,
        }
        Ok(())
    }

    fn set_parameters(&mut self, parameters: &[f32]) -> Result<()> {
        self.inner.set_parameters(parameters)
    }

    fn parameters(&mut self) -> Result<Vec<f32>> {
        self.inner.parameters()
    }

    fn set_slots(&mut self, slots: &[&[f32]]) -> Result<()> {
        self.inner.set_slots(slots)
    }

    fn slots(&mut self) -> Result<Vec<Vec<f32>>> {
        self.inner.slots()
    }

    fn memory(&mut self) -> Result<Memory<'_>> {
        self.inner.memory()
    }

    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> Result<Tally> {
        let Some(split) = self.train.clone() else {
            return self.inner.train_from(before, order, steps, watch);
        };
        let Some(stored) = stored(&split) else {
            return self.inner.train_from(before, order, steps, watch);
        };
        let batch_size = self.batch_sizes[0];
        let count = self.samples(stored, batch_size);
        let (inner, mut tally, mut rest) = (&mut self.inner, before.clone(), steps);
        windows(&split, stored, order, count, &mut |part, order| {
            inner.load(Set::Train, part)?;
            let batches = order.len().div_ceil(batch_size).min(rest.len());
            let (now, later) = rest.split_at(batches);
            let wanted = tally.steps + batches;
            tally = inner.train_from(&tally, order, now, watch)?;
            rest = later;
            Ok(if tally.steps < wanted {
                Flow::Stop
            } else {
                Flow::Continue
            })
        })?;
        Ok(tally)
    }

    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> Result<Sums> {
        let Some(split) = self.split(set) else {
            return self.inner.evaluate(set, order, watch);
        };
        let Some(stored) = stored(&split) else {
            return self.inner.evaluate(set, order, watch);
        };
        let count = self.samples(stored, self.batch_sizes[1]);
        let (inner, mut sums) = (&mut self.inner, Sums::default());
        windows(&split, stored, order, count, &mut |part, order| {
            inner.load(set, part)?;
            let mut flow = Flow::Continue;
            let before = sums.clone();
            let of_part = inner.evaluate(set, order, &mut |part| {
                flow = watch(&added(&before, part));
                flow
            })?;
            sums = added(&before, &of_part);
            Ok(flow)
        })?;
        Ok(sums)
    }

    fn predict(&mut self, split: &Arc<Split>) -> Result<Vec<f32>> {
        let Some(stored) = stored(split) else {
            return self.inner.predict(split);
        };
        let order: Vec<u32> = (0..split.len() as u32).collect();
        let count = self.samples(stored, 32);
        let (inner, mut outputs) = (&mut self.inner, Vec::new());
        windows(split, stored, &order, count, &mut |part, _| {
            outputs.extend(inner.predict(part)?);
            Ok(Flow::Continue)
        })?;
        Ok(outputs)
    }

    fn tensor(&mut self, tensor: TensorId) -> Result<Vec<f32>> {
        self.inner.tensor(tensor)
    }

    fn gradients(&mut self) -> Result<Vec<f32>> {
        self.inner.gradients()
    }

    fn step_times(&mut self, steps: usize) -> Result<StepTimes> {
        self.inner.step_times(steps)
    }

    fn step_clock(&self) -> Clock {
        self.inner.step_clock()
    }
}

fn added(one: &Sums, other: &Sums) -> Sums {
    Sums {
        steps: one.steps + other.steps,
        samples: one.samples + other.samples,
        loss: one.loss + other.loss,
        correct: one.correct + other.correct,
        counters: (0..one.counters.len().max(other.counters.len()))
            .map(|counter| {
                let of = |sums: &Sums| sums.counters.get(counter).copied().unwrap_or_default();
                of(one) + of(other)
            })
            .collect(),
    }
}
