//! The phases of training: what a further `fit` takes over from the one before it, and what trains in each.

use super::again;
use super::freezing::Freezing;
use crate::network::{Group, Node, Phase};
use crate::training::fit::Fit;
use crate::training::loading::{Loading, PictureFiles};
use grammar::ast::{Call, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// A `fit`, with the statements between it and the one before.
#[derive(Default)]
pub(super) struct Read {
    /// The `compile` of the phase; None where it goes on with the previous one's.
    pub compile: Option<Call>,
    /// The arguments of the `fit`.
    pub fit: Fit,
    /// The layers to freeze and to thaw, in order.
    pub freezings: Vec<Freezing>,
}

/// Completes a `fit` with what it takes over from the phase before: the seed and, where it names no data, the data
/// and their division into steps.
pub(super) fn going_on(before: &Fit, mut fit: Fit, call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Fit {
    let place = |name: &str| {
        let named = |argument: &&grammar::ast::Argument| argument.name.as_ref().is_some_and(|given| given.node == name);
        let written = call.arguments.iter().find(named);
        let written = written.filter(|argument| argument.value.kind != ValueKind::None);
        written.map(|argument| argument.span)
    };
    // The network has one front for all phases.
    let scaled_otherwise = fit.scale.is_some() && fit.scale != before.scale;
    (fit.scale, fit.scale_span) = (before.scale, before.scale_span);
    if place("seed").is_none() {
        fit.seed = before.seed;
    }
    if fit.data.is_none() {
        if place("batch_size").is_none() {
            fit.batch_size = before.batch_size;
        }
        if place("validation_batch_size").is_none() {
            fit.validation_batch_size = before.validation_batch_size;
        }
        if place("shuffle").is_none() {
            fit.shuffle = before.shuffle;
        }
        if place("targets").is_none() {
            fit.targets = before.targets;
        }
        if place("validation_split").is_none() {
            fit.validation_split = before.validation_split;
        }
        fit.data.clone_from(&before.data);
        fit.loading.clone_from(&before.loading);
        fit.data_span = before.data_span;
    }
    let other = |what: &str, span: Option<Span>, help: &str| {
        let diagnostic = Diagnostic::error("E0242", format!("the phases of a run have one {what}")).at(
            span.unwrap_or(call.name.span),
            "another one than in the fit(...) before",
        );
        let diagnostic = match before.data_span {
            Some(span) => diagnostic.because(span, "trained on before"),
            None => diagnostic,
        };
        diagnostic.help(help)
    };
    let loaded = match (&before.loading, &fit.loading) {
        (None, None) => true,
        (Some(before), Some(now)) => is_same_loading(before, now),
        (None, Some(_)) | (Some(_), None) => false,
    };
    if before.data.is_some() && (before.data != fit.data || !loaded) {
        diagnostics.push(other(
            "data set",
            fit.data_span,
            "describe the other phase in a file of its own; `cnnc run FILE --weights W` begins with the weights of this one",
        ));
    } else if before.validation_split.to_bits() != fit.validation_split.to_bits() {
        let help = format!("validation_split={} here too", before.validation_split);
        diagnostics.push(other("division of the data set", place("validation_split"), &help));
    } else if scaled_otherwise {
        let scale = call
            .arguments
            .iter()
            .find(|argument| argument.name.as_ref().is_some_and(|name| name.node == "scale"));
        diagnostics.push(other(
            "scale",
            scale.map(|argument| argument.span),
            "leave scale out here: that of the first fit(...) is for all",
        ));
    } else if before.targets != fit.targets {
        diagnostics.push(other(
            "kind of targets",
            place("targets"),
            "the same targets in each fit(...)",
        ));
    }
    fit
}

/// Whether the same files are read in the same way; the number of samples of a step is each phase's own.
fn is_same_loading(one: &Loading, other: &Loading) -> bool {
    let plain = |files: &PictureFiles| PictureFiles {
        batch_size: 0,
        shuffle: false,
        span: Span::default(),
        spans: Vec::new(),
        ..files.clone()
    };
    let validation = match (&one.validation, &other.validation) {
        (Some(one), Some(other)) => plain(one) == plain(other),
        // A phase may do without validation.
        (None, _) | (_, None) => true,
    };
    plain(&one.train) == plain(&other.train) && validation && one.front == other.front
}

/// Has validation data read where at least one phase asks for them; each phase knows whether it does.
pub(super) fn share_validation(first: &mut Read, later: &mut [Read]) {
    let mut fits: Vec<&mut Fit> = std::iter::once(first).chain(later).map(|read| &mut read.fit).collect();
    let validation = |fit: &Fit| fit.loading.as_ref()?.validation.clone();
    let Some(shared) = fits.iter().find_map(|fit| validation(fit)) else {
        return;
    };
    for fit in &mut fits {
        fit.validates = validation(fit).is_some();
        if let Some(loading) = &mut fit.loading {
            loading.validation = Some(shared.clone());
        }
    }
}

/// The phases after the first, with what trains in each. `nodes` train as in the first phase.
pub(super) fn trained(
    later: Vec<Read>,
    loose: &[Freezing],
    (nodes, groups): (&[Node], &[Group]),
    whole: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Phase> {
    let mut nodes = nodes.to_vec();
    let mut phases = Vec::with_capacity(later.len());
    for Read { fit, freezings, .. } in later {
        for freezing in &freezings {
            freezing.apply(&mut nodes, groups, whole, diagnostics);
        }
        again::settle(&mut nodes);
        phases.push(Phase {
            // Read once the outputs are known.
            compile: None,
            fit,
            trainable: nodes.iter().map(|node| node.trainable).collect(),
        });
    }
    for freezing in loose {
        freezing.apply(&mut nodes, groups, whole, diagnostics);
    }
    phases
}
