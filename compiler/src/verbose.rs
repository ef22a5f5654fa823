//! What a network costs, layer by layer: facts of the network alone. What depends on the plan (training memory,
//! dispatches) is the plan's to say.

use crate::layers::Layer;
use crate::network::{CheckedNetwork, Node};
use crate::shape::Shape;
use serde::Serialize;

/// The costs of one sample's way through the network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// Every layer but the input, as the summary orders them.
    pub layers: Vec<LayerCosts>,
    /// Multiply-accumulates of one sample, forward.
    pub macs: u64,
    /// Bytes of all layers' outputs, the input included, as float32.
    pub activation_bytes: u64,
    /// Bytes of the parameters, as float32.
    pub parameter_bytes: u64,
}

/// The costs of one layer for one sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerCosts {
    /// Its name.
    pub name: String,
    /// Keras's class.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// Multiply-accumulates, forward: of convolutions and dense layers, the rest being small beside them.
    pub macs: u64,
    /// What of the input one value of the output can see; none where the output is no image.
    pub receptive_field: Option<ReceptiveField>,
    /// Bytes of the output as float32.
    pub activation_bytes: u64,
}

/// How far one value of an image sees into the input, `[vertical, horizontal]`. Where branches meet, the farthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReceptiveField {
    /// Cells of the input, padding included, so it can be larger than the input.
    pub size: [u64; 2],
    /// Cells of the input from one value to the next.
    pub jump: [u64; 2],
}

const BYTES: u64 = 4;

/// The costs of a network.
pub fn costs(network: &CheckedNetwork) -> Costs {
    let nodes: Vec<(&Node, &Shape)> = network.nodes().map(|(_, node, shape, _)| (node, shape)).collect();
    let mut fields: Vec<Option<ReceptiveField>> = Vec::with_capacity(nodes.len());
    let mut all: Vec<LayerCosts> = Vec::with_capacity(nodes.len());
    for &(node, shape) in &nodes {
        let input = node
            .inputs
            .first()
            .and_then(|id| nodes.get(id.0))
            .map(|&(_, shape)| shape);
        let field = field(node, input, shape, &fields);
        fields.push(field);
        all.push(LayerCosts {
            name: node.name.clone(),
            class: node.layer.class(),
            macs: input.map_or(0, |input| macs(&node.layer, input, shape)),
            receptive_field: field,
            activation_bytes: (shape.elements() as u64).saturating_mul(BYTES),
        });
    }
    let macs = all.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.macs));
    let activation_bytes = all
        .iter()
        .fold(0, |sum: u64, layer| sum.saturating_add(layer.activation_bytes));
    let parameter_bytes = (network.total_params() as u64).saturating_mul(BYTES);
    let order = crate::summary::order(network);
    let layers = order
        .iter()
        .filter(|id| id.0 > 0)
        .filter_map(|id| all.get(id.0).cloned())
        .collect();
    Costs {
        layers,
        macs,
        activation_bytes,
        parameter_bytes,
    }
}

fn macs(layer: &Layer, input: &Shape, output: &Shape) -> u64 {
    // Each number of the output sums one kernel's products.
    let kernel = match layer {
        Layer::Conv2D(layer) => layer
            .window
            .size
            .0
            .saturating_mul(layer.window.size.1)
            .saturating_mul(input.channels()),
        Layer::Dense(_) => input.channels(),
        Layer::Input(_)
        | Layer::MaxPooling2D(_)
        | Layer::AveragePooling2D(_)
        | Layer::GlobalAveragePooling2D(_)
        | Layer::GlobalMaxPooling2D(_)
        | Layer::Flatten(_)
        | Layer::Activation(_)
        | Layer::ReLU(_)
        | Layer::Softmax(_)
        | Layer::Add(_)
        | Layer::Concatenate(_) => 0,
    };
    (output.elements() as u64).saturating_mul(kernel as u64)
}

fn field(
    node: &Node,
    input: Option<&Shape>,
    output: &Shape,
    fields: &[Option<ReceptiveField>],
) -> Option<ReceptiveField> {
    output.as_map()?;
    let Some((height, width, _)) = input.map(|input| input.as_map().unwrap_or_default()) else {
        return Some(ReceptiveField {
            size: [1, 1],
            jump: [1, 1],
        });
    };
    let mut before: Option<ReceptiveField> = None;
    for id in &node.inputs {
        let other = fields.get(id.0).copied().flatten()?;
        before = Some(before.map_or(other, |known| ReceptiveField {
            size: [known.size[0].max(other.size[0]), known.size[1].max(other.size[1])],
            jump: [known.jump[0].max(other.jump[0]), known.jump[1].max(other.jump[1])],
        }));
    }
    let before = before?;
    let (size, strides, dilation) = if let Some(window) = node.layer.window() {
        (window.size, window.strides, window.dilation)
    } else if matches!(
        node.layer,
        Layer::GlobalAveragePooling2D(_) | Layer::GlobalMaxPooling2D(_)
    ) {
        ((height, width), (1, 1), (1, 1))
    } else {
        ((1, 1), (1, 1), (1, 1))
    };
    let grow = |seen: u64, jump: u64, size: usize, dilation: usize| {
        let cells = (size.saturating_sub(1) as u64).saturating_mul(dilation as u64);
        seen.saturating_add(cells.saturating_mul(jump))
    };
    Some(ReceptiveField {
        size: [
            grow(before.size[0], before.jump[0], size.0, dilation.0),
            grow(before.size[1], before.jump[1], size.1, dilation.1),
        ],
        jump: [
            before.jump[0].saturating_mul(strides.0 as u64),
            before.jump[1].saturating_mul(strides.1 as u64),
        ],
    })
}
