//! What every constraint says of itself, whichever it is.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use serde::Serialize;

/// What is done to the numbers of a variable after each update.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// What is below 0 becomes 0.
    NonNegative,
    /// Each norm moves by the share `rate` of the way to the nearest of `least` to `most`.
    Norm {
        /// The least norm.
        least: f64,
        /// The largest norm.
        most: f64,
        /// The share of the way.
        rate: f64,
    },
}

/// A constraint of a class.
pub trait Constraining: Sized {
    /// Keras's class.
    const SIGNATURE: &'static Signature;

    /// Reads its arguments; `None` where one, which has then been reported, cannot be used.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// What it does.
    fn limit(&self) -> Limit;

    /// The axes of the variable that a norm is taken over.
    fn axes(&self) -> &[i64];

    /// Its arguments as a description writes them.
    fn printed(&self) -> Vec<(&'static str, String)>;
}

/// `axis`.
pub(super) const AXIS: Argument = Argument::optional(
    "axis",
    ArgumentKind::IntegerOrIntegers,
    Literal::Int(0),
    "what a norm is taken over: 0 for a Dense kernel, [0, 1, 2] for a Conv2D kernel",
);

/// `[0, 1, 2]`, or the only one of them.
pub(super) fn axes_text(axes: &[i64]) -> String {
    match axes {
        [only] => only.to_string(),
        axes => format!("{axes:?}"),
    }
}
