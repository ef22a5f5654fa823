//! The statements of one model as a graph of layers.

use crate::call::arguments::Arguments;
use crate::call::names;
use crate::call::suggest::nearest;
use crate::call::values;
use crate::layers::{CATALOGUE, Entry, Layer};
use crate::network::{Node, NodeId};
use crate::numbers::tuple;
use crate::rules::Rules;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::fit::Fit;
use grammar::ast::{Hole, Model, Statement, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use std::collections::HashMap;

/// More layers than any network that a person writes; a larger file was given by mistake.
const MOST_LAYERS: usize = 4096;

/// The layers that the model's output depends on, inputs before users.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) output: NodeId,
    pub(super) functional: bool,
}

/// One statement: its layer if it could be understood.
pub(super) struct Slot {
    pub(super) name: String,
    /// Whether the name was given, rather than made.
    pub(super) given: bool,
    /// Where the name stands, or the layer.
    pub(super) name_span: Span,
    pub(super) layer: Option<Layer>,
    trainable: bool,
    rules: Rules,
    /// Indices of slots; none where the wiring could not be understood.
    pub(super) inputs: Option<Vec<usize>>,
    /// Whether it could not be read and may have any name.
    pub(super) nameless: bool,
    span: Span,
    argument_spans: Vec<(&'static str, Span)>,
}

/// Keras's automatic name of a class: `MaxPooling2D` -> `max_pooling2d`, `ReLU` -> `re_lu`.
/// `keras/src/utils/naming.py`, `to_snake_case`: `(.)([A-Z][a-z]+)` and then `([a-z])([A-Z])` get a `_` between.
pub fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let at = |index: usize| letters.get(index).copied();
    let mut broken = Vec::new();
    let mut from = 0;
    // Matches of the first expression do not overlap: each takes a character, a capital and the small letters after it.
    while from + 2 < letters.len() {
        let capital = at(from + 1).is_some_and(|letter| letter.is_ascii_uppercase());
        let mut end = from + 2;
        while at(end).is_some_and(|letter| letter.is_ascii_lowercase()) {
            end += 1;
        }
        if capital && end > from + 2 {
            broken.push(from + 1);
            from = end;
        } else {
            from += 1;
        }
    }
    let mut snake = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(at);
        let edge = letter.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase());
        if broken.contains(&index) || edge {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Resolves the statements of `model`. Nothing where not even a part of the graph could be made.
pub(super) fn graph(model: &Model, fit: &Fit, diagnostics: &mut Vec<Diagnostic>) -> Option<Graph> {
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let errors_before = errors(diagnostics);
    let statements = layer_statements(model, diagnostics);
    if let Some(surplus) = statements.get(MOST_LAYERS) {
        diagnostics.push(
            Diagnostic::error("E0212", format!("a model has at most {MOST_LAYERS} layers"))
                .at(surplus.call.name.span, format!("this one has {}", statements.len())),
        );
        return None;
    }
    check_input(model, &statements, fit, diagnostics);
    let mut slots: Vec<Slot> = Vec::with_capacity(statements.len());
    let mut labels: HashMap<String, usize> = HashMap::new();
    let mut counters: HashMap<&'static str, usize> = HashMap::new();
    let mut holes = model.holes.iter().peekable();
    for statement in &statements {
        while let Some(hole) = holes.next_if(|hole| hole.span.start < statement.span.start) {
            add(lost(hole, &mut counters), &mut slots, &mut labels);
        }
        let slot = slot(statement, &slots, &labels, &mut counters, diagnostics);
        add(slot, &mut slots, &mut labels);
    }
    for hole in holes {
        add(lost(hole, &mut counters), &mut slots, &mut labels);
    }

    duplicates(&slots, diagnostics);
    let functional = statements
        .iter()
        .any(|statement| statement.target.is_some() || statement.call.wiring.is_some())
        || model.holes.iter().any(|hole| hole.target.is_some());
    let sound = model.holes.is_empty() && model.closed && errors(diagnostics) == errors_before;
    let kept = kept(&slots, sound, diagnostics);
    number(slots, &kept, functional)
}

fn add(slot: Slot, slots: &mut Vec<Slot>, labels: &mut HashMap<String, usize>) {
    if slot.given {
        labels.insert(slot.name.clone(), slots.len());
    }
    slots.push(slot);
}

/// The slot of a statement that could not be read: what takes it is unknown too, and nothing is said about it.
fn lost(hole: &Hole, counters: &mut HashMap<&'static str, usize>) -> Slot {
    let entry = hole
        .callee
        .as_ref()
        .and_then(|callee| crate::layers::entry(&callee.node));
    if let (None, Some(entry)) = (&hole.target, entry) {
        automatic_name(entry, counters);
    }
    let (name, name_span) = match &hole.target {
        Some(target) => (target.node.clone(), target.span),
        None => (String::new(), hole.span),
    };
    Slot {
        name,
        given: hole.target.is_some(),
        name_span,
        layer: None,
        trainable: true,
        rules: Rules::default(),
        inputs: None,
        nameless: hole.target.is_none(),
        span: hole.span,
        argument_spans: Vec::new(),
    }
}

/// The statements without those that belong outside of the braces, which are reported.
fn layer_statements<'a>(model: &'a Model, diagnostics: &mut Vec<Diagnostic>) -> Vec<&'a Statement> {
    let mut layers = Vec::with_capacity(model.statements.len());
    for statement in &model.statements {
        let name = &statement.call.name;
        if matches!(name.node.as_str(), "compile" | "fit" | "summary") {
            // Where the closing brace is missing, they most likely stand after it.
            if !model.closed {
                continue;
            }
            diagnostics.push(
                Diagnostic::error("E0210", format!("{}(...) is not a layer", name.node))
                    .at(name.span, "this is inside the braces of the model")
                    .help("it goes after the closing brace"),
            );
        } else {
            layers.push(statement);
        }
    }
    layers
}

