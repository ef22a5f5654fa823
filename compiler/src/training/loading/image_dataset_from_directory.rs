//! `image_dataset_from_directory`: `keras/src/utils/image_dataset_utils.py`.

use super::labelling::{LabelMode, Table};
use super::labels::{self, is_given};
use super::pictures::{Aspect, Interpolation, Loader, PictureFiles};
use super::reading::{
    COLOR_MODE, DIRECTORY, SAMPLES, SHUFFLE, batch_size, channels, class_names, classes, directory, labels_in_table,
    optional_natural, optional_word, share, shut,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::ValueKind;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The name and the arguments of the call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "image_dataset_from_directory",
    aliases: &[],
    doc: "Picture files with a folder for each class; their values are 0 to 255",
    parameters: &[
        DIRECTORY,
        Argument::optional(
            "labels",
            ArgumentKind::Labels,
            Literal::Str("inferred"),
            "whether folders are classes, or a CSV says what files are; None means that there are no labels",
        ),
        Argument::optional(
            "label_mode",
            ArgumentKind::Word(&["int", "categorical", "binary", "multi_hot", "float"]),
            Literal::Str("int"),
            "the first three are classes, the same here for every loss; \"binary\" sees that there are two; of a CSV \"multi_hot\" takes several labels a picture and \"float\" numbers; None means no labels",
        ),
        classes("class_names"),
        COLOR_MODE,
        SAMPLES,
        Argument::optional(
            "image_size",
            ArgumentKind::Pair,
            Literal::Pair(256, 256),
            "height and width",
        ),
        SHUFFLE,
        Argument::optional(
            "seed",
            ArgumentKind::Natural,
            Literal::None,
            "decides which files validate, as in Keras; None means that of fit",
        ),
        Argument::optional(
            "validation_split",
            ArgumentKind::Number,
            Literal::None,
            "the share of the files that validates",
        ),
        Argument::optional(
            "subset",
            ArgumentKind::Word(&["training", "validation", "both"]),
            Literal::None,
            "which part of the files is taken; \"both\" gives two data sets, to two names",
        ),
        Argument::optional(
            "interpolation",
            ArgumentKind::Word(&Interpolation::NAMES),
            Literal::Str("bilinear"),
            "how pictures are resized",
        ),
        Argument::unsupported("follow_links", Literal::Bool(false)),
        Argument::optional(
            "crop_to_aspect_ratio",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "whether what is too wide or too high is cut off",
        ),
        Argument::optional(
            "pad_to_aspect_ratio",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "whether what is missing is filled with black",
        ),
        Argument {
            kind: ArgumentKind::Unsupported(&[Literal::Str("channels_last")]),
            ..Argument::unsupported("data_format", Literal::None)
        },
        Argument::unsupported("format", Literal::Str("tf")),
        Argument {
            kind: ArgumentKind::Unsupported(&[Literal::Bool(false)]),
            ..Argument::unsupported("verbose", Literal::Bool(true))
        },
    ],
    keywords: &labels::KEYWORDS,
};

