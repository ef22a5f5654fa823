//! Checks that samples have the classes that `class_weight` names.

use crate::network::Network;
use crate::numbers::tuple;
use crate::ops::Counting;
use crate::shape::Shape;
use crate::training::compile::Compile;
use crate::training::fit::TargetSource;
use crate::training::losses::Targets;
use grammar::diagnostic::Diagnostic;

/// Reports weights of classes that the output does not have.
pub(super) fn check(network: &Network, output: &Shape, diagnostics: &mut Vec<Diagnostic>) {
    let (fit, Some(compile)) = (&network.fit, &network.compile) else {
        return;
    };
    overlaps(compile, diagnostics);
    let Some(span) = fit.class_weight_span.filter(|_| !fit.class_weight.is_empty()) else {
        return;
    };
    let no_class =
        Diagnostic::error("E0443", "samples have no class to be weighted by").at(span, "asks for their classes");
    if compile.is_weighed() || network.has_several_ends() {
        diagnostics.push(no_class.note("it is for networks of one output, without loss_weights"));
        return;
    }
    if let Some(node) = network.nodes.iter().find(|node| node.layer.mixes_samples()) {
        diagnostics.push(no_class.because(node.span, "mixes samples of several classes"));
        return;
    }
    if fit.targets == TargetSource::Input {
        diagnostics.push(no_class.help("outputs are compared with the samples themselves: leave class_weight out"));
        return;
    }
    if compile.loss.overlap(output.rank()).is_some_and(|loss| loss.joint) {
        diagnostics.push(
            Diagnostic::error("E0447", "a loss of the whole batch has no parts to weight")
                .at(span, "weights the losses of samples")
                .because(compile.loss_place.loss, "sums over the samples of a batch together")
                .help("axis=(1, 2, 3) of a map, or axis=-1 of a row, sums over each sample"),
        );
        return;
    }
    if output.rank() > 1 {
        let shape = tuple(output.sizes());
        diagnostics.push(no_class.note(format!(
            "an output of {shape} is compared with a map, of which each position may be of another class"
        )));
        return;
    }
    // Keras keeps a weight for each pair of classes, and refuses one for several of them.
    if let Some(metric) = compile.metrics.iter().find(|metric| {
        let counting = metric.kind.counting(output.channels());
        let counts_each = matches!(counting, Some(Counting::Confusion { threshold: Some(_), .. }));
        metric.weighted && counts_each && output.channels() > 1
    }) {
        diagnostics.push(
            Diagnostic::error("E0441", format!("`{}` cannot be measured here", metric.name))
                .at(metric.span, "takes every value of a sample for itself")
                .because(span, "weights samples")
                .note("Keras cannot weight it either, except for an output of one value")
                .help("metrics=[...] measures it without weights"),
        );
        return;
    }
    let classes = match (output.channels(), compile.loss.targets()) {
        // A single value is rounded to a class, whatever it is.
        (1, Targets::Values) => return,
        (1, Targets::Binary | Targets::Shares | Targets::ClassNumber) => 2,
        (channels, Targets::Values | Targets::Binary | Targets::Shares | Targets::ClassNumber) => channels,
    };
    if let Some(class) = fit.class_weight.keys().find(|class| **class as usize >= classes) {
        diagnostics.push(
            Diagnostic::error("E0444", format!("there is no class {class}"))
                .at(span, format!("has a weight for class {class}"))
                .help(format!(
                    "the output tells {classes} classes from each other: 0 to {}",
                    classes - 1
                )),
        );
    }
}

/// Reports a loss of overlaps that is one of several or has a weight, for it has no rows to be weighted.
fn overlaps(compile: &Compile, diagnostics: &mut Vec<Diagnostic>) {
    let of_overlap = compile
        .judgements()
        .find(|judgement| judgement.loss.overlap(1).is_some());
    if let Some(judgement) = of_overlap.filter(|_| compile.is_weighed()) {
        diagnostics.push(
            Diagnostic::error(
                "E0448",
                "Dice and Tversky beside other losses, or with a weight, are not supported",
            )
            .at(judgement.loss_place.loss, "sums over samples before it divides")
            .help("a network of one output can have it, without loss_weights"),
        );
    }
}
