//! Data sets: what they are once read, and where they come from. The formats are in this module's files.

mod cifar;
pub mod fetch;
pub mod folder;
mod idx;
mod input;
mod npy;
mod npz;
mod picture;
mod samples;
mod source;
mod targets;
#[cfg(test)]
mod tests;

pub use folder::{Pictures, Wanted};
pub use input::{Inputs, load_inputs, load_inputs_as, picture_inputs};
pub use npy::save_npy;
pub use picture::{Form, Reading};
pub use samples::{MAX_CLASSES, Pixels, Split, Targets};

use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use compiler::training::data::{DataName, KnownData};
use etcetera::BaseStrategy;
use sha2::{Digest, Sha256};
use source::Source;
use std::fmt;
use std::path::{Path, PathBuf};

/// A data set in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name it has, or its path.
    pub name: String,
    /// What is trained on.
    pub train: Split,
    /// What is validated with, of the same shape, where a folder has it beside what is tested on.
    pub validation: Option<Split>,
    /// What is tested on, of the same shape; not every file has it.
    pub test: Option<Split>,
    /// Every label is below it.
    pub classes: usize,
    /// The classes' names in the order of their labels, where they are known.
    pub class_names: Option<Vec<String>>,
    /// One line: which copy was read.
    pub origin: String,
    /// What is known besides of samples that were pictures in a folder.
    pub pictures: Option<Pictures>,
}

/// What `load` looks for in a folder, for messages.
pub const FOLDER_FORMS: [&str; 4] = [
    "train-images-idx3-ubyte and train-labels-idx1-ubyte (IDX, .gz or not; t10k-... for the test split)",
    "data_batch_1.bin to data_batch_5.bin and test_batch.bin (CIFAR-10, binary version)",
    "cifar-10-batches-bin/ with those",
    "a folder of pictures (.png, .jpg, .jpeg, .webp, .bmp) for each class",
];

/// Where Debian's package dataset-fashion-mnist puts its files.
const DEBIAN_FASHION: &str = "/usr/share/datasets/fashion-mnist";

/// The digits that the binary carries: pictures and labels to train, then to test. `runtime/data/mnist-10k/README.md`
/// says where they are from.
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

/// What `--data` names: a known name, else a path. A folder that is called as a known set is written `./mnist`.
pub fn named(text: &str) -> DataName {
    let known = KnownData::ALL.into_iter().find(|known| known.name() == text);
    known.map_or_else(|| DataName::Path(text.to_owned()), DataName::Known)
}

/// The user's folder for this program's data sets, `mnist` and others below it: `$XDG_CACHE_HOME/cnnc` or
/// `~/.cache/cnnc`, `~/Library/Caches/cnnc`, `%LOCALAPPDATA%\cnnc`. None for a user without a home.
pub fn cache_folder() -> Option<PathBuf> {
    let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(folders.cache_dir().join("cnnc"))
}

/// Reads a data set. A relative path starts at `base`; a known name is looked for in `cache` (see [`cache_folder`]),
/// then in the places where it may be besides.
///
/// # Errors
/// When there is no such data, or it cannot be read, or any of it is not as its format and its header say. The pictures of a
/// folder become 256x256x3, as is Keras's default (`image_dataset_from_directory`); see [`load_for`].
pub fn load(name: &DataName, base: &Path, cache: Option<&Path>) -> Result<Dataset> {
    let wanted = Wanted {
        shape: &Shape::map(256, 256, 3),
        seed: 0,
        watch: &|_| {},
    };
    load_for(name, base, cache, &wanted)
}

/// The same, where the pictures of a folder become what is wanted.
///
/// # Errors
/// As [`load`]; and when a folder's pictures are in no classes, or too many of them cannot be read.
pub fn load_for(name: &DataName, base: &Path, cache: Option<&Path>, wanted: &Wanted<'_>) -> Result<Dataset> {
    match name {
        DataName::Path(path) => load_path(path, &base.join(path), wanted),
        DataName::Known(known) => load_known(*known, cache),
    }
}

