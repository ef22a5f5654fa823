//! The plan: what a device does, as data. `lower` makes one from a checked network, `fuse` and `memory` rewrite it,
//! `dispatch` turns its operations into kernels of `shaders/`, and the CPU executor interprets them as they are.
//!
//! Layout. Every tensor holds a batch of samples, channels first and samples innermost: element `(channel, position,
//! sample)` of a tensor with `positions` = height x width lies at `(channel * positions + position) * batch + sample`
//! ("CHWN"). A batch is padded to a multiple of four samples; padding samples are zero in the input and carry no
//! gradient. Keras's layouts exist at the boundary only: files, initial values, predictions.
//!
//! Every operation writes each element of its outputs (`=`, never `+=`), so a tensor needs no clearing and a sum has one
//! order.

pub mod fuse;
pub mod memory;
mod text;
pub mod work;

use crate::activation::Activation;
use crate::shape::Shape;
use crate::training::optimizer::Optimizer;
use crate::window::Grid;
use serde::Serialize;

/// All that a network does on a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The model's name.
    pub model: String,
    /// Where each variable lies in the flat parameter buffer; gradients and optimizer slots have the same layout.
    pub parameters: Vec<Parameter>,
    /// The length of the flat parameter buffer, a multiple of 4.
    pub parameter_floats: usize,
    /// The update rule, where the network was compiled.
    pub optimizer: Option<Optimizer>,
    /// The shape of one input sample.
    pub input_shape: Shape,
    /// The shape of one output sample.
    pub output_shape: Shape,
    /// A training step: gather, forward, loss, backward, update. Empty where the network was not compiled.
    pub training: Program,
    /// A validation step: gather, forward, loss. Empty where the network was not compiled.
    pub evaluation: Program,
    /// Gather and forward; the last operation writes the output.
    pub prediction: Program,
}

/// Operations in order, and the tensors between them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Program {
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// The tensor that holds the network's output (before a final softmax that the loss has absorbed); none where nothing
    /// runs, or where a head keeps its output to itself.
    pub output: Option<TensorId>,
    /// Memory: tensors whose lifetimes do not meet share a slot. Filled by `memory::assign`.
    pub slots: Vec<Slot>,
}

/// The index of a tensor in [`Program::tensors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct TensorId(pub usize);

/// A tensor of one batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tensor {
    /// The layer that makes it; gradients are `d`-prefixed, codes end in `.codes`.
    pub name: String,
    /// Channels of one sample.
    pub channels: usize,
    /// Height x width of one sample.
    pub positions: usize,
    /// What one element is.
    pub kind: TensorKind,
    /// The slot that holds it.
    pub slot: usize,
}

impl Tensor {
    /// Elements of one sample.
    pub fn elements(&self) -> usize {
        self.channels * self.positions
    }

    /// Bytes for a padded batch of `quads` times four samples.
    pub fn bytes(&self, quads: usize) -> usize {
        self.elements() * quads * self.kind.bytes_per_quad()
    }
}

/// What a tensor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorKind {
    /// `f32`.
    Floats,
    /// A byte a sample: the place of the maximum in a 2x2 window, `2 row + column`. Four samples make a `u32`, the first
    /// in the lowest byte.
    Codes,
}

impl TensorKind {
    /// Bytes of one element of four samples.
    pub const fn bytes_per_quad(self) -> usize {
        match self {
            Self::Floats => 16,
            Self::Codes => 4,
        }
    }
}

/// A piece of memory that several tensors share one after another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slot {
    /// Bytes for four samples; a batch needs `quads` times as many.
    pub bytes_per_quad: usize,
    /// Who lives here, with the first and the last operation that touch it.
    pub tenants: Vec<Tenant>,
}

/// A tensor's stay in a slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tenant {
    /// Which.
    pub tensor: TensorId,
    /// The operation that writes it.
    pub first: usize,
    /// The last operation that reads it.
    pub last: usize,
}

/// One variable in the flat parameter buffer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// `LAYER.VARIABLE`, as in files.
    pub name: String,
    /// Keras's shape.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: crate::call::initializer::Initializer,
    /// Where it lies.
    pub range: Range,
    /// How Keras's order becomes the buffer's.
    pub layout: Layout,
}

/// A piece of the flat parameter buffer, in floats; both ends are multiples of 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Range {
    /// The first float.
    pub offset: usize,
    /// How many floats, padding included.
    pub floats: usize,
}

