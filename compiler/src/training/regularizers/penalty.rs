//! What every regularizer says of itself, whichever it is.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Signature};
use crate::training::numbers;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `l1 sum(|x|) + l2 sum(x^2)`: what the numbers `x` add to the loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Strengths {
    /// The factor of the sum of absolute values.
    pub l1: f64,
    /// The factor of the sum of squares.
    pub l2: f64,
}

impl Strengths {
    /// What these numbers add to the loss.
    pub fn of(self, numbers: &[f32]) -> f64 {
        let (mut absolute, mut squares) = (0.0, 0.0);
        for &number in numbers {
            let number = f64::from(number);
            absolute += number.abs();
            squares += number * number;
        }
        self.l1 * absolute + self.l2 * squares
    }

    /// `0.01 sum(|x|) + 0.02 sum(x^2)`, of `what`.
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

/// A regularizer of a class.
pub trait Penalty: Sized {
    /// Keras's class.
    const SIGNATURE: &'static Signature;

    /// Reads its arguments; `None` where one, which has then been reported, cannot be used.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// What it multiplies the sums by.
    fn strengths(&self) -> Strengths;

    /// Its arguments as a description writes them.
    fn printed(&self) -> Vec<(&'static str, f64)>;
}

/// A factor of at least 0; `None` is `otherwise`, as in Keras.
pub(super) fn factor(arguments: &mut Arguments<'_>, name: &str, otherwise: f64) -> Option<f64> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        if value.kind == ValueKind::None {
            return Some(otherwise);
        }
        numbers::non_negative_or_none(argument, value, diagnostics).flatten()
    };
    arguments.read(name, read)
}
