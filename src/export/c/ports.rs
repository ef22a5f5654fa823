//! The arguments of the C function: an array for each input and each output.

use crate::export::model::Part;
use crate::export::text::c_identifier;
use compiler::portable::{Graph, ValueId};
use std::collections::BTreeMap;

/// What the arguments are called that are inputs.
pub(super) type Names = BTreeMap<ValueId, String>;

/// What the function's arguments are called that are inputs: of several each by its own name.
pub(super) fn argument_names(graph: &Graph) -> Names {
    let name = |&value: &ValueId| {
        let name = if let [_] = graph.inputs.as_slice() {
            "input".to_owned()
        } else {
            format!("in_{}", c_identifier(graph.name_of(value)))
        };
        (value, name)
    };
    graph.inputs.iter().map(name).collect()
}

/// What the function's argument is called that is an output; there are so many.
pub(super) fn output_name(part: &Part, count: usize) -> String {
    match count {
        1 => "output".to_owned(),
        _ => format!("out_{}", c_identifier(&part.name)),
    }
}

/// The function's arguments, each in a form that may say how long it is.
pub(super) fn arguments(
    names: &Names,
    (inputs, outputs): (&[Part], &[Part]),
    form: impl Fn(&str, usize) -> String,
) -> String {
    let input = |part: &Part| format!("const float {}", form(name(names, part), part.shape.elements()));
    let output = |part: &Part| {
        let name = output_name(part, outputs.len());
        format!("float {}", form(&name, part.shape.elements()))
    };
    let all: Vec<String> = inputs.iter().map(input).chain(outputs.iter().map(output)).collect();
    all.join(", ")
}

/// Lines of a comment that say what the arguments hold; inputs are `taken`.
pub(super) fn words(names: &Names, (inputs, outputs): (&[Part], &[Part]), taken: &str) -> String {
    let input = |part: &Part| format!(" * {:<7} {}, channels last; {taken}\n", name(names, part), part.shape);
    let output = |part: &Part| format!(" * {:<7} {}\n", output_name(part, outputs.len()), part.shape);
    inputs.iter().map(input).chain(outputs.iter().map(output)).collect()
}

fn name<'a>(names: &'a Names, part: &Part) -> &'a str {
    names.get(&part.value).map_or("input", String::as_str)
}
