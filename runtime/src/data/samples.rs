//! Samples and their labels.

use super::kept::archive::Values;
use super::kept::stored::Stored;
use super::words::hex;
use crate::error::{Result, RuntimeError};
use compiler::entering::Entering;
use compiler::shape::Shape;
use compiler::training::fit::Fit;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Samples and their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The shape of one sample.
    pub shape: Shape,
    /// All samples, one after another, each row-major (height, width, channels).
    pub pixels: Pixels,
    /// The number of each sample's class; zeros where there are `targets` instead.
    pub labels: Vec<u32>,
    /// The values that each sample's output is compared with, where it has no class.
    pub targets: Option<Targets>,
}

/// The index of the largest value, the first one if several are equal.
fn largest(values: &[f32]) -> Option<i64> {
    let mut best: Option<(i64, f32)> = None;
    for (place, &value) in (0..).zip(values) {
        if best.is_none_or(|(_, largest)| value > largest) {
            best = Some((place, value));
        }
    }
    best.map(|(place, _)| place)
}

/// Values that outputs are compared with: numbers, several labels at once, pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// The shape of one sample's target.
    pub shape: Shape,
    /// The targets of all samples, one after another, each row-major with the channels last; all finite.
    pub values: Vec<f32>,
}

/// The values of many samples, one after another.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// Bytes from 0 to 255, to be divided by 255.
    Bytes(Vec<u8>),
    /// Bytes from 0 to 255, to be taken as they are.
    Levels(Vec<u8>),
    /// Floats, to be taken as they are; all finite.
    Floats(Vec<f32>),
    /// Samples in a file, of which a part at a time is read.
    Stored(Stored),
}

impl Targets {
    /// Whether they are a class number for each position of an output with this many channels, which stands for a one-hot row.
    pub fn are_classes(&self, channels: usize) -> bool {
        channels > 1 && self.shape.rank() == 3 && self.shape.channels() == 1
    }
}

impl Split {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Splits off the last samples to validate with; the first ones are left to train with. This is Keras's `validation_split`,
    /// taken before any shuffling (`keras/src/trainers/data_adapters/array_slicing.py`, `train_validation_split`).
    ///
    /// # Errors
    /// When either part would be empty, as in Keras.
    pub fn split_validation(mut self, fraction: f64) -> Result<(Self, Self)> {
        let samples = self.len();
        // A fraction beyond 0..1 saturates at an end and is refused there.
        let at = Fit::cut(samples, fraction);
        if at == 0 || at == samples {
            return Err(RuntimeError::Split {
                fraction,
                samples,
                validates: samples - at,
            });
        }
        let labels = self.labels.split_off(at);
        let targets = self.targets.as_mut().map(|targets| Targets {
            shape: targets.shape.clone(),
            values: targets.values.split_off(at * targets.shape.elements()),
        });
        let pixels = match &mut self.pixels {
            Pixels::Bytes(bytes) => Pixels::Bytes(bytes.split_off(at * self.shape.elements())),
            Pixels::Levels(bytes) => Pixels::Levels(bytes.split_off(at * self.shape.elements())),
            Pixels::Floats(floats) => Pixels::Floats(floats.split_off(at * self.shape.elements())),
            Pixels::Stored(stored) => Pixels::Stored(stored.split_off(at)),
        };
        let last = Self {
            shape: self.shape.clone(),
            pixels,
            labels,
            targets,
        };
        Ok((self, last))
    }

    /// What a sample's output is compared with at a position, in one of `channels` channels: the value of its target; without
    /// targets its class number if there is one channel, else 1 in the channel of its class and 0 in the others.
    pub fn target(&self, sample: usize, position: usize, channel: usize, channels: usize) -> f32 {
        let label = self.labels.get(sample).copied().unwrap_or_default();
        match &self.targets {
            Some(targets) if targets.are_classes(channels) => {
                let class = targets.values.get(sample * targets.shape.elements() + position);
                f32::from(u8::from(class.is_some_and(|&class| class as usize == channel)))
            }
            Some(targets) => {
                let at = sample * targets.shape.elements() + position * channels + channel;
                targets.values.get(at).copied().unwrap_or_default()
            }
            None if channels == 1 => label as f32,
            None => f32::from(u8::from(label as usize == channel)),
        }
    }

    /// The weight of a sample by its class; classes that are not listed weigh 1. Its class is its label or, with targets, the
    /// index of the largest one (the first of several) or, if there is one target, that one rounded. Source:
    /// `class_weight_to_sample_weights` in `keras/src/trainers/data_adapters/data_adapter_utils.py`.
    pub fn weight(&self, sample: usize, classes: &BTreeMap<u32, f32>) -> f32 {
        let class = match &self.targets {
            None => self.labels.get(sample).copied().map(i64::from),
            Some(targets) => {
                let size = targets.shape.elements();
                match targets.values.get(sample * size..(sample + 1) * size) {
                    Some(&[value]) => Some(value.round_ties_even() as i64),
                    Some(values) => largest(values),
                    None => None,
                }
            }
        };
        let weight = class.and_then(|class| classes.get(&u32::try_from(class).ok()?));
        weight.copied().unwrap_or(1.0)
    }

