//! CIFAR-10's binary version: records of one label byte and three planes (red, green, blue) of 32 rows of 32 bytes
//! (<https://www.cs.toronto.edu/~kriz/cifar.html>). The planes are interleaved on the way in.

use super::samples::{Pixels, Split};
use super::source::Source;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use std::path::{Path, PathBuf};

/// The classes in the order of their labels.
pub(super) const CLASSES: [&str; 10] = [
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

const PLANE: usize = 32 * 32;
const RECORD: usize = 1 + 3 * PLANE;
const TRAINING: [&str; 5] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
];
const TEST: &str = "test_batch.bin";
/// The folder that the authors' archive unpacks to.
pub(super) const UNPACKED: &str = "cifar-10-batches-bin";

/// The six files' names: the training batches in order, then the test batch.
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    TRAINING.into_iter().chain([TEST])
}

/// The six files in a folder.
pub(super) fn paths(folder: &Path) -> Vec<PathBuf> {
    files().map(|name| folder.join(name)).collect()
}

/// Where the batches are: the folder itself, or the one in it that the archive makes.
pub(super) fn find(folder: &Path) -> Option<PathBuf> {
    let holds_any = |folder: &Path| paths(folder).iter().any(|path| path.is_file());
    [folder.to_owned(), folder.join(UNPACKED)]
        .into_iter()
        .find(|folder| holds_any(folder))
}

/// The five training batches in order, and the test batch if it is there.
pub(super) fn load(folder: &Path) -> Result<(Split, Option<Split>)> {
    let train = load_split(&TRAINING.map(|name| folder.join(name)))?;
    let test = folder.join(TEST);
    let test = test.is_file().then(|| load_split(&[test])).transpose()?;
    Ok((train, test))
}

fn load_split(files: &[PathBuf]) -> Result<Split> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for file in files {
        read_batch(Source::open(file)?, &mut pixels, &mut labels)?;
    }
    Ok(Split {
        shape: Shape::map(32, 32, 3),
        pixels: Pixels::Bytes(pixels),
        labels,
        targets: None,
    })
}

/// Appends a file's records.
pub(super) fn read_batch(mut source: Source, pixels: &mut Vec<u8>, labels: &mut Vec<u32>) -> Result<()> {
    if source.is_gzip() {
        return Err(source.wrong("CIFAR-10 records", "gzip"));
    }
    let length = source.rest();
    let (count, surplus) = (length / RECORD as u64, length % RECORD as u64);
    if count == 0 || surplus != 0 {
        let expected = format!("whole records of {RECORD} bytes, at least one");
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
    pixels.resize(first + records.len() - count as usize, 0);
    let pictures = pixels.get_mut(first..).unwrap_or_default().chunks_exact_mut(3 * PLANE);
    for (index, (record, picture)) in records.chunks_exact(RECORD).zip(pictures).enumerate() {
        let Some((&label, planes)) = record.split_first() else {
            continue;
        };
        if usize::from(label) >= CLASSES.len() {
            let expected = format!("a label of 0 to {}", CLASSES.len() - 1);
            return Err(RuntimeError::malformed(
                &file,
                (index * RECORD) as u64,
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
