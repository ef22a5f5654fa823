//! Data sets: where they come from, and what they are once they have been read. Each format has a file in this module.

mod archive;
mod arrays;
mod cifar;
mod dataset;
mod ends;
pub mod fetch;
pub mod folder;
mod idx;
mod input;
pub mod kept;
mod limits;
mod npy;
mod npz;
pub(crate) mod picture;
mod places;
mod samples;
mod source;
mod table;
mod targets;
#[cfg(test)]
mod tests;
pub(crate) mod words;

pub use dataset::Dataset;
pub use ends::{Ends, Numbers};
pub use folder::{Pictures, Wanted};
pub use input::{Inputs, archive_inputs, array_inputs, load_inputs, load_inputs_as, load_inputs_of, picture_inputs};
pub use kept::{Keeping, Stored};
pub use limits::MAX_CLASSES;
pub use npy::{save_npy, save_npz};
pub(crate) use picture::read_file as open_picture;
pub use picture::{Form, Loaded, Reading};
pub use places::cache_folder;
pub use samples::{Pixels, Split, Targets};

use crate::error::{Result, RuntimeError};
use arrays::ArrayFolder;
use cifar::Version;
use compiler::shape::Shape;
use compiler::training::data::{DataName, KnownData};
use dataset::{Parts, counts};
use places::places;
use source::Source;
use std::path::{Path, PathBuf};

/// The digits that are built into the program: pictures and labels to train on, then those to test on.
/// `runtime/data/mnist-10k/README.md` says where they are from.
const DIGITS: [(&str, &[u8]); 4] = [
    (
        "train-images-idx3-ubyte.gz",
        include_bytes!("../../data/mnist-10k/train-images-idx3-ubyte.gz"),
    ),
    (
        "train-labels-idx1-ubyte.gz",
        include_bytes!("../../data/mnist-10k/train-labels-idx1-ubyte.gz"),
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        include_bytes!("../../data/mnist-10k/t10k-images-idx3-ubyte.gz"),
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        include_bytes!("../../data/mnist-10k/t10k-labels-idx1-ubyte.gz"),
    ),
];

const FASHION_CLASSES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// What `--data` names: a known data set, else a path. A folder with the name of a known data set is written `./mnist`.
pub fn named(text: &str) -> DataName {
    let known = KnownData::ALL.into_iter().find(|known| known.name() == text);
    known.map_or_else(|| DataName::Path(text.to_owned()), DataName::Known)
}

/// Reads a data set. A relative path starts from `base`; a known data set is looked for in `cache` (see [`cache_folder`]), then
/// in the other folders that it may be in.
///
/// # Errors
/// When there is no such data, or it cannot be read, or any of it is not as its format and its header say. The pictures of a
/// folder become 256x256x3, as is Keras's default (`image_dataset_from_directory`); see [`load_for`].
pub fn load(name: &DataName, base: &Path, cache: Option<&Path>) -> Result<Dataset> {
    let wanted = Wanted {
        shape: &Shape::map(256, 256, 3),
        ends: None,
        seed: 0,
        keeping: Keeping::below(cache),
        watch: &|_| {},
    };
    load_for(name, base, cache, &wanted)
}

/// As [`load`], but the pictures of a folder become what `wanted` asks for.
///
/// # Errors
/// As [`load`], and when the pictures of a folder are in no classes, or too many of them cannot be read.
pub fn load_for(name: &DataName, base: &Path, cache: Option<&Path>, wanted: &Wanted<'_>) -> Result<Dataset> {
    match (name, &wanted.ends) {
        (DataName::Path(path), _) => load_path(path, &base.join(path), wanted),
        (DataName::Known(known), Some(ends)) => Err(RuntimeError::mismatch(
            known.name(),
            ends.words(),
            "one array of samples and one of labels",
        )),
        (DataName::Known(known), None) => load_known(*known, cache),
    }
}

/// The names of a data set's classes, and how its pictures are read, as far as that is known without reading it. A relative path
/// starts from `base`.
pub fn classes_of(name: &DataName, base: &Path) -> (Option<Vec<String>>, Reading) {
    let path = match name {
        DataName::Known(known) => return (Some(class_names(*known)), Reading::Paper),
        DataName::Path(path) => base.join(path),
    };
    if !path.is_dir() || idx::is_in(&path) || ArrayFolder::find(&path).is_some() {
        return (None, Reading::Paper);
    }
    if let Some((version, _)) = cifar::find(&path) {
        return (Some(version.class_names()), Reading::Paper);
    }
    (folder::class_names(&path), Reading::Keras)
}

fn load_known(known: KnownData, cache: Option<&Path>) -> Result<Dataset> {
    load_from(known, places(known, cache))
}

