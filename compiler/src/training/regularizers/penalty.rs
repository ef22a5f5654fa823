//! What every regularizer says of itself.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Signature};
use crate::training::numbers;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// The factors of `l1 sum(|x|) + l2 sum(x^2)`, which numbers x add to the loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Strengths {
    /// The factor of the sum of absolute values.
    pub l1: f64,
    /// The factor of the sum of squares.
    pub l2: f64,
}

impl Strengths {
    /// The penalty of these numbers.
    pub fn of(self, numbers: &[f32]) -> f64 {
        let (mut absolute, mut squares) = (0.0, 0.0);
        for &number in numbers {
            let number = f64::from(number);
            absolute += number.abs();
            squares += number * number;
        }
        self.l1 * absolute + self.l2 * squares
    }

    /// The penalty of `what` as a formula: `0.01 sum(|x|) + 0.02 sum(x^2)`.
    pub(crate) fn formula(self, what: &str) -> String {
        let term = |factor: f64, sum: String| (factor != 0.0).then(|| format!("{factor} {sum}"));
        let terms = [
            term(self.l1, format!("sum(|{what}|)")),
            term(self.l2, format!("sum({what}^2)")),
        ];
        let terms: Vec<String> = terms.into_iter().flatten().collect();
        if terms.is_empty() {
            "0".to_owned()
        } else {
            terms.join(" + ")
        }
    }
}

/// A class of regularizers.
pub trait Penalty: Sized {
    /// The name and the arguments of the call, as in Keras.
    const SIGNATURE: &'static Signature;

    /// Reads the arguments; None where one of them could not be used, which has been reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The factors of the sums that it adds to the loss.
    fn strengths(&self) -> Strengths;

    /// The arguments as a description gives them.
    fn printed(&self) -> Vec<(&'static str, f64)>;
}

/// Reads a factor of at least 0; `None` stands for `otherwise`, as in Keras.
pub(super) fn factor(arguments: &mut Arguments<'_>, name: &str, otherwise: f64) -> Option<f64> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        if value.kind == ValueKind::None {
            return Some(otherwise);
        }
        numbers::non_negative_or_none(argument, value, diagnostics).flatten()
    };
    arguments.read(name, read)
}