/// What the classes of a data set are called, and how its pictures were read, as far as that is known without reading
/// it. A relative path starts at `base`.
pub fn classes_of(name: &DataName, base: &Path) -> (Option<Vec<String>>, Reading) {
    let path = match name {
        DataName::Known(known) => return (Some(class_names(*known)), Reading::Paper),
        DataName::Path(path) => base.join(path),
    };
    if !path.is_dir() || idx::is_in(&path) {
        return (None, Reading::Paper);
    }
    if cifar::find(&path).is_some() {
        return (Some(cifar::CLASSES.map(str::to_owned).to_vec()), Reading::Paper);
    }
    (folder::class_names(&path), Reading::Keras)
}

/// The folders where a known set may be, in order.
fn places(known: KnownData, cache: Option<&Path>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = cache.map(|cache| cache.join(known.name())).into_iter().collect();
    if known == KnownData::FashionMnist {
        folders.push(PathBuf::from(DEBIAN_FASHION));
    }
    folders
}

fn load_known(known: KnownData, cache: Option<&Path>) -> Result<Dataset> {
    load_from(known, places(known, cache))
}

/// Reads a known set from the first of the folders that has it.
fn load_from(known: KnownData, folders: Vec<PathBuf>) -> Result<Dataset> {
    for folder in &folders {
        let found = match known {
            KnownData::Mnist | KnownData::FashionMnist if idx::is_in(folder) => {
                (idx::load(folder, Some(known.classes()))?, folder.clone())
            }
            KnownData::Cifar10 => match cifar::find(folder) {
                Some(folder) => (cifar::load(&folder)?, folder),
                None => continue,
            },
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

/// What the classes of a known data set are called.
pub fn class_names(known: KnownData) -> Vec<String> {
    match known {
        KnownData::Mnist => (0..10).map(|digit: usize| digit.to_string()).collect(),
        KnownData::FashionMnist => FASHION_CLASSES.map(str::to_owned).to_vec(),
        KnownData::Cifar10 => cifar::CLASSES.map(str::to_owned).to_vec(),
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
    let mut class_names = None;
    let (train, test) = if path.is_dir() {
        if idx::is_in(path) {
            idx::load(path, None)?
        } else if let Some(folder) = cifar::find(path) {
            class_names = Some(cifar::CLASSES.map(str::to_owned).to_vec());
            cifar::load(&folder)?
        } else {
            return folder::load(name, path, wanted);
        }
    } else if picture::is_named_so(path) && path.is_file() {
        return Err(RuntimeError::OnePicture { path: path.to_owned() });
    } else if path.exists() {
        npz::load(path)?
    } else {
        return Err(RuntimeError::NoSuchData { path: path.to_owned() });
    };
    if let Some(test) = test.as_ref().filter(|test| test.shape != train.shape) {
        let expected = format!("test samples of {}, as in training", train.shape);
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            expected,
            test.shape.to_string(),
        ));
    }
    let labels = train.labels.iter().chain(test.iter().flat_map(|test| &test.labels));
    let largest = labels.max().copied().unwrap_or(0) as usize;
    let classes = class_names.as_ref().map_or(largest + 1, Vec::len);
    let origin = format!("{} from {}", counts(&train, test.as_ref()), path.display());
    Ok(Dataset {
        name: name.to_owned(),
        train,
        validation: None,
        test,
        classes,
        class_names,
        origin,
        pictures: None,
    })
}

/// `60,000 + 10,000`.
fn counts(train: &Split, test: Option<&Split>) -> String {
    let train = thousands(train.len());
    test.map_or_else(|| train.clone(), |test| format!("{train} + {}", thousands(test.len())))
}

/// `12,345`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Dataset {
    /// The sha256, in hex, of everything that training can see: shapes, pixels and labels of all splits; for a folder of
    /// pictures, of the files, so that it does not depend on the seed's order.
    pub fn fingerprint(&self) -> String {
        if let Some(pictures) = &self.pictures {
            return pictures.sha256.clone();
        }
        let mut hash = Sha256::new();
        self.train.hash_into(&mut hash);
        if let Some(test) = &self.test {
            test.hash_into(&mut hash);
        }
        hex(&hash.finalize())
    }
}

/// The line that is shown when a set has been read.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let test = self.test.as_ref();
        write!(
            f,
            "{}: {} samples of {}, {} classes",
            self.name,
            counts(&self.train, test),
            self.train.shape,
            self.classes
        )
    }
}

/// Bytes as lowercase hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}
