//! A loss that compares outputs with targets value by value or row by row, and its gradient.

use crate::launch::dispatch::Resource::{Order, State, Steps, Tensor, Totals};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// What an output `x` costs beside its target `y`. A row is what a position has along the last axis; `p` is `x`, or what the
/// sigmoid or softmax makes of it where `from_logits` is set. Probabilities are clipped to `1e-7..1 - 1e-7`, and outside of
/// that their slope is zero. Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// `(x - y)^2`, the mean of a row.
    SquaredError,
    /// `|x - y|`, the mean of a row.
    AbsoluteError,
    /// `(x - y)^2 / 2` where `|x - y| <= delta`, else `delta |x - y| - delta^2 / 2`; the mean of a row.
    Huber {
        /// Where the parabola ends.
        delta: f32,
    },
    /// `y log(y / x)` of values clipped to `1e-7..1`, the sum of a row.
    KlDivergence,
    /// `-y log p - (1 - y) log(1 - p)`, the mean of a row.
    BinaryCrossentropy {
        /// Whether outputs are logits.
        from_logits: bool,
        /// Targets are drawn towards a half by this share.
        label_smoothing: f32,
    },
    /// The binary crossentropy times `(1 - p_t)^gamma`, where `p_t` is the probability of what is right; the mean of a row.
    BinaryFocalCrossentropy {
        /// Whether outputs are logits.
        from_logits: bool,
        /// Targets are drawn towards a half by this share.
        label_smoothing: f32,
        /// The weight of ones; zeros weigh `1 - alpha`. Nothing where both weigh the same.
        alpha: Option<f32>,
        /// How much what is easy counts less.
        gamma: f32,
    },
    /// `-y log p` over a row that is a distribution, the sum of it.
    CategoricalCrossentropy {
        /// Whether outputs are logits.
        from_logits: bool,
        /// Targets are drawn towards equal shares by this share.
        label_smoothing: f32,
    },
    /// `-alpha (1 - p)^gamma y log p`, the sum of a row.
    CategoricalFocalCrossentropy {
        /// Whether outputs are logits.
        from_logits: bool,
        /// Targets are drawn towards equal shares by this share.
        label_smoothing: f32,
        /// The weight of everything.
        alpha: f32,
        /// How much what is easy counts less.
        gamma: f32,
    },
}

/// A [`Criterion`] as its kernels take it: a number and numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coded {
    /// Which function, in the order of the list; those of rows come last.
    pub function: u32,
    /// Whether outputs are logits.
    pub from_logits: bool,
    /// The share of smoothing.
    pub smoothing: f32,
    /// What smoothed targets tend to.
    pub smoothed_to: f32,
    /// `delta`, or `alpha`, of which a negative one means none.
    pub first: f32,
    /// `gamma`.
    pub second: f32,
    /// What a row's terms are multiplied by.
    pub scale: f32,
}

impl Criterion {
    /// As the kernels for rows of so many channels take it.
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

    /// In plans.
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

/// When an output counts as right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// Each value that is above the threshold where its target is 1, and not where it is 0; a sample counts by its share.
    Above(f32),
    /// Each position whose largest value (the first of equals) is where the target's largest is; a sample counts by its share.
    Largest,
}

/// The loss of `input` beside `target` and its gradient over the batch's real samples, and the sums for the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compare {
    /// What an output costs.
    pub criterion: Criterion,
    /// When it counts as right.
    pub hit: Hit,
    /// What the loss is multiplied by where it is minimised, but for `verdict`.
    #[serde(skip_serializing_if = "is_one")]
    pub weight: f32,
    /// Floats: the network's output, or what goes into its last activation where the loss takes that.
    pub input: TensorId,
    /// Floats of the same sizes.
    pub target: TensorId,
    /// Floats, two channels of as many positions: the loss of each position's row, and the share of it that is right.
    pub verdict: TensorId,
    /// The gradient of the mean over the real samples of the batch; zero for padding. None when validating.
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
