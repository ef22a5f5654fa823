//! Lays out the tensors of a portable graph in one block of memory; tensors that are not needed at the same time share it.

use compiler::portable::{Graph, Node, Op, ValueId};
use std::collections::BTreeMap;

/// Where the elements of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the network's input, perhaps with another shape.
    Input,
    /// In the block of memory, from this element on.
    Memory(usize),
}

/// The place of each tensor of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    places: BTreeMap<ValueId, Place>,
    /// How many elements the block of memory has.
    pub elements: usize,
}

impl Memory {
    /// Lays out the tensors of a graph. `in_place` says whether an operation may overwrite its input.
    pub fn of(graph: &Graph, in_place: fn(&Op) -> bool) -> Self {
        let mut memory = Self {
            places: BTreeMap::from([(graph.input, Place::Input)]),
            elements: 0,
        };
        // The last node that reads each piece of memory; a reshaped tensor is the same piece.
        let mut roots: BTreeMap<ValueId, ValueId> = BTreeMap::new();
        let root = |value: ValueId, roots: &BTreeMap<ValueId, ValueId>| roots.get(&value).copied().unwrap_or(value);
        let mut last: BTreeMap<ValueId, usize> = BTreeMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            for &input in &node.inputs {
                last.insert(root(input, &roots), index);
            }
            if node.op == Op::Reshape {
                let of = root(graph.first(node), &roots);
                roots.insert(node.output, of);
            }
        }
        last.insert(root(graph.output, &roots), usize::MAX);
        // What is in use: start, end, and the tensor.
        let mut used: Vec<(usize, usize, ValueId)> = Vec::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let input = graph.first(node);
            if node.op == Op::Reshape {
                let place = memory.place(input);
                memory.places.insert(node.output, place);
                continue;
            }
            let size = graph.shape(node.output).elements();
            let origin = root(input, &roots);
            let ends = last.get(&origin) == Some(&index);
            let fits = graph.shape(input).elements() == size && graph.shape(input) == graph.shape(node.output);
            let over = used.iter_mut().find(|(_, _, tensor)| *tensor == origin);
            let over = over.filter(|_| in_place(&node.op) && ends && fits && only_once(node, input));
            if let Some(piece) = over {
                piece.2 = node.output;
                memory.places.insert(node.output, Place::Memory(piece.0));
            } else {
                let start = gap(&used, size);
                used.push((start, start + size, node.output));
                used.sort_unstable();
                memory.places.insert(node.output, Place::Memory(start));
                memory.elements = memory.elements.max(start + size);
            }
            used.retain(|(_, _, tensor)| last.get(tensor).is_some_and(|&last| last > index));
        }
        memory
    }

    /// The place of a tensor.
    pub fn place(&self, value: ValueId) -> Place {
        self.places.get(&value).copied().unwrap_or(Place::Input)
    }
}

/// Whether a tensor is only one of a node's inputs, once.
fn only_once(node: &Node, value: ValueId) -> bool {
    node.inputs.iter().filter(|&&input| input == value).count() == 1
}

/// The offset of the first gap of this size between pieces, which are sorted.
fn gap(used: &[(usize, usize, ValueId)], size: usize) -> usize {
    let mut start = 0;
    for &(from, to, _) in used {
        if from >= start + size {
            break;
        }
        start = start.max(to);
    }
    start
}
