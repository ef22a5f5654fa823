//! The binary versions of CIFAR-10 and CIFAR-100: records of one label byte, or of a coarse and a fine one, and three planes (red,
//! green, blue) of 32 rows of 32 bytes (<https://www.cs.toronto.edu/~kriz/cifar.html>). The planes are interleaved on the way in.

use super::samples::{Pixels, Split};
use super::source::Source;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use compiler::training::data::KnownData;
use std::path::{Path, PathBuf};

/// CIFAR-10's classes in the order of their labels.
const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// CIFAR-100's fine classes in the order of their labels.
const FINE: [&str; 100] = [
    "apple",
    "aquarium_fish",
    "baby",
    "bear",
    "beaver",
    "bed",
    "bee",
    "beetle",
    "bicycle",
    "bottle",
    "bowl",
    "boy",
    "bridge",
    "bus",
    "butterfly",
    "camel",
    "can",
    "castle",
    "caterpillar",
    "cattle",
    "chair",
    "chimpanzee",
    "clock",
    "cloud",
    "cockroach",
    "couch",
    "crab",
    "crocodile",
    "cup",
    "dinosaur",
    "dolphin",
    "elephant",
    "flatfish",
    "forest",
    "fox",
    "girl",
    "hamster",
    "house",
    "kangaroo",
    "keyboard",
    "lamp",
    "lawn_mower",
    "leopard",
    "lion",
    "lizard",
    "lobster",
    "man",
    "maple_tree",
    "motorcycle",
    "mountain",
    "mouse",
    "mushroom",
    "oak_tree",
    "orange",
    "orchid",
    "otter",
    "palm_tree",
    "pear",
    "pickup_truck",
    "pine_tree",
    "plain",
    "plate",
    "poppy",
    "porcupine",
    "possum",
    "rabbit",
    "raccoon",
    "ray",
    "road",
    "rocket",
    "rose",
    "sea",
    "seal",
    "shark",
    "shrew",
    "skunk",
    "skyscraper",
    "snail",
    "snake",
    "spider",
    "squirrel",
    "streetcar",
    "sunflower",
    "sweet_pepper",
    "table",
    "tank",
    "telephone",
    "television",
    "tiger",
    "tractor",
    "train",
    "trout",
    "tulip",
    "turtle",
    "wardrobe",
    "whale",
    "willow_tree",
    "wolf",
    "woman",
    "worm",
];

const PLANE: usize = 32 * 32;

/// Which of the two data sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Ten classes, in six files of as many pictures.
    Ten,
    /// A hundred classes of twenty kinds: two label bytes a record, of which the second, the fine one, is taken.
    Hundred,
}

impl Version {
    const ALL: [Self; 2] = [Self::Ten, Self::Hundred];

    /// The version that a known data set of CIFAR is.
    pub(super) fn of(name: KnownData) -> Self {
        match name {
            KnownData::Cifar100 => Self::Hundred,
            KnownData::Cifar10 | KnownData::Mnist | KnownData::FashionMnist => Self::Ten,
        }
    }

