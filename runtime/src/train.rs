//! Fitting: epochs over an executor, with Keras's bookkeeping (keras/src/trainers, `fit`).

use crate::callbacks::{Before, Board, Callbacks};
use crate::error::{Result, RuntimeError};
use crate::executor::{Executor, Flow, Set, Sums, Tally};
use crate::random::{of_phase, permutation, step_keys};
use crate::run_directory::{Epoch, History, Standing};
use compiler::host::step::StepRecord;
use compiler::plan::{Plan, Program};
use compiler::training::compile::{Compile, Judgement, Reported};
use compiler::training::fit::Fit;
use compiler::training::optimizer::Optimizer;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use crate::parameters::{
    Taken, initial_parameters, load_common, load_parameters, parameters_from, put, tensors_of,
};

/// How often an observer is told how far an epoch has come.
const NEWS: Duration = Duration::from_millis(50);

/// What to train, and where to start.
pub struct Job<'a> {
    /// The plan that the executor runs.
    pub plan: &'a Plan,
    /// The optimizer, the loss and the metrics.
    pub compile: &'a Compile,
    /// Epochs, batch size, seed and the other arguments of `fit`.
    pub fit: &'a Fit,
    /// The number of samples of the training split, which the executor has loaded.
    pub train_samples: usize,
    /// The number of samples of the validation split, which the executor has loaded; `None` without one.
    pub validation_samples: Option<usize>,
    /// What the optimizer has done in earlier phases, if it goes on from there.
    pub before: Before,
    /// How far a run has come that is resumed or begins a later phase; `None` for a new run.
    pub resumed: Option<Standing>,
}

/// Is told how training goes, and decides when it stops and when it is saved.
pub trait Observer {
    /// An epoch begins or goes on: its index, counted from 0, the number of epochs, and the number of its steps.
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize);
    /// The sums of the epoch so far; told about every 50 ms.
    fn progress(&mut self, sums: &Sums);
    /// Whether to stop after the current step. Asked after every step, so that it has to be fast.
    fn is_interrupted(&mut self) -> bool;
    /// Whether it is time to save the run. Asked after every step, so that it has to be fast.
    fn is_due(&mut self) -> bool;
    /// An epoch is over: its metrics are the last in the history, and `took` is how long it took in this process.
    fn end_epoch(&mut self, history: &History, took: Duration);
    /// Writes the current weights to a file with that name within the run directory.
    fn checkpoint(&mut self, executor: &mut dyn Executor, name: &str) -> Result<()>;
    /// Writes the history to a file with that name within the run directory.
    fn table(&mut self, history: &History, name: &str, separator: char) -> Result<()>;
    /// Writes the history for `TensorBoard` to a folder within the run directory.
    fn board(&mut self, history: &History, board: &Board) -> Result<()>;
    /// Saves the run, so that it can be resumed from here. `last`: nothing is trained after it.
    fn keep(&mut self, executor: &mut dyn Executor, standing: &Standing, last: bool) -> Result<()>;
}

/// Why training ended: it was finished or interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All epochs are done, or a callback ended training.
    Done,
    /// The observer asked to stop. What was done is kept, including a part of an epoch.
    Stopped,
}

