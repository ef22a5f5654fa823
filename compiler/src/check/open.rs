//! Sizes that the description leaves open (`Input(shape=(None, None, 3))`): what depends on them, and what cannot.

use crate::network::Network;
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;

/// What open sizes are made larger by, to see what depends on them: a multiple of all strides that networks have, so that what
/// fits one size fits the other.
const MORE: usize = 1920;

/// Which sizes of each node's output are open; empty where no size is. Reports layers whose weights would depend on them (E0117),
/// as Keras does.
pub(super) fn check(network: &Network, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) -> Vec<Vec<bool>> {
    if !network.open.contains(&true) {
        return Vec::new();
    }
    let mut larger: Vec<Option<Shape>> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let shape = if let Some(shape) = node.layer.sample_shape() {
            Some(enlarged(shape, &network.open))
        } else {
            let inputs: Option<Vec<&Shape>> = node.inputs.iter().map(|input| larger.get(input.0)?.as_ref()).collect();
            // What takes one size alone has none that is open.
            inputs.and_then(|inputs| node.layer.output(&inputs).ok())
        };
        larger.push(shape);
    }
    let of = |shapes: &[Option<Shape>], index: usize| -> Option<Vec<Variable>> {
        let node = network.nodes.get(index)?;
        Some(node.variables(shapes.get(node.inputs.first()?.0)?.as_ref()?))
    };
    for (index, node) in network.nodes.iter().enumerate() {
        let (Some(one), Some(other)) = (of(shapes, index), of(&larger, index)) else {
            continue;
        };
        let same = |(one, other): (&Variable, &Variable)| one.shape == other.shape;
        if one.iter().zip(&other).all(same) {
            continue;
        }
        let class = node.layer.class();
        let mut diagnostic = Diagnostic::error("E0117", format!("{class} needs sizes that `Input` leaves open"))
            .at(node.span, "has weights for each of them");
        if let Some(input) = network.nodes.first() {
            diagnostic = diagnostic.because(input.span_of("shape"), "None leaves sizes open");
        }
        let shape = network.nodes.first().and_then(|input| input.layer.sample_shape());
        let shape = shape
            .map(|shape| crate::numbers::tuple(shape.sizes()))
            .unwrap_or_default();
        diagnostics.push(diagnostic.help(format!(
            "GlobalAveragePooling2D() in the place of Flatten(), or the data set's size: shape={shape}"
        )));
        break;
    }
    let axes = |(shape, larger): (&Option<Shape>, &Option<Shape>)| match (shape, larger) {
        (Some(shape), Some(larger)) => {
            let sizes = shape.sizes().iter().zip(larger.sizes());
            sizes.map(|(size, larger)| size != larger).collect()
        }
        (_, _) => Vec::new(),
    };
    shapes.iter().zip(&larger).map(axes).collect()
}

fn enlarged(shape: &Shape, open: &[bool]) -> Shape {
    let sizes = shape.sizes().iter().zip(open);
    let sizes: Vec<usize> = sizes
        .map(|(&size, &open)| if open { size.saturating_add(MORE) } else { size })
        .collect();
    Shape::new(sizes)
}
