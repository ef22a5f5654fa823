//! Estimates of what operations cost on the CPU, from shapes alone: cycles of one core that does two multiply-adds of
//! sixteen floats in each. The constants were measured with AVX-512 on Zen 5. Layouts are chosen by these estimates,
//! and no choice changes a bit of the results.

use super::tensor::{Tensor, TensorId, TensorLayout};

/// Cycles to read or write sixteen floats that lie in a cache.
const PASS: u64 = 2;

/// Cycles to rearrange the elements of sixteen samples, channel by channel, from one layout into the other.
const TURN: u64 = 6;

/// Bytes of weights that memory delivers in a cycle.
const STREAM: u64 = 16;

/// The estimated cost of an operation in either layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycles {
    /// Cycles for a block of sixteen samples batch-innermost, however many of them are real.
    pub block: u64,
    /// Cycles for each sample channel-blocked; None where the operation only knows the other layout.
    pub sample: Option<u64>,
}

impl Cycles {
    /// The cost of an operation that passes over tensors and computes little.
    pub fn passing(touched: &[TensorId], tensors: &[Tensor], layouts: &[TensorLayout]) -> Self {
        let sum = |layout| {
            let tensors = touched.iter().filter_map(|id| tensors.get(id.0));
            tensors.fold(0_u64, |sum, tensor| sum.saturating_add(rows(tensor, layout))) * PASS
        };
        Self {
            block: sum(TensorLayout::BatchInnermost),
            sample: layouts
                .contains(&TensorLayout::ChannelBlocked)
                .then(|| sum(TensorLayout::ChannelBlocked)),
        }
    }

    /// The same cost with that of products added.
    #[must_use]
    pub fn and(self, block: u64, sample: Option<u64>) -> Self {
        Self {
            block: self.block.saturating_add(block),
            sample: self.sample.and_then(|passes| Some(passes.saturating_add(sample?))),
        }
    }
}

/// Rows of sixteen floats that a tensor has: of a block of samples batch-innermost, of one sample channel-blocked.
fn rows(tensor: &Tensor, layout: TensorLayout) -> u64 {
    let channels = match layout {
        TensorLayout::BatchInnermost => tensor.channels,
        TensorLayout::ChannelBlocked => tensor.channels.div_ceil(16),
    };
    (channels as u64).saturating_mul(tensor.positions as u64)
}

/// Cycles of multiply-adds of sixteen floats each, at so many percent of the peak rate.
pub fn products(multiply_adds: u64, percent: u64) -> u64 {
    multiply_adds.saturating_mul(100) / (2 * percent)
}

/// Cycles to read so many weights once.
pub fn streaming(weights: u64) -> u64 {
    weights.saturating_mul(4) / STREAM
}

/// Cycles to bring a tensor of sixteen samples from one layout into the other.
pub fn turning(tensor: &Tensor) -> u64 {
    rows(tensor, TensorLayout::BatchInnermost).saturating_mul(TURN)
}