fn is_input(statement: &Statement) -> bool {
    crate::layers::entry(&statement.call.name.node).is_some_and(crate::layers::Entry::is_input)
}

/// The first layer is the only `Input`, and something comes after it.
fn check_input(model: &Model, statements: &[&Statement], fit: &Fit, diagnostics: &mut Vec<Diagnostic>) {
    let shape = match (&fit.loading, &fit.data) {
        (Some(loading), _) => loading.train.shape(),
        (None, Some(DataName::Known(data))) => data.shape(),
        (None, Some(DataName::Path(_)) | None) => Shape::map(28, 28, 1),
    };
    let example = format!("Input(shape={})", tuple(shape.sizes()));
    let whole = model.closed && model.holes.is_empty();
    let Some(first) = statements.first() else {
        if !whole {
            return;
        }
        diagnostics.push(
            Diagnostic::error("E0203", "the model has no layers")
                .at(model.name.span, "its braces are empty")
                .help(format!("start with {example}, one layer a line")),
        );
        return;
    };
    let mut inputs = statements.iter().filter(|statement| is_input(statement));
    let is_hidden = |hole: &Hole| hole.callee.as_ref().is_none_or(|callee| callee.node == "Input");
    match inputs.next() {
        None if model.holes.iter().any(is_hidden) => {}
        None => diagnostics.push(
            Diagnostic::error("E0204", "the model has no Input")
                .at(first.call.name.span, "the first layer has no input")
                .help(format!("the first line gives the shape of one sample: {example}"))
                .fix(
                    Span {
                        start: first.span.start,
                        end: first.span.start,
                    },
                    format!("{example}\n    "),
                ),
        ),
        Some(input) if !is_input(first) => diagnostics.push(
            Diagnostic::error("E0204", "Input is not the first layer")
                .at(input.call.name.span, "this gives the shape of one sample")
                .because(first.call.name.span, "this comes before it")
                .help("move Input to the first line of the model"),
        ),
        Some(input) => {
            for second in inputs {
                diagnostics.push(
                    Diagnostic::error("E0205", "the model has two inputs")
                        .at(second.call.name.span, "a second one")
                        .because(input.call.name.span, "the first")
                        .help("a model has one Input"),
                );
            }
            if statements.len() == 1 && whole {
                diagnostics.push(
                    Diagnostic::error("E0203", "the model has no layers")
                        .at(input.call.name.span, "nothing takes this input")
                        .help("add layers after it, such as Flatten() and Dense(10)"),
                );
            }
        }
    }
}

