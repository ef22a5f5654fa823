//! Reads values that say how shapes change into the compiler's types. Each reader reports what it cannot read and
//! then gives None.

use crate::call::limits::MOST_ELEMENTS;
use crate::call::signature::Argument;
use crate::call::values::{natural, number, out_of_range, wrong_type};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// Numbers of cells, `[(above, below), (left, right)]`.
pub type Sides = [(usize, usize); 2];

fn items(value: &Value) -> Option<&[Value]> {
    match &value.kind {
        ValueKind::Tuple(items) | ValueKind::List(items) => Some(items),
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => None,
    }
}

/// Reads an integer from 0 to the largest number of elements that a tensor may have.
fn cells(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let cells = natural(parameter, value, diagnostics)?;
    if cells <= MOST_ELEMENTS {
        return Some(cells);
    }
    let most = crate::numbers::thousands(MOST_ELEMENTS);
    diagnostics.push(out_of_range(
        parameter,
        value,
        &format!("at most {most}"),
        crate::numbers::thousands(cells),
    ));
    None
}

/// Reads the cells before and after along one axis: an integer of at least 0 for both, or a pair, such as `1` or `(1, 0)`.
fn before_and_after(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<(usize, usize)> {
    match items(value) {
        Some([before, after]) => {
            let (before, after) = (
                cells(parameter, before, diagnostics),
                cells(parameter, after, diagnostics),
            );
            before.zip(after)
        }
        Some(_) => {
            diagnostics.push(wrong_type(parameter, value));
            None
        }
        None => cells(parameter, value, diagnostics).map(|both| (both, both)),
    }
}

/// Reads the cells on all sides: `1`, `(1, 2)` for height and width, or `((1, 0), (2, 3))` for each before and after.
pub fn sides(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Sides> {
    match items(value) {
        Some([height, width]) => {
            let height = before_and_after(parameter, height, diagnostics);
            let width = before_and_after(parameter, width, diagnostics);
            Some([height?, width?])
        }
        Some(_) => {
            diagnostics.push(wrong_type(parameter, value));
            None
        }
        None => {
            if !matches!(value.kind, ValueKind::Integer(_)) {
                diagnostics.push(wrong_type(parameter, value));
                return None;
            }
            cells(parameter, value, diagnostics).map(|all| [(all, all); 2])
        }
    }
}

/// The sides as a description gives them: `((1, 0), (2, 3))`.
pub fn sides_text(sides: Sides) -> String {
    let [(top, bottom), (left, right)] = sides;
    format!("(({top}, {bottom}), ({left}, {right}))")
}

/// Reads an integer of at least 0 or a pair of such integers; Some(None) where the value is `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn optional_cells(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<(usize, usize)>> {
    if value.kind == ValueKind::None {
        Some(None)
    } else {
        before_and_after(parameter, value, diagnostics).map(Some)
    }
}

/// Reads one to three sizes, of which one may be left open as -1: `(7, 7, -1)`.
pub fn target_shape(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Option<usize>>> {
    let Some(given) = items(value) else {
        let mut diagnostic = wrong_type(parameter, value);
        if let ValueKind::Integer(size) = value.kind {
            diagnostic = diagnostic
                .help("a tuple of one has a comma")
                .fix(value.span, format!("({size},)"));
        }
        diagnostics.push(diagnostic);
        return None;
    };
    if given.is_empty() || given.len() > 3 {
        diagnostics.push(
            Diagnostic::error("E0109", "a sample has one to three axes")
                .at(value.span, format!("this has {}", given.len()))
                .help("the batch is not part of the shape: (7, 7, 64)"),
        );
        return None;
    }
    let mut sizes = Vec::new();
    for item in given {
        sizes.push(match item.kind {
            ValueKind::Integer(-1) => Some(None),
            ValueKind::Integer(_)
            | ValueKind::Float(_)
            | ValueKind::String(_)
            | ValueKind::Bool(_)
            | ValueKind::None
            | ValueKind::Name(_)
            | ValueKind::Tuple(_)
            | ValueKind::List(_)
            | ValueKind::Call(_)
            | ValueKind::Dictionary(_)
            | ValueKind::Arithmetic(_) => crate::call::values::count(parameter, item, diagnostics).map(Some),
        });
    }
    let sizes: Vec<Option<usize>> = sizes.into_iter().collect::<Option<_>>()?;
    if sizes.iter().filter(|size| size.is_none()).count() > 1 {
        diagnostics.push(
            Diagnostic::error("E0109", format!("`{}` may leave one size open", parameter.name))
                .at(value.span, "this leaves several open, with -1")
                .help("write all sizes but one"),
        );
        return None;
    }
    Some(sizes)
}

/// Reads the axes of a sample in another order, each once and counted from 1: `(2, 1, 3)`.
pub fn permutation(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<usize>> {
    let Some(given) = items(value) else {
        diagnostics.push(wrong_type(parameter, value));
        return None;
    };
    let axes: Option<Vec<usize>> = given.iter().map(|item| natural(parameter, item, diagnostics)).collect();
    let axes = axes?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if axes.is_empty() || axes.len() > 3 || sorted.iter().enumerate().any(|(index, &axis)| axis != index + 1) {
        diagnostics.push(
            Diagnostic::error("E0109", format!("`{}` must name each axis once", parameter.name))
                .at(value.span, format!("this names {axes:?}"))
                .help("1 is the height, 2 the width and 3 the channels: (2, 1, 3) swaps height and width"),
        );
        return None;
    }
    Some(axes)
}

/// Reads axes of a sample, counted from 1: `1` or `[1, 2]`; an empty list for `None`.
pub fn axes(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<usize>> {
    let one = |value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        let axis = crate::call::values::count(parameter, value, diagnostics)?;
        if axis <= 3 {
            return Some(axis);
        }
        diagnostics.push(out_of_range(parameter, value, "an axis of the input, 1 to 3", axis));
        None
    };
    match (&value.kind, items(value)) {
        (ValueKind::None, _) => Some(Vec::new()),
        (_, Some(given)) => given.iter().map(|item| one(item, diagnostics)).collect(),
        (_, None) => one(value, diagnostics).map(|axis| vec![axis]),
    }
}

/// Reads an integer or a list of integers: `0` or `[0, 1, 2]`.
pub fn integers(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<i64>> {
    let one = |value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        if let ValueKind::Integer(integer) = value.kind {
            return Some(integer);
        }
        diagnostics.push(wrong_type(parameter, value));
        None
    };
    match items(value) {
        Some([]) => {
            diagnostics.push(wrong_type(parameter, value));
            None
        }
        Some(given) => given.iter().map(|item| one(item, diagnostics)).collect(),
        None => one(value, diagnostics).map(|integer| vec![integer]),
    }
}

/// Reads a number or a list of numbers; an empty list for `None`.
pub fn numbers(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f32>> {
    match (&value.kind, items(value)) {
        (ValueKind::None, _) => Some(Vec::new()),
        (_, Some([])) => {
            diagnostics.push(wrong_type(parameter, value));
            None
        }
        (_, Some(given)) => {
            let numbers = given.iter().map(|item| number(parameter, item, diagnostics));
            numbers.map(|number| number.map(|number| number as f32)).collect()
        }
        (_, None) => number(parameter, value, diagnostics).map(|number| vec![number as f32]),
    }
}
