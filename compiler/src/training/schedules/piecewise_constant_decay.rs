//! `PiecewiseConstantDecay`: one rate after another.

use super::schedule::{NAME, Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `values[0]` up to and including step `boundaries[0]`, then `values[1]`, and so on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PiecewiseConstantDecay {
    /// The last step of each rate but the last, in ascending order.
    pub boundaries: Vec<usize>,
    /// The rates, one more than there are boundaries.
    pub values: Vec<f64>,
}

/// Reads a list whose items `read` reads.
fn list<T>(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
    read: fn(&Argument, &Value, &mut Vec<Diagnostic>) -> Option<T>,
) -> Option<Vec<T>> {
    let (ValueKind::List(items) | ValueKind::Tuple(items)) = &value.kind else {
        diagnostics.push(values::wrong_type(argument, value));
        return None;
    };
    let read: Vec<Option<T>> = items.iter().map(|item| read(argument, item, diagnostics)).collect();
    read.into_iter().collect()
}

impl Schedule for PiecewiseConstantDecay {
    const SIGNATURE: &'static Signature = &Signature {
        name: "PiecewiseConstantDecay",
        aliases: &[],
        doc: "One rate after another",
        parameters: &[
            Argument::required(
                "boundaries",
                ArgumentKind::Counts,
                "the last step of each rate but the last one",
            ),
            Argument::required("values", ArgumentKind::Numbers, "the rates, one more than boundaries"),
            NAME,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let boundaries = given.read("boundaries", |argument, value, diagnostics| {
            list(argument, value, diagnostics, values::natural)
        });
        let values = given.read("values", |argument, value, diagnostics| {
            list(argument, value, diagnostics, rate)
        });
        let (boundaries, values) = (boundaries?, values?);
        let (first, second) = (given.span_of("boundaries"), given.span_of("values"));
        if boundaries.is_empty() || boundaries.len() + 1 != values.len() {
            given.diagnostics().push(
                Diagnostic::error("E0109", "there must be one more rate than boundaries")
                    .at(second, format!("{} rates", values.len()))
                    .because(first, format!("{} boundaries", boundaries.len()))
                    .help("such as boundaries=[1000], values=[0.01, 0.001]"),
            );
            return None;
        }
        if boundaries.windows(2).any(|pair| pair.first() >= pair.last()) {
            given.diagnostics().push(
                Diagnostic::error("E0109", "boundaries must ascend")
                    .at(first, "one is not above the one before it")
                    .help("they are numbers of steps from the start of training"),
            );
            return None;
        }
        Some(Self { boundaries, values })
    }

    fn at(&self, step: u64) -> f32 {
        let passed = self
            .boundaries
            .iter()
            .filter(|&&boundary| step > boundary as u64)
            .count();
        self.values
            .get(passed)
            .or(self.values.last())
            .map_or(0.0, |&rate| rate as f32)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("boundaries", format!("{:?}", self.boundaries)),
            ("values", format!("{:?}", self.values)),
        ]
    }
}
