//! Losses that compare outputs with targets value by value or row by row, and their gradients.

use crate::launch::dispatch::Resource::{Order, State, Steps, Tensor, Totals};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The loss of an output `x` whose target is `y`. A row consists of a position's values along the last axis; `p` is
/// `x`, or with `from_logits` the sigmoid or softmax of it. Probabilities are clipped to `1e-7..1 - 1e-7`, and
/// outside of that their slope is zero. Source: `keras/src/losses/losses.py`, `keras/src/backend/tensorflow/nn.py`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// `(x - y)^2`, the mean of a row.
    SquaredError,
    /// `|x - y|`, the mean of a row.
    AbsoluteError,
    /// `(x - y)^2 / 2` where `|x - y| <= delta`, else `delta |x - y| - delta^2 / 2`; the mean of a row.
    Huber {
        /// The difference at which the parabola turns into straight lines.
        delta: f32,
    },
    /// `y log(y / x)` of values clipped to `1e-7..1`, summed over a row.
    KlDivergence,
    /// `-y log p - (1 - y) log(1 - p)`, the mean of a row.
    BinaryCrossentropy {
        /// Whether outputs are logits rather than probabilities.
        from_logits: bool,
        /// The share, from 0 to 1, by which targets move towards a half.
        label_smoothing: f32,
    },
    /// The binary crossentropy times `(1 - p_t)^gamma`, where `p_t` is the probability given to the right answer; the
    /// mean of a row.
    BinaryFocalCrossentropy {
        /// Whether outputs are logits rather than probabilities.
        from_logits: bool,
        /// The share, from 0 to 1, by which targets move towards a half.
        label_smoothing: f32,
        /// The weight of targets of 1, while targets of 0 have `1 - alpha`; None where both have the weight 1.
        alpha: Option<f32>,
        /// The exponent: the larger, the less easy values count.
        gamma: f32,
    },
    /// `-y log p` over a row that is a distribution, summed over the row.
    CategoricalCrossentropy {
        /// Whether outputs are logits rather than probabilities.
        from_logits: bool,
        /// The share, from 0 to 1, by which targets move towards an equal share for each class.
        label_smoothing: f32,
    },
    /// `-alpha (1 - p)^gamma y log p`, summed over a row.
    CategoricalFocalCrossentropy {
        /// Whether outputs are logits rather than probabilities.
        from_logits: bool,
        /// The share, from 0 to 1, by which targets move towards an equal share for each class.
        label_smoothing: f32,
        /// The factor of all terms.
        alpha: f32,
        /// The exponent: the larger, the less easy values count.
        gamma: f32,
    },
}

/// A [`Criterion`] as the constants of the kernels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coded {
    /// The number of the function, in the order of [`Criterion`]; those that need whole rows come last.
    pub function: u32,
    /// Whether outputs are logits rather than probabilities.
    pub from_logits: bool,
    /// The share by which targets are smoothed, from 0 to 1.
    pub smoothing: f32,
    /// The value that smoothed targets move towards.
    pub smoothed_to: f32,
    /// `delta` of Huber's loss or `alpha` of the focal ones; a negative `alpha` stands for none.
    pub first: f32,
    /// `gamma` of the focal losses, 0 for the others.
    pub second: f32,
    /// The factor of a row's terms, such as one over their number for a mean.
    pub scale: f32,
}

impl Criterion {
    /// The constants of the kernels for rows of so many channels.
    pub fn coded(&self, channels: usize) -> Coded {
        let mean = 1.0 / channels.max(1) as f32;
        let plain = Coded {
            function: 0,
            from_logits: false,
            smoothing: 0.0,
            smoothed_to: 0.5,
            first: 0.0,
            second: 0.0,
            scale: mean,
        };
        match *self {
            Self::SquaredError => plain,
            Self::AbsoluteError => Coded { function: 1, ..plain },
            Self::Huber { delta } => Coded {
                function: 2,
                first: delta,
                ..plain
            },
            Self::KlDivergence => Coded {
                function: 3,
                scale: 1.0,
                ..plain
            },
            Self::BinaryCrossentropy {
                from_logits,
                label_smoothing,
            } => Coded {
                function: 4,
                from_logits,
                smoothing: label_smoothing,
                ..plain
            },
            Self::BinaryFocalCrossentropy {
                from_logits,
                label_smoothing,
                alpha,
                gamma,
            } => Coded {
                function: 5,
                from_logits,
                smoothing: label_smoothing,
                first: alpha.unwrap_or(-1.0),
                second: gamma,
                ..plain
            },
            Self::CategoricalCrossentropy {
                from_logits,
                label_smoothing,
            } => Coded {
                function: 6,
                from_logits,
                smoothing: label_smoothing,
                smoothed_to: mean,
                scale: 1.0,
                ..plain
            },
            Self::CategoricalFocalCrossentropy {
                from_logits,
                label_smoothing,
                alpha,
                gamma,
            } => Coded {
                function: 7,
                from_logits,
                smoothing: label_smoothing,
                smoothed_to: mean,
                first: alpha,
                second: gamma,
                scale: 1.0,
            },
        }
    }

