//! The layers that a graph's outputs need.

use super::layers::{Builder, Weight};
use crate::import::draft::Layer;
use std::collections::{BTreeSet, HashMap};

impl Builder<'_> {
    /// The layers that the outputs depend on, inputs first and a single output last, with their weights and the places of several
    /// outputs.
    pub fn ordered(self, outputs: &[usize]) -> (Vec<Layer>, Vec<Weight>, Vec<usize>) {
        let mut needed: BTreeSet<usize> = (0..self.graph.inputs.len()).collect();
        let mut open = outputs.to_vec();
        while let Some(place) = open.pop() {
            if (needed.insert(place) || place < self.graph.inputs.len())
                && let Some(layer) = self.layers.get(place)
            {
                open.extend(layer.inputs.iter().copied().chain(layer.again));
            }
        }
        let mut order: Vec<usize> = needed.into_iter().collect();
        if let [output] = outputs {
            order.retain(|place| place != output);
            order.push(*output);
        }
        let new: HashMap<usize, usize> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let moved = |place: &usize| new.get(place).copied();
        let layers = order.iter().filter_map(|&old| self.layers.get(old)).map(|layer| Layer {
            inputs: layer.inputs.iter().filter_map(moved).collect(),
            again: layer.again.as_ref().and_then(moved),
            ..layer.clone()
        });
        let layers = layers.collect();
        let weights = self.weights.into_iter().filter_map(|weight| {
            let layer = moved(&weight.layer)?;
            Some(Weight { layer, ..weight })
        });
        let ends = match outputs {
            [_] => Vec::new(),
            several => several.iter().filter_map(moved).collect(),
        };
        (layers, weights.collect(), ends)
    }
}
