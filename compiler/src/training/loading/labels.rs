//! Arguments that give the labels of pictures where folders do not.

use super::labelling::{LabelMode, MaskMode, Masks, Table};
use super::reading::{directory, shut};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The argument `x_col`: the table's column with the names of the files.
pub(super) const X_COL: Argument = Argument::optional(
    "x_col",
    ArgumentKind::Name,
    Literal::Str("filename"),
    "the table's column of the files' names",
);

/// The argument `y_col`: the table's columns with the labels.
pub(super) const Y_COL: Argument = Argument::optional(
    "y_col",
    ArgumentKind::StringOrStrings,
    Literal::Str("class"),
    "the table's column of labels, or several columns",
);

/// The arguments of `image_dataset_from_directory` that Keras's does not have.
pub(super) const KEYWORDS: [Argument; 6] = [
    X_COL,
    Y_COL,
    Argument::optional(
        "separator",
        ArgumentKind::Name,
        Literal::None,
        "what stands between several labels in one column; None means blanks",
    ),
    Argument::optional(
        "masks",
        ArgumentKind::Name,
        Literal::None,
        "a folder of pictures that outputs are compared with, each called as the picture that it belongs to; their endings may differ",
    ),
    Argument::optional(
        "mask_mode",
        ArgumentKind::Word(&MaskMode::NAMES),
        Literal::Str("binary"),
        "what their pixels say: black or white, the number of a class, or values that become 0 to 1",
    ),
    Argument::optional(
        "mask_levels",
        ArgumentKind::Counts,
        Literal::None,
        "the levels of the classes in masks with mask_mode=\"int\"; None means that a level is the number of its class",
    ),
];

/// Whether an argument is given and is not `None`.
pub(super) fn is_given(arguments: &Arguments, name: &str) -> bool {
    let written = arguments.written(name);
    written.is_some_and(|argument| argument.value.kind != ValueKind::None)
}

/// Reads the name of a column, which is not empty.
fn column(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let name = values::string(argument, value, diagnostics)?;
    if name.is_empty() {
        diagnostics
            .push(Diagnostic::error("E0109", "this is not a column").at(value.span, "the name of a column is needed"));
        return None;
    }
    Some(name)
}

/// Reads the name of a column or several different ones.
fn columns(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let (ValueKind::List(items) | ValueKind::Tuple(items)) = &value.kind else {
        return column(argument, value, diagnostics).map(|name| vec![name]);
    };
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let name = column(argument, item, diagnostics)?;
        if names.contains(&name) {
            diagnostics.push(Diagnostic::error("E0109", "a column is named twice").at(item.span, "again here"));
            return None;
        }
        names.push(name);
    }
    if names.is_empty() {
        diagnostics.push(values::wrong_type(argument, value));
        return None;
    }
    Some(names)
}

/// Reads the path of a table: a string, or the call that pandas would read it with.
pub(super) fn path(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if let ValueKind::Call(call) = &value.kind
        && call.name.node == "read_csv"
        && call.receiver.is_none()
        && let Some(first) = call.arguments.first()
    {
        let odd = call.arguments.iter().skip(1).find(|argument| {
            let name = argument.name.as_ref().map(|name| name.node.as_str());
            name != Some("dtype")
        });
        if let Some(odd) = odd {
            diagnostics.push(
                Diagnostic::error("E0110", "read_csv takes the path of a CSV alone")
                    .at(odd.span, "this is not supported")
                    .help("a CSV has a line of its columns' names, commas and UTF-8"),
            );
            return None;
        }
        return directory(argument, &first.value, diagnostics);
    }
    directory(argument, value, diagnostics)
}

/// Reads the columns of the table that lies at `path`; None where a part could not be used.
pub(super) fn table(path: Option<String>, separator: Option<String>, arguments: &mut Arguments) -> Option<Table> {
    let x_col = arguments.read("x_col", column);
    let y_col = arguments.read("y_col", columns);
    Some(Table {
        path: path?,
        x_col: x_col?,
        y_col: y_col?,
        separator,
    })
}

