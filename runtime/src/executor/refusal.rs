//! What every executor refuses, in the same words: a call that does not fit the plan, the data or the one before it.

use crate::data::{Pixels, Split};
use crate::error::{Result, RuntimeError};
use compiler::host::entering::target_of;
use compiler::host::step::StepRecord;
use compiler::plan::{Plan, Tensor, TensorId};
use compiler::training::optimizer::Optimizer;

/// The calls of one executor, held to its plan.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The device's name, for the errors.
    pub device: &'a str,
    /// What the executor runs.
    pub plan: &'a Plan,
}

impl<'a> Refusal<'a> {
    /// The error of a call that was refused.
    pub fn of(&self, cause: impl Into<String>) -> RuntimeError {
        RuntimeError::Device {
            device: self.device.to_owned(),
            cause: cause.into(),
        }
    }

    /// Batches of no samples.
    pub fn batch_sizes(&self, sizes: [usize; 2]) -> Result<()> {
        if sizes.contains(&0) {
            return Err(self.of("a batch has at least one sample"));
        }
        Ok(())
    }

    /// Samples of another shape than the network's input, or without a label each.
    pub fn split(&self, split: &Split) -> Result<()> {
        if !compiler::check::takes(&self.plan.input_shape, &split.shape) {
            let (shape, input) = (&split.shape, &self.plan.input_shape);
            return Err(self.of(format!("samples of {shape} for an input of {input}")));
        }
        if let Pixels::Stored(_) = split.pixels {
            return Err(self.of("samples in a file for an executor that takes them from memory"));
        }
        let (values, labels) = (split.pixels.len(), split.labels.len());
        if values != labels * split.shape.elements() {
            return Err(self.of(format!("{values} values for {labels} samples of {}", split.shape)));
        }
        Ok(())
    }

    /// Samples whose classes or targets are not of the network's output's shape.
    pub fn targets(&self, split: &Split) -> Result<()> {
        let labels = split.labels.len();
        let Some((channels, positions)) = target_of(&self.plan.evaluation) else {
            return Ok(());
        };
        let (wanted, given) = match &split.targets {
            Some(targets) if targets.are_classes(channels) => (positions * labels, targets.values.len()),
            Some(targets) => (channels * positions * labels, targets.values.len()),
            // Class numbers are one value or one row.
            None => (1, positions),
        };
        if wanted != given {
            let what = split.targets.as_ref().map_or_else(
                || "class numbers".to_owned(),
                |targets| format!("targets of {}", targets.shape),
            );
            return Err(self.of(format!("{what} for an output of {}", self.plan.output_shape)));
        }
        Ok(())
    }

    /// A call before its data set was loaded.
    pub fn loaded<T>(&self, set: Option<T>) -> Result<T> {
        set.ok_or_else(|| self.of("no data set is loaded"))
    }

    /// An order that names no sample, or one that the data set does not have.
    pub fn order(&self, order: &[u32], samples: usize) -> Result<()> {
        match order.iter().max() {
            None => Err(self.of("an order of no samples")),
            Some(&sample) if sample as usize >= samples => {
                Err(self.of(format!("sample {sample} of a data set of {samples}")))
            }
            Some(_) => Ok(()),
        }
    }

    /// A batch of `order` without a record, or with one that was made for a batch of another length.
    pub fn steps(&self, order: &[u32], batch_size: usize, steps: &[StepRecord]) -> Result<()> {
        let batches = order.len().div_ceil(batch_size);
        if steps.len() < batches {
            return Err(self.of(format!("{} step records for {batches} steps", steps.len())));
        }
        let other = |(batch, step): &(&[u32], &StepRecord)| step.batch as usize != batch.len();
        match order.chunks(batch_size).zip(steps).find(other) {
            Some((batch, step)) => Err(self.of(format!(
                "the record of a step of {} samples for a batch of {}",
                step.batch,
                batch.len()
            ))),
            None => Ok(()),
        }
    }

    /// Training without an update rule; gives the rule.
    pub fn compiled(&self) -> Result<&'a Optimizer> {
        let missing = || self.of("the network was not compiled: it has no optimizer");
        self.plan.optimizer.as_ref().ok_or_else(missing)
    }

    /// Judging without a loss.
    pub fn judged(&self) -> Result<()> {
        if self.plan.evaluation.operations.is_empty() {
            return Err(self.of("the network was not compiled: it has no loss"));
        }
        Ok(())
    }

    /// Another number of parameters than the plan's.
    pub fn parameters(&self, parameters: &[f32]) -> Result<()> {
        let (wanted, given) = (self.plan.parameter_floats, parameters.len());
        if given != wanted {
            return Err(self.of(format!("{given} parameters for a plan of {wanted}")));
        }
        Ok(())
    }

    /// Another number of optimizer slots than the plan's, or slots of another length.
    pub fn slots(&self, slots: &[Vec<f32>]) -> Result<()> {
        let wanted = self
            .plan
            .optimizer
            .as_ref()
            .map_or(0, |optimizer| optimizer.kept().len());
        if slots.len() != wanted {
            return Err(self.of(format!("{} optimizer slots for a plan of {wanted}", slots.len())));
        }
        slots.iter().try_for_each(|slot| self.parameters(slot))
    }

    /// A look at what no step has left behind.
    pub fn kept<T>(&self, kept: Option<T>, what: &str) -> Result<T> {
        kept.ok_or_else(|| self.of(format!("{what} were not kept")))
    }

    /// A tensor that a training step does not have.
    pub fn tensor(&self, tensor: TensorId) -> Result<&Tensor> {
        let tensors = &self.plan.training.tensors;
        let missing = || self.of(format!("tensor {} of {}", tensor.0, tensors.len()));
        tensors.get(tensor.0).ok_or_else(missing)
    }
}
