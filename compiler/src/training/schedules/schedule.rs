//! What every learning rate schedule says of itself. Each implements [`Schedule`] in a file of its own; the list of
//! these files is in `training/schedules/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::Value;
use grammar::diagnostic::Diagnostic;

/// A learning rate that is a function of the step.
pub trait Schedule: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// Reads the schedule that a call asks for; None after its arguments were reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The learning rate of a step, counted from 0, in the float32 arithmetic of Keras.
    fn at(&self, step: u64) -> f32;

    /// The arguments, as a plan prints them.
    fn printed(&self) -> Vec<(&'static str, String)>;
}

/// The argument `initial_learning_rate`: the rate of the first step.
pub const INITIAL: Argument = Argument::required(
    "initial_learning_rate",
    ArgumentKind::Number,
    "the rate at the beginning",
);
/// The argument `decay_steps`: the number of steps that the decay takes.
pub const DECAY_STEPS: Argument = Argument::required("decay_steps", ArgumentKind::Count, "steps that the decay takes");
/// The argument `decay_rate`: how much the rate decays in `decay_steps`.
pub const DECAY_RATE: Argument =
    Argument::required("decay_rate", ArgumentKind::Number, "how much it decays in decay_steps");
/// The argument `staircase`: whether the rate falls every `decay_steps` steps instead of in each step.
pub const STAIRCASE: Argument = Argument::optional(
    "staircase",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether it decays every decay_steps steps, not in each",
);
/// The argument `alpha`: the smallest rate, as a share of the first; 0 by default.
pub const ALPHA: Argument = Argument::optional(
    "alpha",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "the smallest rate, as a share of the first",
);
/// The argument `name`, which is not supported: nothing would show it.
pub const NAME: Argument = Argument::unsupported("name", Literal::None);

/// Reads a learning rate, a number above 0.
pub fn rate(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(argument, value, diagnostics, "above 0", |rate| rate > 0.0)
}