/// The order of a variable's numbers in the flat buffer. The last axis is padded with zeros to a multiple of 4; a zero
/// stays zero, since its gradient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A convolution's kernel: Keras (height, width, inputs, filters), here [input][row][column][filter].
    Convolution,
    /// A dense kernel: Keras (inputs, units), here [input][unit]. Where the input is a flattened map, Keras counts inputs
    /// by position, then channel; here channel, then position, as the map lies.
    Dense {
        /// Channels of the flattened map, or all inputs.
        channels: usize,
        /// Positions of the flattened map, or 1.
        positions: usize,
    },
    /// A vector.
    Vector,
}

/// A convolution's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Convolution {
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// The kernel laid over the input.
    pub grid: Grid,
}

/// A matrix product's geometry: `positions` columns a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Dense {
    /// Inputs: the channels of the input tensor, or all its elements where it was flattened.
    pub inputs: usize,
    /// Outputs.
    pub units: usize,
    /// Columns a sample: 1, or height x width where a map is taken pixel by pixel.
    pub positions: usize,
}

/// A pool's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Pooling {
    /// Channels.
    pub channels: usize,
    /// The window laid over the input.
    pub grid: Grid,
}

/// Maximum or mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolKind {
    /// The largest value; its gradient goes to the first place that holds it (of a global pool, to all in equal parts,
    /// as TensorFlow does).
    Max,
    /// The mean of what is not padding.
    Average,
}

/// The gradient of an operation's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Doutput {
    /// The gradient, or the gradient behind a 2x2 maximum pool.
    pub tensor: TensorId,
    /// Where the gradient is behind a fused pool: the codes say which pixel of each window it belongs to, and the others
    /// have none.
    pub codes: Option<TensorId>,
}

