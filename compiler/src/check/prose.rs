//! Messages about shapes that do not go together.

use crate::layers::definition::Refusal;
use crate::network::{Group, Network, Node, NodeId};
use crate::shape::Shape;
use crate::window::{Padding, Sliding, Window};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

type Shapes<'a> = &'a [Option<Shape>];

fn node(network: &Network, id: NodeId) -> Option<&Node> {
    network.nodes.get(id.0)
}

fn shape(shapes: Shapes<'_>, id: NodeId) -> Option<&Shape> {
    shapes.get(id.0).and_then(Option::as_ref)
}

/// The error for a model used as a layer on a shape that its `Input` does not have.
pub(super) fn not_its_shape(network: &Network, group: &Group, given: &Shape, wanted: &Shape) -> Diagnostic {
    let given = crate::numbers::tuple(given.sizes());
    let wanted = crate::numbers::tuple(wanted.sizes());
    let diagnostic = Diagnostic::error("E0330", format!("`{}` takes samples of {wanted}", group.name))
        .at(group.span, format!("this is given {given}"));
    match node(network, group.input) {
        Some(before) => diagnostic.because(before.span, "comes from here"),
        None => diagnostic,
    }
}

/// The error for the layer at `index`, which cannot take its inputs.
pub(super) fn refused(network: &Network, shapes: Shapes<'_>, index: usize, refusal: &Refusal) -> Diagnostic {
    let failed = Diagnostic::error("E0300", "shapes do not go together");
    let Some(layer) = network.nodes.get(index) else {
        return failed;
    };
    match refusal {
        Refusal::NoInput => failed.at(layer.span, "takes no input"),
        Refusal::NotAnImage => not_an_image(network, shapes, layer),
        Refusal::DoesNotFit => match layer.layer.window() {
            Some(window) => does_not_fit(network, shapes, layer, window),
            None => failed.at(layer.span, "does not fit"),
        },
        Refusal::Differs { other, axis } => differs(network, shapes, layer, *other, *axis),
        Refusal::Argument {
            argument,
            message,
            label,
            help,
        } => {
            let diagnostic = Diagnostic::error("E0308", message.clone()).at(layer.span_of(argument), label.clone());
            producer(diagnostic, network, shapes, layer.inputs.first().copied()).help(help.clone())
        }
        Refusal::NotTwo { given } => Diagnostic::error("E0309", format!("{} takes two inputs", layer.layer.class()))
            .at(layer.span, format!("gets {given}"))
            .help(format!("such as {}()([a, b])", layer.layer.class())),
        Refusal::NotASignal => not_a_signal(network, shapes, layer),
        Refusal::NoAxis { axis, rank } => {
            let axes = if *rank == 1 {
                "the only axis is 1, which is also -1".to_owned()
            } else {
                format!("the axes are 1 to {rank}, or -{rank} to -1")
            };
            let diagnostic = Diagnostic::error("E0306", format!("the inputs have no axis {axis}"))
                .at(layer.span_of("axis"), "joins along this axis");
            producer(diagnostic, network, shapes, layer.inputs.first().copied()).help(axes)
        }
    }
}

/// Adds a label at the layer that made a shape.
fn producer(diagnostic: Diagnostic, network: &Network, shapes: Shapes<'_>, id: Option<NodeId>) -> Diagnostic {
    match id.and_then(|id| node(network, id).zip(shape(shapes, id))) {
        Some((maker, shape)) => diagnostic.because(maker.span, format!("gives {shape}")),
        None => diagnostic,
    }
}

