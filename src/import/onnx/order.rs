//! Where a graph's tensors have their channels.

use super::model::Graph;

/// How a tensor's axes lie behind the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As layers here have them.
    Last,
    /// The channels before rows and columns.
    First,
}

/// A picture that was flattened with its channels first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flattened {
    pub places: usize,
    pub channels: usize,
}

impl Flattened {
    /// Numbers that belong to what is flattened, in the order of channels last.
    pub fn turned(self, values: &[f32]) -> Vec<f32> {
        let at = |index: usize| (index % self.channels.max(1)) * self.places + index / self.channels.max(1);
        (0..values.len())
            .map(|index| values.get(at(index)).copied().unwrap_or(0.0))
            .collect()
    }
}

/// Whether the input's channels come first: ONNX's pictures have them so, but what turns or flattens its input at once may not.
pub fn channels_first(graph: &Graph, input: &str, sizes: &[usize]) -> bool {
    if graph.about.contains("channels last") {
        return false;
    }
    let mut name = input;
    for _ in 0..graph.nodes.len() {
        let Some(node) = graph
            .nodes
            .iter()
            .find(|node| node.inputs.iter().any(|own| own == name))
        else {
            return false;
        };
        match node.operator.as_str() {
            "Conv" | "ConvTranspose" | "MaxPool" | "AveragePool" | "GlobalAveragePool" | "GlobalMaxPool"
            | "BatchNormalization" | "Pad" | "Resize" | "PRelu" => return true,
            "Transpose" => return node.ints("perm") != Some(&[0, 3, 1, 2]),
            // Of one channel both orders are the same.
            "Flatten" | "Reshape" | "MatMul" | "Gemm" => return sizes.first() == Some(&1),
            _ => match node.outputs.first() {
                Some(output) => name = output,
                None => return false,
            },
        }
    }
    false
}
