//! What the pools of whole channels share, `GlobalAveragePooling2D` and `GlobalMaxPooling2D`:
//! `keras/src/layers/pooling/base_global_pooling.py`.

use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::explanation::expression::product;
use crate::explanation::fact::{Fact, What};
use crate::layers::definition::Refusal;
use crate::layers::keywords::DATA_FORMAT;
use crate::layers::place::Place;
use crate::layers::pooling;
use crate::ops::{GlobalPool, GlobalPoolBackward, PoolKind};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::window::Reach;

/// The arguments that may be given by place.
pub(super) const PARAMETERS: [Argument; 2] = [
    DATA_FORMAT,
    Argument::optional(
        "keepdims",
        ArgumentKind::Bool,
        Literal::Bool(false),
        "whether height and width stay, as 1 and 1",
    ),
];

/// The shape of the output: a row with one number for each channel, or with `keepdims` an image of one pixel.
pub(super) fn output(keepdims: bool, inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let input = inputs.first().ok_or(Refusal::NoInput)?;
    let (_, _, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
    Ok(if keepdims {
        Shape::map(1, 1, channels)
    } else {
        Shape::flat(channels)
    })
}

/// Each number of the output depends on the whole image.
pub(super) fn reach(input: &Shape) -> Reach {
    let (height, width, _) = input.as_map().unwrap_or((1, 1, 1));
    Reach {
        size: (height, width),
        ..Reach::CELL
    }
}

/// How many numbers of the input make one of the output.
pub(super) fn sizes(place: &Place<'_>) -> Vec<Fact> {
    let Some((input, (height, width, _))) = place.input().and_then(|input| Some((input, input.as_map()?))) else {
        return Vec::new();
    };
    let equation = product([height, width]).equals_of(input.positions() as u64, "numbers");
    let because = "all places of a channel: one number is left of them";
    vec![Fact::new(What::Window, vec![equation], because)]
}

/// Lowers the forward pass: the maximum or mean of each channel. Returns the output.
pub(super) fn forward(pool: PoolKind, at: &mut Forward<'_>) -> TensorId {
    let (input, output) = (at.input(), at.output());
    at.push(GlobalPool { pool, input, output });
    output
}

/// Lowers the backward pass.
pub(super) fn backward(pool: PoolKind, at: &mut Backward<'_>) {
    if let Some(dinput) = at.dinput(0) {
        at.push(GlobalPoolBackward {
            pool,
            taken: pooling::taken(pool, at),
            doutput: at.doutput(),
            dinput,
        });
    }
}
