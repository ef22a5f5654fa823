//! `ImageDataGenerator(...).flow_from_directory(...)`: `keras/src/legacy/preprocessing/image.py`. What the generator
//! did to pictures is done by layers today; see [`super::generator`].

use super::pictures::PictureFiles;
use super::reading::{
    COLOR_MODE, DIRECTORY, FLOW_SEED, Flow, SAMPLES, SAVING, SHUFFLE, TARGET_SIZE, class_names, classes, directory,
    subset,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use grammar::span::Span;

/// The name and the arguments of the call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "flow_from_directory",
    aliases: &[],
    doc: "Of an ImageDataGenerator: picture files with a folder for each class",
    parameters: &[
        DIRECTORY,
        TARGET_SIZE,
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
        FLOW_SEED,
        SAVING[0],
        SAVING[1],
        SAVING[2],
        Argument::unsupported("follow_links", Literal::Bool(false)),
        subset("which part of the files is taken, of the generator's validation_split"),
        Argument::unsupported("interpolation", Literal::Str("nearest")),
        Argument::unsupported("keep_aspect_ratio", Literal::Bool(false)),
    ],
    keywords: &[],
};

/// Reads the call; `split` is the generator's `validation_split` and its place. None where an argument could not be used.
pub(super) fn read(span: Span, split: (f64, Span), arguments: &mut Arguments) -> Option<PictureFiles> {
    let folder = arguments.read("directory", directory);
    let names = arguments.read("classes", class_names);
    Flow::read(split, arguments)?.files(span, folder?, names?, None)
}
