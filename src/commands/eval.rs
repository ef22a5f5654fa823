//! `cnnc eval`: loss and metrics of given weights on the test split.

use super::session::{Purpose, Samples};
use super::{Failure, Outcome, session, source};
use crate::cli::{EvalArgs, Format};
use crate::render::progress::number;
use crate::render::terminal;
use runtime::executor::{Flow, Set};
use runtime::train;
use std::collections::BTreeMap;

/// Evaluates.
pub fn run(args: &EvalArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let network = &description.network;
    let compile = network.training().map_err(|error| description.reject(*error))?.clone();
    let mut fit = network.network().fit.clone();
    fit.batch_size = args.batch_size.or(fit.validation_batch_size).unwrap_or(fit.batch_size);
    fit.validation_batch_size = None;
    let plan = session::plan(&description);
    let weights = session::weights(&plan, &args.weights)?;
    // The seed decides which pictures of a folder were held back: the run's own, not the description's.
    fit.seed = session::manifest_beside(&args.weights).map_or(fit.seed, |manifest| manifest.seed);
    let how = (Purpose::Infer, false);
    let (dataset, mut executor) =
        session::dataset_and_executor(&description, args.data.as_deref(), &args.device, &plan, &fit, how)?;
    let Samples { judged, which, .. } =
        Samples::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    terminal::say(&format!(
        "data: the {which} split of {}, {} samples",
        dataset.name,
        judged.len()
    ));
    let order: Vec<u32> = (0..judged.len() as u32).collect();
    executor.set_parameters(&weights)?;
    executor.load(Set::Test, &judged)?;
    let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue)?;
    let mut metrics = BTreeMap::new();
    train::report(&mut metrics, "", &compile, &sums);
    let mut values: serde_json::Map<String, serde_json::Value> = metrics
        .iter()
        .map(|(name, value)| (name.clone(), (*value).into()))
        .collect();
    values.insert("samples".to_owned(), sums.samples.into());
    let text = match args.format {
        Format::Text => {
            let parts: Vec<_> = metrics
                .iter()
                .map(|(name, value)| format!("{name}: {}", number(*value)))
                .collect();
            parts.join(" - ") + "\n"
        }
        Format::Json => format!("{}\n", serde_json::Value::Object(values)),
        Format::Yaml => serde_yaml::to_string(&values).map_err(|error| Failure::message(error.to_string()))?,
    };
    terminal::print(&text)
}
