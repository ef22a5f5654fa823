//! Settings of the command line that replace those of a description.

use super::error::{Error, Result};
use compiler::training::fit::Fit;
use compiler::training::settings::{MOST_EPOCHS, MOST_SAMPLES_A_STEP};

/// Settings that replace those of a description's `fit`; `None` keeps the description's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The number of passes over the training data.
    pub epochs: Option<usize>,
    /// The number of samples of a step.
    pub batch_size: Option<usize>,
    /// The seed of all random numbers.
    pub seed: Option<u64>,
}

impl Overrides {
    /// The settings of a description with these in their place.
    ///
    /// # Errors
    /// When one is outside the range that a description allows.
    pub fn apply(&self, fit: &Fit) -> Result<Fit> {
        let within = |name: &str, value: Option<usize>, most: usize| match value {
            Some(value) if !(1..=most).contains(&value) => {
                Err(Error::message(format!("{name}={value} is not from 1 to {most}")))
            }
            value => Ok(value),
        };
        let epochs = within("epochs", self.epochs, MOST_EPOCHS)?;
        let batch_size = within("batch_size", self.batch_size, MOST_SAMPLES_A_STEP)?;
        let mut fit = fit.clone();
        fit.epochs = epochs.unwrap_or(fit.epochs);
        fit.batch_size = batch_size.unwrap_or(fit.batch_size);
        fit.seed = self.seed.unwrap_or(fit.seed);
        Ok(fit)
    }
}
