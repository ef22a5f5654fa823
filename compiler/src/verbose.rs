//! What a network costs, layer by layer: facts of the network itself. Those that depend on the plan (training memory,
//! dispatches) are found there.

use crate::layers::Layer;
use crate::network::{CheckedNetwork, Node};
use crate::shape::Shape;
use crate::window::Reach;
use serde::Serialize;

/// The cost of one sample's way through the network, forward.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// All layers but the input, in the order of the summary.
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
    /// The layer's name in the network.
    pub name: String,
    /// The name that the layer is called by.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// Multiply-accumulates, forward: of convolutions and dense layers, the rest being small beside them.
    pub macs: u64,
    /// The part of the network's input that a value of the output depends on; None where the output is not an image.
    pub receptive_field: Option<ReceptiveField>,
    /// Bytes of the output as float32.
    pub activation_bytes: u64,
}

/// How far a value of an image sees into the network's input, `[vertical, horizontal]`; the farthest where branches meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReceptiveField {
    /// Cells of the input, padding included, so that it can be larger than the input.
    pub size: [u64; 2],
    /// Cells of the input from one value to its neighbour.
    pub jump: [u64; 2],
}

impl ReceptiveField {
    /// A pixel of the input, which sees itself.
    pub(crate) const PIXEL: Self = Self {
        size: [1, 1],
        jump: [1, 1],
    };

    /// The field where two branches meet: the larger of each number.
    fn farthest(self, other: Self) -> Self {
        let larger = |a: [u64; 2], b: [u64; 2]| [a[0].max(b[0]), a[1].max(b[1])];
        Self {
            size: larger(self.size, other.size),
            jump: larger(self.jump, other.jump),
        }
    }

    /// The field through one more window: `size + (window - 1) dilation jump`, in steps of `jump stride`.
    fn through(self, reach: Reach) -> Self {
        let grow = |seen: u64, jump: u64, size: usize, dilation: usize| {
            let cells = (size.saturating_sub(1) as u64).saturating_mul(dilation as u64);
            seen.saturating_add(cells.saturating_mul(jump))
        };
        Self {
            size: [
                grow(self.size[0], self.jump[0], reach.size.0, reach.dilation.0),
                grow(self.size[1], self.jump[1], reach.size.1, reach.dilation.1),
            ],
            jump: [
                self.jump[0].saturating_mul(reach.strides.0 as u64),
                self.jump[1].saturating_mul(reach.strides.1 as u64),
            ],
        }
    }
}

/// The bytes of a number, which is a float32.
pub(crate) const BYTES: u64 = 4;

/// Works out the costs of a network.
pub fn costs(network: &CheckedNetwork) -> Costs {
    let nodes: Vec<(&Node, &Shape)> = network.nodes().map(|(_, node, shape, _)| (node, shape)).collect();
    let fields = fields(network);
    let of = |(&(node, shape), &receptive_field): (&(&Node, &Shape), &Option<ReceptiveField>)| {
        let input = node.inputs.first().and_then(|id| nodes.get(id.0));
        LayerCosts {
            name: node.name.clone(),
            class: node.layer.class(),
            macs: input.map_or(0, |&(_, input)| macs(&node.layer, input, shape)),
            receptive_field,
            activation_bytes: (shape.elements() as u64).saturating_mul(BYTES),
        }
    };
    let all: Vec<LayerCosts> = nodes.iter().zip(&fields).map(of).collect();
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

/// Multiply-accumulates of one sample: each number of the output sums one kernel's products, unless the layer says otherwise.
pub(crate) fn macs(layer: &Layer, input: &Shape, output: &Shape) -> u64 {
    let product = |factors: &[usize]| {
        let all = factors.iter();
        all.fold(1, |product: u64, &size| product.saturating_mul(size as u64))
    };
    if let Some((steps, _)) = layer.steps(input, output) {
        return steps.iter().fold(0, |sum: u64, step| sum.saturating_add(product(step)));
    }
    let taps = layer.taps(input);
    if taps.is_empty() {
        return 0;
    }
    (output.elements() as u64).saturating_mul(product(&taps))
}

/// The receptive field of each node's output, in the network's own order; None where the output is not an image.
pub(crate) fn fields(network: &CheckedNetwork) -> Vec<Option<ReceptiveField>> {
    let shapes: Vec<&Shape> = network.nodes().map(|(_, _, shape, _)| shape).collect();
    let mut fields: Vec<Option<ReceptiveField>> = Vec::with_capacity(shapes.len());
    for (_, node, output, _) in network.nodes() {
        let input = node.inputs.first().and_then(|id| shapes.get(id.0));
        let field = match (output.as_map(), input) {
            (None, _) => None,
            (Some(_), None) => Some(ReceptiveField::PIXEL),
            (Some(_), Some(input)) => before(node, &fields).map(|before| before.through(node.layer.reach(input))),
        };
        fields.push(field);
    }
    fields
}

/// The receptive field of a node's inputs, the farthest of all.
pub(crate) fn before(node: &Node, fields: &[Option<ReceptiveField>]) -> Option<ReceptiveField> {
    let mut of_inputs = node.inputs.iter().map(|id| fields.get(id.0).copied().flatten());
    let first = of_inputs.next()??;
    of_inputs.try_fold(first, |known, other| Some(known.farthest(other?)))
}
