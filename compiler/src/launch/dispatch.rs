//! A launch of a kernel: the buffers it binds, and how many workgroups run.

use super::kernel::Kernel;
use crate::plan::tensor::TensorId;
use serde::Serialize;

/// A launch of a kernel, as the runtime executes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dispatch {
    /// The name of the layer whose operation this is.
    pub layer: String,
    /// The index of the operation in the program; an operation may launch several kernels.
    pub operation: usize,
    /// The entry point with its constants.
    pub kernel: Kernel,
    /// The resources to bind, each with its binding number in the shader.
    pub bindings: Vec<(u32, Resource)>,
    /// The number of invocations or workgroups, for any number of samples.
    pub work: Extent,
    /// How many turns the loops of one invocation take, unrolled ones left out; 0 where there are few. Some drivers
    /// allow only so many (`Tiling::most_turns`).
    #[serde(skip)]
    pub turns: usize,
}

/// A buffer or texture that a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A tensor of the program.
    Tensor(TensorId),
    /// The flat buffer of all variables of the network.
    Parameters,
    /// The buffer of the partial gradients of all variables, which the optimizer adds up.
    Gradients,
    /// A buffer of the optimizer with as many floats as the parameters, such as a momentum; counted from 0.
    Slot(usize),
    /// One of the four buffers that the data set is spread over.
    Data(usize),
    /// The sample at each place of the epoch's batches, in the order in which they are visited.
    Order,
    /// The data set's labels.
    Labels,
    /// The factor that each sample's loss is multiplied by in training.
    Weights,
    /// A record for each step, such as its learning rate and its key for random numbers: `host::step::StepRecord`.
    Steps,
    /// Counters on the device: the step under way, the next step, and the samples in each buffer of the data set.
    State,
    /// The sums of losses and right answers so far, by quad.
    Totals,
    /// The piece of the parameters that each workgroup of the optimizer updates.
    Runs,
    /// For each run the runs whose gradients are clipped by their norm together with it.
    Groups,
    /// The sum of the squares of each run's gradients.
    Norms,
    /// Memory for what an operation's launches hand on to each other; see `Schedule::scratch`.
    Scratch {
        /// Which piece of it.
        place: usize,
        /// How much of the piece is bound, in vec4s.
        vec4s: usize,
    },
    /// A small buffer for a binding that the kernel declares but does not read with these constants.
    Nothing,
    /// A texture with the contents of a tensor.
    Texels(TensorId),
    /// A texture with the contents of a piece of scratch memory, of which so many vec4s are used.
    ScratchTexels {
        /// Which piece of it.
        place: usize,
        /// How much of the piece is bound, in vec4s.
        vec4s: usize,
    },
    /// A texture with the contents of the flat parameters.
    ParameterTexels,
    /// A texture for a binding that is not read, of four floats or of one word a texel.
    NoTexels {
        /// Whether a texel is one word.
        words: bool,
    },
}

/// How many invocations a launch needs for a batch of `quads` times four samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Single invocations, `fixed + per_quad * quads` of them.
    Invocations {
        /// Invocations whatever the size of the batch.
        fixed: usize,
        /// Invocations for each four samples of the batch.
        per_quad: usize,
        /// Invocations in a workgroup.
        workgroup: usize,
    },
    /// Whole workgroups: `tiles` for each strip of `lanes` columns, of which each quad has `positions`.
    Strips {
        /// Columns that each quad has.
        positions: usize,
        /// Columns that a workgroup computes.
        lanes: usize,
        /// Workgroups that share a strip, each with other rows.
        tiles: usize,
    },
    /// Single invocations, `rows` for each `tile` columns, of which each quad has `positions`.
    Columns {
        /// Columns that each quad has.
        positions: usize,
        /// Columns that an invocation computes.
        tile: usize,
        /// Invocations that share a tile, each with other rows.
        rows: usize,
        /// Invocations in a workgroup.
        workgroup: usize,
    },
}

impl Extent {
    /// The number of workgroups for a batch of `quads` times four samples, rounded up.
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
