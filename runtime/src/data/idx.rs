//! IDX, the format of MNIST and Fashion-MNIST: a big-endian magic number (two zero bytes, the element type, the number
//! of axes), the axes' sizes as u32, then the elements (<http://yann.lecun.com/exdb/mnist/>).

use super::samples::{Pixels, Split};
use super::source::Source;
use super::words::thousands;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use std::fmt;
use std::path::{Path, PathBuf};

/// The magic number of pictures: unsigned bytes, three axes.
pub(super) const IMAGES: u32 = 0x0803;
/// The magic number of labels: unsigned bytes, one axis.
pub(super) const LABELS: u32 = 0x0801;

/// The two names in use for a file of a split, without `.gz`.
fn names(split: &str, kind: &str, axes: u32) -> [String; 2] {
    [
        format!("{split}-{kind}-idx{axes}-ubyte"),
        format!("{split}-{kind}.idx{axes}-ubyte"),
    ]
}

/// Those two names and the same with `.gz`, in the order in which they are looked for.
fn all_names(split: &str, kind: &str, axes: u32) -> impl Iterator<Item = String> {
    let with_packed = |name: String| [name.clone(), format!("{name}.gz")];
    names(split, kind, axes).into_iter().flat_map(with_packed)
}

/// The file of this kind in a folder, by any of its names; some programs unpack it into a folder of that name, which is searched,
/// too.
fn find(folder: &Path, split: &str, kind: &str, axes: u32) -> Option<PathBuf> {
    let in_folder = |folder: &Path| {
        let paths = all_names(split, kind, axes).map(|name| folder.join(name));
        paths.into_iter().find(|path| path.is_file())
    };
    let unpacked = || all_names(split, kind, axes).find_map(|name| in_folder(&folder.join(name)));
    in_folder(folder).or_else(unpacked)
}

/// All names that the file of this name may have, in the order in which they are looked for.
pub(super) fn same_file(name: &str) -> Vec<String> {
    for split in ["train", "t10k"] {
        for (kind, axes) in [("images", 3), ("labels", 1)] {
            let names: Vec<String> = all_names(split, kind, axes).collect();
            if names.iter().any(|other| other == name) {
                return names;
            }
        }
    }
    vec![name.to_owned()]
}

/// What an IDX file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Pictures: at least one, of at least one pixel.
    Images {
        /// The number of pictures.
        count: u32,
        /// The height of each in pixels.
        height: u32,
        /// The width of each in pixels.
        width: u32,
    },
    /// Labels, one byte each.
    Labels {
        /// The number of labels.
        count: u32,
        /// The largest label, 0 if there are none.
        largest: u8,
    },
}

/// What error messages say of it, such as `10,000 pictures of 28x28`.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Images { count, height, width } => {
                write!(f, "{} pictures of {height}x{width}", thousands(count as usize))
            }
            Self::Labels { count, largest } => {
                write!(f, "{} labels of 0 to {largest}", thousands(count as usize))
            }
        }
    }
}

/// Reads a whole file of either kind and says what it holds.
pub(super) fn inspect(path: &Path) -> Result<Content> {
    read_content(Source::open(path)?)
}

/// As `inspect`, for bytes in memory; error messages call them `file`.
pub(super) fn inspect_bytes(file: &str, bytes: &[u8]) -> Result<Content> {
    read_content(Source::bytes(file, bytes))
}

fn read_content(mut source: Source) -> Result<Content> {
    let magic = u32::from_be_bytes(source.array("magic number")?);
    if magic == LABELS {
        let [count] = read_sizes(&mut source)?;
        let labels = source.vec(u64::from(count), "labels")?;
        source.end()?;
        let largest = labels.into_iter().max().unwrap_or(0);
        return Ok(Content::Labels { count, largest });
    }
    if magic != IMAGES {
        let expected = format!("the magic number {IMAGES:#010x} or {LABELS:#010x} of IDX pictures or labels");
        return Err(RuntimeError::malformed(
            source.file(),
            0,
            expected,
            format!("{magic:#010x}"),
        ));
    }
    let sizes = read_sizes(&mut source)?;
    let length = pixels(&source, sizes)?;
    source.vec(length, "pixels")?;
    source.end()?;
    let [count, height, width] = sizes;
    Ok(Content::Images { count, height, width })
}

