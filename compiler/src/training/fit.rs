//! The arguments of `fit(...)`.

use crate::training::callbacks::Callback;
use crate::training::data::DataName;
use crate::training::loading::Loading;
use crate::training::scale::Scale;
use grammar::ast::Call;
use grammar::span::Span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a network's outputs are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetSource {
    /// The label that the data set has for each sample: a class, numbers, or a picture.
    #[default]
    Labels,
    /// The sample itself, as for an autoencoder.
    Input,
}

/// How much of a run's progress is shown, as `fit(verbose=...)` asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// A bar where the terminal can draw one, otherwise a line for each epoch: Keras's `"auto"` and `1`.
    #[default]
    Bar,
    /// No progress at all: Keras's `0`.
    Silent,
    /// A line for each epoch: Keras's `2`.
    Lines,
}

/// The part of a pass over the training samples that an epoch uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The number of the pass, counted as epochs are: without `steps_per_epoch` it is the epoch itself. Each pass has
    /// its own order.
    pub pass: usize,
    /// The places in that order that the epoch trains on.
    pub samples: Range<usize>,
    /// Steps of this epoch.
    pub steps: usize,
    /// Steps of the run before this epoch.
    pub steps_before: u64,
}

/// What `fit(...)` asks for: Keras's arguments and the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The name of a known data set, or a path relative to the description; None where the description gives none, so
    /// that a run needs `--data`.
    pub data: Option<DataName>,
    /// Passes over the training samples; 1 by default.
    pub epochs: usize,
    /// The epoch to begin at, which numbers epochs and chooses their orders; 0 by default.
    pub initial_epoch: usize,
    /// Samples of a step; 32 by default.
    pub batch_size: usize,
    /// Whether each epoch has its own order; true by default.
    pub shuffle: bool,
    /// The share of the training samples, taken from their end, that validates in place of the test samples; 0 by default.
    pub validation_split: f64,
    /// Samples of a step of validation; None for `batch_size`.
    pub validation_batch_size: Option<usize>,
    /// The largest number of steps of an epoch, and the next epoch goes on where it ends; None for a pass over all samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_per_epoch: Option<usize>,
    /// The largest number of steps of a validation, over the first samples; None for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_steps: Option<usize>,
    /// The number of epochs from one validation to the next; 1 by default.
    pub validation_freq: usize,
    /// The start of all random numbers; 0 by default. (Keras: `keras.utils.set_random_seed`.)
    pub seed: u64,
    /// What outputs are compared with; the labels by default. (Keras: `fit(x, x)`.)
    #[serde(skip_serializing_if = "is_labels")]
    pub targets: TargetSource,
    /// What values become on their way in; None where the network decides, see [`crate::entering`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The factor of the loss of a sample, by the number of its class; 1 for classes that are missing. Training alone uses it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub class_weight: BTreeMap<u32, f32>,
    /// The callbacks, in the order in which they act.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
    /// How the data are read, where the description calls a loader: `fit(train, ...)` with
    /// `train = image_dataset_from_directory(...)`. `data` is then the loader's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loading: Option<Box<Loading>>,
    /// Whether the network is validated at all; a phase may do without the validation that another one asks for.
    #[serde(skip_serializing_if = "is_true")]
    pub validates: bool,
    /// How much of the progress is shown.
    #[serde(skip)]
    pub verbose: Verbosity,
    /// The place of `class_weight` in the description; None where it is left out.
    #[serde(skip)]
    pub class_weight_span: Option<Span>,
    /// The place of `scale` in the description; None where it is left out.
    #[serde(skip)]
    pub scale_span: Option<Span>,
    /// The place of the argument that names the data; None where there is none.
    #[serde(skip)]
    pub data_span: Option<Span>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_labels(targets: &TargetSource) -> bool {
    *targets == TargetSource::Labels
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_true(truth: &bool) -> bool {
    *truth
}

impl Default for Fit {
    /// Keras's defaults, which also apply where there is no `fit`.
    fn default() -> Self {
        Self {
            data: None,
            epochs: 1,
            initial_epoch: 0,
            batch_size: 32,
            shuffle: true,
            validation_split: 0.0,
            validation_batch_size: None,
            steps_per_epoch: None,
            validation_steps: None,
            validation_freq: 1,
            seed: 0,
            targets: TargetSource::Labels,
            scale: None,
            class_weight: BTreeMap::new(),
            callbacks: Vec::new(),
            loading: None,
            validates: true,
            verbose: Verbosity::Bar,
            class_weight_span: None,
            scale_span: None,
            data_span: None,
        }
    }
}

impl Fit {
    /// The layers that the way in which the data are read puts at the front of the network.
    pub(crate) fn front(&self) -> Vec<Call> {
        let of_scale = || self.scale?.layer(self.scale_span?);
        match &self.loading {
            Some(loading) => loading.front.clone(),
            None => of_scale().into_iter().collect(),
        }
    }

    /// The number of training samples that are left to train on, while the rest validate. Keras's rule is
    /// `int(samples * (1 - validation_split))`; a split beyond 0..1 saturates at an end.
    pub fn cut(samples: usize, validation_split: f64) -> usize {
        ((samples as f64 * (1.0 - validation_split)).floor() as usize).min(samples)
    }

    /// The number of steps of a pass over so many training samples.
    pub fn steps_of_a_pass(&self, samples: usize) -> usize {
        samples.div_ceil(self.batch_size.max(1))
    }

    /// What an epoch trains on, of so many training samples. As in Keras with arrays (`EpochIterator` in
    /// `keras/src/trainers/epoch_iterator.py`), an epoch of `steps_per_epoch` goes on with the samples that the
    /// previous epoch left, and ends early where they run out; the next epoch then begins a new pass.
    pub fn stretch(&self, epoch: usize, samples: usize) -> Stretch {
        let pass_steps = self.steps_of_a_pass(samples);
        let most = self.steps_per_epoch.unwrap_or(pass_steps).min(pass_steps).max(1);
        let epochs_a_pass = pass_steps.div_ceil(most).max(1);
        let done = epoch.saturating_sub(self.initial_epoch);
        let (passes, first) = (done / epochs_a_pass, done % epochs_a_pass * most);
        let steps = most.min(pass_steps.saturating_sub(first));
        let place = |step: usize| step.saturating_mul(self.batch_size.max(1)).min(samples);
        Stretch {
            pass: self.initial_epoch.saturating_add(passes),
            samples: place(first)..place(first + steps),
            steps,
            steps_before: (passes as u64).saturating_mul(pass_steps as u64) + first as u64,
        }
    }

    /// The number of validation samples that are used, which are the first ones.
    pub fn validated(&self, samples: usize) -> usize {
        if !self.validates {
            return 0;
        }
        let batch = self.validation_batch_size.unwrap_or(self.batch_size);
        self.validation_steps
            .map_or(samples, |steps| steps.saturating_mul(batch).min(samples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(steps_per_epoch: Option<usize>, batch_size: usize, epochs: usize) -> Vec<(usize, Range<usize>, u64)> {
        let fit = Fit {
            steps_per_epoch,
            batch_size,
            initial_epoch: 2,
            ..Fit::default()
        };
        (2..2 + epochs)
            .map(|epoch| {
                let stretch = fit.stretch(epoch, 10);
                assert_eq!(stretch.steps, stretch.samples.len().div_ceil(batch_size));
                (stretch.pass, stretch.samples, stretch.steps_before)
            })
            .collect()
    }

    /// Keras 3.15 trains on these samples of ten, without shuffling.
    #[test]
    fn epochs_go_on_where_the_last_one_ended() {
        assert_eq!(steps(None, 3, 2), [(2, 0..10, 0), (3, 0..10, 4)]);
        let expected = [(2, 0..4, 0), (2, 4..8, 4), (2, 8..10, 8), (3, 0..4, 10)];
        assert_eq!(steps(Some(4), 1, 4), expected);
        assert_eq!(steps(Some(2), 3, 3), [(2, 0..6, 0), (2, 6..10, 2), (3, 0..6, 4)]);
        assert_eq!(steps(Some(4), 3, 2), [(2, 0..10, 0), (3, 0..10, 4)]);
        assert_eq!(steps(Some(20), 3, 2), [(2, 0..10, 0), (3, 0..10, 4)]);
        let fit = Fit::default();
        assert_eq!(fit.stretch(0, 0).steps, 0);
        assert_eq!(fit.stretch(usize::MAX, 7).pass, usize::MAX);
    }

    #[test]
    fn the_first_samples_validate() {
        let fit = |steps, batch| Fit {
            validation_steps: steps,
            validation_batch_size: batch,
            ..Fit::default()
        };
        assert_eq!(fit(None, None).validated(100), 100);
        assert_eq!(fit(Some(2), None).validated(100), 64);
        assert_eq!(fit(Some(3), Some(5)).validated(100), 15);
        assert_eq!(fit(Some(usize::MAX), None).validated(100), 100);
    }
}
