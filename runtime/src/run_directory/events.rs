//! Event files for `TensorBoard`: records (`tensorflow/core/lib/io/record_writer.h`) of `Event` messages
//! (`tensorflow/core/util/event.proto`), each of one scalar, as Keras's `TensorBoard` callback writes them.
//!
//! A record is the length of its data (8 bytes, little-endian), the masked CRC-32C of these bytes, the data, and the masked
//! CRC-32C of the data. Everything but the time of an event follows from the history. So a file that this process began, or one
//! that was killed, is continued as far as it agrees with the history, and cut off where it does not.

use super::history::History;
use crate::callbacks::Board;
use crate::error::{Result, RuntimeError};
use crate::files;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The value of a scalar at a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    /// The name of the scalar, such as `epoch_loss`.
    pub tag: String,
    /// The epoch, counted from 0, or the number of steps of the run so far.
    pub step: u64,
    /// The value of the scalar, in the precision that event files have.
    pub value: f32,
}

/// The points of a history, those of training and those of validation, each with the name of its folder.
pub(super) fn points(history: &History, board: &Board) -> Vec<(&'static str, Vec<Point>)> {
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (index, row) in history.epochs.iter().enumerate() {
        let point = |tag: String, step: u64, value: f64| Point {
            tag,
            step,
            value: value as f32,
        };
        let epoch = row.epoch as u64;
        let split = |name: &str| name.strip_prefix("val_").map(str::to_owned);
        for (name, value) in &row.metrics {
            if split(name).is_none() && name != "learning_rate" {
                train.push(point(format!("epoch_{name}"), epoch, *value));
            }
        }
        if let Some(rate) = board.rates.get(index) {
            train.push(point("epoch_learning_rate".to_owned(), epoch, *rate));
        }
        let validated = || {
            row.metrics
                .iter()
                .filter_map(|(name, value)| Some((split(name)?, *value)))
        };
        if let Some(steps) = board.steps.get(index) {
            let evaluation = |name: String| format!("evaluation_{name}_vs_iterations");
            validation.extend(validated().map(|(name, value)| point(evaluation(name), *steps, value)));
        }
        validation.extend(validated().map(|(name, value)| point(format!("epoch_{name}"), epoch, value)));
    }
    let mut split = vec![("train", train)];
    if !validation.is_empty() {
        split.push(("validation", validation));
    }
    split
}

/// Makes a file hold these points: those that it has already stay, the rest are added with the present time.
pub(super) fn update(path: &Path, points: &[Point]) -> Result<()> {
    let refused = |cause| RuntimeError::file("write", path, cause);
    let version = [&[0x1a, 13][..], b"brain.Event:2"].concat();
    let events: Vec<Vec<u8>> = std::iter::once(version).chain(points.iter().map(event)).collect();
    let most: usize = events.iter().map(|event| TIME + event.len() + BESIDE).sum();
    let mut found = Vec::new();
    if path.try_exists().map_err(refused)? {
        let (file, _) = files::open_file(path)?;
        file.take(most as u64).read_to_end(&mut found).map_err(refused)?;
    }
    let (mut kept, mut same) = (0, 0);
    for event in &events {
        let rest = found.get(kept..).unwrap_or_default();
        let Some(data) = data_of(rest).filter(|data| data.get(TIME..) == Some(event)) else {
            break;
        };
        kept += data.len() + BESIDE;
        same += 1;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut time = vec![0x09];
    time.extend(now.as_secs_f64().to_le_bytes());
    let rest = events.get(same..).unwrap_or_default();
    let tail: Vec<u8> = rest
        .iter()
        .flat_map(|event| record(&[time.as_slice(), event.as_slice()].concat()))
        .collect();
    files::replace_tail(path, kept as u64, &tail)
}

/// How many bytes an event's time takes: a tag and a float64.
const TIME: usize = 9;
/// How many bytes a record takes besides its data.
const BESIDE: usize = 16;

/// The data of the record that `bytes` begins with; `None` where it is incomplete or damaged.
fn data_of(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let size = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let data = rest.get(..size)?;
    let last = rest.get(size..)?.first_chunk::<4>()?;
    let right = u32::from_le_bytes(*sum) == masked(length) && u32::from_le_bytes(*last) == masked(data);
    right.then_some(data)
}

/// The bytes of a record with this data.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(masked(&length).to_le_bytes());
    bytes.extend(data);
    bytes.extend(masked(data).to_le_bytes());
    bytes
}

