//! `Cropping2D`: `keras/src/layers/reshaping/cropping2d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes::{self, Sides, sides_text};
use crate::explanation::expression::Expression;
use crate::explanation::fact::Fact;
use crate::layers::bordering;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Cropping2D(cropping)`: an image without its edges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cropping2D {
    /// Rows to cut off above and below, then columns on the left and on the right.
    pub cropping: Sides,
}

impl Class for Cropping2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Cropping2D",
        aliases: &[],
        doc: "An image without rows and columns at its edges",
        parameters: &[
            Argument::optional(
                "cropping",
                ArgumentKind::Sides,
                Literal::Pair(0, 0),
                "rows and columns off each side, or ((top, bottom), (left, right))",
            ),
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments
            .read("cropping", sizes::sides)
            .map(|cropping| Self { cropping })
    }
}

impl Definition for Cropping2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        let (height, width, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
        let [(top, bottom), (left, right)] = self.cropping;
        let less = |size: usize, before: usize, after: usize| {
            let cropped = before.saturating_add(after);
            size.checked_sub(cropped)
                .filter(|&left| left > 0)
                .ok_or_else(|| Refusal::Argument {
                    argument: "cropping",
                    message: "cropping leaves nothing of its input".to_owned(),
                    label: format!("takes {cropped} of {size} away"),
                    help: format!("at most {} can be taken away", size - 1),
                })
        };
        Ok(Shape::map(
            less(height, top, bottom)?,
            less(width, left, right)?,
            channels,
        ))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("cropping", sides_text(self.cropping))]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.push(Op::Crop(self.cropping), vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        bordering::forward(bordering::before(self.cropping, true), at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        bordering::backward(bordering::before(self.cropping, true), at);
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Cuts rows and columns off the edges of the picture.".to_owned()]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        sliding::both_axes(place, |axis, input, output| {
            let (before, after) = self.cropping.get(axis).copied().unwrap_or_default();
            let left = Expression::from(input).minus(before).minus(after);
            let because = format!("{before} before and {after} after are cut off");
            (left.equals(output as u64), because)
        })
    }

    fn does(&self) -> Vec<String> {
        vec!["edges cut off".to_owned()]
    }
}
