//! `cnnc bench`: how fast a network trains and predicts here.

use super::device;
use super::session::{self, Purpose};
use super::source::{self, Description};
use super::{Failure, Outcome};
use crate::cli::{BenchArgs, Format};
use crate::render::{bench, terminal};
use compiler::plan::Plan;
use compiler::plan::work;
use compiler::shape::Shape;
use compiler::training::data::{DataName, KnownData};
use compiler::training::fit::Fit;
use compiler::training::optimizer::Optimizer;
use runtime::data::{Dataset, Pixels, Split};
use runtime::error::RuntimeError;
use runtime::executor::cpu::{self, Instructions};
use runtime::executor::{Clock, Device, DeviceKind, Executor, Flow, Set};
use runtime::random::{Stream, permutation};
use runtime::train;
use serde::Serialize;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many predictions throughput is measured over.
const PREDICTIONS: usize = 10_000;

/// How long single predictions are repeated, and at most how often.
const SINGLE: (Duration, usize) = (Duration::from_millis(500), 200);

/// How long the steps of the table of operations take, about, and at most how many there are.
const PROFILE: (f64, f64) = (1.0, 200.0);

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version that measured.
    pub cnnc: &'static str,
    /// The model's name.
    pub model: String,
    /// Trained numbers.
    pub parameters: usize,
    /// On what.
    pub data: Data,
    /// Floating-point operations of one sample in a training step: two a multiply-add, forward and backward.
    pub training_flop: u64,
    /// The same of a prediction.
    pub prediction_flop: u64,
    /// Where.
    pub machine: Machine,
    /// For each device that was asked for.
    pub devices: Vec<OnDevice>,
}

/// The samples.
#[derive(Debug, Serialize)]
pub struct Data {
    /// The data set's name.
    pub name: String,
    /// Where it is from.
    pub origin: String,
    /// Samples of an epoch.
    pub samples: usize,
    /// Whether they are made up.
    pub synthetic: bool,
}

/// This machine.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Its CPU, with the instructions and the threads of the CPU executor.
    pub cpu: Device,
    /// As Rust calls it.
    pub system: &'static str,
    /// As Rust calls it.
    pub architecture: &'static str,
    /// What all threads' multiply-adds reach without loads, in operations a second; measured in this process.
    pub peak_flops: f64,
}

/// What was measured on a device.
#[derive(Debug, Serialize)]
pub struct OnDevice {
    /// As it was asked for.
    pub asked: String,
    /// What it is.
    pub device: Device,
    /// For each batch size.
    pub training: Vec<Training>,
    /// Predictions.
    pub prediction: Prediction,
}

/// Training with one batch size.
#[derive(Debug, Serialize)]
pub struct Training {
    /// Samples of a step.
    pub batch_size: usize,
    /// Until the device was open and had the data.
    pub open_seconds: f64,
    /// The first step, with everything that is compiled for it.
    pub first_step_seconds: f64,
    /// Of each whole epoch that was measured.
    pub epochs: Vec<f64>,
    /// Steps that were measured, those of broken-off epochs too.
    pub steps: usize,
    /// The median of the whole epochs; of a part of one, scaled up.
    pub seconds_per_epoch: f64,
    /// From that.
    pub samples_per_second: f64,
    /// From that.
    pub flops: f64,
    /// Of the CPU's measured peak; only for what computes on the CPU.
    pub peak_share: Option<f64>,
    /// Who measured the operations: the host's clock, or the device's timestamps.
    pub operations_clock: Clock,
    /// Of a step, in order.
    pub operations: Vec<Operation>,
    /// Seconds of a step in which a thread of the CPU waits for the others.
    pub waiting_seconds: f64,
    /// The most memory that the process held so far in this measurement; known on Linux.
    pub peak_memory_bytes: Option<u64>,
}

