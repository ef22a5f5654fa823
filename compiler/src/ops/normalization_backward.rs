//! The gradients of a normalization: sums over each set, and the gradients of the input, of gamma and of beta.
//!
//! xhat is (input - mean) / deviation, g the gradient of the output times gamma.

use super::normalization::{Affine, Sets, times};
use super::splits::Splits;
use crate::launch::dispatch::Resource::{Gradients, Parameters, Tensor};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// The sums of g and of g xhat over each chunk of each set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeSums {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// The input of the forward pass.
    pub input: TensorId,
    /// Floats: `[set][mean, 1 / deviation]`.
    pub statistics: TensorId,
    /// Parameters, one for each channel; None without a gamma.
    pub gamma: Option<Range>,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Floats: `[set][chunk][g, g xhat]`.
    pub sums: TensorId,
}

touches!(NormalizeSums in BatchInnermost {
    reads: input, statistics, doutput;
    writes: sums;
    parameters: gamma;
});

impl Operation for NormalizeSums {
    fn name(&self) -> &'static str {
        "normalize sums"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let g = format!("{}{}", words.tensor(self.doutput), times(self.gamma, words));
        Written {
            formula: format!("{} = sums({g}, {input}, {statistics})", words.tensor(self.sums)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let affine = Affine {
            gamma: self.gamma,
            ..Affine::default()
        };
        let constants = self.sets.constants(&affine, 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "backward_sums", constants);
        let work = launcher.each(self.sets.sets() * self.sets.chunks());
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (6, Tensor(self.statistics)),
            (7, Tensor(self.sums)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// The means of g and of g xhat over each set, from the sums of its chunks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetMeans {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// Floats: `[set][chunk][g, g xhat]`.
    pub sums: TensorId,
    /// Floats: `[set][g, g xhat]`.
    pub means: TensorId,
}

touches!(SetMeans in BatchInnermost {
    reads: sums;
    writes: means;
});

impl Operation for SetMeans {
    fn name(&self) -> &'static str {
        "set means"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("{} = means({})", words.tensor(self.means), words.tensor(self.sums)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = self.sets.constants(&Affine::default(), 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "set_means", constants);
        let work = launcher.each(self.sets.sets());
        launcher.push(kernel, vec![(7, Tensor(self.sums)), (8, Tensor(self.means))], work);
    }
}

/// `dinput = (g - mean of g - xhat mean of g xhat) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalizeBackward {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// The input of the forward pass.
    pub input: TensorId,
    /// Floats: `[set][mean, 1 / deviation]`.
    pub statistics: TensorId,
    /// Parameters, one for each channel; None without a gamma.
    pub gamma: Option<Range>,
    /// Floats: `[set][g, g xhat]`.
    pub means: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the input.
    pub dinput: TensorId,
}

touches!(NormalizeBackward in BatchInnermost {
    reads: input, statistics, means, doutput;
    writes: dinput;
    parameters: gamma;
});

impl Operation for NormalizeBackward {
    fn name(&self) -> &'static str {
        "normalize backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let g = format!("{}{}", words.tensor(self.doutput), times(self.gamma, words));
        let formula = format!("normalize'({g}, {input}, {statistics}, {})", words.tensor(self.means));
        Written {
            formula: format!("{} = {formula}", words.tensor(self.dinput)),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let affine = Affine {
            gamma: self.gamma,
            ..Affine::default()
        };
        let constants = self.sets.constants(&affine, 0.0, (1, 1));
        let kernel = launcher.kernel(File::Normalization, "backward", constants);
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (4, Tensor(self.dinput)),
            (6, Tensor(self.statistics)),
            (8, Tensor(self.means)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// `dgamma = sum of doutput xhat`, `dbeta = sum of doutput`, over positions and samples; each only where set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dgamma {
    /// The elements that are normalized together.
    pub sets: Sets,
    /// The input of the forward pass.
    pub input: TensorId,
    /// Floats: `[set][mean, 1 / deviation]`.
    pub statistics: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Where the gradient of gamma lies, in floats from the start of the gradients; None where it does not train.
    pub gamma: Option<Range>,
    /// Where the gradient of beta lies, in floats from the start of the gradients; None where it does not train.
    pub beta: Option<Range>,
}

touches!(Dgamma in BatchInnermost {
    reads: input, statistics, doutput;
    gradients: gamma, beta;
});

impl Operation for Dgamma {
    fn name(&self) -> &'static str {
        "dgamma"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let made: Vec<String> = [self.gamma, self.beta]
            .into_iter()
            .flatten()
            .map(|range| format!("d{}", words.variable(range)))
            .collect();
        let (input, statistics) = (words.tensor(self.input), words.tensor(self.statistics));
        let doutput = words.tensor(self.doutput);
        Written {
            formula: format!("{} = sums({doutput}, {input}, {statistics})", made.join(", ")),
            sizes: self.sets.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let units = self.sets.channels.div_ceil(4);
        let splits = Splits::of(launcher, units, self.sets.positions, 5);
        let parts = splits.parts();
        let mut partial = |range: Option<Range>| range.map_or(0, |range| launcher.schedule.partial(range, parts));
        let affine = Affine {
            gamma: self.gamma,
            beta: self.beta,
            gamma_partial: partial(self.gamma),
            beta_partial: partial(self.beta),
        };
        let constants = self.sets.constants(&affine, 0.0, (splits.rows, splits.quads));
        let kernel = launcher.kernel(File::Normalization, "dgamma", constants);
        let work = launcher.fixed(units * parts);
        let bindings = vec![
            (0, Tensor(self.input)),
            (3, Tensor(self.doutput)),
            (6, Tensor(self.statistics)),
            (9, Gradients),
        ];
        launcher.push_long(kernel, bindings, work, splits.turns);
    }
}
