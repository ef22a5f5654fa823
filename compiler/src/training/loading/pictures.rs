//! What a loader makes of picture files.

use super::labelling::{LabelMode, Masks, Table};
use crate::numbers::tuple;
use crate::shape::Shape;
use grammar::span::Span;
use serde::{Deserialize, Serialize};

/// The ways to resize pictures. As with `tf.image.resize`, none of them widens its filter where pictures shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "Keras's names say it")]
pub enum Interpolation {
    Bilinear,
    Nearest,
    Bicubic,
    Area,
    Lanczos3,
    Lanczos5,
    Gaussian,
    MitchellCubic,
}

impl Interpolation {
    /// Keras's names for them, in Keras's order.
    pub const NAMES: [&'static str; 8] = [
        "bilinear",
        "nearest",
        "bicubic",
        "area",
        "lanczos3",
        "lanczos5",
        "gaussian",
        "mitchellcubic",
    ];

    const ALL: [Self; 8] = [
        Self::Bilinear,
        Self::Nearest,
        Self::Bicubic,
        Self::Area,
        Self::Lanczos3,
        Self::Lanczos5,
        Self::Gaussian,
        Self::MitchellCubic,
    ];

    /// The way that a name stands for.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter().zip(Self::ALL);
        all.find(|(known, _)| **known == name).map(|(_, this)| this)
    }

    /// Keras's name for the way.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bilinear => "bilinear",
            Self::Nearest => "nearest",
            Self::Bicubic => "bicubic",
            Self::Area => "area",
            Self::Lanczos3 => "lanczos3",
            Self::Lanczos5 => "lanczos5",
            Self::Gaussian => "gaussian",
            Self::MitchellCubic => "mitchellcubic",
        }
    }
}

/// What becomes of a picture whose proportions are not those of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// Height and width are resized independently.
    Stretched,
    /// The largest window of the right proportions is cut out of the middle: `crop_to_aspect_ratio=True`.
    Cropped,
    /// The picture is fitted in, with black beside it: `pad_to_aspect_ratio=True`.
    Padded,
}

/// The two parts that files are divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subset {
    /// The files to train on.
    Training,
    /// The files to validate with.
    Validation,
}

/// One of the two parts that files are divided into.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share of the files that validates: above 0 and below 1.
    pub validation_split: f64,
    /// Which of the two parts this is.
    pub subset: Subset,
}

/// The loader whose rules apply: they differ in which files are in which subset, and in how pictures are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loader {
    /// `image_dataset_from_directory`: pictures are decoded as by TensorFlow. All files are shuffled together by
    /// NumPy's generator, and the last ones validate.
    ImageDatasetFromDirectory,
    /// `flow_from_directory` and `flow_from_dataframe`: pictures are decoded as by Pillow. The first files of each
    /// class, or of the table, validate.
    FlowFromDirectory,
}

/// Picture files as a loader reads them, with a folder for each class, a table or masks. Values are 0 to 255.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PictureFiles {
    /// The folder of the pictures, relative to the description.
    pub directory: String,
    /// The loader whose rules apply.
    pub loader: Loader,
    /// The form of the labels.
    pub label_mode: LabelMode,
    /// Whether outputs are compared with the samples themselves: `class_mode="input"`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_own_target: bool,
    /// The classes in the order of their numbers; None for all, in the order of their names.
    pub class_names: Option<Vec<String>>,
    /// The table with the labels; None where folders give them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// The pictures that outputs are compared with; None where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masks: Option<Masks>,
    /// Channels of a sample: 1 for grey, 3 for colours, 4 with opacity.
    pub channels: usize,
    /// Height and width of a sample.
    pub image_size: (usize, usize),
    /// The way in which pictures are resized.
    pub interpolation: Interpolation,
    /// What becomes of pictures with other proportions.
    pub aspect: Aspect,
    /// Samples of a step, of training or of validation.
    pub batch_size: usize,
    /// Whether each epoch has its own order.
    pub shuffle: bool,
    /// The seed of the order of the files; None for that of `fit`.
    pub seed: Option<u64>,
    /// The part of the files that is used; None for all.
    pub share: Option<Share>,
    /// The place of the call in the description.
    #[serde(skip)]
    pub span: Span,
    /// The names of the arguments that the call gives, with their places.
    #[serde(skip)]
    pub spans: Vec<(&'static str, Span)>,
}

