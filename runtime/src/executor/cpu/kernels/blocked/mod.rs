//! Kernels of the channel-blocked layout: a tensor is `[sample][channel / 16][position]` of rows of sixteen channels, and each
//! sample is worked on by itself. Sums have the order that the batch-innermost kernels give them (input channel, row, column),
//! so that both layouts make the same bits. What lies in the lanes behind the last channel has no meaning.

pub mod dense;
pub mod direct;
pub mod dkernel;
pub mod filtered_dkernel;
pub mod finish;
pub mod gather;
mod product;
pub mod turn;
pub mod winograd;

use super::super::simd::{LANES, Simd};

/// Blocks of sixteen filters whose sums are in registers at a time.
pub fn abreast(wide: bool) -> usize {
    if wide { 2 } else { 1 }
}

/// What an item's lanes take of values of which there is one a channel. `item`: a channel, or, where there are `blocks` of
/// sixteen channels a sample, one of those.
#[inline(always)]
pub fn of_channels<S: Simd>(simd: S, values: &[f32], item: usize, blocks: Option<usize>) -> S::V {
    match blocks {
        None => simd.splat(values[item]),
        Some(blocks) => block_of(simd, values, item % blocks),
    }
}

/// Sixteen of values of which there is one a channel, zeros behind the last.
#[inline(always)]
pub fn block_of<S: Simd>(simd: S, values: &[f32], block: usize) -> S::V {
    let first = block * LANES;
    simd.load_part(&values[first..(first + LANES).min(values.len())])
}
