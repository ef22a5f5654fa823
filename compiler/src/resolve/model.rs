//! Resolves the statements of one model to a graph of layers.

use super::again;
use super::ends;
use super::graph::{Graph, Nested, Slot, number};
use super::implied;
use super::input;
use super::naming::{Counters, automatic_name, given_name, name_argument};
use super::nested::{self, Known};
use super::unknown;
use crate::applications;
use crate::call::arguments::Arguments;
use crate::call::names;
use crate::layers::definition::Arity;
use crate::rules::Rules;
use crate::training::fit::Fit;
use grammar::ast::{Hole, Model, Statement};
use grammar::diagnostic::Diagnostic;
use grammar::source::Source;
use grammar::span::Span;
use std::collections::HashMap;

/// The largest number of layers, more than any network that a person writes; a larger file was given by mistake.
const MOST_LAYERS: usize = 4096;

/// Resolves the statements of `model`; None where not even a part of the graph could be made. `known` are the models
/// above it, whose automatic names are counted on.
pub(super) fn graph(
    model: &Model,
    fit: &Fit,
    known: &[Known],
    counters: &mut Counters,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Graph> {
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let errors_before = errors(diagnostics);
    let (statements, last_line) = layer_statements(model, diagnostics);
    let implied = implied::input(&statements);
    let statements: Vec<&Statement> = implied.iter().chain(statements).collect();
    implied::ignored(&statements, diagnostics);
    if let Some(surplus) = statements.get(MOST_LAYERS) {
        diagnostics.push(
            Diagnostic::error("E0212", format!("a model has at most {MOST_LAYERS} layers"))
                .at(surplus.call.name.span, format!("this one has {}", statements.len())),
        );
        return None;
    }
    input::check(model, &statements, fit, diagnostics);
    let mut slots: Vec<Slot> = Vec::with_capacity(statements.len());
    let mut labels: HashMap<String, usize> = HashMap::new();
    let mut layers = statements.len();
    let mut holes = model.holes.iter().peekable();
    for statement in &statements {
        while let Some(hole) = holes.next_if(|hole| hole.span.start < statement.span.start) {
            add(lost(hole, counters), &mut slots, &mut labels);
        }
        let mut slot = slot(statement, &slots, &labels, known, counters, diagnostics);
        if let Some(nested) = &slot.nested {
            layers += nested.graph.nodes.len();
            if layers > MOST_LAYERS {
                diagnostics.push(
                    Diagnostic::error("E0212", format!("a model has at most {MOST_LAYERS} layers"))
                        .at(slot.span, format!("with this it has {layers}")),
                );
                slot.nested = None;
                layers = 0;
            }
        }
        add(slot, &mut slots, &mut labels);
    }
    for hole in holes {
        add(lost(hole, counters), &mut slots, &mut labels);
    }

    duplicates(&slots, diagnostics);
    let functional = last_line.is_some()
        || slots.iter().any(|slot| slot.shares.is_some() || slot.applies.is_some())
        || statements
            .iter()
            .any(|statement| statement.target.is_some() || statement.call.wiring.is_some())
        || model.holes.iter().any(|hole| hole.target.is_some());
    let ends = last_line.and_then(|line| ends::read(line, &model.name.node, &slots, &labels, diagnostics));
    let ends = ends.unwrap_or_default();
    let sound = model.holes.is_empty() && model.closed && errors(diagnostics) == errors_before;
    let kept = kept(&slots, &ends.outputs, sound, diagnostics);
    number(slots, &kept, functional, &ends)
}

fn add(slot: Slot, slots: &mut Vec<Slot>, labels: &mut HashMap<String, usize>) {
    if slot.given {
        labels.insert(slot.name.clone(), slots.len());
    }
    if let Some(label) = &slot.label {
        labels.insert(label.node.clone(), slots.len());
    }
    slots.push(slot);
}

/// The slot of a statement that could not be read: what takes it is unknown as well, and is not reported.
fn lost(hole: &Hole, counters: &mut Counters) -> Slot {
    let entry = hole
        .callee
        .as_ref()
        .and_then(|callee| crate::layers::entry(&callee.node));
    if let (None, Some(entry)) = (&hole.target, entry) {
        automatic_name(entry.keras_class, counters);
    }
    let (name, name_span) = match &hole.target {
        Some(target) => (target.node.clone(), target.span),
        None => (String::new(), hole.span),
    };
    Slot {
        name,
        given: hole.target.is_some(),
        name_span,
        nameless: hole.target.is_none(),
        ..Slot::unknown(hole.span)
    }
}

/// The statements without those that belong outside of the braces, which are reported; and the line that names the
/// model's inputs and outputs, if there is one.
fn layer_statements<'a>(
    model: &'a Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<&'a Statement>, Option<&'a Statement>) {
    let mut last_line = None;
    let mut layers = Vec::with_capacity(model.statements.len());
    for statement in &model.statements {
        let name = &statement.call.name;
        if matches!(name.node.as_str(), "compile" | "fit" | "summary") {
            // Where the closing brace is missing, they most likely stand behind it.
            if !model.closed {
                continue;
            }
            diagnostics.push(
                Diagnostic::error("E0210", format!("{}(...) is not a layer", name.node))
                    .at(name.span, "this is inside the braces of the model")
                    .help("it goes after the closing brace"),
            );
        } else if ends::is_one(&name.node) {
            if let Some(first) = last_line.replace(statement) {
                diagnostics.push(ends::again(statement, first));
            }
        } else {
            if let Some(line) = last_line {
                diagnostics.push(ends::not_last(line, statement));
            }
            layers.push(statement);
        }
    }
    (layers, last_line)
}