/// Reads the text between labels; Some(None) where it is left out.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn separator(arguments: &mut Arguments) -> Option<Option<String>> {
    if !is_given(arguments, "separator") {
        return Some(None);
    }
    arguments.read("separator", column).map(Some)
}

/// Whether the columns and the names of classes go with the form of the labels; if not, that is reported. `names` and
/// `mode_argument` are the arguments' names, `numbers` the mode's word for numbers.
pub(super) fn go_together(
    table: &Table,
    mode: LabelMode,
    (names, mode_argument, numbers): (&str, &str, &str),
    arguments: &mut Arguments,
) -> bool {
    let at = arguments.span_of("y_col");
    if mode.are_classes() && table.y_col.len() > 1 {
        let because = arguments.span_of(mode_argument);
        arguments.diagnostics().push(
            Diagnostic::error("E0511", "classes are read from one column")
                .at(at, format!("these are {}", table.y_col.len()))
                .because(because, "this makes classes of them")
                .help(format!(
                    "{mode_argument}=\"{numbers}\" takes the numbers of several columns"
                )),
        );
        return false;
    }
    if is_given(arguments, names)
        && (matches!(mode, LabelMode::Float | LabelMode::MultiOutput) || table.y_col.len() > 1)
    {
        let (one, other) = (arguments.span_of(names), at);
        shut(names, one, "numbers in columns", other, arguments);
        return false;
    }
    true
}

/// Reports the first of these arguments that is given although it has no meaning here, with `what` it needs; whether
/// there was one.
pub(super) fn need(names: &[&str], what: &str, arguments: &mut Arguments) -> bool {
    let found: Option<(String, Span)> = names.iter().find_map(|name| {
        let written = arguments.written(name)?;
        Some(((*name).to_owned(), written.span))
    });
    if let Some((name, span)) = &found {
        arguments.diagnostics().push(
            Diagnostic::error("E0511", format!("{name} has no effect here"))
                .at(*span, "nothing here uses it")
                .help(format!("it goes with {what}")),
        );
    }
    found.is_some()
}

/// Reads the pictures that outputs are compared with; Some(None) where there is no `masks`, None where an argument
/// could not be used.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn masks(arguments: &mut Arguments) -> Option<Option<Masks>> {
    if !is_given(arguments, "masks") {
        return (!need(&["mask_mode", "mask_levels"], "masks=\"masks\"", arguments)).then_some(None);
    }
    let folder = arguments.read("masks", directory);
    let mode = arguments.read("mask_mode", values::word).and_then(MaskMode::named)?;
    let levels = if is_given(arguments, "mask_levels") {
        if mode != MaskMode::Int {
            let (one, other) = (arguments.span_of("mask_levels"), arguments.span_of("mask_mode"));
            shut("mask_levels", one, "masks that are no class numbers", other, arguments);
            return None;
        }
        Some(arguments.read("mask_levels", levels)?)
    } else {
        None
    };
    for name in ["labels", "label_mode", "class_names"] {
        if is_given(arguments, name) {
            let (one, other) = (arguments.span_of(name), arguments.span_of("masks"));
            shut(name, one, "masks", other, arguments);
            return None;
        }
    }
    Some(Some(Masks {
        directory: folder?,
        mode,
        levels,
    }))
}

/// Reads a list of at least two different grey levels from 0 to 255.
fn levels(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let (ValueKind::List(items) | ValueKind::Tuple(items)) = &value.kind else {
        diagnostics.push(values::wrong_type(argument, value));
        return None;
    };
    let mut levels: Vec<u8> = Vec::with_capacity(items.len());
    for item in items {
        let level = values::natural(argument, item, diagnostics)?;
        match u8::try_from(level) {
            Ok(level) if !levels.contains(&level) => levels.push(level),
            Ok(_) | Err(_) => {
                diagnostics.push(values::out_of_range(
                    argument,
                    item,
                    "levels from 0 to 255, each once",
                    level,
                ));
                return None;
            }
        }
    }
    if levels.len() < 2 {
        diagnostics.push(values::out_of_range(
            argument,
            value,
            "at least two levels",
            levels.len(),
        ));
        return None;
    }
    Some(levels)
}
