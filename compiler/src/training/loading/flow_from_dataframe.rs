//! `ImageDataGenerator(...).flow_from_dataframe("labels.csv", ...)`: `DataFrameIterator` in
//! `keras/src/legacy/preprocessing/image.py`. Where pandas has a frame in memory, the argument here is the path of a
//! CSV file, or `read_csv` of it.

use super::labelling::LabelMode;
use super::labels::{self, X_COL, Y_COL, is_given};
use super::pictures::{Aspect, Interpolation, Loader, PictureFiles};
use super::reading::{
    COLOR_MODE, SAMPLES, SHUFFLE, batch_size, channels, classes, directory, labels_in_table, optional_natural,
    optional_word, subset_of,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::ValueKind;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The name and the arguments of the call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "flow_from_dataframe",
    aliases: &[],
    doc: "Of an ImageDataGenerator: picture files that a CSV names, with what they are",
    parameters: &[
        Argument::required(
            "dataframe",
            ArgumentKind::Table,
            "the CSV, relative to the description; read_csv of it is the same",
        ),
        Argument::optional(
            "directory",
            ArgumentKind::Name,
            Literal::None,
            "the folder that the files' names start at, relative to the description; None means the CSV's",
        ),
        X_COL,
        Y_COL,
        Argument::unsupported("weight_col", Literal::None),
        Argument::optional(
            "target_size",
            ArgumentKind::Pair,
            Literal::Pair(256, 256),
            "height and width",
        ),
        COLOR_MODE,
        classes("classes"),
        Argument::optional(
            "class_mode",
            ArgumentKind::Word(&["categorical", "binary", "sparse", "raw", "input"]),
            Literal::Str("categorical"),
            "\"raw\" takes the columns as numbers, \"input\" compares outputs with the samples themselves; the others are classes, the same here for every loss",
        ),
        SAMPLES,
        SHUFFLE,
        Argument::optional(
            "seed",
            ArgumentKind::Natural,
            Literal::None,
            "read and not used: orders start at fit's seed",
        ),
        Argument::unsupported("save_to_dir", Literal::None),
        Argument::unsupported("save_prefix", Literal::Str("")),
        Argument::unsupported("save_format", Literal::Str("png")),
        Argument::optional(
            "subset",
            ArgumentKind::Word(&["training", "validation"]),
            Literal::None,
            "which part of the rows is taken, of the generator's validation_split",
        ),
        Argument::unsupported("interpolation", Literal::Str("nearest")),
        Argument::unsupported("validate_filenames", Literal::Bool(true)),
    ],
    keywords: &[],
};

/// Reads the call; `split` is the generator's `validation_split` and its place. None where an argument could not be used.
pub(super) fn read(span: Span, split: (f64, Span), arguments: &mut Arguments) -> Option<PictureFiles> {
    let path = arguments.read("dataframe", labels::path);
    let folder = if is_given(arguments, "directory") {
        arguments.read("directory", directory).map(Some)
    } else {
        Some(None)
    };
    let table = labels::table(path, None, arguments);
    let image_size = arguments.read("target_size", values::pair);
    let colours = arguments.read("color_mode", values::word);
    let names = arguments.read("classes", labels_in_table);
    if let Some(written) = arguments.written("class_mode")
        && written.value.kind == ValueKind::String("multi_output".to_owned())
    {
        let span = written.span;
        arguments.diagnostics().push(
            Diagnostic::error("E0110", "class_mode=\"multi_output\" is not supported")
                .at(span, "this would be a target for each of several outputs")
                .help("class_mode=\"raw\" with the same columns is one output with a unit for each"),
        );
        return None;
    }
    let mode = arguments.read("class_mode", optional_word);
    let batch_size = arguments.read("batch_size", batch_size);
    let shuffle = arguments.bool("shuffle");
    let seed = arguments.read("seed", optional_natural);
    let share = subset_of(split.0, arguments)?;
    let mut spans = arguments.spans();
    spans.push(("validation_split", split.1));
    let mode = mode?;
    let label_mode = match mode {
        None | Some("input") => LabelMode::None,
        Some("binary") => LabelMode::Binary,
        Some("sparse") => LabelMode::Int,
        Some("raw") => LabelMode::Float,
        Some(_) => LabelMode::Categorical,
    };
    let table = table?;
    if !labels::go_together(&table, label_mode, ("classes", "class_mode", "raw"), arguments) {
        return None;
    }
    let beside = match table.path.rsplit_once(['/', '\\']) {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
        None => ".".to_owned(),
    };
    Some(PictureFiles {
        directory: folder?.unwrap_or(beside),
        loader: Loader::FlowFromDirectory,
        label_mode,
        is_own_target: mode == Some("input"),
        class_names: names?,
        table: Some(table),
        masks: None,
        channels: channels(colours?),
        image_size: image_size?,
        interpolation: Interpolation::Nearest,
        aspect: Aspect::Stretched,
        batch_size: batch_size?,
        shuffle: shuffle?,
        seed: seed?,
        share,
        span,
        spans,
    })
}