/// One operation of a training step.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Its number in the plan.
    pub index: usize,
    /// Its layer.
    pub layer: String,
    /// What it does.
    pub operation: &'static str,
    /// Seconds of a step.
    pub seconds: f64,
    /// Of the step's operations.
    pub share: f64,
    /// Operations a second; 0 where it has no multiply-adds.
    pub flops: f64,
}

/// Predictions on a device.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The first one, with everything that is compiled for it.
    pub first_seconds: f64,
    /// The median of one sample alone.
    pub one_sample_seconds: f64,
    /// How many were then predicted at once.
    pub samples: usize,
    /// In how long; the second time.
    pub seconds: f64,
    /// From that.
    pub samples_per_second: f64,
    /// From that.
    pub flops: f64,
    /// Of the CPU's measured peak; only for what computes on the CPU.
    pub peak_share: Option<f64>,
}

/// Measures, device by device.
pub fn run(args: &BenchArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let network = &description.network;
    let optimizer = network
        .training()
        .map_err(|error| description.reject(*error))?
        .optimizer;
    let fit = network.network().fit.clone();
    // A name that no device has is better heard now than after the first device's minute.
    for name in &args.device {
        device::choose(name)?;
    }
    let plan = session::plan(&description);
    let (split, data) = samples(&description, args)?;
    let instructions = Instructions::available();
    let best = instructions.first().copied().unwrap_or(Instructions::Portable);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut report = Report {
        cnnc: env!("CARGO_PKG_VERSION"),
        model: plan.model.clone(),
        parameters: plan.parameters.iter().map(compiler::plan::Parameter::count).sum(),
        data,
        training_flop: work::flops(&plan.training),
        prediction_flop: work::flops(&plan.prediction),
        machine: Machine {
            cpu: cpu::device(),
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            peak_flops: cpu::peak(best, threads),
        },
        devices: Vec::new(),
    };
    let batch_sizes = match args.batch_size.as_slice() {
        [] => vec![fit.batch_size],
        given => given.to_vec(),
    };
    let bench = Bench {
        plan: &plan,
        optimizer,
        fit: &fit,
        split: &split,
        limit: Limit::of(args),
        peak: report.machine.peak_flops,
    };
    for asked in &args.device {
        report.devices.push(bench.device(asked, &batch_sizes)?);
    }
    let text = match args.format {
        Format::Text => bench::text(&report, terminal::table_columns()),
        Format::Json | Format::Yaml => terminal::serialized(&report, args.format)?,
    };
    terminal::print(&text)
}

/// The training samples; where the description's own are not here, made up ones.
fn samples(description: &Description, args: &BenchArgs) -> Result<(Arc<Split>, Data), Failure> {
    let own = description.network.network().fit.data.as_ref();
    let given = args.data.as_deref();
    let found = match (given, own) {
        (None, None) => Err("the description names no data".to_owned()),
        _ => match session::dataset(description, given) {
            Ok(dataset) => Ok(dataset),
            Err(Failure::Runtime(error @ (RuntimeError::NotHere { .. } | RuntimeError::NoSuchData { .. })))
                if given.is_none() =>
            {
                Err(error.to_string())
            }
            Err(failure) => return Err(failure),
        },
    };
    let (mut split, name, origin, synthetic) = match found {
        Ok(Dataset {
            name, train, origin, ..
        }) => (train, name, origin, false),
        Err(why) => {
            let size = match own {
                Some(DataName::Known(known)) => training_samples(*known),
                Some(DataName::Path(_)) | None => 10_000,
            };
            let (shape, classes) = (
                description.network.input_shape(),
                description.network.output_shape().channels(),
            );
            let split = made_up(shape, classes, args.samples.unwrap_or(size));
            (split, "made up".to_owned(), why, true)
        }
    };
    truncate(&mut split, args.samples.unwrap_or(usize::MAX));
    if split.is_empty() {
        return Err(Failure::message("the data set has no samples to train on"));
    }
    let data = Data {
        name,
        origin,
        samples: split.len(),
        synthetic,
    };
    Ok((Arc::new(split), data))
}

