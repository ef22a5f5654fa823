//! Fitting: epochs over an executor, with Keras's bookkeeping (keras/src/trainers, `fit`).

use crate::checkpoint::{NamedTensor, Tensor, match_variables};
use crate::error::Result;
use crate::executor::{Executor, Flow, Set, Sums};
use crate::random::{Stream, initial_values, permutation, step_keys};
use crate::run_directory::{Epoch, History};
use compiler::host::step::StepRecord;
use compiler::plan::{Parameter, Plan};
use compiler::training::compile::Compile;
use compiler::training::fit::Fit;
use compiler::training::optimizer::Optimizer;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What is fitted, and from where on.
pub struct Job<'a> {
    /// The plan that the executor runs.
    pub plan: &'a Plan,
    /// Optimizer and metrics.
    pub compile: &'a Compile,
    /// Epochs, batch size, seed and the like.
    pub fit: &'a Fit,
    /// Samples of the training split, which is loaded.
    pub train_samples: usize,
    /// Samples of the validation split, where there is one, which is loaded.
    pub validation_samples: Option<usize>,
    /// The epochs that are done already, of a run that is resumed.
    pub history: History,
}

/// Who is told how it goes.
pub trait Observer {
    /// An epoch begins; counted from 0, of so many.
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize);
    /// So far in the epoch; says whether to go on.
    fn progress(&mut self, sums: &Sums) -> Flow;
    /// The epoch is over: its metrics and how long it took. What it leaves is to be kept now.
    fn end_epoch(&mut self, executor: &mut dyn Executor, history: &History, took: Duration) -> Result<()>;
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All epochs are done.
    Done,
    /// The observer said stop; the epoch under way is not in the history.
    Stopped,
}

/// Trains from the executor's present parameters, and gives the history of all epochs.
pub fn fit(executor: &mut dyn Executor, job: Job<'_>, observer: &mut dyn Observer) -> Result<(History, End)> {
    let Job {
        plan,
        compile,
        fit,
        train_samples,
        validation_samples,
        mut history,
    } = job;
    let n_steps = train_samples.div_ceil(fit.batch_size);
    let validation: Vec<u32> = (0..validation_samples.unwrap_or(0) as u32).collect();
    let first = fit
        .initial_epoch
        .max(history.epochs.last().map_or(0, |epoch| epoch.epoch + 1));
    let optimizer = plan.optimizer.as_ref().unwrap_or(&compile.optimizer);
    for epoch in first..fit.epochs {
        let start = Instant::now();
        observer.begin_epoch(epoch, fit.epochs, n_steps);
        let order = if fit.shuffle {
            permutation(fit.seed, epoch as u64, train_samples as u32)
        } else {
            (0..train_samples as u32).collect()
        };
        // Steps are counted from the run's own first epoch: Adam's correction belongs to its slots.
        let steps_before = (epoch - fit.initial_epoch.min(epoch)) * n_steps;
        let steps = steps(optimizer, fit, epoch as u64, steps_before as u64, train_samples);
        let mut flow = Flow::Continue;
        let sums = executor.train(&order, &steps, &mut |sums| {
            flow = observer.progress(sums);
            flow
        })?;
        if flow == Flow::Stop && sums.steps < n_steps {
            return Ok((history, End::Stopped));
        }
        // An epoch may be over before an executor has told of it once.
        if flow == Flow::Continue {
            flow = observer.progress(&sums);
        }
        let mut metrics = BTreeMap::new();
        report(&mut metrics, "", compile, &sums);
        let due = (epoch + 1 - fit.initial_epoch.min(epoch)).is_multiple_of(fit.validation_freq.max(1));
        if !validation.is_empty() && due {
            let mut watch = |_: &Sums| Flow::Continue;
            let sums = executor.evaluate(Set::Test, &validation, &mut watch)?;
            report(&mut metrics, "val_", compile, &sums);
        }
        history.epochs.push(Epoch { epoch, metrics });
        if epoch + 1 == fit.epochs && optimizer.options.ema.is_some() {
            put_averages(executor, plan)?;
        }
        observer.end_epoch(executor, &history, start.elapsed())?;
        if flow == Flow::Stop {
            return Ok((history, End::Stopped));
        }
    }
    Ok((history, End::Done))
}

/// Puts the running averages of the parameters that train in their place, as Keras does when training ends.
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

/// The loss and the metrics of `sums`, by the names that Keras's logs give them.
pub fn report(into: &mut BTreeMap<String, f64>, prefix: &str, compile: &Compile, sums: &Sums) {
    into.insert(format!("{prefix}loss"), sums.mean_loss());
    for metric in &compile.metrics {
        into.insert(
            format!("{prefix}{}", metric.name),
            metric.kind.value(&[sums.correct], sums.samples),
        );
    }
}

/// The flat parameters that a run with `seed` starts from. Each variable has a stream of its own, so that a layer more
/// leaves the others as they were.
pub fn initial_parameters(plan: &Plan, seed: u64) -> Vec<f32> {
    flat(plan, |parameter| {
        let (layer, variable) = parameter.name.rsplit_once('.').unwrap_or((&parameter.name, ""));
        initial_values(
            &parameter.initializer,
            &parameter.shape,
            Stream::of_variable(seed, layer, variable),
        )
    })
}

/// The flat parameters of a file's tensors, which must be exactly the plan's variables. Names begin with `prefix`.
pub fn parameters_from(plan: &Plan, tensors: &BTreeMap<String, Tensor>, prefix: &str) -> Result<Vec<f32>> {
    let wanted: BTreeMap<String, Tensor> = tensors
        .iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone())))
        .collect();
    let expected: Vec<_> = plan
        .parameters
        .iter()
        .map(|p| (p.name.clone(), p.shape.clone()))
        .collect();
    let mut values = match_variables(wanted, &expected)?.into_iter();
    Ok(flat(plan, |_| values.next().unwrap_or_default()))
}

/// A flat buffer as named tensors in Keras's shapes.
pub fn tensors_of(plan: &Plan, buffer: &[f32], prefix: &str) -> Vec<NamedTensor> {
    let named = |parameter: &Parameter| {
        (
            format!("{prefix}{}", parameter.name),
            parameter.shape.clone(),
            parameter.unpack(buffer),
        )
    };
    plan.parameters.iter().map(named).collect()
}

fn flat(plan: &Plan, mut values: impl FnMut(&Parameter) -> Vec<f32>) -> Vec<f32> {
    let mut buffer = vec![0.0; plan.parameter_floats];
    for parameter in &plan.parameters {
        let packed = parameter.pack(&values(parameter));
        let place = buffer.iter_mut().skip(parameter.range.offset);
        place.zip(packed).for_each(|(place, value)| *place = value);
    }
    buffer
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