/// Trains from the executor's current parameters, and returns how far the run has come and why it ended.
pub fn fit(executor: &mut dyn Executor, job: Job<'_>, observer: &mut dyn Observer) -> Result<(Standing, End)> {
    // Each phase draws numbers of its own.
    let phase = job.resumed.as_ref().map_or(0, |standing| standing.phase);
    let own = Fit {
        seed: of_phase(job.fit.seed, phase),
        ..job.fit.clone()
    };
    let job = Job { fit: &own, ..job };
    // Only what is new is kept.
    let mut kept = job.resumed.is_some();
    let mut standing = job.resumed.clone().unwrap_or_default();
    check(&job, &standing)?;
    let mut callbacks = Callbacks::new(job.fit, job.compile, job.train_samples).in_phase(phase, job.before);
    let mut over = false;
    for Epoch { epoch, metrics, .. } in standing.history.of_phase(phase) {
        over = callbacks.after(*epoch, &mut metrics.clone()).stops;
    }
    let end = loop {
        let epoch = next_epoch(job.fit, &standing);
        if epoch >= job.fit.epochs || over {
            break End::Done;
        }
        if observer.is_interrupted() {
            break End::Stopped;
        }
        let start = Instant::now();
        let n_steps = job.fit.stretch(epoch, job.train_samples).steps;
        observer.begin_epoch(epoch, job.fit.epochs, n_steps);
        // Where a run goes on in the validation behind such an end, it trains no further.
        let mut is_nan = callbacks.end_at_nan() && !standing.tally.sums().loss.is_finite();
        while standing.tally.steps < n_steps && !is_nan && !observer.is_interrupted() {
            let before = standing.tally.steps;
            standing.tally = rest_of(executor, &job, (epoch, &callbacks), &standing.tally, observer)?;
            kept &= standing.tally.steps == before;
            is_nan = callbacks.end_at_nan() && !standing.tally.sums().loss.is_finite();
            if !is_nan && standing.tally.steps < n_steps && !observer.is_interrupted() {
                observer.keep(executor, &standing, false)?;
                kept = true;
            }
        }
        if standing.tally.steps < n_steps && !is_nan {
            break End::Stopped;
        }
        let mut metrics = BTreeMap::new();
        report(
            &mut metrics,
            "",
            (&job.plan.training, job.compile),
            &standing.tally.sums(),
        );
        // Counted from the first epoch of all, as Keras does (`_should_eval` in keras/src/trainers/trainer.py).
        let due = (epoch + 1).is_multiple_of(job.fit.validation_freq.max(1));
        let validation: Vec<u32> = (0..job.fit.validated(job.validation_samples.unwrap_or(0)) as u32).collect();
        if due && !validation.is_empty() {
            let mut interrupted = false;
            let sums = executor.evaluate(Set::Test, &validation, &mut |_| {
                interrupted = observer.is_interrupted();
                if interrupted { Flow::Stop } else { Flow::Continue }
            })?;
            if interrupted {
                // The epoch's steps are done; a resumed run validates first.
                break End::Stopped;
            }
            report(&mut metrics, "val_", (&job.plan.evaluation, job.compile), &sums);
        }
        let reactions = callbacks.after(epoch, &mut metrics);
        standing.history.epochs.push(Epoch { phase, epoch, metrics });
        standing.tally = Tally::default();
        over = reactions.stops;
        if reactions.is_best {
            standing.best = Some(executor.parameters()?);
        }
        for name in &reactions.checkpoints {
            observer.checkpoint(executor, name)?;
        }
        for (name, separator) in &reactions.tables {
            observer.table(&standing.history.alone(phase), name, *separator)?;
        }
        for board in &reactions.boards {
            observer.board(&standing.history.alone(phase), board)?;
        }
        let ends = over || epoch + 1 >= job.fit.epochs;
        let optimizer = job.plan.optimizer.as_ref().unwrap_or(&job.compile.optimizer);
        if ends && optimizer.options.ema.is_some() {
            put_averages(executor, job.plan)?;
        }
        if let Some(best) = standing.best.as_ref().filter(|_| ends) {
            executor.set_parameters(best)?;
        }
        kept = false;
        observer.end_epoch(&standing.history, start.elapsed());
        if observer.is_due() && !ends {
            observer.keep(executor, &standing, false)?;
            kept = true;
        }
    };
    if !kept {
        observer.keep(executor, &standing, true)?;
    }
    Ok((standing, end))
}

