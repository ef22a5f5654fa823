//! `ImageDataGenerator(...).flow_from_directory(...)`: `keras/src/legacy/preprocessing/image.py`. What the generator
//! did to pictures is done by layers today; see [`super::generator`].

use super::labelling::LabelMode;
use super::pictures::{Aspect, Interpolation, Loader, PictureFiles};
use super::reading::{
    COLOR_MODE, DIRECTORY, SAMPLES, SHUFFLE, batch_size, channels, class_names, classes, directory, optional_natural,
    optional_word, subset_of,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::span::Span;

/// The name and the arguments of the call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "flow_from_directory",
    aliases: &[],
    doc: "Of an ImageDataGenerator: picture files with a folder for each class",
    parameters: &[
        DIRECTORY,
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
            ArgumentKind::Word(&["categorical", "binary", "sparse", "input"]),
            Literal::Str("categorical"),
            "how labels are told, which is the same here for every loss; \"input\" compares outputs with the samples themselves",
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
        Argument::unsupported("follow_links", Literal::Bool(false)),
        Argument::optional(
            "subset",
            ArgumentKind::Word(&["training", "validation"]),
            Literal::None,
            "which part of the files is taken, of the generator's validation_split",
        ),
        Argument::unsupported("interpolation", Literal::Str("nearest")),
        Argument::unsupported("keep_aspect_ratio", Literal::Bool(false)),
    ],
    keywords: &[],
};

/// Reads the call; `split` is the generator's `validation_split` and its place. None where an argument could not be used.
pub(super) fn read(span: Span, split: (f64, Span), arguments: &mut Arguments) -> Option<PictureFiles> {
    let folder = arguments.read("directory", directory);
    let image_size = arguments.read("target_size", values::pair);
    let colours = arguments.read("color_mode", values::word);
    let names = arguments.read("classes", class_names);
    let mode = arguments.read("class_mode", optional_word);
    let batch_size = arguments.read("batch_size", batch_size);
    let shuffle = arguments.bool("shuffle");
    let seed = arguments.read("seed", optional_natural);
    let share = subset_of(split.0, arguments)?;
    let mut spans = arguments.spans();
    spans.push(("validation_split", split.1));
    let mode = mode?;
    Some(PictureFiles {
        directory: folder?,
        loader: Loader::FlowFromDirectory,
        label_mode: match mode {
            None | Some("input") => LabelMode::None,
            Some("binary") => LabelMode::Binary,
            Some("sparse") => LabelMode::Int,
            Some(_) => LabelMode::Categorical,
        },
        is_own_target: mode == Some("input"),
        class_names: names?,
        table: None,
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
