//! `Input`: `keras/src/layers/core/input_layer.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use crate::shape::Shape;
use serde::Serialize;

/// `Input(shape)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// One sample's shape.
    pub shape: Shape,
}

/// The call.
pub static SIGNATURE: Signature = Signature {
    name: "Input",
    aliases: &["InputLayer"],
    doc: "The shape of one sample; the first line of every model",
    parameters: &[
        Parameter::required(
            "shape",
            Kind::Shape,
            "(height, width, channels), (height, width) or (size,)",
        ),
        Parameter::unsupported("batch_size", Literal::None),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("float32")]),
            ..Parameter::unsupported("dtype", Literal::None)
        },
        Parameter {
            kind: Kind::Unsupported(&[Literal::Bool(false)]),
            ..Parameter::unsupported("sparse", Literal::None)
        },
        Parameter {
            kind: Kind::Unsupported(&[Literal::Bool(false)]),
            ..Parameter::unsupported("ragged", Literal::None)
        },
        Parameter::unsupported("batch_shape", Literal::None),
        super::NAME[0],
        Parameter::unsupported("tensor", Literal::None),
        Parameter::unsupported("optional", Literal::Bool(false)),
    ],
    keywords: &[],
};

impl Input {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        Some(Self {
            shape: arguments.read("shape", values::shape)?,
        })
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("shape", super::tuple(self.shape.sizes()))]
    }
}