/// Of the data set as it was published, so that an epoch of made-up samples is as long as a real one.
const fn training_samples(known: KnownData) -> usize {
    match known {
        KnownData::Mnist | KnownData::FashionMnist => 60_000,
        KnownData::Cifar10 => 50_000,
    }
}

/// Noise. Only how many samples there are decides how long an epoch takes, so a few thousand are repeated.
fn made_up(shape: &Shape, classes: usize, samples: usize) -> Split {
    let classes = u32::try_from(classes.max(1)).unwrap_or(u32::MAX);
    let drawn = shape.elements() * samples.min(1000);
    let mut draws = Stream::new(0, "made-up samples", 0).draws();
    let pixels: Vec<u8> = (0..drawn).map(|_| draws.below(256) as u8).collect();
    Split {
        shape: shape.clone(),
        pixels: Pixels::Bytes(pixels.into_iter().cycle().take(shape.elements() * samples).collect()),
        labels: (0..samples).map(|_| draws.below(classes)).collect(),
    }
}

fn truncate(split: &mut Split, samples: usize) {
    let floats = split.shape.elements().saturating_mul(samples);
    split.labels.truncate(samples);
    match &mut split.pixels {
        Pixels::Bytes(bytes) => bytes.truncate(floats),
        Pixels::Floats(values) => values.truncate(floats),
    }
}

/// `samples` of the split's, from the first on, again and again.
fn repeated(split: &Split, samples: usize) -> Split {
    let values = split.shape.elements() * samples;
    Split {
        shape: split.shape.clone(),
        pixels: match &split.pixels {
            Pixels::Bytes(bytes) => Pixels::Bytes(bytes.iter().copied().cycle().take(values).collect()),
            Pixels::Floats(floats) => Pixels::Floats(floats.iter().copied().cycle().take(values).collect()),
        },
        labels: split.labels.iter().copied().cycle().take(samples).collect(),
    }
}

/// How long to train.
#[derive(Debug, Clone, Copy)]
enum Limit {
    Epochs(usize),
    Seconds(f64),
}

impl Limit {
    fn of(args: &BenchArgs) -> Self {
        args.epochs.map_or(Self::Seconds(args.seconds), Self::Epochs)
    }

    fn reached(self, epochs: usize, seconds: f64) -> bool {
        match self {
            Self::Epochs(most) => epochs >= most,
            Self::Seconds(most) => seconds >= most,
        }
    }
}

/// What all measurements share.
struct Bench<'a> {
    plan: &'a Arc<Plan>,
    optimizer: Optimizer,
    fit: &'a Fit,
    split: &'a Arc<Split>,
    limit: Limit,
    peak: f64,
}