/// Reads the call. None where an argument could not be used.
pub(super) fn read(span: Span, arguments: &mut Arguments) -> Option<PictureFiles> {
    let folder = arguments.read("directory", directory);
    let source = source(arguments);
    let masks = labels::masks(arguments)?;
    let mode = arguments.read("label_mode", optional_word);
    let (label_mode, table) = match (&masks, source?) {
        (Some(_), _) => (LabelMode::Masks, None),
        (None, source) => labelled(source, mode?, arguments)?,
    };
    let names = if table.is_some() {
        arguments.read("class_names", labels_in_table)
    } else {
        arguments.read("class_names", class_names)
    };
    let colours = arguments.read("color_mode", values::word);
    let batch_size = arguments.read("batch_size", batch_size);
    let image_size = arguments.read("image_size", values::pair);
    let shuffle = arguments.bool("shuffle");
    let seed = arguments.read("seed", optional_natural);
    let share = share(arguments);
    let interpolation = arguments
        .read("interpolation", values::word)
        .and_then(Interpolation::named);
    let (crop, pad) = (
        arguments.bool("crop_to_aspect_ratio"),
        arguments.bool("pad_to_aspect_ratio"),
    );
    if (crop, pad) == (Some(true), Some(true)) {
        let (one, other) = (
            arguments.span_of("crop_to_aspect_ratio"),
            arguments.span_of("pad_to_aspect_ratio"),
        );
        shut("pad_to_aspect_ratio", other, "crop_to_aspect_ratio", one, arguments);
        return None;
    }
    let (share, seed, shuffle) = (share?, seed?, shuffle?);
    let names = names?;
    if label_mode == LabelMode::None && names.is_some() {
        let (names, labels) = (arguments.span_of("class_names"), no_labels(arguments));
        shut("class_names", names, "without labels", labels, arguments);
        return None;
    }
    if share.is_some() && shuffle && seed.is_none() {
        let span = arguments.span_of("validation_split");
        arguments.diagnostics().push(
            Diagnostic::error("E0511", "the two subsets could overlap")
                .at(span, "files are shuffled before they are divided")
                .help("the same seed for both subsets, such as seed=123; or shuffle=False"),
        );
        return None;
    }
    Some(PictureFiles {
        directory: folder?,
        loader: Loader::ImageDatasetFromDirectory,
        label_mode,
        is_own_target: false,
        class_names: names,
        table,
        masks,
        channels: channels(colours?),
        image_size: image_size?,
        interpolation: interpolation?,
        aspect: match (crop?, pad?) {
            (true, _) => Aspect::Cropped,
            (false, true) => Aspect::Padded,
            (false, false) => Aspect::Stretched,
        },
        batch_size: batch_size?,
        shuffle,
        seed,
        share,
        span,
        spans: arguments.spans(),
    })
}

/// The source of the labels.
enum Source {
    Folders,
    Csv(String),
    Nowhere,
}

fn source(arguments: &mut Arguments) -> Option<Source> {
    arguments.read("labels", |argument, value, diagnostics| match &value.kind {
        ValueKind::None => Some(Source::Nowhere),
        ValueKind::String(word) if word.eq_ignore_ascii_case("inferred") => Some(Source::Folders),
        ValueKind::String(path) if path.to_lowercase().ends_with(".csv") => {
            labels::path(argument, value, diagnostics).map(Source::Csv)
        }
        ValueKind::Call(_) => labels::path(argument, value, diagnostics).map(Source::Csv),
        ValueKind::String(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            None
        }
    })
}

/// The kind of labels, and the table that they come from; no table where folders give them.
fn labelled(source: Source, mode: Option<&str>, arguments: &mut Arguments) -> Option<(LabelMode, Option<Table>)> {
    let label_mode = match mode {
        None => LabelMode::None,
        Some("categorical") => LabelMode::Categorical,
        Some("binary") => LabelMode::Binary,
        Some("multi_hot") => LabelMode::MultiHot,
        Some("float") => LabelMode::Float,
        Some(_) => LabelMode::Int,
    };
    let of_tables = ["x_col", "y_col", "separator"];
    let path = match source {
        Source::Csv(path) if label_mode != LabelMode::None => path,
        Source::Csv(_) => {
            let (one, other) = (arguments.span_of("labels"), arguments.span_of("label_mode"));
            shut("labels from a CSV", one, "label_mode=None", other, arguments);
            return None;
        }
        Source::Folders | Source::Nowhere => {
            if labels::need(&of_tables, "labels=\"labels.csv\"", arguments) {
                return None;
            }
            let of_a_table = matches!(label_mode, LabelMode::MultiHot | LabelMode::Float);
            if of_a_table {
                labels::need(&["label_mode"], "labels=\"labels.csv\": folders are classes", arguments);
                return None;
            }
            return Some(match source {
                Source::Nowhere => (LabelMode::None, None),
                Source::Folders | Source::Csv(_) => (label_mode, None),
            });
        }
    };
    let separator = labels::separator(arguments)?;
    if label_mode != LabelMode::MultiHot && is_given(arguments, "separator") {
        labels::need(&["separator"], "label_mode=\"multi_hot\"", arguments);
        return None;
    }
    let table = labels::table(Some(path), separator, arguments)?;
    let names = ("class_names", "label_mode", "float");
    labels::go_together(&table, label_mode, names, arguments).then_some((label_mode, Some(table)))
}

/// The place of the argument that says that there are no labels.
fn no_labels(arguments: &Arguments) -> Span {
    let by_labels = arguments
        .written("labels")
        .is_some_and(|argument| argument.value.kind == grammar::ast::ValueKind::None);
    arguments.span_of(if by_labels { "labels" } else { "label_mode" })
}
