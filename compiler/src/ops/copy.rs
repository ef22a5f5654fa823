//! Copies of blocks of elements.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::launcher::Launcher;
use crate::ops::elementwise::constants;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// Copies blocks: `output[o * output_stride + output_offset + i] = input[o * input_stride + input_offset + i]` for
/// `o < blocks`, `i < block`, counted in elements of a sample. Concatenation and its gradient are made of these; an output
/// is written by several of them, each its own part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Copy {
    /// The number of blocks to copy.
    pub blocks: usize,
    /// Elements of a block.
    pub block: usize,
    /// Elements from the start of an input block to the start of the next.
    pub input_stride: usize,
    /// The element at which the first input block starts.
    pub input_offset: usize,
    /// Elements from the start of an output block to the start of the next.
    pub output_stride: usize,
    /// The element at which the first output block starts.
    pub output_offset: usize,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats, of which this operation writes the blocks.
    pub output: TensorId,
}

touches!(Copy in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Copy {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("part of {output} = part of {input}"),
            sizes: format!(
                "{} blocks of {}, from {} every {} to {} every {}",
                self.blocks, self.block, self.input_offset, self.input_stride, self.output_offset, self.output_stride
            ),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = constants(&[
            ("BLOCKS", self.blocks),
            ("BLOCK", self.block),
            ("INPUT_ELEMENTS", launcher.elements(self.input)),
            ("INPUT_STRIDE", self.input_stride),
            ("INPUT_OFFSET", self.input_offset),
            ("RESULT_STRIDE", self.output_stride),
            ("RESULT_OFFSET", self.output_offset),
        ]);
        let bindings = vec![(3, Tensor(self.input)), (4, Tensor(self.output))];
        let kernel = launcher.kernel(File::Elementwise, "copy", constants);
        launcher.push(kernel, bindings, launcher.each(self.blocks * self.block));
    }
}
