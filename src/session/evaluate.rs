//! Evaluates given weights on a data set.

use super::error::Result;
use super::examine::Description;
use super::executor::{self, Purpose};
use super::listener::{Listener, Notice};
use super::samples::{Data, Samples};
use compiler::host::penalty;
use compiler::plan::memory::Sharing;
use runtime::executor::{Flow, Set};
use runtime::train;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The results of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The loss and the metrics, by Keras's names.
    pub metrics: BTreeMap<String, f64>,
    /// The number of samples.
    pub samples: usize,
    /// The split that the samples are from: `test`, `validation` or `training`.
    pub which: &'static str,
}

/// Evaluates the weights in a file on the test split of a data set; without one, on the validation split, else on the training
/// split.
///
/// # Errors
/// When the description does not compile or fit its data, or the data, the device or the weights cannot be had.
pub fn evaluate(
    description: &Description,
    weights: &Path,
    data: Data,
    device: &str,
    batch_size: Option<usize>,
    listener: &dyn Listener,
) -> Result<Evaluation> {
    // By what was compiled last, as Keras does.
    let network = &description.network.phase(usize::MAX);
    let compile = network.training().map_err(|error| description.reject(*error))?.clone();
    let mut fit = network.network().fit.clone();
    fit.batch_size = batch_size.or(fit.validation_batch_size).unwrap_or(fit.batch_size);
    fit.validation_batch_size = None;
    let plan = Arc::new(compiler::plan_to_infer(network, Sharing::Shared));
    let parameters = executor::weights(&description.network, &plan, weights)?;
    // The seed decides which pictures of a folder were held back: the run's own, not the description's.
    fit.seed = executor::manifest_beside(weights, listener).map_or(fit.seed, |manifest| manifest.seed);
    let (dataset, mut executor) =
        executor::dataset_and_executor(description, data, device, (&plan, &fit), Purpose::Infer, listener)?;
    let Samples { judged, which, .. } =
        Samples::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    listener.notice(&Notice::Data(format!(
        "data: the {which} split of {}, {} samples",
        dataset.name,
        judged.len()
    )));
    let order: Vec<u32> = (0..judged.len() as u32).collect();
    executor.set_parameters(&parameters)?;
    executor.load(Set::Test, &judged)?;
    let mut sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue)?;
    if !plan.folded.is_empty() {
        let trained = compiler::plan_of(network, Sharing::Shared);
        sums.loss += penalty::of(&trained, &parameters) * sums.samples as f64;
    }
    let mut metrics = BTreeMap::new();
    train::report(&mut metrics, "", (&plan.evaluation, &compile), &sums);
    Ok(Evaluation {
        metrics,
        samples: sums.samples,
        which,
    })
}
