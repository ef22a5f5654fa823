//! `image_dataset_from_directory`: `keras/src/utils/image_dataset_utils.py`.

use super::pictures::{Aspect, Interpolation, LabelMode, Loader, PictureFiles};
use super::reading::{
    COLOR_MODE, DIRECTORY, SAMPLES, SHUFFLE, batch_size, channels, class_names, classes, directory, optional_natural,
    optional_word, share, shut,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Kind, Literal, Signature};
use crate::call::values;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "image_dataset_from_directory",
    aliases: &[],
    doc: "Picture files with a folder for each class; their values are 0 to 255",
    parameters: &[
        DIRECTORY,
        Argument::optional(
            "labels",
            Kind::Word(&["inferred"]),
            Literal::Str("inferred"),
            "whether folders are classes; None means that there are no labels",
        ),
        Argument::optional(
            "label_mode",
            Kind::Word(&["int", "categorical", "binary"]),
            Literal::Str("int"),
            "how labels are told, which is the same here for every loss; \"binary\" sees that there are two classes, None means no labels",
        ),
        classes("class_names"),
        COLOR_MODE,
        SAMPLES,
        Argument::optional("image_size", Kind::Pair, Literal::Pair(256, 256), "height and width"),
        SHUFFLE,
        Argument::optional(
            "seed",
            Kind::Natural,
            Literal::None,
            "decides which files validate, as in Keras; None means that of fit",
        ),
        Argument::optional(
            "validation_split",
            Kind::Number,
            Literal::None,
            "the share of the files that validates",
        ),
        Argument::optional(
            "subset",
            Kind::Word(&["training", "validation"]),
            Literal::None,
            "which part of the files is taken",
        ),
        Argument::optional(
            "interpolation",
            Kind::Word(&Interpolation::NAMES),
            Literal::Str("bilinear"),
            "how pictures are resized",
        ),
        Argument::unsupported("follow_links", Literal::Bool(false)),
        Argument::optional(
            "crop_to_aspect_ratio",
            Kind::Bool,
            Literal::Bool(false),
            "whether what is too wide or too high is cut off",
        ),
        Argument::optional(
            "pad_to_aspect_ratio",
            Kind::Bool,
            Literal::Bool(false),
            "whether what is missing is filled with black",
        ),
        Argument {
            kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
            ..Argument::unsupported("data_format", Literal::None)
        },
        Argument::unsupported("format", Literal::Str("tf")),
        Argument {
            kind: Kind::Unsupported(&[Literal::Bool(false)]),
            ..Argument::unsupported("verbose", Literal::Bool(true))
        },
    ],
    keywords: &[],
};

/// Reads the call. Nothing where a part of it cannot be used.
pub(super) fn read(span: Span, arguments: &mut Arguments) -> Option<PictureFiles> {
    let folder = arguments.read("directory", directory);
    let inferred = arguments.read("labels", optional_word);
    let mode = arguments.read("label_mode", optional_word);
    let names = arguments.read("class_names", class_names);
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
    let label_mode = match (inferred?, mode?) {
        (None, _) | (_, None) => LabelMode::None,
        (Some(_), Some("categorical")) => LabelMode::Categorical,
        (Some(_), Some("binary")) => LabelMode::Binary,
        (Some(_), Some(_)) => LabelMode::Int,
    };
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
            Diagnostic::error("E0511", "the two subsets would not be told apart")
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

/// Where it is said that there are no labels.
fn no_labels(arguments: &Arguments) -> Span {
    let by_labels = arguments
        .written("labels")
        .is_some_and(|argument| argument.value.kind == grammar::ast::ValueKind::None);
    arguments.span_of(if by_labels { "labels" } else { "label_mode" })
}