    /// What its authors call it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Ten => "CIFAR-10",
            Self::Hundred => "CIFAR-100",
        }
    }

    /// The names of the classes in the order of their labels.
    pub(super) const fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Ten => &CLASSES,
            Self::Hundred => &FINE,
        }
    }

    /// The names of the classes as owned strings, as a [`super::Dataset`] holds them.
    pub(super) fn class_names(self) -> Vec<String> {
        self.classes().iter().map(|&name| name.to_owned()).collect()
    }

    /// The folder that the authors' archive unpacks to.
    pub(super) const fn unpacked(self) -> &'static str {
        match self {
            Self::Ten => "cifar-10-batches-bin",
            Self::Hundred => "cifar-100-binary",
        }
    }

    const fn training(self) -> &'static [&'static str] {
        match self {
            Self::Ten => &[
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin",
            ],
            Self::Hundred => &["train.bin"],
        }
    }

    const fn test(self) -> &'static str {
        match self {
            Self::Ten => "test_batch.bin",
            Self::Hundred => "test.bin",
        }
    }

    /// How many bytes of a record are labels.
    const fn labels(self) -> usize {
        match self {
            Self::Ten => 1,
            Self::Hundred => 2,
        }
    }

    const fn record(self) -> usize {
        self.labels() + 3 * PLANE
    }

    /// The files' names: the training batches in order, then the test batch.
    pub(super) fn files(self) -> impl Iterator<Item = &'static str> {
        self.training().iter().copied().chain([self.test()])
    }

    /// The length in bytes of one of its files, where the test batch is `batch_bytes` long.
    pub(super) fn bytes(self, name: &str, batch_bytes: u64) -> u64 {
        match self {
            Self::Hundred if name != self.test() => 5 * batch_bytes,
            Self::Hundred | Self::Ten => batch_bytes,
        }
    }

    /// The paths of its files in a folder, whether they exist or not.
    pub(super) fn paths(self, folder: &Path) -> Vec<PathBuf> {
        self.files().map(|name| folder.join(name)).collect()
    }

    /// The folder that the batches are in: this one, or the one in it that the archive unpacks to; `None` where neither has any.
    /// Other programs may call a file `train.bin`, too: CIFAR-100 is known by its folder's name or by a file of whole records.
    pub(super) fn find(self, folder: &Path) -> Option<PathBuf> {
        let is_its_own = |path: &PathBuf| match self {
            Self::Ten => path.is_file(),
            Self::Hundred => {
                let whole = |bytes: u64| bytes > 0 && bytes.is_multiple_of(self.record() as u64);
                let named = path.parent().is_some_and(|folder| folder.ends_with(self.unpacked()));
                path.is_file() && (named || path.metadata().is_ok_and(|facts| whole(facts.len())))
            }
        };
        [folder.to_owned(), folder.join(self.unpacked())]
            .into_iter()
            .find(|folder| self.paths(folder).iter().any(is_its_own))
    }

    /// Reads the training batches in order, and the test batch if there is one.
    pub(super) fn load(self, folder: &Path) -> Result<(Split, Option<Split>)> {
        let paths: Vec<PathBuf> = self.training().iter().map(|name| folder.join(name)).collect();
        let train = self.load_split(&paths)?;
        let test = folder.join(self.test());
        let test = test.is_file().then(|| self.load_split(&[test])).transpose()?;
        Ok((train, test))
    }

    fn load_split(self, files: &[PathBuf]) -> Result<Split> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for file in files {
            read_batch(self, Source::open(file)?, &mut pixels, &mut labels)?;
        }
        Ok(Split {
            shape: Shape::map(32, 32, 3),
            pixels: Pixels::Bytes(pixels),
            labels,
            targets: None,
        })
    }
}

/// Which of the two data sets a folder holds, and the folder that its batches are in.
pub(super) fn find(folder: &Path) -> Option<(Version, PathBuf)> {
    Version::ALL
        .into_iter()
        .find_map(|version| Some((version, version.find(folder)?)))
}

/// Appends the pixels and the labels of a file's records.
pub(super) fn read_batch(
    version: Version,
    mut source: Source,
    pixels: &mut Vec<u8>,
    labels: &mut Vec<u32>,
) -> Result<()> {
    if source.is_gzip() {
        return Err(source.wrong(format!("{} records", version.title()), "gzip"));
    }
    let length = source.rest();
    let size = version.record();
    let (count, surplus) = (length / size as u64, length % size as u64);
    if count == 0 || surplus != 0 {
        let expected = format!("whole records of {size} bytes, at least one");
        return Err(RuntimeError::malformed(
            source.file(),
            length - surplus,
            expected,
            format!("{surplus} bytes"),
        ));
    }
    let file = source.file().to_owned();
    let records = source.vec(length, "records")?;
    source.end()?;
    let first = pixels.len();
    pixels.resize(first + records.len() - count as usize * version.labels(), 0);
    let pictures = pixels.get_mut(first..).unwrap_or_default().chunks_exact_mut(3 * PLANE);
    for (index, (record, picture)) in records.chunks_exact(size).zip(pictures).enumerate() {
        let (numbers, planes) = record.split_at(version.labels());
        let Some(&label) = numbers.last() else { continue };
        if usize::from(label) >= version.classes().len() {
            let expected = format!("a label of 0 to {}", version.classes().len() - 1);
            return Err(RuntimeError::malformed(
                &file,
                (index * size + version.labels() - 1) as u64,
                expected,
                label.to_string(),
            ));
        }
        labels.push(u32::from(label));
        let (red, colours) = planes.split_at(PLANE);
        let (green, blue) = colours.split_at(PLANE);
        for (pixel, ((&red, &green), &blue)) in picture
            .as_chunks_mut()
            .0
            .iter_mut()
            .zip(red.iter().zip(green).zip(blue))
        {
            *pixel = [red, green, blue];
        }
    }
    Ok(())
}