    /// [`Split::target`] of all samples: `[sample][position][channel]`.
    pub fn dense_targets(&self, channels: usize, positions: usize) -> Vec<f32> {
        if let Some(targets) = self.targets.as_ref().filter(|targets| !targets.are_classes(channels)) {
            return targets.values.clone();
        }
        let mut values = Vec::with_capacity(self.len() * channels * positions);
        for sample in 0..self.len() {
            for element in 0..channels * positions {
                values.push(self.target(sample, element / channels, element % channels, channels));
            }
        }
        values
    }

    /// The sha256, in hex, of the shape, the pixels and the labels.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        self.hash_into(&mut hash);
        hex(&hash.finalize())
    }

    /// Hashes every part after its length, so that no two splits give the same bytes.
    pub(super) fn hash_into(&self, hash: &mut Sha256) {
        hash.update((self.shape.rank() as u64).to_le_bytes());
        for &size in self.shape.sizes() {
            hash.update((size as u64).to_le_bytes());
        }
        match &self.pixels {
            Pixels::Bytes(bytes) => {
                hash.update(b"uint8\0\0\0");
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
            Pixels::Levels(bytes) => {
                hash.update(b"levels\0\0");
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
            Pixels::Floats(floats) => {
                hash.update(b"float32\0");
                hash.update((floats.len() as u64).to_le_bytes());
                update_in_blocks(hash, floats, f32::to_le_bytes);
            }
            // Those have a fingerprint of their files, and no other is asked for.
            Pixels::Stored(stored) => hash.update((stored.samples() as u64).to_le_bytes()),
        }
        hash.update((self.labels.len() as u64).to_le_bytes());
        update_in_blocks(hash, &self.labels, u32::to_le_bytes);
        // What has none keeps the fingerprint that it had before there were any.
        if let Some(targets) = &self.targets {
            hash.update(b"targets\0");
            for &size in targets.shape.sizes() {
                hash.update((size as u64).to_le_bytes());
            }
            update_in_blocks(hash, &targets.values, f32::to_le_bytes);
        }
    }

    /// What error messages say of a split: facts that two splits of one data set share.
    pub(super) fn facts(&self) -> String {
        let kind = if self.pixels.is_whole() { "uint8" } else { "floats" };
        match &self.targets {
            Some(targets) => format!("{kind} of {} with targets of {}", self.shape, targets.shape),
            None => format!("{kind} of {}", self.shape),
        }
    }
}

/// Hashes numbers in blocks: an `update` for each number would be many times slower.
fn update_in_blocks<T: Copy>(hash: &mut Sha256, values: &[T], bytes: impl Fn(T) -> [u8; 4]) {
    let mut block = Vec::with_capacity(4 * 4096);
    for values in values.chunks(4096) {
        block.clear();
        block.extend(values.iter().flat_map(|&value| bytes(value)));
        hash.update(&block);
    }
}

impl Pixels {
    /// The samples as a network takes them: bytes that are not divided by 255 become levels.
    #[must_use]
    pub fn entering(self, entering: Entering) -> Self {
        match (self, entering) {
            (Self::Bytes(bytes), Entering::AsTheyAre) => Self::Levels(bytes),
            (Self::Stored(stored), entering) => Self::Stored(stored.entering(entering)),
            (pixels, Entering::AsTheyAre | Entering::Divided) => pixels,
        }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) | Self::Levels(bytes) => bytes.len(),
            Self::Floats(floats) => floats.len(),
            Self::Stored(stored) => stored.samples() * stored.elements(),
        }
    }

    /// Whether the values are bytes.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::Levels(_) => true,
            Self::Floats(_) => false,
            Self::Stored(stored) => stored.is_whole(),
        }
    }

    /// The samples at these indices, in memory; `elements` is the number of values of a sample.
    ///
    /// # Errors
    /// When the samples are in a file that cannot be read.
    pub fn samples(&self, places: &[u32], elements: usize) -> Result<Self> {
        fn picked<T: Copy>(values: &[T], places: &[u32], elements: usize) -> Vec<T> {
            let of = |&place: &u32| values.get(place as usize * elements..(place as usize + 1) * elements);
            places.iter().filter_map(of).flatten().copied().collect()
        }
        Ok(match self {
            Self::Bytes(bytes) => Self::Bytes(picked(bytes, places, elements)),
            Self::Levels(bytes) => Self::Levels(picked(bytes, places, elements)),
            Self::Floats(floats) => Self::Floats(picked(floats, places, elements)),
            Self::Stored(stored) => {
                let bytes = stored.bytes(places)?;
                match stored.values() {
                    Values::Bytes => Self::Bytes(bytes),
                    Values::Levels => Self::Levels(bytes),
                    Values::Floats => {
                        let (floats, _) = bytes.as_chunks::<4>();
                        Self::Floats(floats.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
                    }
                }
            }
        })
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at an index as a network takes it: a byte divided by 255, a level or a float as it is.
    pub fn get(&self, index: usize) -> Option<f32> {
        match self {
            Self::Bytes(bytes) => bytes.get(index).map(|&byte| f32::from(byte) / 255.0),
            Self::Levels(bytes) => bytes.get(index).map(|&byte| f32::from(byte)),
            Self::Floats(floats) => floats.get(index).copied(),
            Self::Stored(stored) => {
                let elements = stored.elements().max(1);
                let sample = self.samples(&[(index / elements) as u32], elements).ok()?;
                sample.get(index % elements)
            }
        }
    }
}
