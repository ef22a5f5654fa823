//! `GlobalAveragePooling2D` and `GlobalMaxPooling2D`: `keras/src/layers/pooling/base_global_pooling.py`.

use super::{NAME, Refusal};
use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::shape::Shape;
use serde::Serialize;

/// `GlobalAveragePooling2D` and `GlobalMaxPooling2D`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPooling2D {
    /// Whether height and width stay, as 1 and 1.
    pub keepdims: bool,
}

const PARAMETERS: [Parameter; 2] = [
    Parameter {
        kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
        ..Parameter::unsupported("data_format", Literal::None)
    },
    Parameter::optional(
        "keepdims",
        Kind::Bool,
        Literal::Bool(false),
        "whether height and width stay, as 1 and 1",
    ),
];

/// The call `GlobalAveragePooling2D`.
pub static AVERAGE: Signature = Signature {
    name: "GlobalAveragePooling2D",
    aliases: &["GlobalAvgPool2D"],
    doc: "Mean of each channel",
    parameters: &PARAMETERS,
    keywords: &NAME,
};

/// The call `GlobalMaxPooling2D`.
pub static MAX: Signature = Signature {
    name: "GlobalMaxPooling2D",
    aliases: &["GlobalMaxPool2D"],
    doc: "Largest value of each channel",
    parameters: &PARAMETERS,
    keywords: &NAME,
};

impl GlobalPooling2D {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        Some(Self {
            keepdims: arguments.bool("keepdims")?,
        })
    }

    pub(super) fn output(&self, input: &Shape) -> Result<Shape, Refusal> {
        let (_, _, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
        Ok(if self.keepdims {
            Shape::map(1, 1, channels)
        } else {
            Shape::flat(channels)
        })
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("keepdims", self.keepdims.to_string())]
    }
}
