//! `Add` and `Concatenate`: `keras/src/layers/merging`.

use super::{NAME, Refusal};
use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::shape::Shape;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Add()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Add {}

/// `Concatenate(axis)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Concatenate {
    /// The axis among those of one sample: 0 is the height of an image; Keras's `axis=-1` is the last. `check` sets it
    /// from `keras_axis` once it knows the rank.
    pub axis: usize,
    /// The axis as it was written: negative from the end, else from 1, as 0 is the batch.
    #[serde(skip)]
    pub keras_axis: i64,
}

/// The call `Add`.
pub static ADD: Signature = Signature {
    name: "Add",
    aliases: &[],
    doc: "Sum of two or more outputs of one shape: Add()([a, b])",
    parameters: &[],
    keywords: &NAME,
};

/// The call `Concatenate`.
pub static CONCATENATE: Signature = Signature {
    name: "Concatenate",
    aliases: &[],
    doc: "Two or more outputs end to end: Concatenate()([a, b])",
    parameters: &[Parameter::optional(
        "axis",
        Kind::Integer,
        Literal::Int(-1),
        "along which axis: -1 the channels; 1, 2, 3 height, width, channels",
    )],
    keywords: &NAME,
};

impl Add {
    pub(super) fn output(inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let first = inputs.first().ok_or(Refusal::NoInput)?;
        match inputs.iter().position(|shape| shape != first) {
            Some(other) => Err(Refusal::Differs { other, axis: None }),
            None => Ok((*first).clone()),
        }
    }
}

impl Concatenate {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        let keras_axis = arguments.read("axis", axis)?;
        Some(Self { axis: 0, keras_axis })
    }

    /// The axis among those of a sample of that rank.
    pub(crate) fn sample_axis(&self, rank: usize) -> Option<usize> {
        let rank = i64::try_from(rank).ok()?;
        let axis = if self.keras_axis < 0 {
            self.keras_axis + rank
        } else {
            self.keras_axis - 1
        };
        if (0..rank).contains(&axis) {
            usize::try_from(axis).ok()
        } else {
            None
        }
    }

    pub(super) fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let first = inputs.first().ok_or(Refusal::NoInput)?;
        let axis = self.sample_axis(first.rank()).ok_or(Refusal::NoAxis {
            axis: self.keras_axis,
            rank: first.rank(),
        })?;
        let others = |shape: &Shape| -> Vec<usize> {
            shape
                .sizes()
                .iter()
                .enumerate()
                .filter(|&(index, _)| index != axis)
                .map(|(_, &size)| size)
                .collect()
        };
        let differs = |shape: &&Shape| shape.rank() != first.rank() || others(shape) != others(first);
        if let Some(other) = inputs.iter().position(differs) {
            return Err(Refusal::Differs {
                other,
                axis: Some(axis),
            });
        }
        let along = inputs.iter().filter_map(|shape| shape.sizes().get(axis));
        let total = along.copied().fold(0, usize::saturating_add);
        let mut sizes = first.sizes().to_vec();
        if let Some(size) = sizes.get_mut(axis) {
            *size = total;
        }
        Ok(Shape::new(sizes))
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.keras_axis.to_string())]
    }
}

fn axis(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    match value.kind {
        ValueKind::Integer(axis @ (-3..=-1 | 1..=3)) => Some(axis),
        ValueKind::Integer(0) => {
            diagnostics.push(
                Diagnostic::error("E0109", "samples of a batch cannot be joined")
                    .at(value.span, "axis 0 is the batch")
                    .help("axis=-1 is the channels; 1, 2 and 3 are height, width and channels"),
            );
            None
        }
        ValueKind::Integer(axis) => {
            diagnostics.push(
                crate::call::values::out_of_range(parameter, value, "an axis of the inputs", axis)
                    .help("axis=-1 is the channels; 1, 2 and 3 are height, width and channels"),
            );
            None
        }
        _ => {
            diagnostics.push(crate::call::values::wrong_type(parameter, value));
            None
        }
    }
}
