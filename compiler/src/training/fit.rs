//! What `fit(...)` asks for.

use crate::training::callbacks::Callback;
use crate::training::data::DataName;
use crate::training::loading::Loading;
use grammar::span::Span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a network's outputs are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetSource {
    /// What the data set says of each sample: a class, numbers, a picture.
    #[default]
    Labels,
    /// The sample itself, as an autoencoder is trained.
    Input,
}

/// How much of a run's progress `fit(verbose=...)` asks to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// A bar where the terminal can draw one, else a line an epoch. Keras's `"auto"` and `1`.
    #[default]
    Bar,
    /// Nothing; `0`.
    Silent,
    /// A line an epoch; `2`.
    Lines,
}

/// The part of a pass over the training samples that an epoch trains on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The pass, counted as epochs are: without `steps_per_epoch` it is the epoch itself. Each pass has its own order.
    pub pass: usize,
    /// The places in that order which the epoch trains on.
    pub samples: Range<usize>,
    /// Steps of the epoch.
    pub steps: usize,
    /// Steps of the run before this epoch.
    pub steps_before: u64,
}

/// `fit(...)`, Keras's arguments and the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// A known data set's name or a path relative to the description; none where `fit` or `data=` is absent, and then
    /// a run needs `--data`.
    pub data: Option<DataName>,
    /// Passes over the training split; 1.
    pub epochs: usize,
    /// The epoch to begin at, for the numbering and the shuffles; 0.
    pub initial_epoch: usize,
    /// Samples a step; 32.
    pub batch_size: usize,
    /// Whether each epoch has its own order; true.
    pub shuffle: bool,
    /// The share of the training split, its last part, that validates in place of the test split; 0.
    pub validation_split: f64,
    /// Samples a step when validating; none means `batch_size`.
    pub validation_batch_size: Option<usize>,
    /// Steps of an epoch at most; none means a pass over all samples. The next epoch goes on where this one ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_per_epoch: Option<usize>,
    /// Steps of a validation at most, over the first samples; none means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_steps: Option<usize>,
    /// Validate every so many epochs; 1.
    pub validation_freq: usize,
    /// Where all randomness starts; 0. (Keras: `keras.utils.set_random_seed`.)
    pub seed: u64,
    /// What outputs are compared with; the labels. (Keras: `fit(x, x)`.)
    #[serde(skip_serializing_if = "is_labels")]
    pub targets: TargetSource,
    /// What the loss of a sample of a class counts in training, by the number of the class; other classes count 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub class_weight: BTreeMap<u32, f32>,
    /// What is done after each epoch, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
    /// How the data are read, where a loader says so: `fit(train, ...)` with `train = image_dataset_from_directory(...)`. `data` is
    /// its folder then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loading: Option<Box<Loading>>,
    /// Whether samples that validate are validated on; a phase may do without those that another one asks for.
    #[serde(skip_serializing_if = "is_true")]
    pub validates: bool,
    /// What is shown meanwhile.
    #[serde(skip)]
    pub verbose: Verbosity,
    /// Where `class_weight` stands.
    #[serde(skip)]
    pub class_weight_span: Option<Span>,
    /// Where the data argument stands.
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
    /// Keras's defaults, as when `fit` is absent.
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
            class_weight: BTreeMap::new(),
            callbacks: Vec::new(),
            loading: None,
            validates: true,
            verbose: Verbosity::Bar,
            class_weight_span: None,
            data_span: None,
        }
    }
}

impl Fit {
    /// Where a training split of that many samples is cut: those before are trained on, the rest validate. Keras's rule,
    /// `int(samples * (1 - validation_split))`; a split beyond 0..1 saturates at an end.
    pub fn cut(samples: usize, validation_split: f64) -> usize {
        ((samples as f64 * (1.0 - validation_split)).floor() as usize).min(samples)
    }

    /// Steps of a pass over so many training samples.
    pub fn steps_of_a_pass(&self, samples: usize) -> usize {
        samples.div_ceil(self.batch_size.max(1))
    }

    /// What an epoch trains on, of so many training samples. As in Keras with arrays (`EpochIterator` in
    /// `keras/src/trainers/epoch_iterator.py`), an epoch of `steps_per_epoch` goes on with the samples that the last epoch
    /// left, and ends early where they run out; the next epoch begins a new pass.
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

    /// How many of so many validation samples are validated on: the first ones.
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
