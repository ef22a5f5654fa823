//! What every learning rate schedule says of itself. Each implements [`Schedule`] in a room of its own; the list of rooms
//! is in `training/schedules/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::Value;
use grammar::diagnostic::Diagnostic;

/// A learning rate that is a function of the step.
pub trait Schedule: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The schedule that a call asks for; what is wrong with its arguments is reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The learning rate of a step, counted from 0, in the float32 arithmetic of Keras.
    fn at(&self, step: u64) -> f32;

    /// Its arguments, as a plan prints them.
    fn printed(&self) -> Vec<(&'static str, String)>;
}

/// `initial_learning_rate`
pub const INITIAL: Argument = Argument::required(
    "initial_learning_rate",
    ArgumentKind::Number,
    "the rate at the beginning",
);
/// `decay_steps`
pub const DECAY_STEPS: Argument = Argument::required("decay_steps", ArgumentKind::Count, "steps that the decay takes");
/// `decay_rate`
pub const DECAY_RATE: Argument =
    Argument::required("decay_rate", ArgumentKind::Number, "how much it decays in decay_steps");
/// `staircase`
pub const STAIRCASE: Argument = Argument::optional(
    "staircase",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether it decays every decay_steps steps, not in each",
);
/// `alpha`
pub const ALPHA: Argument = Argument::optional(
    "alpha",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "the smallest rate, as a share of the first",
);
/// `name`, which means nothing here.
pub const NAME: Argument = Argument::unsupported("name", Literal::None);

/// A rate: above 0.
pub fn rate(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(argument, value, diagnostics, "above 0", |rate| rate > 0.0)
}
