//! `Permute`: `keras/src/layers/reshaping/permute.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::sizes;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::numbers::{count, tuple};
use crate::ops::{self, PermuteGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Permute(dims)`: the axes of a sample in another order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Permute {
    /// For each axis of the output, the axis of the input that it is, counted from 1.
    pub dims: Vec<usize>,
}

impl Class for Permute {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Permute",
        aliases: &[],
        doc: "The axes of a sample in another order",
        parameters: &[Argument::required(
            "dims",
            ArgumentKind::Axes,
            "the axes of the input in the order of the output: 1 the height, 2 the width, 3 the channels",
        )],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments.read("dims", sizes::permutation).map(|dims| Self { dims })
    }
}

impl Definition for Permute {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        if input.rank() != self.dims.len() {
            let axes: Vec<String> = (1..=input.rank()).map(|axis| axis.to_string()).collect();
            return Err(Refusal::Argument {
                argument: "dims",
                message: "a permutation names every axis of its input".to_owned(),
                label: format!(
                    "names {} of {input}",
                    count(self.dims.len(), "axis").replace("axiss", "axes")
                ),
                help: format!("in some order: {}", axes.join(", ")),
            });
        }
        let sizes = self
            .dims
            .iter()
            .filter_map(|&axis| input.sizes().get(axis - 1))
            .copied();
        Ok(Shape::new(sizes.collect::<Vec<_>>()))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("dims", tuple(&self.dims))]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let order = self.dims.iter().map(|dim| dim.saturating_sub(1)).collect();
        Some(at.push(Op::Permute(order), vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        let Some(geometry) = self.geometry(at.input_shape()) else {
            return input;
        };
        let output = at.output();
        at.push(ops::Permute {
            geometry,
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        match self.inverse().geometry(at.shape()) {
            None => at.give(0, doutput),
            Some(geometry) => {
                if let Some(dinput) = at.dinput(0) {
                    at.push(ops::Permute {
                        geometry,
                        input: doutput,
                        output: dinput,
                    });
                }
            }
        }
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Arranges the same numbers with their axes in another order. Nothing is computed.".to_owned()]
    }

    fn does(&self) -> Vec<String> {
        vec!["axes swapped".to_owned()]
    }
}

/// The place in memory of each of Keras's axes, and the reverse: channels come first in memory.
const fn memory_of(axis: usize, rank: usize) -> usize {
    (axis + 1) % rank
}

impl Permute {
    /// How an input of that shape is rearranged in memory; None where it stays as it is.
    fn geometry(&self, input: &Shape) -> Option<PermuteGeometry> {
        let rank = input.rank();
        // Axes that are missing have size 1, and stand last.
        let mut sizes = [1; 3];
        let mut order = [0, 1, 2];
        for (axis, &size) in input.sizes().iter().enumerate() {
            if let Some(place) = sizes.get_mut(memory_of(axis, rank)) {
                *place = size;
            }
        }
        for (axis, &dim) in self.dims.iter().enumerate() {
            if let Some(place) = order.get_mut(memory_of(axis, rank)) {
                *place = memory_of(dim.saturating_sub(1), rank);
            }
        }
        (order != [0, 1, 2]).then(|| PermuteGeometry::new(sizes, order))
    }

    /// The permutation that undoes this one.
    fn inverse(&self) -> Self {
        let place = |axis: usize| self.dims.iter().position(|&dim| dim == axis).unwrap_or_default() + 1;
        Self {
            dims: (1..=self.dims.len()).map(place).collect(),
        }
    }
}
