//! `TerminateOnNaN`: ends training when the loss is not a number. Source: `keras/src/callbacks/terminate_on_nan.py`.

use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Literal, Signature};
use serde::Serialize;

/// Ends training after the first step whose loss is infinite or not a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TerminateOnNaN {}

impl Reaction for TerminateOnNaN {
    const SIGNATURE: &'static Signature = &Signature {
        name: "TerminateOnNaN",
        aliases: &[],
        doc: "Ends training when the loss is infinite or not a number",
        parameters: &[Argument::unsupported("raise_error", Literal::Bool(false))],
        keywords: &[],
    };

    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {})
    }
}
