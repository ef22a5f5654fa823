//! Values dropped at random while training.

use super::draws;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = input / (1 - rate)` where the mask keeps the value, else 0. It is its own gradient step, with the gradients in
/// place of the values.
///
/// The mask is a function of the step's key, `stream`, the element and the sample's place in the batch: element `e` of the
/// samples `4 q` to `4 q + 3` takes the four words of the Philox4x32-10 block whose counter is `[e, q, stream]` and whose
/// key is the step's, with the number of the run of elements in place of `e` where several go together; a value is dropped where its word is below [`Dropout::threshold`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dropout {
    /// The share that is dropped, above 0 and below 1.
    pub rate: f64,
    /// Two words that tell this layer's random numbers from other layers': a hash of its name.
    pub stream: [u32; 2],
    /// The number of consecutive elements that are dropped or kept together: 1, or all of a channel.
    #[serde(skip_serializing_if = "is_one")]
    pub together: usize,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub output: TensorId,
}

impl Dropout {
    /// The operation for a layer of this name, which drops each element by itself.
    pub fn new(rate: f64, layer: &str, input: TensorId, output: TensorId) -> Self {
        Self {
            rate,
            stream: draws::stream(layer),
            together: 1,
            input,
            output,
        }
    }

    /// The operation for a layer of this name, which drops so many consecutive elements together.
    #[must_use]
    pub fn of_runs(self, together: usize) -> Self {
        Self { together, ..self }
    }

    /// The word below which a value is dropped: the rate as a share of 2^32.
    pub fn threshold(&self) -> u32 {
        // Saturates, so that a rate next to 1 keeps one word in 2^32.
        (self.rate * 4_294_967_296.0).round() as u32
    }

    /// The factor of the values that are kept.
    pub fn scale(&self) -> f32 {
        (1.0 / (1.0 - self.rate)) as f32
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
const fn is_one(together: &usize) -> bool {
    *together == 1
}

touches!(Dropout in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = dropout({input}, {:?})", self.rate),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let [low, high] = self.stream;
        let constants = vec![
            ("ELEMENTS", unsigned(elements)),
            ("TOGETHER", unsigned(self.together)),
            ("THRESHOLD", Constant::Unsigned(self.threshold())),
            ("SCALE", Constant::Float(self.scale())),
            ("STREAM_LOW", Constant::Unsigned(low)),
            ("STREAM_HIGH", Constant::Unsigned(high)),
        ];
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Steps),
            (2, State),
            (3, Tensor(self.output)),
        ];
        let kernel = launcher.kernel(File::Dropout, "dropout", constants);
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_and_scales_are_those_of_the_rate() {
        let of = |rate| {
            let op = Dropout::new(rate, "dropout", TensorId(0), TensorId(1));
            (op.threshold(), op.scale())
        };
        assert_eq!(of(0.5), (1 << 31, 2.0));
        assert_eq!(of(0.25), (1 << 30, 1.333_333_4));
        assert_eq!(of(1.0 - f64::EPSILON / 2.0).0, u32::MAX);
    }
}