/// One operation. `input`, `output`, `doutput`, `dinput` are tensors; `kernel` and `bias` pieces of the parameters, or of
/// the gradients where the operation is a `Dkernel`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// The layer it is of; `input`, `loss` and `optimizer` for those.
    pub layer: String,
    /// What it does.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Kind {
    /// Picks the batch's pictures out of the data set: `output[e][n] = data[order[step * batch + n]][e] / scale`.
    Gather {
        /// The input tensor.
        output: TensorId,
    },
    /// `output = pool(relu(conv(input, kernel) + bias))`; bias, relu and pool each only where set.
    Convolution {
        /// Sizes.
        geometry: Convolution,
        /// Taken.
        input: TensorId,
        /// Parameters.
        kernel: Range,
        /// Parameters.
        bias: Option<Range>,
        /// Whether negative sums become zero.
        relu: bool,
        /// Whether only the largest of each 2x2 window is kept (windows that lie wholly inside).
        pool: bool,
        /// Where to write which one it was; only with `pool`.
        codes: Option<TensorId>,
        /// Made.
        output: TensorId,
    },
    /// `dkernel = sum over positions and samples of doutput x input`, `dbias = sum of doutput`.
    ConvolutionDkernel {
        /// Sizes.
        geometry: Convolution,
        /// What the convolution took.
        input: TensorId,
        /// The gradient of its output.
        doutput: Doutput,
        /// Gradients.
        kernel: Range,
        /// Gradients.
        bias: Option<Range>,
    },
    /// `dinput = transposed convolution of doutput`, zero where `mask` is not positive.
    ConvolutionDinput {
        /// Sizes.
        geometry: Convolution,
        /// The gradient of its output.
        doutput: Doutput,
        /// Parameters.
        kernel: Range,
        /// The output of the relu before it, whose gradient step is taken here.
        mask: Option<TensorId>,
        /// Made.
        dinput: TensorId,
    },
    /// `output = relu(kernel^T input + bias)`; bias and relu each only where set.
    Dense {
        /// Sizes.
        geometry: Dense,
        /// Taken.
        input: TensorId,
        /// Parameters.
        kernel: Range,
        /// Parameters.
        bias: Option<Range>,
        /// Whether negative sums become zero.
        relu: bool,
        /// Made.
        output: TensorId,
    },
    /// `dkernel = input doutput^T`, `dbias = sum of doutput`.
    DenseDkernel {
        /// Sizes.
        geometry: Dense,
        /// What the layer took.
        input: TensorId,
        /// The gradient of its output.
        doutput: TensorId,
        /// Gradients.
        kernel: Range,
        /// Gradients.
        bias: Option<Range>,
    },
    /// `dinput = kernel doutput`, zero where `mask` is not positive.
    DenseDinput {
        /// Sizes.
        geometry: Dense,
        /// The gradient of its output.
        doutput: TensorId,
        /// Parameters.
        kernel: Range,
        /// The output of the relu before it, whose gradient step is taken here.
        mask: Option<TensorId>,
        /// Made.
        dinput: TensorId,
    },
    /// `output = f(input)`, value by value.
    Activation {
        /// f; never softmax.
        function: Activation,
        /// Taken.
        input: TensorId,
        /// Made.
        output: TensorId,
    },
    /// `dinput = f'(input) doutput`.
    ActivationBackward {
        /// f; never softmax.
        function: Activation,
        /// What f took, where its derivative needs that ([`Activation::needs_input`]).
        input: Option<TensorId>,
        /// What f gave.
        output: TensorId,
        /// The gradient of that.
        doutput: TensorId,
        /// Made.
        dinput: TensorId,
    },
    /// `output = exp(input) / sum over channels of exp(input)`; channels and positions are those of `output`.
    Softmax {
        /// Taken.
        input: TensorId,
        /// Made.
        output: TensorId,
    },
    /// `dinput = output (doutput - sum over channels of output doutput)`; sizes are those of `output`.
    SoftmaxBackward {
        /// What the softmax gave.
        output: TensorId,
        /// The gradient of that.
        doutput: TensorId,
        /// Made.
        dinput: TensorId,
    },
    /// The maximum or the mean of each window.
    Pool {
        /// Which.
        pool: PoolKind,
        /// Sizes.
        geometry: Pooling,
        /// Taken.
        input: TensorId,
        /// Made.
        output: TensorId,
    },
    /// Its gradient.
    PoolBackward {
        /// Which.
        pool: PoolKind,
        /// Sizes.
        geometry: Pooling,
        /// What the pool took and gave, for the maximum.
        taken: Option<Taken>,
        /// The gradient of its output.
        doutput: TensorId,
        /// Made.
        dinput: TensorId,
    },
    /// The maximum or the mean of each channel; the channels are those of `output`.
    GlobalPool {
        /// Which.
        pool: PoolKind,
        /// Taken.
        input: TensorId,
        /// Made: one position.
        output: TensorId,
    },
    /// Its gradient.
    GlobalPoolBackward {
        /// Which.
        pool: PoolKind,
        /// What the pool took and gave, for the maximum.
        taken: Option<Taken>,
        /// The gradient of its output.
        doutput: TensorId,
        /// Made.
        dinput: TensorId,
    },
    /// `output = left + right`: the layer `Add`, and the sum of the gradients of a tensor that is used twice.
    Add {
        /// Taken.
        left: TensorId,
        /// Taken.
        right: TensorId,
        /// Made.
        output: TensorId,
    },
    /// Copies blocks: `output[o * output_stride + output_offset + i] = input[o * input_stride + input_offset + i]` for
    /// `o < blocks`, `i < block`, counted in elements of a sample. Concatenation and its gradient are made of these; an
    /// output is written by several of them, each its own part.
    Copy {
        /// How many blocks.
        blocks: usize,
        /// Elements of a block.
        block: usize,
        /// From the start of an input block to the next.
        input_stride: usize,
        /// Of the first input block.
        input_offset: usize,
        /// From the start of an output block to the next.
        output_stride: usize,
        /// Of the first output block.
        output_offset: usize,
        /// Taken.
        input: TensorId,
        /// Made in part.
        output: TensorId,
    },
    /// `output[p * channels + c] = input[c * positions + p]`: a map in Keras's flat order, or back.
    Transpose {
        /// Rows of the input: the channels of a map.
        rows: usize,
        /// Columns of the input: its positions.
        columns: usize,
        /// Taken.
        input: TensorId,
        /// Made.
        output: TensorId,
    },
    /// The loss and its gradient over the batch's real samples, and the sums for the report: `loss += -log p[label]`,
    /// `correct += (argmax = label)`.
    Loss {
        /// Classes: the channels of the input.
        classes: usize,
        /// Whether the input is logits or probabilities.
        from_logits: bool,
        /// Taken.
        input: TensorId,
        /// The gradient of the mean over the real samples of the batch; zero for padding. None when validating.
        dinput: Option<TensorId>,
    },
    /// A dense layer and the loss on what it makes: `cross_entropy(kernel^T input + bias)`, with bias only where set; `loss`
    /// and `correct` as of [`Self::Loss`]. What the dense layer makes is kept by no tensor.
    Head {
        /// Sizes; the units are the classes, and there is one position.
        geometry: Dense,
        /// Taken.
        input: TensorId,
        /// Parameters.
        kernel: Range,
        /// Parameters.
        bias: Option<Range>,
        /// Whether what the dense layer makes is logits or probabilities.
        from_logits: bool,
        /// Made: the gradient of what the dense layer makes, by the mean over the real samples of the batch; zero for
        /// padding. None when validating.
        doutput: Option<TensorId>,
    },
    /// One optimizer step over all parameters.
    Update,
}

