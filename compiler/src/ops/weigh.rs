//! The weights of samples in training by their classes: they scale losses and the gradient of the output.

use crate::launch::dispatch::Resource::{Order, State, Tensor, Totals, Weights};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;
use std::collections::BTreeMap;

/// `loss += (w - 1) losses` and `output = w dinput`, where `w` is the weight of a sample's class; the loss itself has
/// already added the losses without weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weigh {
    /// The weights of classes, by their numbers; classes that are missing weigh 1.
    pub classes: BTreeMap<u32, f32>,
    /// Floats: the first element is the loss of the sample.
    pub losses: TensorId,
    /// The gradient of the network's output, without weights.
    pub dinput: TensorId,
    /// The gradient with the weights.
    pub output: TensorId,
}

touches!(Weigh in BatchInnermost {
    reads: losses, dinput;
    writes: output;
});

impl Operation for Weigh {
    fn name(&self) -> &'static str {
        "class weights"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (losses, dinput) = (words.tensor(self.losses), words.tensor(self.dinput));
        Written {
            formula: format!(
                "loss, {} = weight[class] * ({losses}, {dinput})",
                words.tensor(self.output)
            ),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let constants = vec![("ELEMENTS", unsigned(elements))];
        let bindings = vec![
            (1, Tensor(self.dinput)),
            (2, Tensor(self.output)),
            (3, Weights),
            (4, Order),
            (5, State),
        ];
        let kernel = launcher.kernel(File::Weigh, "main", constants.clone());
        launcher.push(kernel, bindings, launcher.each(elements));
        // The size of the gradient tells how many quads there are.
        let bindings = vec![
            (0, Tensor(self.losses)),
            (1, Tensor(self.dinput)),
            (3, Weights),
            (4, Order),
            (5, State),
            (6, Totals),
        ];
        let kernel = launcher.kernel(File::Weigh, "total", constants);
        launcher.push(kernel, bindings, launcher.each(1));
    }
}
