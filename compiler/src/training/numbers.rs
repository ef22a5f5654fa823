//! Readers of numbers within bounds, for the arguments of optimizers, schedules and losses.

use crate::call::signature::Argument;
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// Reads the share of a running mean that a step keeps: at least 0 and below 1.
pub fn decay(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(argument, value, diagnostics, "at least 0 and below 1", |share| {
        (0.0..1.0).contains(&share)
    })
}

/// Reads a share from 0 to 1.
pub fn share(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(argument, value, diagnostics, "between 0 and 1", |share| {
        (0.0..=1.0).contains(&share)
    })
}

/// Reads a number above 0; Some(None) where the value is `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn positive_or_none(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<f64>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::ranged(argument, value, diagnostics, "above 0", |number| number > 0.0).map(Some)
}

/// Reads a number of at least 0; Some(None) where the value is `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn non_negative_or_none(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<f64>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::non_negative(argument, value, diagnostics).map(Some)
}