/// The number of pixels of `count` pictures together; an error where that is more than can be read.
fn pixels(images: &Source, [count, height, width]: [u32; 3]) -> Result<u64> {
    if count == 0 || height == 0 || width == 0 {
        let found = format!("{count} of {height}x{width}");
        return Err(RuntimeError::malformed(
            images.file(),
            4,
            "at least one picture of one pixel",
            found,
        ));
    }
    Ok(u64::from(count)
        .saturating_mul(u64::from(height))
        .saturating_mul(u64::from(width)))
}

/// Whether any of the four files is in a folder.
pub(super) fn is_in(folder: &Path) -> bool {
    ["train", "t10k"]
        .iter()
        .any(|split| find(folder, split, "images", 3).is_some() || find(folder, split, "labels", 1).is_some())
}

/// Reads the training split in a folder, and its test split if either of the test files is there. Labels must be below `classes`,
/// where that is given.
pub(super) fn load(folder: &Path, classes: Option<usize>) -> Result<(Split, Option<Split>)> {
    let train = load_split(folder, "train", classes)?;
    let tests = find(folder, "t10k", "images", 3).is_some() || find(folder, "t10k", "labels", 1).is_some();
    let test = tests.then(|| load_split(folder, "t10k", classes)).transpose()?;
    Ok((train, test))
}

fn load_split(folder: &Path, split: &str, classes: Option<usize>) -> Result<Split> {
    let open = |kind, axes| {
        let path = find(folder, split, kind, axes).ok_or_else(|| {
            let expected = format!(
                "{} or {}, packed (.gz) or not",
                names(split, kind, axes)[0],
                names(split, kind, axes)[1]
            );
            RuntimeError::mismatch(folder.display().to_string(), expected, "neither")
        })?;
        Source::open(&path)
    };
    read_split(open("images", 3)?, open("labels", 1)?, classes)
}

/// Reads a split from a file of pictures and a file of labels.
pub(super) fn read_split(mut images: Source, mut labels: Source, classes: Option<usize>) -> Result<Split> {
    let sizes = read_header(&mut images, IMAGES, "pictures")?;
    let [count, height, width] = sizes;
    let length = pixels(&images, sizes)?;
    let image_file = images.file().to_owned();
    let pixels = images.vec(length, "pixels")?;
    images.end()?;

    let [label_count] = read_header(&mut labels, LABELS, "labels")?;
    if label_count != count {
        let expected = format!("{count} labels, one for each picture of {image_file}");
        return Err(RuntimeError::malformed(
            labels.file(),
            4,
            expected,
            label_count.to_string(),
        ));
    }
    let start = labels.offset();
    let label_file = labels.file().to_owned();
    let values = labels.vec(u64::from(label_count), "labels")?;
    labels.end()?;
    let bound = classes.unwrap_or(256);
    if let Some(index) = values.iter().position(|&label| usize::from(label) >= bound) {
        let found = values.get(index).copied().unwrap_or_default().to_string();
        return Err(RuntimeError::malformed(
            &label_file,
            start + index as u64,
            format!("a label of 0 to {}", bound - 1),
            found,
        ));
    }
    Ok(Split {
        shape: Shape::map(height as usize, width as usize, 1),
        pixels: Pixels::Bytes(pixels),
        labels: values.into_iter().map(u32::from).collect(),
        targets: None,
    })
}

/// Reads the header and gives the lengths of the axes.
fn read_header<const AXES: usize>(source: &mut Source, magic: u32, what: &str) -> Result<[u32; AXES]> {
    let found = u32::from_be_bytes(source.array("magic number")?);
    if found != magic {
        let expected = format!("the magic number {magic:#010x} of IDX {what}");
        return Err(RuntimeError::malformed(
            source.file(),
            0,
            expected,
            format!("{found:#010x}"),
        ));
    }
    read_sizes(source)
}

fn read_sizes<const AXES: usize>(source: &mut Source) -> Result<[u32; AXES]> {
    let mut sizes = [0; AXES];
    for size in &mut sizes {
        *size = u32::from_be_bytes(source.array("an axis's size")?);
    }
    Ok(sizes)
}
