//! Permutations of a sample's axes in memory.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// A permutation of three axes, as they lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct PermuteGeometry {
    /// The sizes of the output's axes.
    pub sizes: [usize; 3],
    /// Elements of the input from one index of each output axis to the next.
    pub steps: [usize; 3],
}

impl PermuteGeometry {
    /// Axis `order[k]` of an input of these sizes becomes axis k of the output.
    pub fn new(input: [usize; 3], order: [usize; 3]) -> Self {
        let [_, b, c] = input;
        let all_steps = [b * c, c, 1];
        let pick = |from: [usize; 3], axis: usize| from.get(axis).copied().unwrap_or(1);
        Self {
            sizes: order.map(|axis| pick(input, axis)),
            steps: order.map(|axis| pick(all_steps, axis)),
        }
    }
}

/// `output[i][j][k] = input[i steps[0] + j steps[1] + k steps[2]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Permute {
    /// The sizes of the output, and the steps through the input.
    pub geometry: PermuteGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats, as many as the input has.
    pub output: TensorId,
}

touches!(Permute in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let [a, b, c] = self.geometry.steps;
        Written {
            formula: format!("{output} = permute({input}, steps {a}, {b}, {c})"),
            sizes: words.through(self.input, self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let ([size_0, size_1, size_2], [step_0, step_1, step_2]) = (self.geometry.sizes, self.geometry.steps);
        let constants = vec![
            ("SIZE_0", unsigned(size_0)),
            ("SIZE_1", unsigned(size_1)),
            ("SIZE_2", unsigned(size_2)),
            ("STEP_0", unsigned(step_0)),
            ("STEP_1", unsigned(step_1)),
            ("STEP_2", unsigned(step_2)),
        ];
        let kernel = launcher.kernel(File::Rearrange, "permute", constants);
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.output))], work);
    }
}
