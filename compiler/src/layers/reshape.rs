//! `Reshape`: `keras/src/layers/reshaping/reshape.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::sizes;
use crate::explanation::expression::product;
use crate::explanation::fact::{Fact, What};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::numbers::thousands;
use crate::ops::Transpose;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Reshape(target_shape)`: the same numbers in the same order under another shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reshape {
    /// The sizes of the output's axes; at most one is None, and follows from the others.
    pub target_shape: Vec<Option<usize>>,
}

impl Class for Reshape {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Reshape",
        aliases: &[],
        doc: "The same numbers in the same order (height, then width, then channels) under another shape",
        parameters: &[Argument::required(
            "target_shape",
            ArgumentKind::TargetShape,
            "the sizes of a sample; one may be -1, which is what the others leave",
        )],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments
            .read("target_shape", sizes::target_shape)
            .map(|target_shape| Self { target_shape })
    }
}

impl Definition for Reshape {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        let elements = input.checked_elements().unwrap_or(usize::MAX);
        let known = self.target_shape.iter().flatten();
        let known = known.fold(1_usize, |product, &size| product.saturating_mul(size));
        let open = self.target_shape.iter().any(Option::is_none);
        let fits = if open {
            elements.is_multiple_of(known.max(1))
        } else {
            elements == known
        };
        if fits {
            let sizes = self
                .target_shape
                .iter()
                .map(|size| size.unwrap_or(elements / known.max(1)));
            return Ok(Shape::new(sizes.collect::<Vec<_>>()));
        }
        let label = if open {
            format!("{} does not divide {}", thousands(known), thousands(elements))
        } else {
            format!("asks for {}", thousands(known))
        };
        Err(Refusal::Argument {
            argument: "target_shape",
            message: format!("a reshape keeps all {} numbers of its input", thousands(elements)),
            label,
            help: "one size may be -1, which is what the others leave".to_owned(),
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let sizes: Vec<String> = self
            .target_shape
            .iter()
            .map(|size| size.map_or_else(|| "-1".to_owned(), |size| size.to_string()))
            .collect();
        let text = match sizes.as_slice() {
            [only] => format!("({only},)"),
            sizes => format!("({})", sizes.join(", ")),
        };
        vec![("target_shape", text)]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.reshaped(input, at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let (from, to) = (at.input_shape(), at.shape());
        let mut current = at.input();
        if is_alike(from, to) {
            return current;
        }
        let transposes = transposes(from, to);
        let count = transposes.len();
        for (index, (rows, columns)) in transposes.into_iter().enumerate() {
            let output = if index + 1 == count {
                at.output()
            } else {
                at.tensor("flat", &Shape::flat(from.elements()))
            };
            at.push(Transpose {
                rows,
                columns,
                input: current,
                output,
            });
            current = output;
        }
        current
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let (from, to) = (at.input_shape(), at.shape());
        let mut current = at.doutput();
        if is_alike(from, to) {
            at.give(0, current);
            return;
        }
        if !at.needs(0) {
            return;
        }
        let transposes = transposes(to, from);
        let count = transposes.len();
        for (index, (rows, columns)) in transposes.into_iter().enumerate() {
            let output = if index + 1 == count {
                at.dinput(0)
            } else {
                Some(at.tensor("flat", &Shape::flat(from.elements())))
            };
            let Some(output) = output else { return };
            at.push(Transpose {
                rows,
                columns,
                input: current,
                output,
            });
            current = output;
        }
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Arranges the same numbers, in the same order, under another shape. Nothing is computed.".to_owned()]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        let Some(input) = place.input() else { return Vec::new() };
        let all = input.elements() as u64;
        let before = product(input.sizes().iter().copied()).equals(all);
        let after = product(place.output.sizes().iter().copied()).equals(all);
        vec![Fact::new(What::Size, vec![before, after], "every number stays")]
    }

    fn does(&self) -> Vec<String> {
        vec!["reshaped".to_owned()]
    }
}

/// Whether a sample lies in memory in Keras's order, since it has one channel or one place.
fn is_in_order(shape: &Shape) -> bool {
    shape.channels() == 1 || shape.positions() == 1
}

/// Whether both shapes have their numbers in the same places.
fn is_alike(from: &Shape, to: &Shape) -> bool {
    from.channels() == to.channels() || (is_in_order(from) && is_in_order(to))
}

/// The transposes that lead from one shape to the other: first into Keras's order, then out of it.
fn transposes(from: &Shape, to: &Shape) -> Vec<(usize, usize)> {
    let mut transposes = Vec::new();
    if !is_in_order(from) {
        transposes.push((from.channels(), from.positions()));
    }
    if !is_in_order(to) {
        transposes.push((to.positions(), to.channels()));
    }
    transposes
}