    /// The name in printed plans.
    fn written(&self) -> &'static str {
        match self {
            Self::SquaredError => "squared_error",
            Self::AbsoluteError => "absolute_error",
            Self::Huber { .. } => "huber",
            Self::KlDivergence => "kl_divergence",
            Self::BinaryCrossentropy { .. } => "binary_crossentropy",
            Self::BinaryFocalCrossentropy { .. } => "binary_focal_crossentropy",
            Self::CategoricalCrossentropy { .. } => "categorical_crossentropy",
            Self::CategoricalFocalCrossentropy { .. } => "categorical_focal_crossentropy",
        }
    }
}

/// The condition for an output to count as right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// Each value that is above the threshold exactly where its target is 1; a sample counts by its share of such values.
    Above(f32),
    /// Each position whose largest value (the first of equals) is where the target's largest is; a sample counts by
    /// its share of such positions.
    Largest,
}

/// The loss of `input` against `target`, its gradient over the batch's real samples, and the sums for the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compare {
    /// The loss of an output.
    pub criterion: Criterion,
    /// The condition for an output to count as right.
    pub hit: Hit,
    /// The factor of the loss in the gradient and in the report's total, as of `loss_weights`; `verdict` is without it.
    #[serde(skip_serializing_if = "is_one")]
    pub weight: f32,
    /// Floats: the network's output, or the input of its last activation where the loss takes that over.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub target: TensorId,
    /// Floats with two channels and the positions of the input: the loss of each position's row, and the share of it
    /// that is right.
    pub verdict: TensorId,
    /// The gradient of the mean over the real samples of the batch, zero for padding; None in evaluation.
    pub dinput: Option<TensorId>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_one(weight: &f32) -> bool {
    weight.to_bits() == 1.0_f32.to_bits()
}

touches!(Compare in BatchInnermost {
    reads: input, target;
    writes: verdict, dinput;
});

impl Operation for Compare {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, target, dinput) = (
            words.tensor(self.input),
            words.tensor(self.target),
            words.also(self.dinput),
        );
        Written {
            formula: if is_one(&self.weight) {
                format!("loss{dinput} = {}({input}, {target})", self.criterion.written())
            } else {
                format!(
                    "loss{dinput} += {} {}({input}, {target})",
                    self.weight,
                    self.criterion.written()
                )
            },
            sizes: words.size(self.input),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        // The input may be a view: a map of one channel, flattened, is a row of outputs.
        let positions = launcher.elements(self.verdict) / 2;
        let channels = launcher.elements(self.input) / positions.max(1);
        let coded = self.criterion.coded(channels);
        let (largest, threshold) = match self.hit {
            Hit::Above(threshold) => (false, threshold),
            Hit::Largest => (true, 0.5),
        };
        let constants = vec![
            ("CHANNELS", unsigned(channels)),
            ("POSITIONS", unsigned(positions)),
            ("FUNCTION", Constant::Unsigned(coded.function)),
            ("FROM_LOGITS", Constant::Bool(coded.from_logits)),
            ("SMOOTHING", Constant::Float(coded.smoothing)),
            ("SMOOTHED_TO", Constant::Float(coded.smoothed_to)),
            ("FIRST", Constant::Float(coded.first)),
            ("SECOND", Constant::Float(coded.second)),
            ("SCALE", Constant::Float(coded.scale)),
            ("WEIGHT", Constant::Float(self.weight)),
            ("LARGEST", Constant::Bool(largest)),
            ("THRESHOLD", Constant::Float(threshold)),
        ];
        let mut bindings = vec![
            (0, Tensor(self.input)),
            (1, Tensor(self.target)),
            (2, Tensor(self.verdict)),
        ];
        let entry = match self.dinput {
            Some(dinput) => {
                bindings.extend([(3, Steps), (4, State), (6, Tensor(dinput))]);
                "train"
            }
            None => "evaluate",
        };
        let kernel = launcher.kernel(File::Compare, entry, constants.clone());
        launcher.push_long(kernel, bindings, launcher.each(positions), 4 * channels);
        let bindings = vec![(2, Tensor(self.verdict)), (4, State), (5, Totals), (7, Order)];
        let kernel = launcher.kernel(File::Compare, "total", constants);
        launcher.push_long(kernel, bindings, launcher.each(1), positions);
    }
}
