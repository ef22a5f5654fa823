//! What pictures are, where no folders tell it: a table names it, or other pictures are it.

use serde::Serialize;

/// How labels are told; classes are numbers here however they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelMode {
    /// Numbers of classes.
    Int,
    /// One-hot rows.
    Categorical,
    /// 0 or 1; there are two classes.
    Binary,
    /// Any number of labels for each picture, 0 or 1 for each that there is.
    MultiHot,
    /// Numbers.
    Float,
    /// A column for each of several outputs: numbers, which are those of classes where an output tells classes apart.
    MultiOutput,
    /// Other pictures.
    Masks,
    /// There are no labels, and no folders of classes.
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

    /// What pictures have, in messages: `classes`.
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

/// A CSV whose rows name files and say what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its path, relative to the description.
    pub path: String,
    /// The column of the files' names, which are relative to the pictures' folder.
    pub x_col: String,
    /// The columns of what they are.
    pub y_col: Vec<String>,
    /// What stands between several labels in one column; none means blanks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
}

/// What the pixels of pictures that are targets say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskMode {
    /// Whether a pixel is of the thing: 0 or 1 in one channel.
    Binary,
    /// The number of its class.
    Int,
    /// A grey value from 0 to 1.
    Grayscale,
    /// Red, green and blue from 0 to 1.
    Rgb,
}

impl MaskMode {
    /// What `mask_mode` takes.
    pub const NAMES: [&'static str; 4] = ["binary", "int", "grayscale", "rgb"];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Binary, Self::Int, Self::Grayscale, Self::Rgb];
        Self::NAMES
            .iter()
            .zip(all)
            .find(|(known, _)| **known == name)
            .map(|(_, this)| this)
    }

    /// How many numbers a pixel has in a data set.
    pub const fn channels(self) -> usize {
        match self {
            Self::Binary | Self::Int | Self::Grayscale => 1,
            Self::Rgb => 3,
        }
    }

    /// Whether pixels are numbers of classes, between which nothing lies.
    pub const fn is_whole(self) -> bool {
        match self {
            Self::Binary | Self::Int => true,
            Self::Grayscale | Self::Rgb => false,
        }
    }
}

/// Pictures that are what outputs are compared with, one for each picture and named as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Masks {
    /// Their folder, relative to the description.
    pub directory: String,
    /// What their pixels say.
    pub mode: MaskMode,
    /// The levels of the classes in their order; none means that a level is the number of its class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<u8>>,
}
