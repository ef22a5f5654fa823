//! A network in the form that the explanations of its layers need.

use crate::activation::ActivationFunction;
use crate::entering;
use crate::layers::place::Place;
use crate::network::{CheckedNetwork, Node};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::verbose::{self, ReceptiveField};

/// A network after a walk through its layers.
pub(super) struct View<'a> {
    pub(super) network: &'a CheckedNetwork,
    /// A stop for each layer, in the network's own order.
    pub(super) stops: Vec<Stop<'a>>,
    /// The receptive field of each layer's output; None where that is not an image.
    pub(super) fields: Vec<Option<ReceptiveField>>,
    /// Multiply-adds of one sample through the whole network, forward.
    pub(super) macs: u64,
    /// Parameters of the whole network.
    pub(super) parameters: usize,
    /// The first layer with an activation other than linear and softmax; None where there is none.
    pub(super) first_bend: Option<&'a Node>,
}

/// A layer with its surroundings and its numbers.
pub(super) struct Stop<'a> {
    pub(super) node: &'a Node,
    pub(super) place: Place<'a>,
    pub(super) variables: &'a [Variable],
    /// The receptive field of the layer's output; None where that is not an image.
    pub(super) field: Option<ReceptiveField>,
    /// Multiply-adds of one sample.
    pub(super) macs: u64,
}

impl<'a> View<'a> {
    pub(super) fn of(network: &'a CheckedNetwork) -> Self {
        let graph = network.network();
        let outputs: Vec<(&str, &Shape)> = network
            .nodes()
            .map(|(_, node, shape, _)| (node.name.as_str(), shape))
            .collect();
        let fields = verbose::fields(network);
        let stops = network
            .nodes()
            .zip(&fields)
            .map(|((id, node, output, variables), &field)| {
                let inputs = node.inputs.iter().filter_map(|id| outputs.get(id.0).copied());
                let place = Place {
                    inputs: inputs.collect(),
                    output,
                    meets_loss: graph.outputs().any(|output| output == id) && graph.compile.is_some(),
                    data: graph.fit.data.as_ref(),
                    divided: entering::Entering::of(network) == entering::Entering::Divided,
                    loading: graph.fit.loading.as_ref().map(|loading| &loading.train),
                };
                let macs = place
                    .input()
                    .map_or(0, |input| verbose::macs(&node.layer, input, output));
                Stop {
                    node,
                    place,
                    variables,
                    field,
                    macs,
                }
            });
        Self {
            network,
            stops: stops.collect(),
            fields,
            macs: verbose::costs(network).macs,
            parameters: network.total_params(),
            first_bend: network.nodes().map(|(_, node, ..)| node).find(|node| {
                let function = node.layer.activation();
                function.is_some_and(|function| {
                    !matches!(function, ActivationFunction::Linear | ActivationFunction::Softmax)
                })
            }),
        }
    }
}
