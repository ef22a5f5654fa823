//! Transposes: maps brought into Keras's flat order, or back.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::launcher::Launcher;
use crate::ops::elementwise::constants;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output[column * rows + row] = input[row * columns + column]`: brings a map into Keras's flat order, or back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transpose {
    /// Rows of the input: the channels of a map.
    pub rows: usize,
    /// Columns of the input: its positions.
    pub columns: usize,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats, as many as the input has.
    pub output: TensorId,
}

touches!(Transpose in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {input}^T"),
            sizes: format!("{}x{}", self.rows, self.columns),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = constants(&[("ROWS", self.rows), ("COLUMNS", self.columns)]);
        let bindings = vec![(3, Tensor(self.input)), (4, Tensor(self.output))];
        let kernel = launcher.kernel(File::Elementwise, "transpose_map", constants);
        launcher.push(kernel, bindings, launcher.each(self.rows * self.columns));
    }
}