impl PictureFiles {
    /// The shape of a sample.
    pub fn shape(&self) -> Shape {
        let (height, width) = self.image_size;
        Shape::map(height, width, self.channels)
    }

    /// The shape of the target of a picture; None for classes, or where the text does not give it.
    pub fn target_shape(&self) -> Option<Shape> {
        let (height, width) = self.image_size;
        match self.label_mode {
            LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::None => None,
            LabelMode::Masks => {
                let masks = self.masks.as_ref()?;
                Some(Shape::map(height, width, masks.mode.channels()))
            }
            LabelMode::Float | LabelMode::MultiOutput => {
                self.table.as_ref().map(|table| Shape::flat(table.y_col.len()))
            }
            LabelMode::MultiHot => {
                let columns = self.table.as_ref().map_or(0, |table| table.y_col.len());
                let named = self.class_names.as_ref().map(Vec::len);
                named.or((columns > 1).then_some(columns)).map(Shape::flat)
            }
        }
    }

    /// The place of an argument, or of the whole call where the argument is left out.
    pub fn span_of(&self, name: &str) -> Span {
        self.written(name).unwrap_or(self.span)
    }

    /// The place of an argument; None where it is left out.
    pub fn written(&self, name: &str) -> Option<Span> {
        self.spans
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, span)| span)
    }

    /// The name of the argument that gives height and width.
    pub const fn size_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "image_size",
            Loader::FlowFromDirectory => "target_size",
        }
    }

    /// The name of the argument that gives the classes.
    pub const fn names_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "class_names",
            Loader::FlowFromDirectory => "classes",
        }
    }

    /// The name of the argument that gives targets other than classes.
    pub const fn target_argument(&self) -> &'static str {
        match self.label_mode {
            LabelMode::Masks => "masks",
            LabelMode::MultiHot | LabelMode::Float | LabelMode::MultiOutput => "y_col",
            LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::None => self.label_argument(),
        }
    }

    /// The name of the argument that gives the table.
    pub const fn table_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "labels",
            Loader::FlowFromDirectory => "dataframe",
        }
    }

    /// The source of the labels in words, such as `, angle from labels.csv`; empty where folders are classes.
    pub fn label_words(&self) -> String {
        if let Some(masks) = &self.masks {
            return format!(", masks from {}", masks.directory);
        }
        match &self.table {
            Some(table) => format!(", {} from {}", table.y_col.join(", "), table.path),
            None => String::new(),
        }
    }

    /// The name of the argument that gives the form of the labels.
    pub const fn label_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "label_mode",
            Loader::FlowFromDirectory => "class_mode",
        }
    }

    /// What pictures become, in a line: `pixels 0 to 255 of 150x150x3, resized bilinear`.
    pub fn words(&self) -> String {
        let aspect = match self.aspect {
            Aspect::Stretched => "",
            Aspect::Cropped => ", cropped to the aspect ratio",
            Aspect::Padded => ", padded to the aspect ratio",
        };
        format!(
            "pixels 0 to 255 of shape {}, resized {}{aspect}{}",
            tuple(self.shape().sizes()),
            self.interpolation.name(),
            self.label_words()
        )
    }
}

/// What `fit` trains on and validates with, where the description calls loaders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loading {
    /// The files to train on.
    pub train: PictureFiles,
    /// The files of `validation_data`; None where it is left out.
    pub validation: Option<PictureFiles>,
    /// Layers at the front of the network that do what a generator did; empty without a generator.
    #[serde(skip)]
    pub front: Vec<grammar::ast::Call>,
}