/// What a maximum pool took and gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Its input.
    pub input: TensorId,
    /// Its output.
    pub output: TensorId,
}

impl Kind {
    /// The operation in words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Gather { .. } => "gather",
            Self::Convolution { .. } => "convolution",
            Self::ConvolutionDkernel { .. } => "convolution dkernel",
            Self::ConvolutionDinput { .. } => "convolution dinput",
            Self::Dense { .. } => "dense",
            Self::DenseDkernel { .. } => "dense dkernel",
            Self::DenseDinput { .. } => "dense dinput",
            Self::Activation { .. } => "activation",
            Self::ActivationBackward { .. } => "activation backward",
            Self::Softmax { .. } => "softmax",
            Self::SoftmaxBackward { .. } => "softmax backward",
            Self::Pool { .. } => "pool",
            Self::PoolBackward { .. } => "pool backward",
            Self::GlobalPool { .. } => "global pool",
            Self::GlobalPoolBackward { .. } => "global pool backward",
            Self::Add { .. } => "add",
            Self::Copy { .. } => "copy",
            Self::Transpose { .. } => "transpose",
            Self::Loss { .. } => "loss",
            Self::Head { .. } => "dense, loss",
            Self::Update => "update",
        }
    }

    /// The tensors that the operation reads.
    pub fn reads(&self) -> Vec<TensorId> {
        let gradient = |doutput: &Doutput| std::iter::once(doutput.tensor).chain(doutput.codes);
        match self {
            Self::Gather { .. } | Self::Update => Vec::new(),
            Self::Convolution { input, .. }
            | Self::Dense { input, .. }
            | Self::Activation { input, .. }
            | Self::Softmax { input, .. }
            | Self::Pool { input, .. }
            | Self::GlobalPool { input, .. }
            | Self::Copy { input, .. }
            | Self::Transpose { input, .. }
            | Self::Loss { input, .. }
            | Self::Head { input, .. } => vec![*input],
            Self::ConvolutionDkernel { input, doutput, .. } => {
                std::iter::once(*input).chain(gradient(doutput)).collect()
            }
            Self::ConvolutionDinput { doutput, mask, .. } => gradient(doutput).chain(*mask).collect(),
            Self::DenseDkernel { input, doutput, .. } => vec![*input, *doutput],
            Self::DenseDinput { doutput, mask, .. } => std::iter::once(*doutput).chain(*mask).collect(),
            Self::ActivationBackward {
                input, output, doutput, ..
            } => input.iter().copied().chain([*output, *doutput]).collect(),
            Self::SoftmaxBackward { output, doutput, .. } => vec![*output, *doutput],
            Self::PoolBackward { taken, doutput, .. } | Self::GlobalPoolBackward { taken, doutput, .. } => taken
                .iter()
                .flat_map(|taken| [taken.input, taken.output])
                .chain([*doutput])
                .collect(),
            Self::Add { left, right, .. } => vec![*left, *right],
        }
    }

    /// The tensors that the operation writes.
    pub fn writes(&self) -> Vec<TensorId> {
        match self {
            Self::Update | Self::ConvolutionDkernel { .. } | Self::DenseDkernel { .. } => Vec::new(),
            Self::Convolution { codes, output, .. } => std::iter::once(*output).chain(*codes).collect(),
            Self::Gather { output }
            | Self::Dense { output, .. }
            | Self::Activation { output, .. }
            | Self::Softmax { output, .. }
            | Self::Pool { output, .. }
            | Self::GlobalPool { output, .. }
            | Self::Add { output, .. }
            | Self::Copy { output, .. }
            | Self::Transpose { output, .. } => vec![*output],
            Self::ConvolutionDinput { dinput, .. }
            | Self::DenseDinput { dinput, .. }
            | Self::ActivationBackward { dinput, .. }
            | Self::SoftmaxBackward { dinput, .. }
            | Self::PoolBackward { dinput, .. }
            | Self::GlobalPoolBackward { dinput, .. } => vec![*dinput],
            Self::Loss { dinput, .. } => dinput.iter().copied().collect(),
            Self::Head { doutput, .. } => doutput.iter().copied().collect(),
        }
    }
}

