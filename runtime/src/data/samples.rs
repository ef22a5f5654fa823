//! Samples and their labels in memory.

use super::words::hex;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use compiler::training::fit::Fit;
use sha2::{Digest, Sha256};

/// Samples and their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The shape of one sample.
    pub shape: Shape,
    /// All samples, one after another, each row-major (height, width, channels).
    pub pixels: Pixels,
    /// The number of each sample's class; zeros where `targets` say what a sample is.
    pub labels: Vec<u32>,
    /// What each sample's output is compared with, where that is no class.
    pub targets: Option<Targets>,
}

/// Values that outputs are compared with: numbers, several labels at once, pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// The shape of one sample's.
    pub shape: Shape,
    /// Those of all samples, one after another, each row-major with the channels last; all finite.
    pub values: Vec<f32>,
}

/// The values of many samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// 0 to 255, to be scaled by 1/255.
    Bytes(Vec<u8>),
    /// 0 to 255, to be taken as they are.
    Levels(Vec<u8>),
    /// To be taken as they are; all finite.
    Floats(Vec<f32>),
}

impl Split {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The first part, to train with, and the last, to validate with: Keras's `validation_split`, taken before any
    /// shuffling (`keras/src/trainers/data_adapters/array_slicing.py`, `train_validation_split`).
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
        };
        let last = Self {
            shape: self.shape.clone(),
            pixels,
            labels,
            targets,
        };
        Ok((self, last))
    }

    /// What the output of a sample is compared with at a position and in one of so many channels: its target's value, or
    /// the number of its class where there is one channel, or whether it is of the channel's class.
    pub fn target(&self, sample: usize, position: usize, channel: usize, channels: usize) -> f32 {
        let label = self.labels.get(sample).copied().unwrap_or_default();
        match &self.targets {
            Some(targets) => {
                let at = sample * targets.shape.elements() + position * channels + channel;
                targets.values.get(at).copied().unwrap_or_default()
            }
            None if channels == 1 => label as f32,
            None => f32::from(u8::from(label as usize == channel)),
        }
    }

    /// [`Split::target`] of all samples: `[sample][position][channel]`.
    pub fn dense_targets(&self, channels: usize, positions: usize) -> Vec<f32> {
        if let Some(targets) = &self.targets {
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

    /// Every part with its length before it, so that no two splits give the same bytes.
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

    /// What two splits of one set have in common.
    pub(super) fn facts(&self) -> String {
        let kind = match self.pixels {
            Pixels::Bytes(_) | Pixels::Levels(_) => "uint8",
            Pixels::Floats(_) => "floats",
        };
        match &self.targets {
            Some(targets) => format!("{kind} of {} with targets of {}", self.shape, targets.shape),
            None => format!("{kind} of {}", self.shape),
        }
    }
}

/// Hashes numbers a block at a time: one `update` a number is many times slower.
fn update_in_blocks<T: Copy>(hash: &mut Sha256, values: &[T], bytes: impl Fn(T) -> [u8; 4]) {
    let mut block = Vec::with_capacity(4 * 4096);
    for values in values.chunks(4096) {
        block.clear();
        block.extend(values.iter().flat_map(|&value| bytes(value)));
        hash.update(&block);
    }
}

impl Pixels {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) | Self::Levels(bytes) => bytes.len(),
            Self::Floats(floats) => floats.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at an index as a network sees it: a byte over 255, a level or a float as it is.
    pub fn get(&self, index: usize) -> Option<f32> {
        match self {
            Self::Bytes(bytes) => bytes.get(index).map(|&byte| f32::from(byte) / 255.0),
            Self::Levels(bytes) => bytes.get(index).map(|&byte| f32::from(byte)),
            Self::Floats(floats) => floats.get(index).copied(),
        }
    }
}