fn slot(
    statement: &Statement,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    known: &[Known],
    counters: &mut Counters,
    diagnostics: &mut Vec<Diagnostic>,
) -> Slot {
    let call = &applications::with_mode(&statement.call);
    let mut slot = Slot {
        name_span: call.name.span,
        ..Slot::unknown(call.span)
    };
    let Some(entry) = crate::layers::entry(&call.name.node) else {
        if let Some(model) = known.iter().rev().find(|known| known.name.node == call.name.node) {
            if let Some(applied) = again::applied(call) {
                return again::model(statement, &applied, model, slots, labels, diagnostics);
            }
            let mut arguments = Arguments::bind(&nested::SIGNATURE, call, diagnostics);
            named_model(&mut slot, statement, &model.name.node, &mut arguments);
            slot.nested.clone_from(&model.content);
            let weights = nested::weights(&mut arguments);
            if let Some(nested) = &mut slot.nested {
                nested.weights = weights;
            }
            slot.inputs = super::wiring::inputs(call, Arity::One, slots, labels, diagnostics);
            return slot;
        }
        if let Some(application) = applications::entry(&call.name.node) {
            let prefixes = application.prefixes();
            let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
            names::check_prefix(call, "applications", &prefixes, diagnostics);
            let mut arguments = Arguments::bind(application.signature, call, diagnostics);
            let text = application.text(&mut arguments);
            let name = text.as_ref().map_or("", |text| text.name.as_str());
            named_model(&mut slot, statement, name, &mut arguments);
            slot.nested = text.and_then(|text| described(&text, counters));
            slot.inputs = super::wiring::inputs(call, Arity::One, slots, labels, diagnostics);
            return slot;
        }
        if let Some(&layer) = labels.get(&call.name.node) {
            return again::layer(statement, call, layer, slots, labels, diagnostics);
        }
        diagnostics.push(unknown::layer(call));
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
    if !applications::is_preprocessing(call) {
        names::check_prefix(call, "layers", also, diagnostics);
    }
    let mut arguments = Arguments::bind(entry.signature, call, diagnostics);
    let named = arguments.read("name", name_argument);
    if entry.signature.argument("trainable").is_some() {
        // What could not be read has been reported.
        slot.trainable = arguments.bool("trainable").unwrap_or(true);
    }
    slot.rules = Rules::read(entry.signature, &mut arguments);
    slot.layer = (entry.build)(&mut arguments);
    slot.argument_spans = arguments.spans();
    let name_argument = arguments.written("name").map(|argument| argument.value.span);
    let named = named.flatten().zip(name_argument);
    match given_name(statement.target.as_ref(), named, diagnostics) {
        Some((name, span)) => (slot.name, slot.given, slot.name_span) = (name, true, span),
        None => slot.name = automatic_name(entry.keras_class, counters),
    }
    slot.inputs = super::wiring::inputs(call, entry.arity, slots, labels, diagnostics);
    slot
}

/// Reads the name and `trainable` of a model used as a layer; `automatic` is its name where none is given.
fn named_model(slot: &mut Slot, statement: &Statement, automatic: &str, arguments: &mut Arguments) {
    let named = arguments.read("name", name_argument);
    slot.trainable = arguments.bool("trainable").unwrap_or(true);
    slot.argument_spans = arguments.spans();
    let span = arguments.written("name").map(|argument| argument.value.span);
    let named = named.flatten().zip(span);
    match given_name(statement.target.as_ref(), named, arguments.diagnostics()) {
        Some((name, span)) => (slot.name, slot.given, slot.name_span) = (name, true, span),
        None => automatic.clone_into(&mut slot.name),
    }
}

/// The layers of an application, whose text is right, as tests make sure for each.
fn described(text: &applications::Text, counters: &mut Counters) -> Option<Nested> {
    let file = grammar::read(&Source::new("application", text.source.as_str())).file;
    let mut graph = graph(file.models.first()?, &Fit::default(), &[], counters, &mut Vec::new())?;
    for node in &mut graph.nodes {
        if node.name.starts_with('_') {
            node.name = automatic_name(node.layer.keras_class(), counters);
        }
    }
    Some(Nested {
        graph,
        is_described_elsewhere: true,
        shape: text.shape.clone(),
        weights: text.weights.clone(),
    })
}

/// Reports two layers with one name, which would be one in the file of weights.
fn duplicates(slots: &[Slot], diagnostics: &mut Vec<Diagnostic>) {
    // Each name, whether it was given, and where.
    let mut first: HashMap<&str, (bool, Span)> = HashMap::new();
    for slot in slots {
        let label = slot.label.iter().map(|label| (label.node.as_str(), (true, label.span)));
        let own = std::iter::once((slot.name.as_str(), (slot.given, slot.name_span)));
        for (name, (given, span)) in own.chain(label).filter(|(name, _)| !name.is_empty()) {
            let Some(&(earlier, earlier_span)) = first.get(name) else {
                first.insert(name, (given, span));
                continue;
            };
            let text = |is_given: bool, words: &str| {
                if is_given {
                    words.to_owned()
                } else {
                    "gets it as its automatic name".to_owned()
                }
            };
            let diagnostic = Diagnostic::error("E0206", format!("two layers are called `{name}`"))
                .at(span, text(given, "again here"))
                .because(earlier_span, text(earlier, "first here"));
            diagnostics.push(if given && earlier {
                diagnostic.help(
                    "a layer takes the one before it by itself: remove `x =` and `(x)`; only what is wired elsewhere needs a name",
                )
            } else {
                diagnostic.help("give one of them another name")
            });
        }
    }
}

/// Which slots stay: those that could be understood and, where nothing is wrong, that the outputs depend on; where no
/// outputs are named, the last slot is the output. Keras's functional models leave layers out whose outputs are not
/// used, too.
fn kept(slots: &[Slot], outputs: &[usize], sound: bool, diagnostics: &mut Vec<Diagnostic>) -> Vec<bool> {
    let mut kept: Vec<bool> = Vec::with_capacity(slots.len());
    for slot in slots {
        let inputs = slot.inputs.as_ref().filter(|_| slot.is_known());
        let fine = inputs.is_some_and(|inputs| inputs.iter().all(|&input| kept.get(input) == Some(&true)));
        kept.push(fine);
    }
    if !sound {
        return kept;
    }
    let mut used = vec![false; slots.len()];
    for output in outputs
        .iter()
        .copied()
        .chain(slots.len().checked_sub(1).filter(|_| outputs.is_empty()))
    {
        if let Some(used) = used.get_mut(output) {
            *used = true;
        }
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
