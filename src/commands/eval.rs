//! `cnnc eval`: loss and metrics of given weights on the test split.

use super::console::Console;
use super::{Failure, Outcome, open};
use crate::cli::eval::EvalArgs;
use crate::cli::values::Format;
use crate::render::progress::number;
use crate::render::terminal;
use cnnc::session::{self, Data};

/// Evaluates.
pub fn run(args: &EvalArgs) -> Outcome {
    let description = open(&args.file)?;
    let data = Data::given(args.data.as_deref());
    let console = Console::new(false);
    let evaluation = session::evaluate(
        &description,
        &args.weights,
        data,
        &args.device,
        args.batch_size,
        &console,
    )?;
    let metrics = evaluation.metrics;
    let mut values: serde_json::Map<String, serde_json::Value> = metrics
        .iter()
        .map(|(name, value)| (name.clone(), (*value).into()))
        .collect();
    values.insert("samples".to_owned(), evaluation.samples.into());
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
