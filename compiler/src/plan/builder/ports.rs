//! Several inputs come in one row of numbers, and several targets or outputs make one, each in Keras's order, one after another.

use super::program::Builder;
use crate::ops::{Copy, Transpose};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// Whether a sample lies in memory in Keras's order, because it has one channel or one position.
fn is_in_order(shape: &Shape) -> bool {
    shape.channels() == 1 || shape.positions() == 1
}

impl Builder {
    /// Takes the numbers from `offset` on out of a row, into a tensor with this name.
    pub fn unpack(&mut self, layer: &str, name: &str, (row, offset): (TensorId, usize), shape: &Shape) -> TensorId {
        let elements = shape.elements();
        let output = self.shaped(name, shape);
        let in_order = is_in_order(shape);
        let part = if in_order {
            output
        } else {
            self.shaped(format!("{name}.row"), &Shape::flat(elements))
        };
        self.push(layer, one_block(elements, (row, offset), (part, 0)));
        if !in_order {
            self.push(
                layer,
                Transpose {
                    rows: shape.positions(),
                    columns: shape.channels(),
                    input: part,
                    output,
                },
            );
        }
        output
    }

    /// Joins several tensors in one row; returns the row.
    pub fn pack(&mut self, name: &str, parts: &[(TensorId, &Shape)]) -> TensorId {
        let total = parts.iter().map(|(_, shape)| shape.elements()).sum();
        let output = self.shaped(name, &Shape::flat(total));
        let mut offset = 0;
        for &(tensor, shape) in parts {
            let elements = shape.elements();
            let part = if is_in_order(shape) {
                tensor
            } else {
                let row = self.shaped(format!("{name}.row"), &Shape::flat(elements));
                self.push(
                    name,
                    Transpose {
                        rows: shape.channels(),
                        columns: shape.positions(),
                        input: tensor,
                        output: row,
                    },
                );
                row
            };
            self.push(name, one_block(elements, (part, 0), (output, offset)));
            offset += elements;
        }
        output
    }
}

/// A copy of so many elements from one place to another.
const fn one_block(elements: usize, from: (TensorId, usize), to: (TensorId, usize)) -> Copy {
    Copy {
        blocks: 1,
        block: elements,
        input_stride: elements,
        input_offset: from.1,
        output_stride: elements,
        output_offset: to.1,
        input: from.0,
        output: to.0,
    }
}
