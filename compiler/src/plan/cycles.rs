//! What operations cost on the CPU, estimated from shapes alone: cycles of one core that does two multiply-adds of sixteen
//! floats in each. The constants were measured with AVX-512 on Zen 5; layouts are compared by them, which change no bit.

use super::tensor::{Tensor, TensorId, TensorLayout};

/// Cycles to read or write sixteen floats that lie in a cache.
const PASS: u64 = 2;

/// Cycles to turn the elements of sixteen samples, channel by channel, from one layout into the other.
const TURN: u64 = 6;

/// Bytes of weights that come from memory in a cycle.
const STREAM: u64 = 16;

/// What an operation takes, in either layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycles {
    /// For a block of sixteen samples batch-innermost, however many of them are real.
    pub block: u64,
    /// For each sample channel-blocked; none where the operation is batch-innermost alone.
    pub sample: Option<u64>,
}

impl Cycles {
    /// Of an operation that passes over tensors and computes little.
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

    /// The same with products besides.
    #[must_use]
    pub fn and(self, block: u64, sample: Option<u64>) -> Self {
        Self {
            block: self.block.saturating_add(block),
            sample: self.sample.and_then(|passes| Some(passes.saturating_add(sample?))),
        }
    }
}

/// Rows of sixteen floats: of a block of samples batch-innermost, of one sample channel-blocked.
fn rows(tensor: &Tensor, layout: TensorLayout) -> u64 {
    let channels = match layout {
        TensorLayout::BatchInnermost => tensor.channels,
        TensorLayout::ChannelBlocked => tensor.channels.div_ceil(16),
    };
    (channels as u64).saturating_mul(tensor.positions as u64)
}

/// Multiply-adds of sixteen floats each, at so many percent of the peak.
pub fn products(multiply_adds: u64, percent: u64) -> u64 {
    multiply_adds.saturating_mul(100) / (2 * percent)
}

/// Weights that are read once.
pub fn streaming(weights: u64) -> u64 {
    weights.saturating_mul(4) / STREAM
}

/// A tensor from one layout to the other.
pub fn turning(tensor: &Tensor) -> u64 {
    rows(tensor, TensorLayout::BatchInnermost).saturating_mul(TURN)
}