fn slot(
    statement: &Statement,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    counters: &mut HashMap<&'static str, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Slot {
    let call = &statement.call;
    let mut slot = Slot {
        name: String::new(),
        given: false,
        name_span: call.name.span,
        layer: None,
        trainable: true,
        rules: Rules::default(),
        inputs: None,
        nameless: false,
        span: call.span,
        argument_spans: Vec::new(),
    };
    let Some(entry) = crate::layers::entry(&call.name.node) else {
        diagnostics.push(unknown_layer(&call.name));
        if let Some(target) = &statement.target {
            (slot.name, slot.given, slot.name_span) = (target.node.clone(), true, target.span);
        }
        return slot;
    };
    let also: &[&str] = if entry.is_exported_at_top {
        &["keras", "tf.keras", "tensorflow.keras"]
    } else {
        &[]
    };
    names::check_prefix(call, "layers", also, diagnostics);
    let mut arguments = Arguments::bind(entry.signature, call, diagnostics);
    let named = arguments.read("name", name_argument);
    if entry.signature.argument("trainable").is_some() {
        // What cannot be read has been reported.
        slot.trainable = arguments.bool("trainable").unwrap_or(true);
    }
    slot.rules = Rules::read(entry.signature, &mut arguments);
    slot.layer = (entry.build)(&mut arguments);
    slot.argument_spans = arguments.spans();
    let name_argument = arguments.written("name").map(|argument| argument.value.span);
    let named = named.flatten().zip(name_argument);
    match given_name(statement.target.as_ref(), named, diagnostics) {
        Some((name, span)) => (slot.name, slot.given, slot.name_span) = (name, true, span),
        None => slot.name = automatic_name(entry, counters),
    }
    slot.inputs = super::wiring::inputs(call, entry, slots, labels, diagnostics);
    slot
}

fn unknown_layer(name: &Spanned<String>) -> Diagnostic {
    let written = name.node.as_str();
    if names::KERAS_LAYERS.contains(&written) {
        let diagnostic = Diagnostic::error("E0102", format!("{written} is not supported"))
            .at(name.span, "Keras has this layer, cnnc does not");
        return match written {
            "Identity" => diagnostic.help("leave it out: it does nothing"),
            _ => diagnostic,
        };
    }
    let known = CATALOGUE
        .iter()
        .flat_map(|entry| std::iter::once(entry.signature.name).chain(entry.signature.aliases.iter().copied()));
    let diagnostic =
        Diagnostic::error("E0101", format!("unknown layer `{written}`")).at(name.span, "no layer has this name");
    if let Some(meant) = nearest(written, known) {
        return diagnostic
            .help(format!("did you mean `{meant}`?"))
            .fix(name.span, meant);
    }
    let all = CATALOGUE.iter().map(|entry| entry.signature.name);
    diagnostic.help(format!("there are {}", crate::call::suggest::all_of(all)))
}

/// `name="first"`. It heads the keys of the weights file, so it is made of letters, digits, `_` and `-`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn name_argument(
    parameter: &crate::call::signature::Parameter,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<String>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    let name = values::string(parameter, value, diagnostics)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if name.is_empty() || !name.chars().all(plain) {
        diagnostics.push(
            Diagnostic::error("E0114", "not a valid name for a layer")
                .at(
                    value.span,
                    if name.is_empty() {
                        "this is empty"
                    } else {
                        "this has other characters in it"
                    },
                )
                .help("a name is made of letters, digits, `_` and `-`"),
        );
        return None;
    }
    Some(Some(name))
}

fn given_name(
    target: Option<&Spanned<String>>,
    named: Option<(String, Span)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Span)> {
    match (target, named) {
        (Some(target), Some((name, span))) => {
            if target.node != name {
                diagnostics.push(
                    Diagnostic::error("E0115", "the layer has two names")
                        .at(span, "another one here")
                        .because(target.span, "one here")
                        .help(format!("`{} =` names the layer: remove `name=`", target.node)),
                );
            }
            Some((target.node.clone(), target.span))
        }
        (Some(target), None) => Some((target.node.clone(), target.span)),
        (None, named) => named,
    }
}