/// What an optimizer has done after one more phase, whose epochs are in the history.
pub fn after_phase(
    before: Before,
    phase: usize,
    (fit, compile): (&Fit, &Compile),
    train_samples: usize,
    history: &History,
) -> Before {
    let mut callbacks = Callbacks::new(fit, compile, train_samples).in_phase(phase, before);
    let mut steps = before.steps;
    for Epoch { epoch, metrics, .. } in history.of_phase(phase) {
        callbacks.after(*epoch, &mut metrics.clone());
        steps += fit.stretch(*epoch, train_samples).steps as u64;
    }
    Before {
        steps,
        learning_rate: callbacks.left(),
    }
}

/// The index of the epoch that is under way or comes next.
fn next_epoch(fit: &Fit, standing: &Standing) -> usize {
    let last = standing
        .history
        .epochs
        .last()
        .filter(|last| last.phase == standing.phase);
    let after = last.map_or(0, |last| last.epoch.saturating_add(1));
    fit.initial_epoch.max(after)
}

/// Trains over the rest of an epoch, or until the observer wants to stop or to save.
fn rest_of(
    executor: &mut dyn Executor,
    job: &Job<'_>,
    (epoch, callbacks): (usize, &Callbacks<'_>),
    before: &Tally,
    observer: &mut dyn Observer,
) -> Result<Tally> {
    let fit = job.fit;
    let stretch = fit.stretch(epoch, job.train_samples);
    let order = if fit.shuffle {
        permutation(fit.seed, stretch.pass as u64, job.train_samples as u32)
    } else {
        (0..job.train_samples as u32).collect()
    };
    let (n_steps, order) = (stretch.steps, order.get(stretch.samples).unwrap_or_default());
    let rest = order.get(before.samples..).unwrap_or_default();
    // Steps are counted from the optimizer's own first epoch: Adam's correction belongs to its slots.
    let whole = job.before.steps + stretch.steps_before;
    let optimizer = job.plan.optimizer.as_ref().unwrap_or(&job.compile.optimizer);
    let set = callbacks
        .learning_rate(epoch)
        .map(|rate| optimizer.with_learning_rate(f64::from(rate)));
    let records = steps(set.as_ref().unwrap_or(optimizer), fit, epoch as u64, whole, order.len());
    let records = records.get(before.steps..).unwrap_or_default();
    let mut told = Instant::now();
    executor.train_from(before, rest, records, &mut |sums| {
        if told.elapsed() >= NEWS {
            told = Instant::now();
            observer.progress(sums);
        }
        // What is due at the end of an epoch waits until its metrics are known.
        let is_nan = callbacks.end_at_nan() && !sums.loss.is_finite();
        if observer.is_interrupted() || is_nan || (sums.steps < n_steps && observer.is_due()) {
            Flow::Stop
        } else {
            Flow::Continue
        }
    })
}

/// An error unless the tally can be of this epoch: its steps have to be whole batches.
fn check(job: &Job<'_>, standing: &Standing) -> Result<()> {
    let Tally { steps, samples, .. } = standing.tally;
    let stretch = job.fit.stretch(next_epoch(job.fit, standing), job.train_samples);
    let n_steps = stretch.steps;
    let expected = steps.saturating_mul(job.fit.batch_size).min(stretch.samples.len());
    if steps > n_steps || samples != expected {
        return Err(RuntimeError::mismatch(
            "the state of the run",
            format!("{expected} samples after {steps} of {n_steps} steps"),
            samples.to_string(),
        ));
    }
    Ok(())
}

/// Replaces the trained parameters by their running averages, as Keras does when training ends.
fn put_averages(executor: &mut dyn Executor, plan: &Plan) -> Result<()> {
    let (mut parameters, slots) = (executor.parameters()?, executor.slots()?);
    if let Some(averages) = slots.last() {
        for parameter in plan.parameters.iter().filter(|parameter| parameter.trainable) {
            let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
            if let (Some(place), Some(average)) = (parameters.get_mut(range.clone()), averages.get(range)) {
                place.copy_from_slice(average);
            }
        }
        executor.set_parameters(&parameters)?;
    }
    Ok(())
}

/// The records of an epoch's steps over `samples` samples, after `before` steps of the same run.
pub fn steps(optimizer: &Optimizer, fit: &Fit, epoch: u64, before: u64, samples: usize) -> Vec<StepRecord> {
    let keys = step_keys(fit.seed, epoch);
    let batch_size = fit.batch_size.max(1);
    (0..samples.div_ceil(batch_size))
        .map(|step| {
            let batch = batch_size.min(samples - step * batch_size);
            StepRecord::new(optimizer, before + step as u64 + 1, batch, keys.pair(step as u64))
        })
        .collect()
}

/// Adds the loss and the metrics of `sums`, which the program has counted, to `into`, by the names that Keras's logs give
/// them, with a prefix.
pub fn report(into: &mut BTreeMap<String, f64>, prefix: &str, (program, compile): (&Program, &Compile), sums: &Sums) {
    let mut counts = program.counts();
    // The sums of the next metric, and over how many samples they are, or over how much weight.
    let mut counted = || {
        let Some(count) = counts.next() else {
            return (&[][..], 0.0);
        };
        let own = count.first..count.first + count.counters;
        let own = sums.counters.get(own).unwrap_or_default();
        match own.split_last() {
            Some((weight, own)) if !count.classes.is_empty() => (own, *weight),
            Some(_) | None => (own, sums.samples as f64),
        }
    };
    let judgements: Vec<Judgement> = compile.judgements().collect();
    let several = judgements.len() > 1;
    for (name, reported) in compile.reported() {
        let value = match reported {
            Reported::Whole => sums.mean_loss(),
            Reported::Loss(_) => counted().0.iter().sum::<f64>() / sums.samples.max(1) as f64,
            Reported::Metric { output, metric } => {
                let Some(judgement) = judgements.get(output) else {
                    continue;
                };
                let Some(metric) = judgement.metrics.get(metric) else {
                    continue;
                };
                // What is right of a single output is counted with the loss.
                let (own, samples) = if several || judgement.counting(metric, 1).is_some() {
                    counted()
                } else {
                    (std::slice::from_ref(&sums.correct), sums.samples as f64)
                };
                metric.kind.value(own, samples)
            }
        };
        into.insert(format!("{prefix}{name}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compiler::training::fit::Fit;
    use compiler::training::optimizers::SGD;

    fn sgd() -> Optimizer {
        Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.0,
            nesterov: false,
        })
    }

    #[test]
    fn keys_are_those_of_seed_epoch_and_step_alone() {
        let sgd = sgd();
        let keys = |seed: u64, epoch: u64, before: u64| -> Vec<[u32; 2]> {
            let fit = Fit {
                batch_size: 4,
                seed,
                ..Fit::default()
            };
            steps(&sgd, &fit, epoch, before, 10)
                .iter()
                .map(|step| step.key)
                .collect()
        };
        let first = keys(1, 0, 0);
        assert_eq!(first.len(), 3);
        assert!(first[0] != first[1] && first[1] != first[2]);
        assert_ne!(first, keys(2, 0, 0), "another seed");
        assert_ne!(first, keys(1, 1, 0), "another epoch");
        // A run that began at another epoch, or that was resumed, has taken other steps before.
        assert_eq!(keys(1, 5, 15), keys(1, 5, 0));
    }

    #[test]
    fn records_say_how_long_each_batch_is() {
        let sgd = sgd();
        let fit = Fit {
            batch_size: 4,
            ..Fit::default()
        };
        let steps = steps(&sgd, &fit, 0, 0, 10);
        let batches: Vec<u32> = steps.iter().map(|step| step.batch).collect();
        assert_eq!(batches, [4, 4, 2]);
        assert!(
            steps
                .iter()
                .all(|step| (step.inverse_batch * step.batch as f32 - 1.0).abs() < 1e-6)
        );
    }
}
