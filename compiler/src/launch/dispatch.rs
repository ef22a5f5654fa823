//! A launch of a kernel: what is bound, and how many workgroups run.

use super::kernel::Kernel;
use crate::plan::tensor::TensorId;
use serde::Serialize;

/// A launch of a kernel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dispatch {
    /// The layer it is of.
    pub layer: String,
    /// Which operation of the program.
    pub operation: usize,
    /// What runs.
    pub kernel: Kernel,
    /// What is bound, by the shader's binding number.
    pub bindings: Vec<(u32, Resource)>,
    /// How much of it.
    pub work: Extent,
    /// Turns that the loops of one invocation take together, those left out that are unrolled; 0 where they are few.
    #[serde(skip)]
    pub turns: usize,
}

/// What a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A tensor of the program.
    Tensor(TensorId),
    /// The flat parameters.
    Parameters,
    /// The partial gradients.
    Gradients,
    /// One of the optimizer's buffers.
    Slot(usize),
    /// One of the four pieces of the data set.
    Data(usize),
    /// The epoch's order of samples.
    Order,
    /// The data set's labels.
    Labels,
    /// What each sample of the data set weighs in training.
    Weights,
    /// The steps' records.
    Steps,
    /// The step counters.
    State,
    /// The sums for the report.
    Totals,
    /// What each workgroup of the optimizer updates.
    Runs,
    /// For each run the runs that are clipped together with it.
    Groups,
    /// The sum of the squares of the gradients of each run.
    Norms,
    /// Something small that the kernel names but, with these constants, does not read.
    Nothing,
    /// A texture with the contents of a tensor.
    Texels(TensorId),
    /// A texture with the contents of the flat parameters.
    ParameterTexels,
    /// A texture that is not read, of four floats or of one word.
    NoTexels {
        /// Whether it is of one word.
        words: bool,
    },
}

/// How many invocations a launch needs for a batch of so many quads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Single invocations, `fixed + per_quad * quads` of them.
    Invocations {
        /// However many quads there are.
        fixed: usize,
        /// For each quad.
        per_quad: usize,
        /// Invocations of a workgroup.
        workgroup: usize,
    },
    /// Whole workgroups: `tiles` for each strip of `lanes` columns, of which each quad has `positions`.
    Strips {
        /// Columns of a quad.
        positions: usize,
        /// Columns of a workgroup.
        lanes: usize,
        /// Workgroups of a strip.
        tiles: usize,
    },
    /// Single invocations, `rows` for each `tile` columns, of which each quad has `positions`.
    Columns {
        /// Columns of a quad.
        positions: usize,
        /// Columns of an invocation.
        tile: usize,
        /// Invocations of a tile.
        rows: usize,
        /// Invocations of a workgroup.
        workgroup: usize,
    },
}

impl Extent {
    /// How many workgroups that makes.
    pub const fn workgroups(self, quads: usize) -> usize {
        match self {
            Self::Invocations {
                fixed,
                per_quad,
                workgroup,
            } => (fixed + per_quad * quads).div_ceil(workgroup),
            Self::Strips {
                positions,
                lanes,
                tiles,
            } => (positions * quads).div_ceil(lanes) * tiles,
            Self::Columns {
                positions,
                tile,
                rows,
                workgroup,
            } => ((positions * quads).div_ceil(tile) * rows).div_ceil(workgroup),
        }
    }
}
