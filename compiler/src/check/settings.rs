//! Whether the network's two ends go with the loss and the data set.

use crate::activation::Activation;
use crate::network::{Network, Node};
use crate::numbers::tuple;
use crate::shape::Shape;
use crate::training::compile::Compile;
use crate::training::data::{DataName, KnownData};
use crate::training::loss::Loss;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

pub(super) fn check(
    network: &Network,
    shapes: &[Option<Shape>],
    variables: &[Vec<Variable>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let data = match network.fit.data {
        Some(DataName::Known(data)) => Some(data),
        Some(DataName::Path(_)) | None => None,
    };
    if let Some(data) = data {
        input(network, data, diagnostics);
    }
    let output = network
        .nodes
        .get(network.output.0)
        .zip(shapes.get(network.output.0).and_then(Option::as_ref));
    let Some((node, shape)) = output else { return };
    if let Some(compile) = &network.compile {
        if shape.rank() == 1 {
            probabilities(node, compile, diagnostics);
        } else {
            unflattened(node, shape, network.functional, diagnostics);
        }
        if !variables.iter().flatten().any(|variable| variable.trainable) {
            let nothing = Diagnostic::warning("W0408", "there is nothing to train");
            diagnostics.push(if variables.iter().all(Vec::is_empty) {
                nothing
                    .at(network.name_span, "no layer of this model has parameters")
                    .help("Conv2D and Dense have parameters")
            } else {
                nothing
                    .at(network.name_span, "every layer with parameters has trainable=False")
                    .help("leave trainable=False out where training is to move the weights")
            });
        }
    }
    if let Some(data) = data
        && shape.rank() == 1
    {
        classes(network, node, shape, data, diagnostics);
    }
}

/// Whether samples of the data set can be fed as they are: the same sizes, or the same numbers in a row, or a grey
/// picture without its axis of one channel.
pub fn takes(shape: &Shape, data: &Shape) -> bool {
    if shape == data || (shape.rank() == 1 && shape.elements() == data.elements()) {
        return true;
    }
    matches!((shape.sizes(), data.sizes()), ([height, width], [h, w, 1]) if height == h && width == w)
}

fn input(network: &Network, data: KnownData, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = network.nodes.first() else { return };
    let Some(shape) = first.layer.sample_shape() else {
        return;
    };
    let wanted = data.shape();
    // An absurd shape has been reported.
    if shape.checked_elements().is_none() || takes(shape, &wanted) {
        return;
    }
    let span = first.span_of("shape");
    let shown = format!("shape={}", tuple(wanted.sizes()));
    let mut diagnostic =
        Diagnostic::error("E0502", "the input does not have the data set's shape").at(span, format!("this is {shape}"));
    if let Some(place) = network.fit.data_span {
        diagnostic = diagnostic.because(place, format!("its samples are {wanted}"));
    }
    let moved = match shape.sizes() {
        [channels, height, width] => (*height, *width, *channels) == wanted.as_map().unwrap_or_default(),
        _ => false,
    };
    if moved {
        diagnostic = diagnostic.note("channels come last");
        // What windows did not fit, they did not fit the wrong axes.
        diagnostics.retain(|diagnostic| !diagnostic.code.starts_with("E03"));
    }
    diagnostics.push(diagnostic.help(format!("Input({shown})")).fix(span, shown));
}

fn classes(network: &Network, node: &Node, shape: &Shape, data: KnownData, diagnostics: &mut Vec<Diagnostic>) {
    let (given, wanted) = (shape.channels(), data.classes());
    if given == wanted {
        return;
    }
    let span = node.span_of("units");
    let mut diagnostic = Diagnostic::error("E0503", "the output does not match the number of classes").at(
        span,
        format!("gives {given} {}", if given == 1 { "value" } else { "values" }),
    );
    if let Some(place) = network.fit.data_span {
        diagnostic = diagnostic.because(place, format!("has {wanted} classes"));
    }
    diagnostics.push(if span == node.span {
        diagnostic.help(format!("end with Dense({wanted}): one value per class"))
    } else {
        // By place or by name: `10` or `units=10`.
        let by_place = (span.end - span.start) as usize == given.to_string().len();
        let units = if by_place {
            wanted.to_string()
        } else {
            format!("units={wanted}")
        };
        diagnostic
            .help(format!("{}({units}) gives one value per class", node.layer.class()))
            .fix(span, units)
    });
}

fn unflattened(node: &Node, shape: &Shape, functional: bool, diagnostics: &mut Vec<Diagnostic>) {
    let diagnostic = Diagnostic::error("E0404", "the output is not one value per class")
        .at(node.span, format!("gives {shape}"))
        .note("the loss compares one row of values with one label per sample");
    diagnostics.push(if node.layer.is_along_last_axis() {
        let start = Span {
            start: node.span.start,
            end: node.span.start,
        };
        let diagnostic = diagnostic.note(format!("{} works on the last axis alone", node.layer.class()));
        let diagnostic = diagnostic.help("put Flatten() or GlobalAveragePooling2D() before it");
        if functional {
            diagnostic
        } else {
            diagnostic.fix(start, "Flatten()\n    ")
        }
    } else {
        diagnostic.help("end with Flatten() and a Dense layer with one unit per class")
    });
}

fn probabilities(node: &Node, compile: &Compile, diagnostics: &mut Vec<Diagnostic>) {
    let Loss::SparseCategoricalCrossentropy { from_logits } = compile.loss;
    let softmax = node.layer.activation() == Some(Activation::Softmax);
    let span = compile.from_logits_span.unwrap_or(compile.loss_span);
    if softmax && from_logits {
        let ends = node.span_of("activation");
        let diagnostic = Diagnostic::warning("W0406", "softmax is applied twice")
            .at(span, "the loss applies a softmax")
            .because(ends, "the output has one already")
            .help("use from_logits=False, or end without a softmax");
        diagnostics.push(match compile.from_logits_span {
            Some(span) => diagnostic.fix(span, "from_logits=False"),
            None => diagnostic,
        });
    } else if !softmax && !from_logits {
        let diagnostic = Diagnostic::warning("W0407", "the loss expects probabilities, the output is logits")
            .at(
                span,
                if compile.from_logits_span.is_some() {
                    "expects a softmax before it"
                } else {
                    "from_logits is False by default"
                },
            )
            .because(node.span, "gives logits: no softmax after it")
            .help("use SparseCategoricalCrossentropy(from_logits=True), or end with activation=\"softmax\"");
        diagnostics.push(match compile.from_logits_span {
            Some(span) => diagnostic.fix(span, "from_logits=True"),
            None => diagnostic.fix(
                compile.loss_span,
                "loss=SparseCategoricalCrossentropy(from_logits=True)",
            ),
        });
    }
}