fn not_an_image(network: &Network, shapes: Shapes<'_>, layer: &Node) -> Diagnostic {
    let class = layer.layer.class();
    let given = layer.inputs.first().and_then(|&id| shape(shapes, id));
    let text = given.map_or_else(String::new, |given| format!("gets {given}"));
    let diagnostic =
        Diagnostic::error("E0302", format!("{class} needs height x width x channels")).at(layer.span, text);
    // The layer that flattened the image: the nearest one above that took an image and did not give one.
    let mut current = layer.inputs.first().copied();
    while let Some(id) = current {
        let Some(maker) = node(network, id) else { break };
        let before = maker.inputs.first().copied();
        let had_image = before
            .and_then(|id| shape(shapes, id))
            .is_some_and(|shape| shape.rank() == 3);
        if had_image {
            let (from, to) = (before.and_then(|id| shape(shapes, id)), shape(shapes, id));
            let text = match (from, to) {
                (Some(from), Some(to)) => format!("turns {from} into a row of {to}"),
                _ => String::new(),
            };
            let before = format!("move {class} before {}", maker.layer.class());
            let help = match maker.layer.keeps_image_with() {
                Some(argument) => format!("{before}, or keep height and width: {argument}"),
                None => before,
            };
            return diagnostic.because(maker.span, text).help(help);
        }
        if let Some(sample) = maker.layer.sample_shape() {
            let span = maker.span_of("shape");
            let diagnostic = diagnostic.because(span, format!("gives {sample}"));
            return match sample.sizes() {
                [height, width] => diagnostic
                    .help(format!("a grey picture has one channel: shape=({height}, {width}, 1)"))
                    .fix(span, format!("shape=({height}, {width}, 1)")),
                _ => diagnostic.help("a picture is (height, width, channels), such as shape=(28, 28, 1)"),
            };
        }
        current = before;
    }
    diagnostic
}

fn not_a_signal(network: &Network, shapes: Shapes<'_>, layer: &Node) -> Diagnostic {
    let class = layer.layer.class();
    let id = layer.inputs.first().copied();
    let given = id.and_then(|id| shape(shapes, id));
    let text = given.map_or_else(String::new, |given| format!("gets {given}"));
    let diagnostic = Diagnostic::error("E0310", format!("{class} needs length x channels")).at(layer.span, text);
    let diagnostic = producer(diagnostic, network, shapes, id);
    match given.map(Shape::sizes) {
        Some([_, _, _]) => diagnostic.help(format!("a picture takes {}", class.replace("1D", "2D"))),
        Some([size]) => diagnostic.help(format!("Reshape(({size}, 1)) makes a signal of one channel of it")),
        Some(_) | None => diagnostic,
    }
}

/// The sizes of an axis on the way down to `layer`, following first inputs: `28 -> 24 -> 12`.
fn way_down(network: &Network, shapes: Shapes<'_>, layer: &Node, axis: usize) -> String {
    let mut sizes: Vec<usize> = Vec::new();
    let mut current = layer.inputs.first().copied();
    while let Some(id) = current {
        let Some(size) = shape(shapes, id).and_then(|shape| shape.sizes().get(axis)) else {
            break;
        };
        if sizes.last() != Some(size) {
            sizes.push(*size);
        }
        current = node(network, id).and_then(|node| node.inputs.first().copied());
    }
    let words: Vec<String> = sizes.iter().rev().map(ToString::to_string).collect();
    words.join(" -> ")
}

fn does_not_fit(network: &Network, shapes: Shapes<'_>, layer: &Node, window: &Window) -> Diagnostic {
    let has_kernel = layer.layer.signature().argument("kernel_size").is_some();
    let (what, argument) = if has_kernel {
        ("kernel", "kernel_size")
    } else {
        ("pool", "pool_size")
    };
    let given = layer
        .inputs
        .first()
        .and_then(|&id| shape(shapes, id))
        .and_then(Shape::as_map);
    let Some((height, width, _)) = given else {
        return Diagnostic::error("E0301", format!("{what} does not fit its input")).at(layer.span_of(argument), "");
    };
    let extent = |size: usize, dilation: usize| dilation.saturating_mul(size.saturating_sub(1)).saturating_add(1);
    let needs = (
        extent(window.size.0, window.dilation.0),
        extent(window.size.1, window.dilation.1),
    );
    let fits = |input, size, stride, dilation| Sliding::along(input, size, stride, dilation, window.padding).is_some();
    let tall = !fits(height, window.size.0, window.strides.0, window.dilation.0);
    let (axis, name) = if tall { (0, "height") } else { (1, "width") };
    let mut diagnostic = Diagnostic::error("E0301", format!("{what} does not fit its input")).at(
        layer.span_of(argument),
        format!("needs at least {}x{}", needs.0, needs.1),
    );
    diagnostic = producer(diagnostic, network, shapes, layer.inputs.first().copied());
    let way = way_down(network, shapes, layer, axis);
    let (size, dilation) = (window.size, window.dilation);
    let spans = if needs == size {
        String::new()
    } else {
        format!(
            " of dilation {}x{} spans {}x{}, which",
            dilation.0, dilation.1, needs.0, needs.1
        )
    };
    diagnostic = diagnostic.note(format!(
        "{name} {way}: a {}x{} {what}{spans} does not fit {height}x{width}",
        size.0, size.1
    ));
    let smaller = if needs == size {
        argument.to_owned()
    } else {
        format!("{argument} or dilation_rate")
    };
    if window.padding == Padding::Same {
        return diagnostic.help(format!("use a smaller {smaller}"));
    }
    diagnostic = diagnostic.help(format!("use a smaller {smaller}, or padding=\"same\""));
    let end = layer.argument_spans.iter().map(|(_, span)| span.end).max();
    match (layer.argument_spans.iter().find(|(name, _)| *name == "padding"), end) {
        (Some((_, span)), _) => diagnostic.fix(*span, "padding=\"same\""),
        (None, Some(end)) => diagnostic.fix(Span { start: end, end }, ", padding=\"same\""),
        (None, None) => diagnostic,
    }
}

