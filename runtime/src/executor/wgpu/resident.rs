//! A split of a data set in the device's memory.

use super::device::Gpu;
use crate::data::{Pixels, Split};
use crate::error::{Grows, Result};
use compiler::host::entering::Stored;
use std::collections::BTreeMap;

/// How many buffers of samples `gather.wgsl` can bind.
const MAX_PIECES: u64 = 4;

/// A split of a data set in the device's memory.
pub(super) struct Resident {
    pub pieces: Vec<wgpu::Buffer>,
    pub labels: wgpu::Buffer,
    /// The weight of each sample; `None` where all weigh the same.
    pub weights: Option<wgpu::Buffer>,
    pub stored: Stored,
    /// How many samples each piece but the last holds.
    pub per_piece: u32,
    /// How many samples all pieces hold together.
    pub samples: usize,
}

impl Resident {
    /// Uploads a split. `target` gives the channels and positions of what outputs are compared with, where the program takes
    /// values for that; `classes` gives the samples' weights by their classes.
    pub fn new(
        gpu: &Gpu,
        split: &Split,
        target: Option<(usize, usize)>,
        classes: Option<&BTreeMap<u32, f32>>,
    ) -> Result<Self> {
        let elements = split.shape.elements();
        let samples = split.len();
        let stride = match &split.pixels {
            Pixels::Bytes(_) | Pixels::Levels(_) => elements.next_multiple_of(4) as u64,
            Pixels::Floats(_) | Pixels::Stored(_) => elements as u64 * 4,
        };
        let limits = gpu.device.limits();
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let per_piece = (most / stride.max(1)).min(samples as u64).max(1);
        if per_piece * MAX_PIECES < samples as u64 {
            gpu.fits(
                "a quarter of the data set",
                (samples as u64).div_ceil(MAX_PIECES) * stride,
                Grows::WithData,
            )?;
        }
        let per = per_piece as usize;
        let mut pieces = Vec::new();
        for piece in 0..samples.div_ceil(per) {
            let range = piece * per * elements..((piece + 1) * per).min(samples) * elements;
            pieces.push(match &split.pixels {
                Pixels::Bytes(bytes) | Pixels::Levels(bytes) => {
                    let bytes = bytes.get(range).unwrap_or_default();
                    if elements.is_multiple_of(4) {
                        gpu.buffer_of("the data set", bytes)?
                    } else {
                        // Each sample begins at a word.
                        let padded = bytes.chunks(elements).flat_map(|sample| {
                            sample
                                .iter()
                                .copied()
                                .chain(std::iter::repeat_n(0, stride as usize - elements))
                        });
                        gpu.buffer_of("the data set", &padded.collect::<Vec<u8>>())?
                    }
                }
                Pixels::Floats(floats) => gpu.buffer_of("the data set", floats.get(range).unwrap_or_default())?,
                // Refused before: a part of it is in memory (`executor/streaming.rs`).
                Pixels::Stored(_) => gpu.buffer_of("the data set", &[0.0_f32])?,
            });
        }
        let labels = match target {
            Some((channels, positions)) => {
                let values = split.dense_targets(channels, positions);
                gpu.fits(
                    "what the outputs are compared with",
                    values.len() as u64 * 4,
                    Grows::WithData,
                )?;
                gpu.buffer_of("the targets", &values)?
            }
            // Predictions have no labels.
            None if split.labels.is_empty() => gpu.buffer_of("the labels", &[0_u32])?,
            None => gpu.buffer_of("the labels", &split.labels)?,
        };
        let weights = classes.map(|classes| {
            let weights: Vec<f32> = (0..split.len()).map(|sample| split.weight(sample, classes)).collect();
            gpu.buffer_of("the weights of samples", &weights)
        });
        let stored = match split.pixels {
            Pixels::Bytes(_) => Stored::Bytes,
            Pixels::Levels(_) => Stored::Levels,
            Pixels::Floats(_) | Pixels::Stored(_) => Stored::Floats,
        };
        Ok(Self {
            pieces,
            labels,
            weights: weights.transpose()?,
            stored,
            per_piece: per_piece as u32,
            samples,
        })
    }
}