/// An event without its time: `step` (field 2), `summary` (5) of one `value` (1) with its `tag` (1), `tensor` (8) and
/// `metadata` (9).
fn event(point: &Point) -> Vec<u8> {
    // The type float32 (1), a shape without dimensions, and the value.
    let mut tensor = vec![0x08, 1, 0x12, 0];
    tensor.extend(field(5, &point.value.to_le_bytes()));
    // The plugin that shows it, and that it is a scalar (1).
    let mut metadata = field(1, &field(1, b"scalars"));
    metadata.extend([0x20, 1]);
    let value = [field(1, point.tag.as_bytes()), field(8, &tensor), field(9, &metadata)].concat();
    let mut event = vec![0x10];
    event.extend(varint(point.step));
    event.extend(field(5, &field(1, &value)));
    event
}

/// A field that holds bytes, text or a message.
fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let mut made = varint(number << 3 | 2);
    made.extend(varint(bytes.len() as u64));
    made.extend(bytes);
    made
}

/// A whole number in groups of seven bits, the lowest first (Protocol Buffers' varint).
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The CRC-32C of bytes, rotated and offset as records have it.
fn masked(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ 0x82f6_3b78 & (sum & 1).wrapping_neg();
        }
    }
    (!sum).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::super::history::Epoch;
    use super::*;

    fn history(losses: &[f64]) -> (History, Board) {
        let epochs = losses.iter().enumerate().map(|(epoch, loss)| Epoch {
            phase: 0,
            epoch,
            metrics: [("loss".to_owned(), *loss), ("val_loss".to_owned(), loss + 1.0)].into(),
        });
        let board = Board {
            phase: 0,
            folder: "logs".to_owned(),
            rates: vec![0.5; losses.len()],
            steps: (1..=losses.len() as u64).map(|epoch| epoch * 200).collect(),
        };
        let epochs = epochs.collect();
        (History { epochs }, board)
    }

    fn training(losses: &[f64]) -> Vec<Point> {
        let (history, board) = history(losses);
        points(&history, &board).remove(0).1
    }

    /// The records of a file, each of them whole.
    fn records(path: &Path) -> Vec<Vec<u8>> {
        let bytes = std::fs::read(path).unwrap();
        let (mut rest, mut records) = (bytes.as_slice(), Vec::new());
        while !rest.is_empty() {
            let data = data_of(rest).unwrap();
            records.push(data.to_vec());
            rest = &rest[data.len() + BESIDE..];
        }
        records
    }

    /// From the standard's own check, and from TensorFlow's `masked_crc32c_of`.
    #[test]
    fn sums_are_those_of_records() {
        let plain = |bytes: &[u8]| masked(bytes).wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(plain(b"123456789"), 0xe306_9283);
        assert_eq!(plain(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn points_have_keras_s_names() {
        let (history, board) = history(&[2.0, 1.0]);
        let split = points(&history, &board);
        let names = |index: usize| -> Vec<String> {
            let points: &[Point] = &split[index].1;
            points
                .iter()
                .map(|point| format!("{} {} {}", point.tag, point.step, point.value))
                .collect()
        };
        let train = [
            "epoch_loss 0 2",
            "epoch_learning_rate 0 0.5",
            "epoch_loss 1 1",
            "epoch_learning_rate 1 0.5",
        ];
        assert_eq!(names(0), train);
        let validation = [
            "evaluation_loss_vs_iterations 200 3",
            "epoch_loss 0 3",
            "evaluation_loss_vs_iterations 400 2",
            "epoch_loss 1 2",
        ];
        assert_eq!(names(1), validation);
    }

    /// What a killed process left, whole or torn, is gone on with; what is of another run goes.
    #[test]
    fn a_file_is_gone_on_with_and_no_point_comes_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        update(&path, &training(&[3.0, 2.0])).unwrap();
        let begun = std::fs::read(&path).unwrap();
        update(&path, &training(&[3.0, 2.0, 1.0])).unwrap();
        let whole = std::fs::read(&path).unwrap();
        assert!(whole.starts_with(&begun), "what is there stays");
        assert_eq!(records(&path).len(), 1 + 6);
        let bodies = |path: &Path| -> Vec<Vec<u8>> { records(path).iter().map(|data| data[TIME..].to_vec()).collect() };
        let expected = bodies(&path);
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            update(&path, &training(&[3.0, 2.0, 1.0])).unwrap();
            assert_eq!(bodies(&path), expected, "cut at {cut}");
        }
        // A run that goes on from an earlier epoch, and another run.
        update(&path, &training(&[3.0])).unwrap();
        assert_eq!(bodies(&path), expected[..3]);
        update(&path, &training(&[4.0, 2.0, 1.0])).unwrap();
        assert_eq!(records(&path).len(), 1 + 6);
        assert_ne!(bodies(&path), expected);
    }
}
