//! `cnnc eval`: loss and metrics of given weights on the test split.

use super::console::Console;
use super::{Failure, Outcome, open};
use crate::cli::eval::EvalArgs;
use crate::cli::values::Format;
use crate::render::progress::number;
use crate::render::terminal;
use cnnc::export::int8::{Measured, measure};
use cnnc::session::{self, Data};

/// Prints the loss and the metrics; with `--int8`, how the network in 8-bit integers compares with the one in floats.
pub fn run(args: &EvalArgs) -> Outcome {
    let description = open(&args.file)?;
    let data = Data::given(args.data.as_deref());
    let console = Console::new(false);
    if args.int8 {
        return integers(args, &measure(&description, &args.weights, data, &console)?);
    }
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

/// Prints how the network in 8-bit integers compares with the one in floats.
fn integers(args: &EvalArgs, found: &Measured) -> Outcome {
    let named = [
        ("accuracy", found.accuracy),
        ("accuracy_int8", found.accuracy_int8),
        ("agreement", found.agreement),
        ("mean_difference", Some(found.mean_difference)),
        ("largest_difference", Some(found.largest_difference)),
    ];
    let mut values: serde_json::Map<String, serde_json::Value> = named
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.into())))
        .collect();
    values.insert("samples".to_owned(), found.samples.into());
    values.insert("weights_bytes".to_owned(), found.bytes.into());
    values.insert("weights_bytes_int8".to_owned(), found.bytes_int8.into());
    let text = match args.format {
        Format::Text => {
            let parts: Vec<String> = named
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}: {}", number((*value)?))))
                .collect();
            format!(
                "{} {} samples: {}\nweights: {} bytes, in int8 {}\n",
                found.samples,
                found.which,
                parts.join(" - "),
                found.bytes,
                found.bytes_int8
            )
        }
        Format::Json => format!("{}\n", serde_json::Value::Object(values)),
        Format::Yaml => serde_yaml::to_string(&values).map_err(|error| Failure::message(error.to_string()))?,
    };
    terminal::print(&text)
}
