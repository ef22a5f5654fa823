//! Says in plain sentences what a network and its layers do.

use super::view::{Stop, View};
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::suggest::all_of;
use crate::network::{Answer, CheckedNetwork, Port};
use crate::numbers::count;
use crate::shape::Shape;
use crate::training::constraints::Limit;
use crate::training::regularizers::{Regularizer, Strengths};

/// Says what goes into the network and what comes out.
pub(super) fn network(network: &CheckedNetwork) -> Vec<String> {
    let layers = network.network().nodes.len() - network.inputs().len();
    let listed = |ports: &[Port]| match ports {
        [only] => numbers(&only.shape),
        several => {
            let each: Vec<String> = several
                .iter()
                .map(|port| format!("{} ({})", numbers(&port.shape), port.name))
                .collect();
            all_of(each.iter().map(String::as_str))
        }
    };
    let goes = if network.inputs().len() > 1 { "go" } else { "goes" };
    let come = match network.outputs() {
        [only] if only.shape.rank() > 1 || only.shape.elements() == 1 => "comes",
        _ => "come",
    };
    let mut about = vec![format!(
        "{} {goes} in, {} {come} out. Between them are {} with {}: numbers that nobody writes down and that training finds.",
        capital(&listed(network.inputs())),
        listed(network.outputs()),
        count(layers, "layer"),
        count(network.total_params(), "parameter"),
    )];
    let one_row = matches!(network.outputs(), [only] if only.shape.rank() == 1);
    let answer = match network.answer() {
        _ if !one_row || network.network().compile.is_none() => None,
        Answer::Logits | Answer::Shares => {
            Some("Each number that comes out belongs to one class; the class of the largest is the network's answer.")
        }
        Answer::Binary { is_logit: true } => Some(
            "The number that comes out is above 0 where the network takes the second of two classes for the right one.",
        ),
        Answer::Binary { is_logit: false } => Some(
            "The number that comes out is above a half where the network takes the second of two classes for the right one.",
        ),
        Answer::Values => None,
    };
    about.extend(answer.map(str::to_owned));
    about
}

/// A shape in words: `a picture of 28x28 pixels`, `10 numbers`.
fn numbers(shape: &Shape) -> String {
    match (shape.as_map(), shape.sizes()) {
        (Some((height, width, 1)), _) => format!("a picture of {height}x{width} grey pixels"),
        (Some((height, width, 3)), _) => format!("a picture of {height}x{width} coloured pixels"),
        (Some((height, width, channels)), _) => format!(
            "a block of {height}x{width} places with {} each",
            count(channels, "number")
        ),
        (None, [height, width]) => format!("a table of {height}x{width} numbers"),
        (None, _) => count(shape.elements(), "number"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Says what a layer does.
pub(super) fn layer(view: &View<'_>, stop: &Stop<'_>) -> Vec<String> {
    let mut about = stop.node.layer.words(&stop.place);
    if view.first_bend.is_some_and(|node| std::ptr::eq(node, stop.node)) {
        about.push("Without a function that bends, many layers in a row could do no more than one.".to_owned());
    }
    if let Some(owner) = stop.node.shares {
        about.push(format!(
            "It is the layer {} again, with the same weights: what both applications want of them is added up.",
            view.network.network().called(owner)
        ));
    }
    about.extend(start(stop));
    about.extend(rules(stop));
    if !stop.node.trainable && !stop.variables.is_empty() {
        about.push("Training leaves them as they are: trainable=False.".to_owned());
    }
    about
}

/// Says what a layer's regularizers add to the loss, and what its constraints hold variables to.
fn rules(stop: &Stop<'_>) -> Vec<String> {
    let adds = |whose: String, regularizer: Regularizer| {
        let Strengths { l1, l2 } = regularizer.strengths();
        let term = |factor: f64, what: &str| (factor != 0.0).then(|| format!("{factor} times the sum of {what}"));
        let terms: Vec<String> = [term(l1, "their absolute values"), term(l2, "their squares")]
            .into_iter()
            .flatten()
            .collect();
        (!terms.is_empty()).then(|| format!("The numbers of {whose} add {} to the loss.", terms.join(" and ")))
    };
    let variables = stop.variables.iter().filter(|variable| variable.trainable);
    let mut about: Vec<String> = variables
        .filter_map(|variable| adds(format!("its {}", variable.name), variable.regularizer?))
        .collect();
    if !about.is_empty() {
        about.push("Training therefore keeps them small where they do not help.".to_owned());
    }
    let constrained = stop.variables.iter().filter(|variable| variable.trainable);
    about.extend(constrained.filter_map(|variable| {
        let held = match variable.constraint.as_ref()?.limit() {
            Limit::NonNegative => "what has become negative in it is set to 0".to_owned(),
            Limit::Norm { least, most, .. } if least >= most => format!("its norms are brought to {most}"),
            Limit::Norm { least, most, .. } => format!("its norms are brought between {least} and {most}"),
        };
        Some(format!("After each update of its {} {held}.", variable.name))
    }));
    let activity = stop.node.rules.activity;
    let activity = activity.and_then(|regularizer| adds("its output".to_owned(), regularizer));
    about.extend(activity);
    about
}

/// Says how a layer's variables are initialized; None for layers without variables.
fn start(stop: &Stop<'_>) -> Option<String> {
    let begins = stop.variables.iter().map(|variable| {
        let name = variable.name;
        match variable.initializer {
            Initializer::Zeros => format!("its {name} is all 0"),
            Initializer::Ones => format!("its {name} is all 1"),
            Initializer::Constant { value } => format!("its {name} is all {value}"),
            initializer @ (Initializer::RandomUniform { .. }
            | Initializer::RandomNormal { .. }
            | Initializer::TruncatedNormal { .. }
            | Initializer::VarianceScaling { .. }) => {
                format!("its {name} is drawn at random, {initializer}{}", how(&initializer))
            }
        }
    });
    let begins: Vec<String> = begins.collect();
    (!begins.is_empty()).then(|| format!("Before training {}.", begins.join("; ")))
}

/// The meaning of an initializer, from the signature of its call.
fn how(initializer: &Initializer) -> String {
    let class: String = initializer.to_string().split('_').map(capital).collect();
    let signature = initializers::SIGNATURES
        .iter()
        .find(|signature| signature.name == class);
    signature.map_or_else(String::new, |signature| {
        let mut letters = signature.doc.chars();
        let first = letters
            .next()
            .map_or_else(String::new, |letter| letter.to_lowercase().to_string());
        format!(" ({first}{})", letters.as_str())
    })
}
