//! Whether the network's two ends go with the loss and the data set.

use crate::activation::Activation;
use crate::layers::Layer;
use crate::network::{Network, Node};
use crate::shape::Shape;
use crate::training::compile::Compile;
use crate::training::data::{DataName, KnownData};
use crate::training::loss::Loss;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

pub(super) fn check(
    network: &Network,
    shapes: &[Option<Shape>],
    has_parameters: bool,
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
        if !has_parameters {
            diagnostics.push(
                Diagnostic::warning("W0408", "there is nothing to train")
                    .at(network.name_span, "no layer of this model has parameters")
                    .help("Conv2D and Dense have parameters"),
            );
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
    let Layer::Input(layer) = &first.layer else { return };
    let wanted = data.shape();
    // An absurd shape has been reported.
    if layer.shape.checked_elements().is_none() || takes(&layer.shape, &wanted) {
        return;
    }
    let span = first.span_of("shape");
    let shown = format!("shape={}", crate::layers::tuple(wanted.sizes()));
    let mut diagnostic = Diagnostic::error("E0502", "the input is not of the data set's shape")
        .at(span, format!("this is {}", layer.shape));
    if let Some(place) = network.fit.data_span {
        diagnostic = diagnostic.because(place, format!("its samples are {wanted}"));
    }
    let moved = match layer.shape.sizes() {
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
    let mut diagnostic = Diagnostic::error("E0503", "the output is not as wide as the data set has classes").at(
        span,
        format!("gives {given} {}", if given == 1 { "value" } else { "values" }),
    );
    if let Some(place) = network.fit.data_span {
        diagnostic = diagnostic.because(place, format!("has {wanted} classes"));
    }
    diagnostics.push(if matches!(node.layer, Layer::Dense(_)) && span != node.span {
        // By place or by name: `10` or `units=10`.
        let by_place = (span.end - span.start) as usize == given.to_string().len();
        let units = if by_place {
            wanted.to_string()
        } else {
            format!("units={wanted}")
        };
        diagnostic
            .help(format!("Dense({units}) gives one value a class"))
            .fix(span, units)
    } else {
        diagnostic.help(format!("end with Dense({wanted}): one value a class"))
    });
}

fn unflattened(node: &Node, shape: &Shape, functional: bool, diagnostics: &mut Vec<Diagnostic>) {
    let diagnostic = Diagnostic::error("E0404", "the output is not one value a class")
        .at(node.span, format!("gives {shape}"))
        .note("the loss compares one row of values with one label a sample");
    diagnostics.push(if matches!(node.layer, Layer::Dense(_)) {
        let start = Span {
            start: node.span.start,
            end: node.span.start,
        };
        let diagnostic = diagnostic.note("Dense works on the last axis alone");
        let diagnostic = diagnostic.help("put Flatten() or GlobalAveragePooling2D() before it");
        if functional {
            diagnostic
        } else {
            diagnostic.fix(start, "Flatten()\n    ")
        }
    } else {
        diagnostic.help("end with Flatten() and a Dense layer of one unit a class")
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
            .help("from_logits=False, or no softmax at the end");
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
            .help("SparseCategoricalCrossentropy(from_logits=True), or activation=\"softmax\" at the end");
        diagnostics.push(match compile.from_logits_span {
            Some(span) => diagnostic.fix(span, "from_logits=True"),
            None => diagnostic.fix(
                compile.loss_span,
                "loss=SparseCategoricalCrossentropy(from_logits=True)",
            ),
        });
    }
}
