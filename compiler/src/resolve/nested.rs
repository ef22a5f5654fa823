//! Models that are layers of later ones: `model encoder { ... }`, then `encoder()`. Each call makes layers of its own.

use super::graph::Nested;
use crate::applications::Weights;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::{Model, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Spanned;
use std::path::Path;

/// A model that later models may call.
pub(super) struct Known {
    /// The name of the model, and where it is described.
    pub(super) name: Spanned<String>,
    /// The layers of the model; None where they could not be understood.
    pub(super) content: Option<Nested>,
}

impl Known {
    /// A model of which nothing but the name is known.
    pub(super) fn unknown(model: &Model) -> Self {
        Self {
            name: model.name.clone(),
            content: None,
        }
    }
}

/// The arguments of a call of a model.
pub(super) static SIGNATURE: Signature = Signature {
    name: "model",
    aliases: &[],
    doc: "a model of this file as a layer",
    parameters: &[],
    keywords: &[
        Argument::optional(
            "name",
            ArgumentKind::Name,
            Literal::None,
            "its name; None means the model's",
        ),
        Argument::optional(
            "trainable",
            ArgumentKind::Bool,
            Literal::Bool(true),
            "whether training moves the weights of its layers",
        ),
        Argument::optional(
            "weights",
            ArgumentKind::Name,
            Literal::None,
            "the path of a file of Keras's (.weights.h5 or .h5) to begin with; None means random weights",
        ),
    ],
};

/// The file of weights that a call names; None where it names none.
pub(super) fn weights(arguments: &mut Arguments) -> Option<Weights> {
    let path = arguments.read("weights", |parameter, value, diagnostics| {
        if value.kind == ValueKind::None {
            return Some(None);
        }
        values::string(parameter, value, diagnostics).map(Some)
    })??;
    if Path::new(&path).extension().is_some_and(|extension| extension == "h5") {
        return Some(Weights::File(path));
    }
    let span = arguments.span_of("weights");
    arguments.diagnostics().push(
        Diagnostic::error("E0231", "`weights` is the path of an .h5 file, or None")
            .at(span, format!("this is \"{path}\"")),
    );
    None
}

/// Reports calls of models that are not above them, and models that the last one does not use.
pub(super) fn check(models: &[Model], diagnostics: &mut Vec<Diagnostic>) {
    let Some((last, others)) = models.split_last() else {
        return;
    };
    // A call means the nearest model of that name above it.
    let above = |place: usize, name: &str| {
        let before = models.get(..place).unwrap_or_default();
        before.iter().rposition(|model| model.name.node == name)
    };
    let mut used = vec![false; models.len()];
    if let Some(used) = used.last_mut() {
        *used = true;
    }
    for (place, model) in models.iter().enumerate().rev() {
        for statement in &model.statements {
            let name = &statement.call.name;
            if crate::layers::entry(&name.node).is_some() {
                continue;
            }
            if let Some(callee) = above(place, &name.node) {
                let is_used = used.get(place) == Some(&true);
                if let Some(used) = used.get_mut(callee).filter(|_| is_used) {
                    *used = true;
                }
            } else if let Some(later) = models.iter().find(|model| model.name.node == name.node) {
                let itself = std::ptr::eq(later, model);
                let label = if itself {
                    "this would be a layer of itself"
                } else {
                    "its model stands further down"
                };
                diagnostics.push(
                    Diagnostic::error("E0230", format!("no model `{}` stands above", name.node))
                        .at(name.span, label)
                        .because(later.name.span, "described here")
                        .help("a model's layers are models that stand above it in the file"),
                );
            }
        }
    }
    // Statements that could not be read may use them.
    if models.iter().any(|model| !model.holes.is_empty() || !model.closed) {
        return;
    }
    for (unused, _) in others.iter().zip(&used).filter(|(_, used)| !**used) {
        diagnostics.push(
            Diagnostic::error("E0202", "there are two models")
                .at(last.name.span, "a second one")
                .because(unused.name.span, "the first")
                .help(format!(
                    "a file describes one network, its last model: use the other as a layer, {}(), or put it into a file of its own",
                    unused.name.node
                )),
        );
    }
}
