//! The crossentropy of class numbers and its gradient.

use crate::launch::dispatch::Resource::{Labels, Order, State, Steps, Tensor, Totals};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The loss over the batch's real samples, its gradient, and the sums for the report: `loss += -log p[label]`,
/// `correct += (argmax = label)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loss {
    /// Classes: the channels of the input.
    pub classes: usize,
    /// Whether the input consists of logits or of probabilities.
    pub from_logits: bool,
    /// Floats, one for each class.
    pub input: TensorId,
    /// The gradient of the mean over the real samples of the batch, zero for padding; None in evaluation.
    pub dinput: Option<TensorId>,
    /// The loss of each sample, where another operation reads it; only in training.
    pub losses: Option<TensorId>,
}

touches!(Loss in BatchInnermost {
    reads: input;
    writes: dinput, losses;
});

impl Operation for Loss {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, dinput) = (words.tensor(self.input), words.also(self.dinput));
        Written {
            formula: format!("loss{dinput} = cross_entropy({input}, labels)"),
            sizes: format!("{} {}", self.classes, taken_from(self.from_logits)),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = vec![
            ("CLASSES", unsigned(self.classes)),
            ("FROM_LOGITS", Constant::Bool(self.from_logits)),
        ];
        let mut bindings = vec![
            (0, Tensor(self.input)),
            (1, Order),
            (2, Labels),
            (4, State),
            (5, Totals),
        ];
        let entry = match self.dinput {
            Some(dinput) => {
                bindings.extend([(3, Steps), (6, Tensor(dinput))]);
                bindings.extend(self.losses.map(|losses| (7, Tensor(losses))));
                if self.losses.is_some() { "train_each" } else { "train" }
            }
            None => "evaluate",
        };
        let kernel = launcher.kernel(File::Loss, entry, constants);
        launcher.push_long(kernel, bindings, launcher.each(1), 3 * (self.classes / 8 + 8));
    }
}

/// The kind of numbers that a loss is computed from.
pub(super) const fn taken_from(from_logits: bool) -> &'static str {
    if from_logits { "logits" } else { "probabilities" }
}
