//! The tensors of a program, and the memory that they lie in.

use serde::Serialize;

/// The index of a tensor in [`Program::tensors`](super::program::Program::tensors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct TensorId(pub usize);

/// A tensor of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tensor {
    /// The name of the layer that makes it; gradients begin with `d`, codes end in `.codes`.
    pub name: String,
    /// Channels of one sample, the size of its last axis.
    pub channels: usize,
    /// Height times width of one sample; 1 for a row of numbers.
    pub positions: usize,
    /// The type of its elements.
    pub kind: TensorKind,
    /// The order of its elements in memory: of a plan, batch-innermost; of a program that `layout` has arranged for the CPU,
    /// what was chosen. Not printed, since `cnnc emit plan` says what would be chosen.
    #[serde(skip)]
    pub layout: TensorLayout,
    /// The index of the slot that holds it.
    pub slot: usize,
}

impl Tensor {
    /// Elements of one sample.
    pub fn elements(&self) -> usize {
        self.channels * self.positions
    }

    /// Bytes for a batch of `quads` times four samples.
    pub fn bytes(&self, quads: usize) -> usize {
        self.elements() * quads * self.kind.bytes_per_quad()
    }
}

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorKind {
    /// Elements of type `f32`.
    Floats,
    /// A byte for each sample: the place of the maximum in a 2x2 window, `2 row + column`. Four samples make a `u32`,
    /// the first in the lowest byte.
    Codes,
}

impl TensorKind {
    /// Bytes that one element takes for four samples.
    pub const fn bytes_per_quad(self) -> usize {
        match self {
            Self::Floats => 16,
            Self::Codes => 4,
        }
    }
}

/// The order of a tensor's elements in memory. Operations say which orders they accept
/// ([`Touches::layouts`](crate::ops::operation::Touches::layouts)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorLayout {
    /// Channels, then positions, then samples: element `(channel, position, sample)` lies at
    /// `(channel * positions + position) * batch + sample` ("CHWN").
    #[default]
    BatchInnermost,
    /// Samples, then blocks of sixteen channels, then positions, then the channels of a block: element `(channel, position,
    /// sample)` lies at `((sample * blocks + channel / 16) * positions + position) * 16 + channel % 16` (`NCHW16c`). What fills
    /// the last block has no meaning.
    ChannelBlocked,
}

/// A piece of memory that several tensors use one after another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slot {
    /// Bytes for four samples; a batch needs `quads` times as many.
    pub bytes_per_quad: usize,
    /// The tensors that use it, each with the first and the last operation that touch it.
    pub tenants: Vec<Tenant>,
}

/// A tensor's time in a slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tenant {
    /// The tensor that uses the slot.
    pub tensor: TensorId,
    /// The index of the operation that writes it.
    pub first: usize,
    /// The index of the last operation that reads it; the number of operations where it is read after all of them.
    pub last: usize,
}
