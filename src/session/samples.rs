//! The samples for a network: which data set, whether it fits the network, and how it is divided.

mod fitting;

use super::error::{Error, Result};
use super::examine::Description;
use super::listener::{Listener, Notice};
use super::loading::Folders;
use compiler::entering::{self, Entering};
use compiler::shape::Shape;
use compiler::training::loading::Loading;
use fitting::{consistent, fits};
use grammar::diagnostic::Diagnostic;
use runtime::data::folder::FolderError;
use runtime::data::{self, Dataset, Ends, Keeping, Pictures, Pixels, Split, Wanted};
use runtime::error::RuntimeError;
use std::path::Path;
use std::sync::Arc;

/// The data set that is used.
#[derive(Debug, Clone, Default)]
pub enum Data {
    /// The data set that the description names.
    #[default]
    Described,
    /// Another data set: a known name such as `mnist`, or a path, which starts from the current folder.
    Named(String),
    /// A data set in memory (see [`in_memory`]).
    Loaded(Box<Dataset>),
    /// The data set of a past run, where it was then.
    Past {
        /// A known name, or a path.
        name: String,
        /// The path of the validation data, if the description named them.
        validation: Option<String>,
        /// The folder of the description.
        base: Option<String>,
    },
}

impl Data {
    /// The data set that is named, else the description's.
    pub fn given(name: Option<&str>) -> Self {
        name.map_or(Self::Described, |name| Self::Named(name.to_owned()))
    }
}

/// A data set made from samples in memory. Its classes are those up to the largest label.
///
/// # Errors
/// When there are no samples to train on, or pixels, labels and shapes do not match.
pub fn in_memory(name: &str, train: Split, test: Option<Split>) -> Result<Dataset> {
    let labels = || train.labels.iter().chain(test.iter().flat_map(|test| &test.labels));
    let classes = labels().max().map_or(0, |&largest| largest as usize + 1);
    let origin = match &test {
        Some(test) => format!("{} + {} samples in memory", train.len(), test.len()),
        None => format!("{} samples in memory", train.len()),
    };
    let dataset = Dataset {
        name: name.to_owned(),
        train,
        validation: None,
        test,
        classes,
        class_names: None,
        origin,
        pictures: None,
    };
    consistent(&dataset)?;
    Ok(dataset)
}

/// Reads the data set for a description's network and checks that they fit. The pictures of a folder are ordered by the seed, and
/// resized to the network's input.
///
/// # Errors
/// When there is no data set, it cannot be read, or its samples or classes do not suit the network.
pub fn load(description: &Description, data: Data, seed: u64, listener: &dyn Listener) -> Result<Dataset> {
    let fit = &description.network.network().fit;
    let overridden = !matches!(data, Data::Described);
    let (name, base) = match (data, &fit.data) {
        (Data::Loaded(dataset), _) => {
            consistent(&dataset)?;
            fits(description, &dataset, true)?;
            return Ok(entering(description, *dataset, listener));
        }
        (Data::Named(given), _) => match fit.loading.as_deref() {
            Some(loading) if Path::new(&given).is_dir() => {
                let folders = Folders::moved(loading, &given, description.folder(), listener);
                return loaded(description, loading, &folders, seed, listener);
            }
            Some(_) | None => (data::named(&given), Path::new("")),
        },
        (Data::Past { name, validation, base }, _) => match fit.loading.as_deref() {
            Some(loading) if Path::new(&name).is_dir() => {
                let folders = Folders {
                    train: name.clone().into(),
                    validation: validation.map(Into::into),
                    base: base.map_or_else(|| description.folder().to_owned(), Into::into),
                    name,
                };
                return loaded(description, loading, &folders, seed, listener);
            }
            Some(_) | None => (data::named(&name), Path::new("")),
        },
        (Data::Described, _) if let Some(loading) = fit.loading.as_deref() => {
            let folders = Folders::described(loading, description.folder());
            return loaded(description, loading, &folders, seed, listener);
        }
        (Data::Described, Some(name)) => (name.clone(), description.folder()),
        (Data::Described, None) => {
            let missing = Diagnostic::error("E0506", "no data set is named")
                .at(
                    description.network.network().name_span,
                    "the script does not say what to train this model on",
                )
                .help("add fit(data=\"mnist\"), or name a data set with --data");
            return Err(description.reject(missing));
        }
    };
    let wanted = Wanted {
        shape: description.network.input_shape(),
        ends: Ends::of(&description.network),
        seed,
        keeping: Keeping::usual(),
        watch: &|total| listener.picture_read(total),
    };
    let loaded = data::load_for(&name, base, data::cache_folder().as_deref(), &wanted);
    listener.pictures_done();
    let dataset = match loaded {
        Err(RuntimeError::Folder(error @ FolderError::Form { .. })) => return Err(no_pictures(description, &error)),
        loaded => loaded?,
    };
    for line in dataset.pictures.iter().flat_map(Pictures::warnings) {
        listener.notice(&Notice::Warning(line));
    }
    fits(description, &dataset, overridden)?;
    Ok(entering(description, dataset, listener))
}

