//! What a loader makes of picture files.

use super::labelling::{LabelMode, Masks, Table};
use crate::numbers::tuple;
use crate::shape::Shape;
use grammar::span::Span;
use serde::{Deserialize, Serialize};

/// How pictures are resized; all without widening the filter where pictures shrink, as `tf.image.resize` does it.
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
    /// Keras's names, in its order.
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

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter().zip(Self::ALL);
        all.find(|(known, _)| **known == name).map(|(_, this)| this)
    }

    /// Keras's name.
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

/// What becomes of a picture whose sides are in another proportion than those wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// Each side is resized by itself.
    Stretched,
    /// The largest window of the right proportion in its middle is taken: `crop_to_aspect_ratio=True`.
    Cropped,
    /// It is made to fit, with black beside it: `pad_to_aspect_ratio=True`.
    Padded,
}

/// Which part of the files is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subset {
    /// What is trained on.
    Training,
    /// What validates.
    Validation,
}

/// A part of the files.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How much validates: above 0 and below 1.
    pub validation_split: f64,
    /// Which part this is.
    pub subset: Subset,
}

/// Whose ways files are read in: they differ in which files are in which subset, and in how pictures are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loader {
    /// `image_dataset_from_directory`: TensorFlow decodes. All files are shuffled together by NumPy's generator, and the last
    /// ones validate.
    ImageDatasetFromDirectory,
    /// `flow_from_directory` and `flow_from_dataframe`: Pillow decodes. The first files of each class, or of the table, validate.
    FlowFromDirectory,
}

/// Picture files, a folder for each class, as a loader reads them. Values are 0 to 255.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PictureFiles {
    /// The folder, relative to the description.
    pub directory: String,
    /// Who reads them.
    pub loader: Loader,
    /// How labels are told.
    pub label_mode: LabelMode,
    /// Whether outputs are compared with the samples themselves: `class_mode="input"`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_own_target: bool,
    /// The classes in the order of their labels; none means all, in the order of their names.
    pub class_names: Option<Vec<String>>,
    /// The table that says what pictures are, where folders do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// The pictures that outputs are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masks: Option<Masks>,
    /// 1 for grey, 3 for colours, 4 with opacity.
    pub channels: usize,
    /// Height and width of a sample.
    pub image_size: (usize, usize),
    /// How they are resized.
    pub interpolation: Interpolation,
    /// What becomes of other proportions.
    pub aspect: Aspect,
    /// Samples a step.
    pub batch_size: usize,
    /// Whether each epoch has its own order.
    pub shuffle: bool,
    /// Where the order of the files starts; none means `fit`'s seed.
    pub seed: Option<u64>,
    /// Which part of the files is taken; none means all.
    pub share: Option<Share>,
    /// Where the call is written.
    #[serde(skip)]
    pub span: Span,
    /// Where each argument stands that was written.
    #[serde(skip)]
    pub spans: Vec<(&'static str, Span)>,
}

impl PictureFiles {
    /// The shape of a sample.
    pub fn shape(&self) -> Shape {
        let (height, width) = self.image_size;
        Shape::map(height, width, self.channels)
    }

    /// The shape of what a picture's output is compared with, where that is known from the text: it is no class.
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

    /// Where an argument is written, or the whole call where it is not.
    pub fn span_of(&self, name: &str) -> Span {
        self.written(name).unwrap_or(self.span)
    }

    /// Where an argument is written, if it is.
    pub fn written(&self, name: &str) -> Option<Span> {
        self.spans
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, span)| span)
    }

    /// The argument that gives height and width.
    pub const fn size_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "image_size",
            Loader::FlowFromDirectory => "target_size",
        }
    }

    /// The argument that names the classes.
    pub const fn names_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "class_names",
            Loader::FlowFromDirectory => "classes",
        }
    }

    /// The argument that says what is no class.
    pub const fn target_argument(&self) -> &'static str {
        match self.label_mode {
            LabelMode::Masks => "masks",
            LabelMode::MultiHot | LabelMode::Float | LabelMode::MultiOutput => "y_col",
            LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::None => self.label_argument(),
        }
    }

    /// The argument that names the table.
    pub const fn table_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "labels",
            Loader::FlowFromDirectory => "dataframe",
        }
    }

    /// Where labels are from, in words: `, angle from labels.csv`. Empty where folders are classes.
    pub fn label_words(&self) -> String {
        if let Some(masks) = &self.masks {
            return format!(", masks from {}", masks.directory);
        }
        match &self.table {
            Some(table) => format!(", {} from {}", table.y_col.join(", "), table.path),
            None => String::new(),
        }
    }

    /// The argument that says how labels are told.
    pub const fn label_argument(&self) -> &'static str {
        match self.loader {
            Loader::ImageDatasetFromDirectory => "label_mode",
            Loader::FlowFromDirectory => "class_mode",
        }
    }

    /// What its pictures become, in a line: `pixels 0 to 255 of 150x150x3, resized bilinear`.
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

/// What `fit` trains on and validates with, where loaders say so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loading {
    /// What is trained on.
    pub train: PictureFiles,
    /// What validates: `validation_data`.
    pub validation: Option<PictureFiles>,
    /// Layers at the front of the network that do what a generator did.
    #[serde(skip)]
    pub front: Vec<grammar::ast::Call>,
}
