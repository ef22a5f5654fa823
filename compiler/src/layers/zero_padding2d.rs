//! `ZeroPadding2D`: `keras/src/layers/reshaping/zero_padding2d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes::{self, Sides, sides_text};
use crate::explanation::expression::sum;
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

/// `ZeroPadding2D(padding)`: zeros around an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZeroPadding2D {
    /// Rows of zeros above and below, then columns of zeros on the left and on the right.
    pub padding: Sides,
}

impl Class for ZeroPadding2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ZeroPadding2D",
        aliases: &[],
        doc: "Rows and columns of zeros around an image",
        parameters: &[
            Argument::optional(
                "padding",
                ArgumentKind::Sides,
                Literal::Pair(1, 1),
                "rows and columns on each side, or ((top, bottom), (left, right))",
            ),
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments.read("padding", sizes::sides).map(|padding| Self { padding })
    }
}

impl Definition for ZeroPadding2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = inputs.first().ok_or(Refusal::NoInput)?;
        let (height, width, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
        let [(top, bottom), (left, right)] = self.padding;
        let more = |size: usize, before: usize, after: usize| size.saturating_add(before).saturating_add(after);
        Ok(Shape::map(
            more(height, top, bottom),
            more(width, left, right),
            channels,
        ))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("padding", sides_text(self.padding))]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.push(Op::Pad(self.padding), vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        bordering::forward(bordering::before(self.padding, false), at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        bordering::backward(bordering::before(self.padding, false), at);
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Puts zeros around the picture, so that windows of the next layer can stand at its edges.".to_owned()]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        sliding::both_axes(place, |axis, input, output| {
            let (before, after) = self.padding.get(axis).copied().unwrap_or_default();
            let because = format!("zeros: {before} before and {after} after the picture");
            (sum([before, input, after]).equals(output as u64), because)
        })
    }

    fn does(&self) -> Vec<String> {
        vec!["zeros around it".to_owned()]
    }
}
