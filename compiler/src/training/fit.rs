//! What `fit(...)` asks for.

use crate::training::callbacks::Callback;
use crate::training::data::DataName;
use crate::training::loading::Loading;
use grammar::span::Span;
use serde::Serialize;

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
    /// Validate every so many epochs; 1.
    pub validation_freq: usize,
    /// Where all randomness starts; 0. (Keras: `keras.utils.set_random_seed`.)
    pub seed: u64,
    /// What outputs are compared with; the labels. (Keras: `fit(x, x)`.)
    #[serde(skip_serializing_if = "is_labels")]
    pub targets: TargetSource,
    /// What is done after each epoch, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
    /// How the data are read, where a loader says so: `fit(train, ...)` with `train = image_dataset_from_directory(...)`. `data` is
    /// its folder then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loading: Option<Box<Loading>>,
    /// Where the data argument stands.
    #[serde(skip)]
    pub data_span: Option<Span>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_labels(targets: &TargetSource) -> bool {
    *targets == TargetSource::Labels
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
            validation_freq: 1,
            seed: 0,
            targets: TargetSource::Labels,
            callbacks: Vec::new(),
            loading: None,
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
}
