//! `ImageDataGenerator(...).flow_from_dataframe("labels.csv", ...)`: `DataFrameIterator` in
//! `keras/src/legacy/preprocessing/image.py`. Where pandas has a frame in memory, the argument here is the path of a
//! CSV file, or `read_csv` of it.

use super::labels::{self, X_COL, Y_COL, is_given};
use super::pictures::PictureFiles;
use super::reading::{
    COLOR_MODE, FLOW_SEED, Flow, SAMPLES, SAVING, SHUFFLE, TARGET_SIZE, classes, directory, labels_in_table, subset,
};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
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
        TARGET_SIZE,
        COLOR_MODE,
        classes("classes"),
        Argument::optional(
            "class_mode",
            ArgumentKind::Word(&["categorical", "binary", "sparse", "raw", "multi_output", "input"]),
            Literal::Str("categorical"),
            "\"raw\" takes the columns as numbers, \"multi_output\" one for each output, \"input\" compares outputs with the samples themselves; the others are classes, the same here for every loss",
        ),
        SAMPLES,
        SHUFFLE,
        FLOW_SEED,
        SAVING[0],
        SAVING[1],
        SAVING[2],
        subset("which part of the rows is taken, of the generator's validation_split"),
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
    let names = arguments.read("classes", labels_in_table);
    let flow = Flow::read(split, arguments)?;
    let (table, mode) = (table?, flow.label_mode()?);
    if !labels::go_together(&table, mode, ("classes", "class_mode", "raw"), arguments) {
        return None;
    }
    let beside = match table.path.rsplit_once(['/', '\\']) {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
        None => ".".to_owned(),
    };
    flow.files(span, folder?.unwrap_or(beside), names?, Some(table))
}
