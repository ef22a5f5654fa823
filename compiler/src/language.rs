//! The tables of the language reference, printed from the signatures that calls are read with.

use crate::activation::ActivationFunction;
use crate::call::initializers;
use crate::call::names;
use crate::call::signature::Signature;
use crate::call::suggest::all_of;
use crate::layers::CATALOGUE;
use crate::training::callbacks::CallbackKind as Callback;
use crate::training::constraints::Constraint;
use crate::training::data::KnownData;
use crate::training::loading;
use crate::training::losses::Loss;
use crate::training::optimizers::Rule;
use crate::training::regularizers::Regularizer;
use crate::training::schedules::Schedule;
use crate::training::{metrics, settings};
use std::fmt::Write;

/// All layers, optimizers, losses, initializers and settings with their arguments, as Markdown.
pub fn language_tables() -> String {
    let mut text = String::from("## Layers\n");
    for entry in &CATALOGUE {
        section(&mut text, entry.signature);
    }
    text.push_str("\n## Activations\n\n");
    let quoted: Vec<String> = ActivationFunction::NAMES
        .iter()
        .map(|(name, _)| format!("`\"{name}\"`"))
        .collect();
    let _ = writeln!(
        text,
        "{}.\nAlso as a path, such as `keras.activations.relu`; `None` is `\"linear\"`.",
        all_of(quoted.iter().map(String::as_str))
    );
    text.push_str("\n## Initializers\n\n");
    let _ = writeln!(text, "By name: {}. Or by call:", initializers::names());
    for signature in &initializers::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str(
        "\n## Regularizers\n\nBy call, or by name (`\"l2\"`), which means all defaults. What they add is in the loss as Keras reports it, \
         in training and in validation; `trainable=False` turns them off.\n",
    );
    for signature in Regularizer::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str(
        "\n## Constraints\n\nBy call, or by name (`\"non_neg\"`), which means all defaults. They act after each update, on variables \
         that train.\n",
    );
    for signature in Constraint::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str("\n## compile and fit\n");
    section(&mut text, &settings::COMPILE);
    section(&mut text, &settings::FIT);
    let data: Vec<String> = KnownData::ALL
        .iter()
        .map(|data| format!("`\"{}\"` ({})", data.name(), data.shape()))
        .collect();
    let _ = writeln!(
        text,
        "\nData sets by name: {}.",
        all_of(data.iter().map(String::as_str))
    );
    text.push_str(
        "\n## Data sets from picture files\n\nWith a name, `train = image_dataset_from_directory(\"photos/train\")`, and taken by `fit(train, \
         validation_data=valid)`.\n",
    );
    for signature in loading::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str("\n## Callbacks\n\nIn a list, `fit(callbacks=[...])`. What they write lies in the run directory. Those that only show or record what a run shows and\n\
        records by itself (`History`, `ProgbarLogger`, `BackupAndRestore`, and of other packages `PlotLossesKeras`, `TqdmCallback`, `WandbMetricsLogger`\n\
        and the like) are left out, with a warning.\n");
    for signature in Callback::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str("\n## Optimizers\n\nBy call, or by name in any case (`\"adam\"`), which means all defaults.\n");
    for signature in Rule::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str(
        "\n## Learning rate schedules\n\nBy call, as a `learning_rate`. Steps are counted from 0 over all epochs.\n",
    );
    for signature in Schedule::SIGNATURES {
        section(&mut text, signature);
    }
    text.push_str("\n## Losses\n");
    for (signature, name) in Loss::SIGNATURES.iter().zip(Loss::NAMES) {
        section(&mut text, signature);
        let _ = writeln!(text, "\n`\"{name}\"` is the same with all defaults.");
    }
    text.push_str("\n## Metrics\n\n");
    let metrics: Vec<String> = metrics::MetricKind::names()
        .map(|name| format!("`\"{name}\"`"))
        .collect();
    let _ = writeln!(
        text,
        "By name, which is its key in the log and means every default: {}. Or by call, where the second of a kind is numbered, \
         `precision_1`, unless `name=` names it.",
        all_of(metrics.iter().map(String::as_str))
    );
    for signature in metrics::MetricKind::SIGNATURES
        .iter()
        .filter(|signature| signature.name != "accuracy")
    {
        section(&mut text, signature);
    }
    text.push_str("\n## Not there yet\n\nKeras has these layers, cnnc does not: ");
    let _ = writeln!(text, "{}.", names::KERAS_LAYERS.join(", "));
    text
}

fn section(text: &mut String, signature: &Signature) {
    let _ = write!(text, "\n### {}\n\n{}.", signature.name, signature.doc);
    if !signature.aliases.is_empty() {
        let names: Vec<String> = signature.aliases.iter().map(|name| format!("`{name}`")).collect();
        let _ = write!(text, " Also {}.", all_of(names.iter().map(String::as_str)));
    }
    text.push('\n');
    let known: Vec<_> = signature.all().filter(|parameter| parameter.is_supported()).collect();
    if !known.is_empty() {
        text.push_str("\n| argument | takes | default | |\n|---|---|---|---|\n");
    }
    for parameter in known {
        let name = parameter.name;
        let _ = writeln!(
            text,
            "| `{name}` | {} | `{}` | {} |",
            parameter.kind.expects(),
            parameter.default,
            parameter.doc
        );
    }
    let refused: Vec<String> = signature
        .parameters
        .iter()
        .filter(|parameter| !parameter.is_supported())
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    if !refused.is_empty() {
        let _ = writeln!(
            text,
            "\nOf Keras's arguments these must be left at their defaults: {}.",
            all_of(refused.iter().map(String::as_str))
        );
    }
}