impl Bench<'_> {
    fn device(&self, asked: &str, batch_sizes: &[usize]) -> Result<OnDevice, Failure> {
        let mut training = Vec::new();
        let mut last = None;
        for &batch_size in batch_sizes {
            // Two executors at once would make the second one's memory look large.
            drop(last.take());
            let (measured, executor) = self.training(asked, batch_size)?;
            let rate = measured.samples_per_second;
            training.push(measured);
            last = Some((executor, rate));
        }
        let Some((mut executor, rate)) = last else {
            return Err(Failure::message("there is no batch size"));
        };
        let prediction = self.prediction(executor.as_mut(), rate)?;
        Ok(OnDevice {
            asked: asked.to_owned(),
            device: executor.device().clone(),
            training,
            prediction,
        })
    }

    fn training(&self, asked: &str, batch_size: usize) -> Result<(Training, Box<dyn Executor>), Failure> {
        forget_peak_memory();
        let chosen = device::choose(asked)?;
        let samples = self.split.len();
        terminal::say(&format!("{asked}, batch {batch_size}: {}", chosen.line));
        let fit = Fit {
            batch_size,
            ..self.fit.clone()
        };
        let start = Instant::now();
        let mut executor = session::open(chosen.runner, self.plan, &fit, Purpose::Train)?;
        executor.load(Set::Train, self.split)?;
        let initial = train::initial_parameters(self.plan, fit.seed);
        executor.set_parameters(&initial)?;
        let open_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let first: Vec<u32> = (0..samples.min(batch_size) as u32).collect();
        executor.train(&first, &[self.optimizer.rates(1)], &mut |_| Flow::Continue)?;
        let first_step_seconds = start.elapsed().as_secs_f64();

        let steps_per_epoch = samples.div_ceil(batch_size);
        let (mut epochs, mut steps, mut seconds) = (Vec::new(), 0, 0.0);
        while !self.limit.reached(epochs.len(), seconds) {
            let order = permutation(fit.seed, epochs.len() as u64, samples as u32);
            let rates: Vec<_> = (steps + 2..steps + 2 + steps_per_epoch)
                .map(|step| self.optimizer.rates(step as u64))
                .collect();
            let start = Instant::now();
            let limit = self.limit;
            let before = (epochs.len(), seconds);
            let sums = executor.train(&order, &rates, &mut |_| {
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
            let work = 2 * work::macs(&operation.kind) * batch_size as u64;
            Some(Operation {
                index,
                layer: operation.layer.clone(),
                operation: operation.kind.name(),
                seconds,
                share: seconds / all.max(1e-12),
                flops: work as f64 / seconds.max(1e-12),
            })
        };
        let mut operations: Vec<Operation> = times.operations.iter().filter_map(operation).collect();
        operations.sort_by_key(|operation| operation.index);
        // Profiling leaves anything; what is predicted with should be numbers.
        executor.set_parameters(&initial)?;
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
        Ok((training, executor))
    }

    fn prediction(&self, executor: &mut dyn Executor, training_rate: f64) -> Result<Prediction, Failure> {
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

fn timed(executor: &mut dyn Executor, split: &Arc<Split>) -> Result<f64, Failure> {
    let start = Instant::now();
    std::hint::black_box(executor.predict(split)?);
    Ok(start.elapsed().as_secs_f64())
}

/// Whether the CPU's peak says anything about it.
const fn on_cpu(kind: DeviceKind) -> bool {
    match kind {
        DeviceKind::Cpu | DeviceKind::SoftwareGpu => true,
        DeviceKind::DiscreteGpu | DeviceKind::IntegratedGpu | DeviceKind::OtherGpu => false,
    }
}

/// The middle one, of an even number the mean of the two.
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

/// Begins a new peak, so that each measurement has its own; where that is refused, peaks only grow.
fn forget_peak_memory() {
    // The kernel's own number for it: proc(5), /proc/pid/clear_refs.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The largest resident set of this process since then, in bytes.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
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

    #[test]
    fn splits_are_repeated_and_cut() {
        let mut split = Split {
            shape: Shape::map(1, 2, 1),
            pixels: Pixels::Bytes(vec![1, 2, 3, 4, 5, 6]),
            labels: vec![7, 8, 9],
        };
        truncate(&mut split, 2);
        assert_eq!(split.labels, [7, 8]);
        let more = repeated(&split, 3);
        assert_eq!(more.pixels, Pixels::Bytes(vec![1, 2, 3, 4, 1, 2]));
        assert_eq!(more.labels, [7, 8, 7]);
    }

    #[test]
    fn made_up_samples_have_the_shape_and_the_classes() {
        let split = made_up(&Shape::map(2, 2, 1), 3, 1500);
        assert_eq!(split.len(), 1500);
        assert!(matches!(&split.pixels, Pixels::Bytes(bytes) if bytes.len() == 6000));
        assert!((0..3).all(|class| split.labels.contains(&class)));
        assert!(split.labels.iter().all(|&label| label < 3));
    }
}
