//! The arguments that several optimizers share, and how they are read.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::training::schedules::{self, LearningRate};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// The argument `learning_rate`, 0.001 by default.
pub const RATE: Argument = Argument::optional(
    "learning_rate",
    ArgumentKind::LearningRate,
    Literal::Float(0.001),
    "size of a step",
);
/// The argument `epsilon`, which keeps divisions finite; 1e-7 by default.
pub const EPSILON: Argument = Argument::optional(
    "epsilon",
    ArgumentKind::Number,
    Literal::Float(1e-7),
    "keeps the division finite",
);
/// The argument `beta_1`: the share of the mean of gradients that a step keeps, 0.9 by default.
pub const BETA_1: Argument = Argument::optional(
    "beta_1",
    ArgumentKind::Number,
    Literal::Float(0.9),
    "decay of the mean of gradients",
);
/// The argument `beta_2`: the share of the mean of their squares that a step keeps, 0.999 by default.
pub const BETA_2: Argument = Argument::optional(
    "beta_2",
    ArgumentKind::Number,
    Literal::Float(0.999),
    "decay of the mean of their squares",
);
/// The argument `amsgrad`: whether divisors never shrink (Reddi, Kale and Kumar, 2018).
pub const AMSGRAD: Argument = Argument::optional(
    "amsgrad",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether the divisor never shrinks",
);
/// The argument `momentum`: the share of the last step that is kept, 0 by default.
pub const MOMENTUM: Argument = Argument::optional(
    "momentum",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "share of the last step that is kept",
);
/// The argument `initial_accumulator_value`: the sum of squares before the first step, 0.1 by default.
pub const INITIAL_ACCUMULATOR: Argument = Argument::optional(
    "initial_accumulator_value",
    ArgumentKind::Number,
    Literal::Float(0.1),
    "what the sum of squares starts as",
);
/// The argument `weight_decay`, off by default.
pub const WEIGHT_DECAY: Argument = Argument::optional(
    "weight_decay",
    ArgumentKind::Number,
    Literal::None,
    "share of each parameter that decays, times the learning rate",
);
/// The argument `clipnorm`: the largest norm of a variable's gradient, off by default.
pub const CLIPNORM: Argument = Argument::optional(
    "clipnorm",
    ArgumentKind::Number,
    Literal::None,
    "longest gradient of a variable; longer ones are shortened to it",
);
/// The argument `clipvalue`: the largest absolute value in a gradient, off by default.
pub const CLIPVALUE: Argument = Argument::optional(
    "clipvalue",
    ArgumentKind::Number,
    Literal::None,
    "largest number in a gradient; larger ones are cut to it",
);
/// The argument `global_clipnorm`: the largest norm of all gradients together, off by default.
pub const GLOBAL_CLIPNORM: Argument = Argument::optional(
    "global_clipnorm",
    ArgumentKind::Number,
    Literal::None,
    "longest gradient of all variables together; a longer one is shortened to it",
);
/// The argument `use_ema`: whether running means of the parameters are kept, and replace them when training ends.
pub const USE_EMA: Argument = Argument::optional(
    "use_ema",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether running means of the parameters take their place when training ends",
);
/// The argument `ema_momentum`: the share of these means that a step keeps, 0.99 by default.
pub const EMA_MOMENTUM: Argument = Argument::optional(
    "ema_momentum",
    ArgumentKind::Number,
    Literal::Float(0.99),
    "decay of the means of the parameters",
);
/// The argument `ema_overwrite_frequency`: steps after which the means replace the parameters, each time anew.
pub const EMA_OVERWRITE: Argument = Argument::optional(
    "ema_overwrite_frequency",
    ArgumentKind::Count,
    Literal::None,
    "take their place every so many steps as well",
);
/// The argument `loss_scale_factor`, which is not supported: it serves number formats other than float32.
pub const LOSS_SCALE: Argument = Argument::unsupported("loss_scale_factor", Literal::None);
/// The argument `gradient_accumulation_steps`, which is not supported: each batch has an update of its own.
pub const ACCUMULATION: Argument = Argument::unsupported("gradient_accumulation_steps", Literal::None);
/// The argument `name`, which is not supported: nothing would show it.
pub const NAME: Argument = Argument::unsupported("name", Literal::None);

/// The arguments of an optimizer in Keras's order: its own, then those that every optimizer has.
macro_rules! with_shared {
    ($($own:expr),+ $(,)?) => {
        &[
            $($own,)+
            $crate::training::optimizers::arguments::CLIPNORM,
            $crate::training::optimizers::arguments::CLIPVALUE,
            $crate::training::optimizers::arguments::GLOBAL_CLIPNORM,
            $crate::training::optimizers::arguments::USE_EMA,
            $crate::training::optimizers::arguments::EMA_MOMENTUM,
            $crate::training::optimizers::arguments::EMA_OVERWRITE,
            $crate::training::optimizers::arguments::LOSS_SCALE,
            $crate::training::optimizers::arguments::ACCUMULATION,
            $crate::training::optimizers::arguments::NAME,
        ]
    };
}
pub(super) use with_shared;

/// Reads the learning rate: a number above 0, or a schedule.
pub fn learning_rate(arguments: &mut Arguments<'_>) -> Option<LearningRate> {
    arguments.read("learning_rate", schedules::read)
}

/// Reads `epsilon`; `None`, which stood for the default in Keras 2, is 1e-7 with a warning.
pub fn epsilon(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    if value.kind == ValueKind::None {
        diagnostics.push(
            Diagnostic::warning("W0421", "`epsilon=None` is an old way to leave epsilon out")
                .at(value.span, "means 1e-7")
                .help("epsilon=1e-7, or leave it out")
                .fix(value.span, "1e-7"),
        );
        return Some(1e-7);
    }
    values::non_negative(argument, value, diagnostics)
}
