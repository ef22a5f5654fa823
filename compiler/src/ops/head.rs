//! Heads: dense layers with the loss of their output.

use crate::launch::dispatch::Extent;
use crate::launch::dispatch::Resource::{Labels, Order, Parameters, State, Steps, Tensor, Totals};
use crate::launch::kernel::{Kernel, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::dense::{DENSE_GROUPS, DenseGeometry, DenseTiles};
use crate::ops::loss::taken_from;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// A dense layer and the loss of its output: `cross_entropy(kernel^T input + bias)`, with bias only where set; `loss`
/// and `correct` as in [`Loss`](crate::ops::loss::Loss). No tensor keeps the output of the dense layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    /// Sizes of the dense layer, whose units are the classes and which has one position.
    pub geometry: DenseGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Where the kernel lies, in floats from the start of the parameters.
    pub kernel: Range,
    /// Where the bias lies, in floats from the start of the parameters.
    pub bias: Option<Range>,
    /// Whether the dense layer's output consists of logits or of probabilities.
    pub from_logits: bool,
    /// The gradient of the dense layer's output, by the mean over the real samples of the batch; zero for padding.
    /// None in evaluation.
    pub doutput: Option<TensorId>,
}

touches!(Head in BatchInnermost {
    reads: input;
    writes: doutput;
    parameters: kernel, bias;
});

impl Head {
    /// Whether one workgroup has all classes of its samples at hand, as a head needs.
    pub const fn fits(geometry: &DenseGeometry) -> bool {
        geometry.positions == 1 && geometry.units <= 4 * DENSE_GROUPS
    }
}

impl Operation for Head {
    fn name(&self) -> &'static str {
        "dense, loss"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, kernel) = (words.tensor(self.input), words.variable(self.kernel));
        let product = format!("{input} @ {kernel}{}", words.plus(self.bias));
        Written {
            formula: format!("loss{} = cross_entropy({product}, labels)", words.also(self.doutput)),
            sizes: format!("{} {}", self.geometry.written(), taken_from(self.from_logits)),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let geometry = &self.geometry;
        // Those of the dense layer alone, so that its sums are added in the same order.
        let tiles = DenseTiles::of(&launcher.tiling, geometry, launcher.quads);
        let constants = vec![
            ("INPUTS", unsigned(geometry.inputs)),
            ("UNITS", unsigned(geometry.units)),
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("FROM_LOGITS", Constant::Bool(self.from_logits)),
            ("KERNEL_AT", at(Some(self.kernel))),
            ("BIAS_AT", at(self.bias)),
            ("TILE_N", unsigned(tiles.n)),
            ("SPLIT_INPUTS", unsigned(tiles.split_inputs)),
            ("LANES", unsigned(tiles.lanes)),
        ];
        let mut bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (2, Order),
            (3, Labels),
            (5, State),
            (6, Totals),
        ];
        let entry = match self.doutput {
            Some(doutput) => {
                bindings.extend([(4, Steps), (7, Tensor(doutput))]);
                "train"
            }
            None => "evaluate",
        };
        let work = Extent::Strips {
            positions: 1,
            lanes: tiles.lanes * tiles.n,
            tiles: 1,
        };
        let turns = geometry.inputs.div_ceil(tiles.split_inputs) + tiles.split_inputs;
        launcher.push_long(Kernel::new(File::Head, entry, constants), bindings, work, turns);
    }
}
