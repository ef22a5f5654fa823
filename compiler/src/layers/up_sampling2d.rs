//! `UpSampling2D`: `keras/src/layers/reshaping/up_sampling2d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::expression::product;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::numbers::pair;
use crate::ops::{Interpolation, UpSample, UpSampleBackward, UpSamplingGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, Resize, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `UpSampling2D(size, interpolation)`: enlarges maps by whole factors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpSampling2D {
    /// How many rows each row becomes, and how many columns each column.
    pub size: (usize, usize),
    /// How the values of the new cells are found.
    pub interpolation: Interpolation,
}

impl Class for UpSampling2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "UpSampling2D",
        aliases: &[],
        doc: "Maps made larger: each cell becomes several, copies of it or between it and its neighbours",
        parameters: &[
            Argument::optional(
                "size",
                ArgumentKind::Pair,
                Literal::Pair(2, 2),
                "how many rows a row becomes, and how many columns a column",
            ),
            DATA_FORMAT,
            Argument::optional(
                "interpolation",
                ArgumentKind::Word(&["nearest", "bilinear"]),
                Literal::Str("nearest"),
                "what the new cells hold: copies, or what lies between neighbours",
            ),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let size = arguments.pair("size");
        let interpolation = arguments.read("interpolation", values::word);
        Some(Self {
            size: size?,
            interpolation: match interpolation? {
                "bilinear" => Interpolation::Bilinear,
                _ => Interpolation::Nearest,
            },
        })
    }
}

impl Definition for UpSampling2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = inputs.first().ok_or(Refusal::NoInput)?;
        let (height, width, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
        let (height, width) = (height.saturating_mul(self.size.0), width.saturating_mul(self.size.1));
        Ok(Shape::map(height, width, channels))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("size", pair(self.size)),
            ("interpolation", self.interpolation.name().to_owned()),
        ]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let op = Op::Resize(Resize {
            factors: self.size,
            interpolation: self.interpolation,
        });
        Some(at.push(op, vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        let Some(geometry) = self.geometry(at.input_shape()) else {
            return input;
        };
        let output = at.output();
        at.push(UpSample {
            geometry,
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        if let (Some(geometry), Some(dinput)) = (self.geometry(at.input_shape()), at.dinput(0)) {
            at.push(UpSampleBackward {
                geometry,
                doutput,
                dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let (rows, columns) = self.size;
        let text = match self.interpolation {
            Interpolation::Nearest => format!(
                "Each cell becomes {rows}x{columns} copies of itself: the picture grows, and nothing is learnt."
            ),
            Interpolation::Bilinear => format!(
                "The picture grows, {rows}x{columns} cells for each; the new ones lie on straight lines between the old ones, \
                 and nothing is learnt."
            ),
        };
        vec![text]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        let factors = [self.size.0, self.size.1];
        sliding::both_axes(place, |axis, input, output| {
            let factor = factors.get(axis).copied().unwrap_or(1);
            let because = if factor == 1 {
                "as it was"
            } else {
                "each becomes several"
            };
            (product([input, factor]).equals(output as u64), because.to_owned())
        })
    }

    fn does(&self) -> Vec<String> {
        let (rows, columns) = self.size;
        vec![format!("{rows}\u{d7}{columns} times as large")]
    }
}

impl UpSampling2D {
    fn geometry(&self, input: &Shape) -> Option<UpSamplingGeometry> {
        let (height, width, channels) = input.as_map()?;
        Some(UpSamplingGeometry {
            channels,
            size: (height, width),
            factors: self.size,
            interpolation: self.interpolation,
        })
    }
}
