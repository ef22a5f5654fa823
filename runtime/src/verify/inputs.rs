//! Makes the samples and variables that a network is checked with, so that no value hides an error.

use super::check::widen;
use crate::data::{Pixels, Split, Targets};
use crate::reference::{self, Batch};
use crate::train;
use compiler::host::entering::target_of;
use compiler::ops::{Criterion, Op};
use compiler::plan::Plan;

/// The number of samples of a batch: a full vector of four, and one that is padded.
pub const BATCH: usize = 5;

/// The key of every step's random numbers.
pub(super) const KEY: [u32; 2] = [0x243f_6a88, 0x85a3_08d3];

pub(super) fn samples(plan: &Plan, draw: &mut Draw) -> Split {
    let classes = plan.output_shape.elements().max(1) as u64;
    Split {
        shape: plan.input_shape.clone(),
        pixels: Pixels::Floats(
            (0..plan.input_shape.elements() * BATCH)
                .map(|_| draw.number() as f32)
                .collect(),
        ),
        labels: (0..BATCH).map(|_| draw.below(classes) as u32).collect(),
        targets: target_of(&plan.training).map(|sizes| targets(plan, sizes, draw)),
    }
}

/// Random targets: in every other row only 0 and 1, and shares where a row is compared as a distribution.
fn targets(plan: &Plan, (channels, positions): (usize, usize), draw: &mut Draw) -> Targets {
    let compared = plan.training.operations.iter();
    let compared = compared.filter_map(|instruction| {
        let Op::Compare(compare) = &instruction.op else {
            return None;
        };
        let target = plan.training.tensors.get(compare.target.0)?;
        Some((is_of_shares(compare.criterion), target))
    });
    let compared: Vec<_> = compared.collect();
    let parts: Vec<(bool, usize, usize)> = match compared.as_slice() {
        [] => vec![(false, channels, positions)],
        [(shares, _)] => vec![(*shares, channels, positions)],
        // Those of several outputs lie one after another.
        several => (several.iter())
            .map(|(shares, tensor)| (*shares, tensor.channels, tensor.positions))
            .collect(),
    };
    let mut values = Vec::new();
    for sample in 0..BATCH {
        for &(shares, channels, positions) in &parts {
            for position in 0..positions {
                values.extend(target_row(shares, channels, sample * positions + position, draw));
            }
        }
    }
    Targets {
        shape: plan.output_shape.clone(),
        values,
    }
}

const fn is_of_shares(criterion: Criterion) -> bool {
    matches!(
        criterion,
        Criterion::KlDivergence
            | Criterion::CategoricalCrossentropy { .. }
            | Criterion::CategoricalFocalCrossentropy { .. }
    )
}

fn target_row(shares: bool, channels: usize, row: usize, draw: &mut Draw) -> Vec<f32> {
    let mut drawn: Vec<f64> = (0..channels)
        .map(|_| match row % 2 {
            0 => draw.below(2) as f64,
            _ => draw.number().abs(),
        })
        .collect();
    let sum: f64 = drawn.iter().sum();
    if shares && sum == 0.0 {
        drawn.iter_mut().take(1).for_each(|value| *value = 1.0);
    } else if shares {
        drawn.iter_mut().for_each(|value| *value /= sum);
    }
    drawn.into_iter().map(|value| value as f32).collect()
}

/// Random parameters as when training begins, but without constants: a bias of zeros would hide that it is not added.
pub(super) fn parameters(plan: &Plan, draw: &mut Draw) -> Vec<f32> {
    let mut all = train::initial_parameters(plan, 1);
    for parameter in &plan.parameters {
        let own = &mut all[parameter.range.offset..][..parameter.range.floats];
        let width = parameter.shape.last().copied().unwrap_or(1).max(1);
        let first = own.first().copied().unwrap_or(0.0);
        let padded = reference::padded(width);
        if own
            .chunks(padded)
            .all(|row| row.iter().take(width).all(|value| value.to_bits() == first.to_bits()))
        {
            for row in own.chunks_mut(padded) {
                row.iter_mut()
                    .take(width)
                    .for_each(|value| *value += 0.2 * draw.number() as f32);
            }
        }
    }
    all
}

pub(super) fn batch(split: &Split, order: &[u32]) -> Batch {
    let size = split.shape.elements();
    let pictures = order.iter().map(|&sample| match &split.pixels {
        Pixels::Floats(floats) => widen(&floats[sample as usize * size..][..size]),
        Pixels::Levels(levels) => levels[sample as usize * size..][..size]
            .iter()
            .map(|&level| f64::from(level))
            .collect(),
        Pixels::Bytes(bytes) => bytes[sample as usize * size..][..size]
            .iter()
            .map(|&byte| f64::from(f32::from(byte) / 255.0))
            .collect(),
        Pixels::Stored(_) => (0..size)
            .filter_map(|at| split.pixels.get(sample as usize * size + at))
            .map(f64::from)
            .collect(),
    });
    Batch {
        pictures: pictures.collect(),
        labels: order.iter().map(|&sample| split.labels[sample as usize]).collect(),
        targets: split.targets.as_ref().map(|targets| {
            let size = targets.shape.elements();
            let rows = order
                .iter()
                .map(|&sample| &targets.values[sample as usize * size..][..size]);
            rows.map(widen).collect()
        }),
        key: KEY,
    }
}

/// A small generator of test data (xorshift64*): the same numbers on every machine.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % limit
    }

    /// A number between -1 and 1 that is exact in `f32`.
    pub(super) fn number(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0
    }
}
