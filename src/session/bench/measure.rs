//! Measures one device: training with each batch size, then predictions.

use super::measured::{OnDevice, Operation, Prediction, Training};
use super::memory::{forget_peak_memory, peak_memory};
use super::samples::repeated;
use crate::session::device;
use crate::session::error::{Error, Result};
use crate::session::executor::{self, Purpose};
use crate::session::listener::{Listener, Notice};
use compiler::plan::Plan;
use compiler::plan::work;
use compiler::training::fit::Fit;
use compiler::training::optimizer::Optimizer;
use runtime::data::Split;
use runtime::executor::{DeviceKind, Executor, Flow, Set};
use runtime::random::permutation;
use runtime::train;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many predictions the throughput is measured over.
const PREDICTIONS: usize = 10_000;

/// How long single predictions are repeated, and how often at most.
const SINGLE: (Duration, usize) = (Duration::from_millis(500), 100_000);

/// About how many seconds the steps may take that measure operations, and how many there may be at most.
const PROFILE: (f64, f64) = (1.0, 200.0);

/// How long to train with one batch size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// This many whole epochs.
    Epochs(usize),
    /// About this many seconds; an epoch that is broken off is scaled up.
    Seconds(f64),
}

impl Limit {
    fn reached(self, epochs: usize, seconds: f64) -> bool {
        match self {
            Self::Epochs(most) => epochs >= most,
            Self::Seconds(most) => seconds >= most,
        }
    }
}

/// What all measurements share.
pub(super) struct Bench<'a> {
    pub(super) plan: &'a Arc<Plan>,
    /// The plan that predicts with weights that stay as they are.
    pub(super) inferring: &'a Arc<Plan>,
    pub(super) optimizer: Optimizer,
    pub(super) fit: &'a Fit,
    pub(super) split: &'a Arc<Split>,
    pub(super) limit: Limit,
    pub(super) peak: f64,
    pub(super) listener: &'a dyn Listener,
}