/// The data set as its network takes it; a notice says where bytes are not divided by 255.
fn entering(description: &Description, mut dataset: Dataset, listener: &dyn Listener) -> Dataset {
    let entering = Entering::of(&description.network);
    if entering == Entering::AsTheyAre && matches!(dataset.train.pixels, Pixels::Bytes(_)) {
        let line = entering::line(&description.network);
        listener.notice(&Notice::Data(format!("data: {line}")));
    }
    let splits = [
        Some(&mut dataset.train),
        dataset.validation.as_mut(),
        dataset.test.as_mut(),
    ];
    for split in splits.into_iter().flatten() {
        let pixels = std::mem::replace(&mut split.pixels, Pixels::Bytes(Vec::new()));
        split.pixels = pixels.entering(entering);
    }
    dataset
}

fn loaded(
    description: &Description,
    loading: &Loading,
    folders: &Folders,
    seed: u64,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let dataset = super::loading::load(description, loading, folders, seed, listener)?;
    fits(description, &dataset, false)?;
    Ok(dataset)
}

/// The error for a network that does not take pictures.
fn no_pictures(description: &Description, error: &FolderError) -> Error {
    let network = description.network.network();
    let span = network
        .nodes
        .first()
        .map_or(network.name_span, |node| node.span_of("shape"));
    let diagnostic = Diagnostic::error("E0505", "the input does not have the shape of a picture")
        .at(span, format!("this is {}", description.network.input_shape()))
        .note(error.to_string());
    description.reject(match error.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

/// The samples of a data set by their purposes.
pub struct Samples {
    /// The samples to train on.
    pub train: Arc<Split>,
    /// The samples to validate on after each epoch: those that a `validation_split` holds back, else the data set's own
    /// validation split, else its test split.
    pub validation: Option<Arc<Split>>,
    /// The samples that a network is evaluated on: the test split, else those to validate on, else those it was trained on.
    pub judged: Arc<Split>,
    /// The name of that split: `test`, `validation` or `training`.
    pub which: &'static str,
}

impl Samples {
    /// Divides the splits of a data set by their purposes.
    ///
    /// # Errors
    /// When a `validation_split` leaves no samples on one of its sides.
    pub fn of(train: Split, validation: Option<Split>, test: Option<Split>, validation_split: f64) -> Result<Self> {
        let (train, held) = if validation_split > 0.0 {
            let (train, held) = train.split_validation(validation_split)?;
            (train, Some(held))
        } else {
            (train, validation)
        };
        let (train, held, test) = (Arc::new(train), held.map(Arc::new), test.map(Arc::new));
        let (judged, which) = match (&test, &held) {
            (Some(test), _) => (Arc::clone(test), "test"),
            (None, Some(held)) => (Arc::clone(held), "validation"),
            (None, None) => (Arc::clone(&train), "training"),
        };
        Ok(Self {
            train,
            validation: held.or(test),
            judged,
            which,
        })
    }
}

/// The names of all classes of a data set; their numbers where they have no names.
pub fn class_names(dataset: &Dataset) -> Vec<String> {
    let known = dataset.class_names.clone().unwrap_or_default();
    let numbers = (known.len()..dataset.classes).map(|class| class.to_string());
    known.iter().cloned().chain(numbers).collect()
}

/// The title of a data set, given its name or path: as its authors write it, or the last component of its path.
pub fn title(name: &str) -> String {
    match name {
        "mnist" => "MNIST".to_owned(),
        "fashion-mnist" => "Fashion-MNIST".to_owned(),
        "cifar10" => "CIFAR-10".to_owned(),
        "cifar100" => "CIFAR-100".to_owned(),
        path => Path::new(path)
            .file_name()
            .map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned()),
    }
}

/// The shape of an image: height, width, channels.
pub type ImageShape = [usize; 3];

/// The height, width and channels of an image of this shape.
///
/// # Errors
/// When samples of this shape are not images of one or three channels.
pub fn image_shape(shape: &Shape) -> Result<ImageShape> {
    match *shape.sizes() {
        [height, width] if height * width > 0 => Ok([height, width, 1]),
        [height, width, channels @ (1 | 3)] if height * width > 0 => Ok([height, width, channels]),
        _ => Err(Error::message(format!(
            "samples of {shape} are not images, which are height x width, with 1 or 3 channels"
        ))),
    }
}
