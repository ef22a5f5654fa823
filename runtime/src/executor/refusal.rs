//! The calls that every executor refuses, in the same words: those that do not suit the plan, the data or the calls before them.

use crate::data::{Pixels, Split};
use crate::error::{Result, RuntimeError};
use compiler::host::entering::target_of;
use compiler::host::step::StepRecord;
use compiler::plan::{Plan, Tensor, TensorId};
use compiler::training::optimizer::Optimizer;

/// Checks the calls of an executor against its plan.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The name of the device, for error messages.
    pub device: &'a str,
    /// The plan that the executor runs.
    pub plan: &'a Plan,
}

impl<'a> Refusal<'a> {
    /// The error of a call that is refused for this cause.
    pub fn of(&self, cause: impl Into<String>) -> RuntimeError {
        RuntimeError::Device {
            device: self.device.to_owned(),
            cause: cause.into(),
        }
    }

    /// Refuses batches without samples.
    pub fn batch_sizes(&self, sizes: [usize; 2]) -> Result<()> {
        if sizes.contains(&0) {
            return Err(self.of("a batch has at least one sample"));
        }
        Ok(())
    }

    /// Refuses samples that do not have the shape of the network's input, are in a file, or do not have a label each.
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

    /// Refuses samples whose classes or targets do not suit the shape of the network's output.
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

    /// Refuses a call for a data set that has not been loaded.
    pub fn loaded<T>(&self, set: Option<T>) -> Result<T> {
        set.ok_or_else(|| self.of("no data set is loaded"))
    }

    /// Refuses an order that is empty or names samples that the data set does not have.
    pub fn order(&self, order: &[u32], samples: usize) -> Result<()> {
        match order.iter().max() {
            None => Err(self.of("an order of no samples")),
            Some(&sample) if sample as usize >= samples => {
                Err(self.of(format!("sample {sample} of a data set of {samples}")))
            }
            Some(_) => Ok(()),
        }
    }

    /// Refuses a batch of `order` that has no record, or one that was made for a batch of another length.
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

    /// Refuses to train without an optimizer; returns the optimizer.
    pub fn compiled(&self) -> Result<&'a Optimizer> {
        let missing = || self.of("the network was not compiled: it has no optimizer");
        self.plan.optimizer.as_ref().ok_or_else(missing)
    }

    /// Refuses to evaluate without a loss.
    pub fn judged(&self) -> Result<()> {
        if self.plan.evaluation.operations.is_empty() {
            return Err(self.of("the network was not compiled: it has no loss"));
        }
        Ok(())
    }

    /// Refuses parameters of another number than the plan's.
    pub fn parameters(&self, parameters: &[f32]) -> Result<()> {
        let (wanted, given) = (self.plan.parameter_floats, parameters.len());
        if given != wanted {
            return Err(self.of(format!("{given} parameters for a plan of {wanted}")));
        }
        Ok(())
    }

    /// Refuses slots of another number or length than the plan's.
    pub fn slots(&self, slots: &[&[f32]]) -> Result<()> {
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

    /// Refuses to show what no step has left yet.
    pub fn kept<T>(&self, kept: Option<T>, what: &str) -> Result<T> {
        kept.ok_or_else(|| self.of(format!("{what} were not kept")))
    }

    /// Refuses a tensor that a training step does not have; returns the tensor.
    pub fn tensor(&self, tensor: TensorId) -> Result<&Tensor> {
        let tensors = &self.plan.training.tensors;
        let missing = || self.of(format!("tensor {} of {}", tensor.0, tensors.len()));
        tensors.get(tensor.0).ok_or_else(missing)
    }
}