impl Bench<'_> {
    pub(super) fn device(&self, asked: &str, batch_sizes: &[usize]) -> Result<OnDevice> {
        let mut training = Vec::new();
        for &batch_size in batch_sizes {
            training.push(self.training(asked, batch_size)?);
        }
        let Some(rate) = training.last().map(|last| last.samples_per_second) else {
            return Err(Error::message("the batch size is missing"));
        };
        // As `cnnc predict` and `cnnc serve` do it: with the plan of a network whose weights stay as they are.
        let chosen = device::choose(asked)?;
        let mut executor = executor::open(chosen.runner, self.inferring, self.fit, Purpose::Infer)?;
        executor.set_parameters(&train::initial_parameters(self.plan, self.fit.seed))?;
        let prediction = self.prediction(executor.as_mut(), rate)?;
        Ok(OnDevice {
            asked: asked.to_owned(),
            device: executor.device().clone(),
            training,
            prediction,
        })
    }

    fn training(&self, asked: &str, batch_size: usize) -> Result<Training> {
        forget_peak_memory();
        let chosen = device::choose(asked)?;
        let samples = self.split.len();
        self.listener
            .notice(&Notice::Device(format!("{asked}, batch {batch_size}: {}", chosen.line)));
        let fit = Fit {
            batch_size,
            ..self.fit.clone()
        };
        let start = Instant::now();
        let mut executor = executor::open(chosen.runner, self.plan, &fit, Purpose::Train)?;
        executor.load(Set::Train, self.split)?;
        let initial = train::initial_parameters(self.plan, fit.seed);
        executor.set_parameters(&initial)?;
        let open_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let first: Vec<u32> = (0..samples.min(batch_size) as u32).collect();
        let step = train::steps(&self.optimizer, &fit, 0, 0, first.len());
        executor.train(&first, &step, &mut |_| Flow::Continue)?;
        let first_step_seconds = start.elapsed().as_secs_f64();

        let steps_per_epoch = samples.div_ceil(batch_size);
        let (mut epochs, mut steps, mut seconds) = (Vec::new(), 0, 0.0);
        while !self.limit.reached(epochs.len(), seconds) {
            let order = permutation(fit.seed, epochs.len() as u64, samples as u32);
            let epoch = epochs.len() as u64;
            let records = train::steps(&self.optimizer, &fit, epoch, steps as u64 + 1, samples);
            let start = Instant::now();
            let limit = self.limit;
            let before = (epochs.len(), seconds);
            let sums = executor.train(&order, &records, &mut |_| {
                if limit.reached(before.0, before.1 + start.elapsed().as_secs_f64()) {
                    Flow::Stop
                } else {
                    Flow::Continue
                }
            })?;
            let took = start.elapsed().as_secs_f64();
            seconds += took;
            steps += sums.steps;
            if sums.steps == steps_per_epoch {
                epochs.push(took);
            } else {
                break;
            }
        }
        let seconds_per_epoch = median(&epochs).unwrap_or(seconds / steps.max(1) as f64 * steps_per_epoch as f64);
        let samples_per_second = samples as f64 / seconds_per_epoch.max(1e-12);
        let flops = samples_per_second * work::flops(&self.plan.training) as f64;
        let peak_memory_bytes = peak_memory();
        // Steps that are mostly padding would say little: profiled steps are whole batches, so no more than these.
        let step = seconds_per_epoch / steps_per_epoch as f64;
        let profiled = (PROFILE.0 / step.max(1e-9)).clamp(1.0, PROFILE.1) as usize;
        let times = executor.step_times(profiled)?;
        let all: f64 = times.operations.iter().map(|(_, seconds)| seconds).sum();
        let operation = |&(index, seconds): &(usize, f64)| {
            let operation = self.plan.training.operations.get(index)?;
            let work = 2 * operation.op.macs() * batch_size as u64;
            Some(Operation {
                index,
                layer: operation.layer.clone(),
                operation: operation.op.name(),
                seconds,
                share: seconds / all.max(1e-12),
                flops: work as f64 / seconds.max(1e-12),
            })
        };
        let mut operations: Vec<Operation> = times.operations.iter().filter_map(operation).collect();
        operations.sort_by_key(|operation| operation.index);
        let peak_share = on_cpu(executor.device().kind).then(|| flops / self.peak.max(1.0));
        let training = Training {
            batch_size,
            open_seconds,
            first_step_seconds,
            epochs,
            steps,
            seconds_per_epoch,
            samples_per_second,
            flops,
            peak_share,
            operations_clock: executor.step_clock(),
            operations,
            waiting_seconds: times.waiting,
            peak_memory_bytes,
        };
        Ok(training)
    }

    fn prediction(&self, executor: &mut dyn Executor, training_rate: f64) -> Result<Prediction> {
        let one = Arc::new(repeated(self.split, 1));
        let first_seconds = timed(executor, &one)?;
        let mut singles = Vec::new();
        let start = Instant::now();
        while singles.is_empty() || (start.elapsed() < SINGLE.0 && singles.len() < SINGLE.1) {
            singles.push(timed(executor, &one)?);
        }
        // Predictions take about a third of the time of a training step; a large network on a slow device gets fewer.
        let most = match self.limit {
            Limit::Epochs(_) => usize::MAX,
            Limit::Seconds(seconds) => (training_rate * 3.0 * seconds) as usize,
        };
        let samples = PREDICTIONS.min(most).max(1);
        let many = Arc::new(repeated(self.split, samples));
        timed(executor, &many)?;
        let seconds = timed(executor, &many)?;
        let samples_per_second = samples as f64 / seconds.max(1e-12);
        let flops = samples_per_second * work::flops(&self.plan.prediction) as f64;
        Ok(Prediction {
            first_seconds,
            one_sample_seconds: median(&singles).unwrap_or(first_seconds),
            samples,
            seconds,
            samples_per_second,
            flops,
            peak_share: on_cpu(executor.device().kind).then(|| flops / self.peak.max(1.0)),
        })
    }
}

fn timed(executor: &mut dyn Executor, split: &Arc<Split>) -> Result<f64> {
    let start = Instant::now();
    std::hint::black_box(executor.predict(split)?);
    Ok(start.elapsed().as_secs_f64())
}

/// Whether the device computes on the CPU, so that the CPU's peak applies to it.
const fn on_cpu(kind: DeviceKind) -> bool {
    match kind {
        DeviceKind::Cpu | DeviceKind::SoftwareGpu => true,
        DeviceKind::DiscreteGpu | DeviceKind::IntegratedGpu | DeviceKind::OtherGpu => false,
    }
}

/// The median; of an even number of values, the mean of the two in the middle.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    sorted.get(middle - 1).map(|lower| f64::midpoint(*lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