/// The class in snake case, with `_1`, `_2` from the second on: names that were given do not count.
fn automatic_name(entry: &'static Entry, counters: &mut HashMap<&'static str, usize>) -> String {
    let class = entry.keras_class;
    let stem = snake_case(class);
    let count = counters.entry(class).or_default();
    let name = if *count == 0 { stem } else { format!("{stem}_{count}") };
    *count += 1;
    name
}

/// Two layers of one name would be one in the weights file.
fn duplicates(slots: &[Slot], diagnostics: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, &Slot> = HashMap::new();
    for slot in slots.iter().filter(|slot| !slot.name.is_empty()) {
        let Some(earlier) = first.get(slot.name.as_str()) else {
            first.insert(&slot.name, slot);
            continue;
        };
        let text = |slot: &Slot, given: &str| {
            if slot.given {
                given.to_owned()
            } else {
                "gets it as its automatic name".to_owned()
            }
        };
        let diagnostic = Diagnostic::error("E0206", format!("two layers are called `{}`", slot.name))
            .at(slot.name_span, text(slot, "again here"))
            .because(earlier.name_span, text(earlier, "first here"));
        diagnostics.push(if slot.given && earlier.given {
            diagnostic.help(
                "a layer takes the one before it by itself: remove `x =` and `(x)`; only what is wired elsewhere needs a name",
            )
        } else {
            diagnostic.help("give one of them another name")
        });
    }
}

/// Which slots stay: those that could be understood and, where nothing is wrong, that the last one depends on. A layer
/// whose output nobody takes is not part of Keras's functional model either.
fn kept(slots: &[Slot], sound: bool, diagnostics: &mut Vec<Diagnostic>) -> Vec<bool> {
    let mut kept: Vec<bool> = Vec::with_capacity(slots.len());
    for slot in slots {
        let inputs = slot.inputs.as_ref().filter(|_| slot.layer.is_some());
        let fine = inputs.is_some_and(|inputs| inputs.iter().all(|&input| kept.get(input) == Some(&true)));
        kept.push(fine);
    }
    if !sound {
        return kept;
    }
    let mut used = vec![false; slots.len()];
    if let Some(last) = used.last_mut() {
        *last = true;
    }
    for (index, slot) in slots.iter().enumerate().rev() {
        if used.get(index) == Some(&true) {
            for &input in slot.inputs.iter().flatten() {
                if let Some(used) = used.get_mut(input) {
                    *used = true;
                }
            }
        }
    }
    for (slot, _) in slots.iter().zip(&used).filter(|(_, used)| !**used) {
        diagnostics.push(
            Diagnostic::warning("W0209", format!("the output of `{}` is not used", slot.name))
                .at(slot.span, "left out of the network")
                .help("wire it into a later layer, or remove it"),
        );
    }
    kept.iter().zip(&used).map(|(&kept, &used)| kept && used).collect()
}

/// The kept slots as nodes, numbered anew. Nothing unless the first of them is the input.
fn number(slots: Vec<Slot>, kept: &[bool], functional: bool) -> Option<Graph> {
    let mut numbers: HashMap<usize, NodeId> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    for (index, slot) in slots
        .into_iter()
        .enumerate()
        .filter(|(index, _)| kept.get(*index) == Some(&true))
    {
        let (Some(layer), Some(inputs)) = (slot.layer, slot.inputs) else {
            continue;
        };
        if layer.is_input() != nodes.is_empty() {
            // A second input, or none to begin with: reported already.
            if nodes.is_empty() {
                return None;
            }
            continue;
        }
        let inputs: Option<Vec<NodeId>> = inputs.iter().map(|input| numbers.get(input).copied()).collect();
        let Some(inputs) = inputs else { continue };
        numbers.insert(index, NodeId(nodes.len()));
        nodes.push(Node {
            name: slot.name,
            layer,
            inputs,
            trainable: slot.trainable,
            rules: slot.rules,
            span: slot.span,
            argument_spans: slot.argument_spans,
        });
    }
    let output = NodeId(nodes.len().checked_sub(1)?);
    Some(Graph {
        nodes,
        output,
        functional,
    })
}
