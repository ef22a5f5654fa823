//! What `compile` is given for each output of a network: a value for all, a list in the order of the outputs, or a
//! dictionary by their names. Source: `CompileLoss` and `CompileMetrics` in `keras/src/trainers/compile_utils.py`.

use crate::call::signature::Argument;
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use crate::training::losses::{self, Loss, Place};
use crate::training::metrics::{self, Metric};
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The values that an argument gives to the outputs.
enum Spread<'a> {
    /// One value for all outputs.
    All(&'a Value),
    /// A value for each output in order, as far as it is given.
    Each(Vec<Option<&'a Value>>),
    /// Not to be told, since the outputs are not known.
    Unknown,
}

fn wrong(argument: &Argument, span: Span, label: impl Into<String>, outputs: &[String]) -> Diagnostic {
    let quoted: Vec<String> = outputs.iter().map(|name| format!("\"{name}\": ...")).collect();
    Diagnostic::error("E0440", format!("`{}` does not go with the outputs", argument.name))
        .at(span, label)
        .note(match outputs {
            [only] => format!("the output is {only}"),
            several => format!("the outputs are {}", all_of(several.iter().map(String::as_str))),
        })
        .help(format!("{}={{{}}}", argument.name, quoted.join(", ")))
}

/// Spreads a value over the outputs; None where it does not go with them, which has been reported (E0440). `lists`
/// says that a list is for the outputs even if there is only one.
fn spread<'a>(
    argument: &Argument,
    value: &'a Value,
    outputs: Option<&[String]>,
    lists: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spread<'a>> {
    let several = outputs.is_some_and(|outputs| outputs.len() > 1);
    match (&value.kind, outputs) {
        (ValueKind::Dictionary(_), None) => Some(Spread::Unknown),
        (ValueKind::List(_) | ValueKind::Tuple(_), None) if lists => Some(Spread::Unknown),
        (ValueKind::Dictionary(entries), Some(outputs)) => {
            let mut found: Vec<Option<&Value>> = vec![None; outputs.len()];
            let before = diagnostics.len();
            for (key, value) in entries {
                let ValueKind::String(name) = &key.kind else {
                    diagnostics.push(wrong(argument, key.span, "this is no output's name", outputs));
                    continue;
                };
                match outputs
                    .iter()
                    .position(|output| output == name)
                    .and_then(|at| found.get_mut(at))
                {
                    Some(Some(_)) => diagnostics.push(wrong(argument, key.span, "again here", outputs)),
                    Some(place) => *place = Some(value),
                    None => {
                        let unknown = wrong(argument, key.span, "no output is called so", outputs);
                        diagnostics.push(match nearest(name, outputs.iter().map(String::as_str)) {
                            Some(meant) => unknown
                                .help(format!("did you mean \"{meant}\"?"))
                                .fix(key.span, format!("\"{meant}\"")),
                            None => unknown,
                        });
                    }
                }
            }
            (diagnostics.len() == before).then_some(Spread::Each(found))
        }
        (ValueKind::List(items) | ValueKind::Tuple(items), Some(outputs)) if several || lists => {
            if items.len() != outputs.len() {
                let label = format!("{} for {}", items.len(), count(outputs.len()));
                diagnostics.push(wrong(argument, value.span, label, outputs));
                return None;
            }
            Some(Spread::Each(items.iter().map(Some).collect()))
        }
        (_, _) => Some(Spread::All(value)),
    }
}

fn count(outputs: usize) -> String {
    match outputs {
        1 => "one output".to_owned(),
        several => format!("{several} outputs"),
    }
}

