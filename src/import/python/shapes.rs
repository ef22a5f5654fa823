//! Shapes of tensors, as `cnnc check` finds them.

use super::interpreter::Interpreter;
use super::value::Id;
use crate::import::draft::Draft;
use crate::import::literal::Literal;
use crate::import::write;
use crate::session::examine_text;
use std::path::Path;

/// How often shapes are worked out at most: each time, the network is checked from its beginning.
const MOST_SHAPES: usize = 1000;

impl Interpreter<'_> {
    /// The shape of a tensor without the batch, as `cnnc check` finds it; `None` where it finds none.
    pub fn shape_of(&mut self, tensor: Id) -> Option<Vec<i64>> {
        if let Some(known) = self.shapes.get(&tensor) {
            return known.clone();
        }
        self.asked += 1;
        if self.asked > MOST_SHAPES {
            return None;
        }
        let errors = self.errors.len();
        let layers = self.layers_behind(&[Some(tensor)]);
        let sound = self.errors.len() == errors;
        let mut draft = Draft {
            name: "part".to_owned(),
            layers,
            ..Draft::default()
        };
        let shape = if let [input] = draft.layers.as_slice() {
            input
                .arguments
                .first()
                .and_then(|argument| argument.value.items())
                .and_then(|items| {
                    items
                        .iter()
                        .map(|item| match item {
                            Literal::Int(size) => Some(*size),
                            _ => None,
                        })
                        .collect()
                })
        } else {
            draft.compile = None;
            let examined = examine_text(Path::new("part.cnn"), &write::text(&draft).text);
            let network = examined.network.as_ref().filter(|_| sound && !examined.failed());
            network.and_then(|network| {
                network
                    .nodes()
                    .last()
                    .map(|(_, _, shape, _)| shape.sizes().iter().map(|&size| size as i64).collect())
            })
        };
        self.shapes.insert(tensor, shape.clone());
        shape
    }
}
