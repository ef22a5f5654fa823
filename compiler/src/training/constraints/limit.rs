//! What every constraint says of itself.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use serde::Serialize;

/// What a constraint does to the numbers of a variable after each update.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Numbers below 0 become 0.
    NonNegative,
    /// Each norm outside of `least..most` moves by the share `rate` of the way to the nearer end.
    Norm {
        /// The smallest norm that is left as it is.
        least: f64,
        /// The largest norm that is left as it is.
        most: f64,
        /// The share of the way that a norm moves, from 0 to 1.
        rate: f64,
    },
}

/// A class of constraints.
pub trait Constraining: Sized {
    /// The name and the arguments of the call, as in Keras.
    const SIGNATURE: &'static Signature;

    /// Reads the arguments; None where one of them could not be used, which has been reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The limit in terms of the operation that enforces it.
    fn limit(&self) -> Limit;

    /// The axes of the variable that a norm is taken over, in Keras's order; negative ones count from the end.
    fn axes(&self) -> &[i64];

    /// The arguments as a description gives them.
    fn printed(&self) -> Vec<(&'static str, String)>;
}

/// The argument `axis`: the axes that a norm is taken over, 0 by default.
pub(super) const AXIS: Argument = Argument::optional(
    "axis",
    ArgumentKind::IntegerOrIntegers,
    Literal::Int(0),
    "what a norm is taken over: 0 for a Dense kernel, [0, 1, 2] for a Conv2D kernel",
);

/// The axes as a description gives them: `[0, 1, 2]`, or a single number.
pub(super) fn axes_text(axes: &[i64]) -> String {
    match axes {
        [only] => only.to_string(),
        axes => format!("{axes:?}"),
    }
}
