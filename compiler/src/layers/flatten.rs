//! `Flatten`: `keras/src/layers/reshaping/flatten.py`.

use super::NAME;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::shape::Shape;
use serde::Serialize;

/// `Flatten()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flatten {}

/// The call.
pub static SIGNATURE: Signature = Signature {
    name: "Flatten",
    aliases: &[],
    doc: "All values in a row: height, then width, then channels",
    parameters: &[Parameter {
        kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
        ..Parameter::unsupported("data_format", Literal::None)
    }],
    keywords: &NAME,
};

impl Flatten {
    pub(super) fn output(input: &Shape) -> Shape {
        // A shape that reaches a layer has a product that fits: `check` refuses it at its source.
        Shape::flat(input.checked_elements().unwrap_or(usize::MAX))
    }
}
