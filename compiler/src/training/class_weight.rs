//! `fit(class_weight={0: 1.0, 1: 5.0})`: the factors of the losses of samples, by their classes.

use crate::call::signature::Argument;
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use std::collections::BTreeMap;

/// Reads the dictionary from the numbers of classes to finite weights of at least 0; an empty one for `None`.
pub(super) fn read(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BTreeMap<u32, f32>> {
    let entries = match &value.kind {
        ValueKind::None => return Some(BTreeMap::new()),
        ValueKind::Dictionary(entries) => entries,
        ValueKind::String(word) if word == "balanced" => {
            diagnostics.push(
                Diagnostic::error("E0107", "`class_weight` takes a dictionary of numbers by class")
                    .at(value.span, "scikit-learn's word; Keras takes the numbers")
                    .help(
                        "a class's number is all samples / (classes x its samples): of 300 and 100 samples \
                         class_weight={0: 0.667, 1: 2.0}",
                    ),
            );
            return None;
        }
        ValueKind::String(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            return None;
        }
    };
    let mut weights = BTreeMap::new();
    let mut failed = false;
    for (key, weight) in entries {
        let ValueKind::Integer(number) = key.kind else {
            diagnostics.push(
                Diagnostic::error("E0107", "`class_weight` has the numbers of classes for keys")
                    .at(key.span, format!("this is {}", values::describe(key)))
                    .help("such as class_weight={0: 1.0, 1: 5.0}"),
            );
            failed = true;
            continue;
        };
        let Ok(class) = u32::try_from(number) else {
            diagnostics.push(
                Diagnostic::error("E0109", "classes are counted from 0").at(key.span, format!("this is {number}")),
            );
            failed = true;
            continue;
        };
        match values::non_negative(parameter, weight, diagnostics) {
            Some(read) => {
                if weights.insert(class, read as f32).is_some() {
                    diagnostics.push(
                        Diagnostic::error("E0105", format!("class {class} is given twice")).at(key.span, "again here"),
                    );
                    failed = true;
                }
            }
            None => failed = true,
        }
    }
    (!failed).then_some(weights)
}
