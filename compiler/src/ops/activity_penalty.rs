//! The penalty of an `activity_regularizer` on a layer's output, and its gradient step.

use crate::launch::dispatch::Resource::{Order, State, Steps, Tensor, Totals};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use crate::training::regularizers::Strengths;
use serde::Serialize;
use shaders::{Constant, File};

/// `loss += l1 sum(|input|) + l2 sum(input^2)` for each real sample: Keras divides the sum over a batch by its size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityPenalty {
    /// The factors l1 and l2.
    pub strengths: Strengths,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats, for each sample the sums of [`ActivityPenalty::CHUNK`] elements' penalties.
    pub sums: TensorId,
}

touches!(ActivityPenalty in BatchInnermost {
    reads: input;
    writes: sums;
});

impl ActivityPenalty {
    /// The number of elements whose penalties make one sum.
    pub const CHUNK: usize = 256;

    /// The number of sums for so many elements.
    pub const fn chunks(elements: usize) -> usize {
        elements.div_ceil(Self::CHUNK)
    }
}

fn constants(launcher: &Launcher<'_>, strengths: Strengths, input: TensorId) -> Constants {
    let elements = launcher.elements(input);
    vec![
        ("ELEMENTS", unsigned(elements)),
        ("CHUNK", unsigned(ActivityPenalty::CHUNK)),
        ("L1", Constant::Float(strengths.l1 as f32)),
        ("L2", Constant::Float(strengths.l2 as f32)),
    ]
}

impl Operation for ActivityPenalty {
    fn name(&self) -> &'static str {
        "activity penalty"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let input = words.tensor(self.input);
        Written {
            formula: format!("loss += {}", self.strengths.formula(input)),
            sizes: words.size(self.input),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let chunks = launcher.elements(self.sums);
        let constants = constants(launcher, self.strengths, self.input);
        let kernel = launcher.kernel(File::ActivityPenalty, "chunks", constants.clone());
        let work = launcher.each(chunks);
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.sums))], work);
        let kernel = launcher.kernel(File::ActivityPenalty, "total", constants);
        let bindings = vec![(1, Tensor(self.sums)), (3, State), (4, Totals), (7, Order)];
        let work = launcher.each(1);
        launcher.push_long(kernel, bindings, work, chunks);
    }
}

/// `dinput = doutput + (l1 sign(input) + 2 l2 input) / samples` for the real samples of the batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityPenaltyBackward {
    /// The factors l1 and l2.
    pub strengths: Strengths,
    /// The output that the penalty is taken of.
    pub input: TensorId,
    /// The gradient of that output without the penalty.
    pub doutput: TensorId,
    /// The gradient of that output with the penalty.
    pub dinput: TensorId,
}

touches!(ActivityPenaltyBackward in BatchInnermost {
    reads: input, doutput;
    writes: dinput;
});

impl Operation for ActivityPenaltyBackward {
    fn name(&self) -> &'static str {
        "activity penalty gradient"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, doutput) = (words.tensor(self.input), words.tensor(self.doutput));
        Written {
            formula: format!(
                "{} = {doutput} + d({})",
                words.tensor(self.dinput),
                self.strengths.formula(input)
            ),
            sizes: words.size(self.input),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = constants(launcher, self.strengths, self.input);
        let kernel = launcher.kernel(File::ActivityPenalty, "backward", constants);
        let work = launcher.each(launcher.elements(self.input));
        let bindings = vec![
            (0, Tensor(self.input)),
            (2, Steps),
            (3, State),
            (5, Tensor(self.doutput)),
            (6, Tensor(self.dinput)),
        ];
        launcher.push(kernel, bindings, work);
    }
}