fn differs(network: &Network, shapes: Shapes<'_>, layer: &Node, other: usize, axis: Option<usize>) -> Diagnostic {
    let class = layer.layer.class();
    let (first, second) = (layer.inputs.first().copied(), layer.inputs.get(other).copied());
    let (code, message) = match axis {
        None => ("E0303", format!("{class} needs inputs of one shape")),
        Some(_) => ("E0304", format!("{class} needs inputs that differ only along its axis")),
    };
    let both = first
        .and_then(|id| shape(shapes, id))
        .zip(second.and_then(|id| shape(shapes, id)));
    let text = both.map_or_else(String::new, |(first, second)| format!("gets {first} and {second}"));
    let mut diagnostic = Diagnostic::error(code, message).at(layer.span, text);
    diagnostic = producer(diagnostic, network, shapes, first);
    diagnostic = producer(diagnostic, network, shapes, second);
    let Some((first, second)) = both else { return diagnostic };
    if let Some(axis) = axis {
        let name = axis_name(axis, first.rank());
        diagnostic = diagnostic.note(format!("it joins along the {name}"));
    }
    if first.rank() != second.rank() {
        return diagnostic.help("give both the same number of axes, for example with Flatten() on each");
    }
    let positions = first
        .sizes()
        .iter()
        .zip(second.sizes())
        .position(|(mine, its)| mine != its);
    match (axis, first.rank(), positions) {
        (None, 3, Some(2)) => {
            diagnostic.help("use the same number of filters on both sides; a Conv2D with kernel_size=1 changes it")
        }
        (_, 3, Some(_)) => {
            diagnostic.help("padding=\"same\" and equal strides on both sides keep heights and widths equal")
        }
        _ => diagnostic.help("give both layers the same size"),
    }
}

/// The name of an axis of a sample of that rank.
fn axis_name(axis: usize, rank: usize) -> &'static str {
    if axis + 1 == rank {
        return "channels";
    }
    if axis == 0 { "height" } else { "width" }
}

/// The error for a single tensor that is too large, with the product of its sizes.
pub(super) fn too_large(node: &Node, what: &str, sizes: &[usize], arguments: &[&str]) -> Diagnostic {
    let product: Vec<String> = sizes.iter().map(|&size| crate::numbers::thousands(size)).collect();
    let exact = sizes
        .iter()
        .try_fold(1_u128, |product, &size| product.checked_mul(size as u128));
    let total = exact.map_or_else(|| "more than 10^38".to_owned(), grouped);
    // The argument that gives the largest size, if it is written.
    let written = arguments
        .iter()
        .find_map(|name| node.argument_spans.iter().find(|(known, _)| known == name));
    Diagnostic::error("E0305", format!("the {what} is too large"))
        .at(written.map_or(node.span, |(_, span)| *span), format!("{total} numbers"))
        .note(format!(
            "{} = {total}; the limit is {}",
            product.join(" x "),
            crate::numbers::thousands(crate::call::limits::MOST_ELEMENTS)
        ))
        .help(if node.inputs.is_empty() {
            "use smaller sizes"
        } else {
            "use smaller sizes, or pool before it"
        })
}

fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The error for tensors of one kind that are too large together.
pub(super) fn too_many(node: &Node, what: &str, total: usize) -> Diagnostic {
    Diagnostic::error("E0305", format!("too many {what}"))
        .at(
            node.span,
            format!("this layer brings them to {}", crate::numbers::thousands(total)),
        )
        .note(format!(
            "the limit is {}",
            crate::numbers::thousands(crate::call::limits::MOST_ELEMENTS)
        ))
        .help("use fewer or smaller layers")
}