/// Reads a known data set from the first folder that has it.
fn load_from(known: KnownData, folders: Vec<PathBuf>) -> Result<Dataset> {
    for folder in &folders {
        let found = match known {
            KnownData::Mnist | KnownData::FashionMnist if idx::is_in(folder) => {
                (idx::load(folder, Some(known.classes()))?, folder.clone())
            }
            KnownData::Cifar10 | KnownData::Cifar100 => {
                let version = Version::of(known);
                match version.find(folder) {
                    Some(folder) => (version.load(&folder)?, folder),
                    None => continue,
                }
            }
            KnownData::Mnist | KnownData::FashionMnist => continue,
        };
        let ((train, test), folder) = found;
        let folder = folder.display().to_string();
        if let Some(split) = [Some(&train), test.as_ref()]
            .into_iter()
            .flatten()
            .find(|split| split.shape != known.shape())
        {
            let expected = format!("pictures of {}, as {} has", known.shape(), known.name());
            return Err(RuntimeError::mismatch(folder, expected, split.shape.to_string()));
        }
        let origin = format!("{} from {folder}", counts(&train, test.as_ref()));
        return Ok(known_set(known, train, test, origin));
    }
    if known != KnownData::Mnist {
        return Err(RuntimeError::NotHere {
            name: known,
            looked_in: folders,
        });
    }
    let [train_images, train_labels, test_images, test_labels] = DIGITS.map(|(name, bytes)| Source::bytes(name, bytes));
    let train = idx::read_split(train_images, train_labels, Some(known.classes()))?;
    let test = idx::read_split(test_images, test_labels, Some(known.classes()))?;
    let full = folders.first().map_or_else(String::new, |folder| {
        format!(
            "; the full set is not in {} (`cnnc data fetch mnist` gets it)",
            folder.display()
        )
    });
    let origin = format!(
        "{} of MNIST's digits, which this program carries{full}",
        counts(&train, Some(&test))
    );
    Ok(known_set(known, train, Some(test), origin))
}

/// The names of the classes of a known data set.
pub fn class_names(known: KnownData) -> Vec<String> {
    match known {
        KnownData::Mnist => (0..10).map(|digit: usize| digit.to_string()).collect(),
        KnownData::FashionMnist => FASHION_CLASSES.map(str::to_owned).to_vec(),
        KnownData::Cifar10 | KnownData::Cifar100 => Version::of(known).class_names(),
    }
}

fn known_set(known: KnownData, train: Split, test: Option<Split>, origin: String) -> Dataset {
    let class_names = class_names(known);
    Dataset {
        name: known.name().to_owned(),
        train,
        validation: None,
        test,
        classes: known.classes(),
        class_names: Some(class_names),
        origin,
        pictures: None,
    }
}

fn load_path(name: &str, path: &Path, wanted: &Wanted<'_>) -> Result<Dataset> {
    let Some(parts) = read_path(path, wanted)? else {
        return folder::load(name, path, wanted);
    };
    let Parts {
        train,
        validation,
        test,
        class_names,
    } = parts;
    let others = || validation.iter().chain(&test);
    if let Some(other) = others().find(|other| other.shape != train.shape) {
        let expected = format!("test samples of {}, as in training", train.shape);
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            expected,
            other.shape.to_string(),
        ));
    }
    let labels = train.labels.iter().chain(others().flat_map(|other| &other.labels));
    let largest = labels.max().copied().unwrap_or(0) as usize;
    let classes = class_names.as_ref().map_or(largest + 1, Vec::len);
    let held_back: Vec<&Split> = others().collect();
    let mut count = counts(&train, held_back.first().copied());
    if let Some(test) = held_back.get(1) {
        count.push_str(&format!(" + {}", words::thousands(test.len())));
    }
    let origin = format!("{count} from {}", path.display());
    Ok(Dataset {
        name: name.to_owned(),
        train,
        validation,
        test,
        classes,
        class_names,
        origin,
        pictures: None,
    })
}

/// What a path holds; `None` for a folder of pictures.
fn read_path(path: &Path, wanted: &Wanted<'_>) -> Result<Option<Parts>> {
    let other = |ends: &Ends, found: &str| RuntimeError::mismatch(path.display().to_string(), ends.words(), found);
    if path.is_dir() {
        let arrays = ArrayFolder::find(path);
        return match (&wanted.ends, arrays) {
            (Some(ends), Some(mut arrays)) => ends.read(&mut arrays).map(|splits| Some(Parts::of(splits))),
            (Some(ends), None) => Err(other(ends, "a folder")),
            (None, _) if idx::is_in(path) => idx::load(path, None).map(|splits| Some(Parts::of(splits))),
            (None, arrays) => match (cifar::find(path), arrays) {
                (Some((version, folder)), _) => Ok(Some(Parts {
                    class_names: Some(version.class_names()),
                    ..Parts::of(version.load(&folder)?)
                })),
                (None, Some(mut arrays)) => npz::split(&mut arrays).map(|splits| Some(Parts::of(splits))),
                (None, None) => Ok(None),
            },
        };
    }
    if picture::is_named_so(path) && path.is_file() {
        return Err(RuntimeError::OnePicture { path: path.to_owned() });
    }
    if !path.exists() {
        return Err(RuntimeError::NoSuchData { path: path.to_owned() });
    }
    match &wanted.ends {
        Some(ends) if table::is_named_so(path) => Err(other(ends, "a table")),
        Some(ends) => ends.load(path).map(|splits| Some(Parts::of(splits))),
        None if table::is_named_so(path) => table::load(path, wanted.shape).map(Some),
        None => npz::load(path).map(|splits| Some(Parts::of(splits))),
    }
}
