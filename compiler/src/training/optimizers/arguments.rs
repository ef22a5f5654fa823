//! The arguments that several optimizers share, and how they are read.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::training::schedules::{self, LearningRate};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// `learning_rate`, 0.001 by default.
pub const RATE: Argument = Argument::optional(
    "learning_rate",
    ArgumentKind::LearningRate,
    Literal::Float(0.001),
    "size of a step",
);
/// `epsilon`
pub const EPSILON: Argument = Argument::optional(
    "epsilon",
    ArgumentKind::Number,
    Literal::Float(1e-7),
    "keeps the division finite",
);
/// `beta_1`
pub const BETA_1: Argument = Argument::optional(
    "beta_1",
    ArgumentKind::Number,
    Literal::Float(0.9),
    "decay of the mean of gradients",
);
/// `beta_2`
pub const BETA_2: Argument = Argument::optional(
    "beta_2",
    ArgumentKind::Number,
    Literal::Float(0.999),
    "decay of the mean of their squares",
);
/// `amsgrad`
pub const AMSGRAD: Argument = Argument::optional(
    "amsgrad",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether the divisor never shrinks",
);
/// `momentum`
pub const MOMENTUM: Argument = Argument::optional(
    "momentum",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "share of the last step that is kept",
);
/// `initial_accumulator_value`
pub const INITIAL_ACCUMULATOR: Argument = Argument::optional(
    "initial_accumulator_value",
    ArgumentKind::Number,
    Literal::Float(0.1),
    "what the sum of squares starts as",
);
/// `weight_decay`, off by default.
pub const WEIGHT_DECAY: Argument = Argument::optional(
    "weight_decay",
    ArgumentKind::Number,
    Literal::None,
    "share of each parameter that decays, times the learning rate",
);
/// `clipnorm`
pub const CLIPNORM: Argument = Argument::optional(
    "clipnorm",
    ArgumentKind::Number,
    Literal::None,
    "longest gradient of a variable; longer ones are shortened to it",
);
/// `clipvalue`
pub const CLIPVALUE: Argument = Argument::optional(
    "clipvalue",
    ArgumentKind::Number,
    Literal::None,
    "largest number in a gradient; larger ones are cut to it",
);
/// `global_clipnorm`
pub const GLOBAL_CLIPNORM: Argument = Argument::optional(
    "global_clipnorm",
    ArgumentKind::Number,
    Literal::None,
    "longest gradient of all variables together; a longer one is shortened to it",
);
/// `use_ema`
pub const USE_EMA: Argument = Argument::optional(
    "use_ema",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether running means of the parameters take their place when training ends",
);
/// `ema_momentum`
pub const EMA_MOMENTUM: Argument = Argument::optional(
    "ema_momentum",
    ArgumentKind::Number,
    Literal::Float(0.99),
    "decay of the means of the parameters",
);
/// `ema_overwrite_frequency`
pub const EMA_OVERWRITE: Argument = Argument::optional(
    "ema_overwrite_frequency",
    ArgumentKind::Count,
    Literal::None,
    "take their place every so many steps as well",
);
/// `loss_scale_factor`, for number formats that this program does not compute in.
pub const LOSS_SCALE: Argument = Argument::unsupported("loss_scale_factor", Literal::None);
/// `gradient_accumulation_steps`
pub const ACCUMULATION: Argument = Argument::unsupported("gradient_accumulation_steps", Literal::None);
/// `name`
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

/// The learning rate: a number above 0, or a schedule.
pub fn learning_rate(arguments: &mut Arguments<'_>) -> Option<LearningRate> {
    arguments.read("learning_rate", schedules::read)
}

/// `epsilon`, where Keras 2 took `None` for its default.
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