/// Reads the loss of each output; a single one where the outputs are not known.
pub(super) fn losses(
    argument: &Argument,
    (value, whole): (&Value, Span),
    outputs: Option<&[String]>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(Loss, Place)>> {
    let values = match spread(argument, value, outputs, true, diagnostics)? {
        Spread::Unknown => return None,
        Spread::All(value) => {
            let loss = losses::read(argument, value, diagnostics)?;
            let all = outputs.map_or(1, <[String]>::len).max(1);
            return Some(vec![(loss, place(value, whole)); all]);
        }
        Spread::Each(values) => values,
    };
    let outputs = outputs.unwrap_or_default();
    let read = values.into_iter().zip(outputs).map(|(given, output)| {
        let given = given.filter(|given| given.kind != ValueKind::None);
        let Some(given) = given else {
            diagnostics.push(wrong(argument, value.span, format!("`{output}` has none"), outputs));
            return None;
        };
        let loss = losses::read(argument, given, diagnostics)?;
        Some((loss, place(given, given.span)))
    });
    let read: Vec<Option<(Loss, Place)>> = read.collect();
    read.into_iter().collect()
}

/// The places of a loss and of its `from_logits` in the description.
fn place(value: &Value, whole: Span) -> Place {
    let from_logits = if let ValueKind::Call(call) = &value.kind {
        from_logits(call)
    } else {
        None
    };
    Place {
        loss: whole,
        from_logits,
    }
}

fn from_logits(call: &Call) -> Option<Span> {
    let mut named = call.arguments.iter();
    let named = named.find(|argument| argument.name.as_ref().is_some_and(|given| given.node == "from_logits"));
    let by_place = call.arguments.first().filter(|argument| argument.name.is_none());
    named.or(by_place).map(|argument| argument.span)
}

/// Reads the metrics of each output; a single list where the outputs are not known.
pub(super) fn metrics(
    argument: &Argument,
    value: &Value,
    outputs: Option<&[String]>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Vec<Metric>>> {
    let values = match spread(argument, value, outputs, false, diagnostics)? {
        Spread::Unknown => return None,
        Spread::All(value) => match outputs {
            Some(several) if several.len() > 1 && value.kind != ValueKind::None => {
                diagnostics.push(wrong(argument, value.span, "this is for one output", several));
                return None;
            }
            Some(several) if several.len() > 1 => return Some(vec![Vec::new(); several.len()]),
            Some(_) | None => return Some(vec![metrics::reading::read(argument, value, diagnostics)?]),
        },
        Spread::Each(values) => values,
    };
    let read = values.into_iter().map(|given| match given {
        None => Some(Vec::new()),
        Some(given) => metrics::reading::read(argument, &listed(given), diagnostics),
    });
    let read: Vec<Option<Vec<Metric>>> = read.collect();
    read.into_iter().collect()
}

/// A single metric as a list with one item; lists and `None` stay as they are.
fn listed(value: &Value) -> Value {
    if matches!(value.kind, ValueKind::None | ValueKind::List(_) | ValueKind::Tuple(_)) {
        return value.clone();
    }
    Value {
        span: value.span,
        kind: ValueKind::List(vec![value.clone()]),
    }
}

/// Reads the factor of each output's loss, 1 where none is given.
pub(super) fn weights(
    argument: &Argument,
    value: &Value,
    outputs: Option<&[String]>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<f64>> {
    let all = outputs.map_or(1, <[String]>::len).max(1);
    if value.kind == ValueKind::None {
        return Some(vec![1.0; all]);
    }
    let values = match spread(argument, value, outputs, true, diagnostics)? {
        Spread::Unknown => return None,
        Spread::All(value) => match outputs {
            Some(several) if several.len() > 1 => {
                diagnostics.push(wrong(argument, value.span, "this is for one output", several));
                return None;
            }
            Some(_) | None => return Some(vec![values::number(argument, value, diagnostics)?]),
        },
        Spread::Each(values) => values,
    };
    let outputs = outputs.unwrap_or_default();
    let read = values.into_iter().zip(outputs).map(|(given, output)| {
        let Some(given) = given else {
            diagnostics.push(wrong(argument, value.span, format!("`{output}` has none"), outputs));
            return None;
        };
        values::number(argument, given, diagnostics)
    });
    let read: Vec<Option<f64>> = read.collect();
    read.into_iter().collect()
}