impl Kind {
    /// Calls `f` on every tensor the operation names.
    pub fn for_each_tensor(&mut self, mut f: impl FnMut(&mut TensorId)) {
        let tensors: Vec<&mut TensorId> = match self {
            Self::Update => Vec::new(),
            Self::Gather { output } => vec![output],
            Self::Convolution {
                input, codes, output, ..
            } => [input, output].into_iter().chain(codes.as_mut()).collect(),
            Self::ConvolutionDkernel { input, doutput, .. } => [input, &mut doutput.tensor]
                .into_iter()
                .chain(doutput.codes.as_mut())
                .collect(),
            Self::ConvolutionDinput {
                doutput, mask, dinput, ..
            } => [dinput, &mut doutput.tensor]
                .into_iter()
                .chain(doutput.codes.as_mut())
                .chain(mask.as_mut())
                .collect(),
            Self::Dense { input, output, .. }
            | Self::Activation { input, output, .. }
            | Self::Softmax { input, output }
            | Self::Pool { input, output, .. }
            | Self::GlobalPool { input, output, .. }
            | Self::Copy { input, output, .. }
            | Self::Transpose { input, output, .. } => vec![input, output],
            Self::DenseDkernel { input, doutput, .. } => vec![input, doutput],
            Self::DenseDinput {
                doutput, mask, dinput, ..
            } => [doutput, dinput].into_iter().chain(mask.as_mut()).collect(),
            Self::ActivationBackward {
                input,
                output,
                doutput,
                dinput,
                ..
            } => [output, doutput, dinput].into_iter().chain(input.as_mut()).collect(),
            Self::SoftmaxBackward {
                output,
                doutput,
                dinput,
            } => vec![output, doutput, dinput],
            Self::PoolBackward {
                taken, doutput, dinput, ..
            }
            | Self::GlobalPoolBackward {
                taken, doutput, dinput, ..
            } => {
                let taken = taken.iter_mut().flat_map(|taken| [&mut taken.input, &mut taken.output]);
                [doutput, dinput].into_iter().chain(taken).collect()
            }
            Self::Add { left, right, output } => vec![left, right, output],
            Self::Loss {
                input, dinput: made, ..
            }
            | Self::Head {
                input, doutput: made, ..
            } => std::iter::once(input).chain(made.as_mut()).collect(),
        };
        tensors.into_iter().for_each(&mut f);
    }
}

impl Program {
    /// Bytes of all slots for a padded batch of `quads` times four samples.
    pub fn bytes(&self, quads: usize) -> usize {
        self.slots.iter().map(|slot| slot.bytes_per_quad * quads).sum()
    }
}

impl Parameter {
    /// Keras's values in the buffer's order, `range.floats` of them. `values` must hold the product of `shape`.
    pub fn pack(&self, values: &[f32]) -> Vec<f32> {
        let mut packed = vec![0.0; self.range.floats];
        for (keras, here) in self.order().enumerate() {
            if let (Some(slot), Some(&value)) = (packed.get_mut(here), values.get(keras)) {
                *slot = value;
            }
        }
        packed
    }

    /// The values in Keras's order, from the whole flat buffer.
    pub fn unpack(&self, parameters: &[f32]) -> Vec<f32> {
        let piece = parameters.get(self.range.offset..).unwrap_or_default();
        self.order()
            .map(|here| piece.get(here).copied().unwrap_or(0.0))
            .collect()
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// For each value in Keras's order its place in the range.
    fn order(&self) -> impl Iterator<Item = usize> {
        let last = self.shape.last().copied().unwrap_or(1).max(1);
        let row = last.next_multiple_of(4);
        let rows = self.count() / last;
        let layout = self.layout;
        let inputs = self.shape.iter().rev().nth(1).copied().unwrap_or(1).max(1);
        (0..rows * last).map(move |index| {
            let (keras_row, column) = (index / last, index % last);
            let here = match layout {
                Layout::Vector => keras_row,
                // Keras's rows are (tap, input), ours (input, tap).
                Layout::Convolution => (keras_row % inputs) * (rows / inputs) + keras_row / inputs,
                Layout::Dense { channels, positions } => (keras_row % channels) * positions + keras_row / channels,
            };
            here * row + column
        })
    }
}
