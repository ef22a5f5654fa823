//! Labels of pictures that do not come from their folders: a table gives them, or other pictures are the targets.

use serde::Serialize;

/// The form of the labels. Whatever the form, classes are kept as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelMode {
    /// The numbers of classes, counted from 0.
    Int,
    /// One-hot rows, kept as the numbers of classes.
    Categorical,
    /// One number, 0 or 1, for one of two classes.
    Binary,
    /// A row with 0 or 1 for each label, of which a picture may have any number.
    MultiHot,
    /// One or more real numbers for each picture.
    Float,
    /// A column for each of several outputs: numbers, which are those of classes where an output tells classes apart.
    MultiOutput,
    /// Another picture for each picture, see [`Masks`].
    Masks,
    /// No labels, and no folders of classes.
    None,
}

impl LabelMode {
    /// Whether labels are the numbers of classes.
    pub const fn are_classes(self) -> bool {
        match self {
            Self::Int | Self::Categorical | Self::Binary => true,
            Self::MultiHot | Self::Float | Self::MultiOutput | Self::Masks | Self::None => false,
        }
    }

    /// The word for what pictures have in messages, such as `classes`.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Int | Self::Categorical | Self::Binary => "classes",
            Self::MultiHot => "several labels",
            Self::Float => "numbers",
            Self::MultiOutput => "a target for each output",
            Self::Masks => "masks",
            Self::None => "no labels",
        }
    }
}

/// A CSV file whose rows give the names of files and their labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The path of the file, relative to the description.
    pub path: String,
    /// The column with the names of the files, which are relative to the folder of the pictures.
    pub x_col: String,
    /// The columns with the labels.
    pub y_col: Vec<String>,
    /// The text between several labels in one column; None for blanks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
}

/// The meaning of the pixels of pictures that are targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskMode {
    /// Whether the pixel belongs to the object: 0 or 1 in one channel.
    Binary,
    /// The number of the pixel's class.
    Int,
    /// A grey value, scaled to 0 to 1.
    Grayscale,
    /// Red, green and blue, each scaled to 0 to 1.
    Rgb,
}

impl MaskMode {
    /// The words that `mask_mode` accepts.
    pub const NAMES: [&'static str; 4] = ["binary", "int", "grayscale", "rgb"];

    /// The mode that a word stands for.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Binary, Self::Int, Self::Grayscale, Self::Rgb];
        Self::NAMES
            .iter()
            .zip(all)
            .find(|(known, _)| **known == name)
            .map(|(_, this)| this)
    }

    /// The numbers that a pixel has in a data set.
    pub const fn channels(self) -> usize {
        match self {
            Self::Binary | Self::Int | Self::Grayscale => 1,
            Self::Rgb => 3,
        }
    }

    /// Whether pixels are numbers of classes, so that no mean of them makes sense.
    pub const fn is_whole(self) -> bool {
        match self {
            Self::Binary | Self::Int => true,
            Self::Grayscale | Self::Rgb => false,
        }
    }
}

/// Pictures that are targets, one for each picture and with the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Masks {
    /// The folder of the pictures, relative to the description.
    pub directory: String,
    /// The meaning of their pixels.
    pub mode: MaskMode,
    /// The grey level of each class, in the order of the classes; None where the level is the number of the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<u8>>,
}
