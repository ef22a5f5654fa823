//! `MaxPooling2D` and `AveragePooling2D`: `keras/src/layers/pooling/base_pooling.py`.

use super::{NAME, Refusal, over_image};
use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use crate::shape::Shape;
use crate::window::Window;
use serde::Serialize;

/// `MaxPooling2D` and `AveragePooling2D`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pooling2D {
    /// `pool_size`, `strides` and `padding`.
    pub window: Window,
}

const PARAMETERS: [Parameter; 4] = [
    Parameter::optional(
        "pool_size",
        Kind::Pair,
        Literal::Pair(2, 2),
        "height and width of the window",
    ),
    Parameter::optional(
        "strides",
        Kind::Pair,
        Literal::None,
        "cells from one window to the next; None means pool_size",
    ),
    Parameter::optional(
        "padding",
        Kind::Padding,
        Literal::Str("valid"),
        "whether windows may stick out of the image",
    ),
    Parameter {
        kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
        ..Parameter::unsupported("data_format", Literal::None)
    },
];

/// The call `MaxPooling2D`.
pub static MAX: Signature = Signature {
    name: "MaxPooling2D",
    aliases: &["MaxPool2D"],
    doc: "Largest value of each window, channel by channel",
    parameters: &[PARAMETERS[0], PARAMETERS[1], PARAMETERS[2], PARAMETERS[3], NAME[0]],
    keywords: &[NAME[1], NAME[2], NAME[3], NAME[4], NAME[5], NAME[6], NAME[7]],
};

/// The call `AveragePooling2D`.
pub static AVERAGE: Signature = Signature {
    name: "AveragePooling2D",
    aliases: &["AvgPool2D"],
    doc: "Mean of each window, channel by channel; cells of the padding do not count",
    parameters: &[PARAMETERS[0], PARAMETERS[1], PARAMETERS[2], PARAMETERS[3], NAME[0]],
    keywords: &[NAME[1], NAME[2], NAME[3], NAME[4], NAME[5], NAME[6], NAME[7]],
};

impl Pooling2D {
    pub(crate) fn build(arguments: &mut Arguments) -> Option<Self> {
        let size = arguments.pair("pool_size");
        let strides = arguments.read("strides", values::optional_pair);
        let padding = arguments.read("padding", values::padding);
        let size = size?;
        Some(Self {
            window: Window {
                size,
                strides: strides?.unwrap_or(size),
                dilation: (1, 1),
                padding: padding?,
            },
        })
    }

    pub(super) fn output(&self, input: &Shape) -> Result<Shape, Refusal> {
        let (height, width, channels) = over_image(input, &self.window)?;
        Ok(Shape::map(height, width, channels))
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("pool_size", super::pair(self.window.size)),
            ("strides", super::pair(self.window.strides)),
            ("padding", self.window.padding.name().to_owned()),
        ]
    }
}
