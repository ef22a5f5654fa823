//! What the pools of windows share, `MaxPooling2D` and `AveragePooling2D`: `keras/src/layers/pooling/base_pooling.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::explanation::windows;
use crate::layers::definition::Refusal;
use crate::layers::keywords::{DATA_FORMAT, NAME};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::numbers::pair;
use crate::ops::{Pool, PoolBackward, PoolKind, PoolingGeometry, Taken};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::window::Window;

/// The arguments of `MaxPooling2D` that may be given by place.
pub(super) const MAX_PARAMETERS: [Argument; 5] = [
    Argument::optional("pool_size", ArgumentKind::Pair, Literal::Pair(2, 2), SIZE),
    STRIDES,
    sliding::PADDING,
    DATA_FORMAT,
    NAME,
];

/// Those of `AveragePooling2D`, whose size Keras asks for.
pub(super) const AVERAGE_PARAMETERS: [Argument; 5] = [
    Argument::required("pool_size", ArgumentKind::Pair, SIZE),
    STRIDES,
    sliding::PADDING,
    DATA_FORMAT,
    NAME,
];

const SIZE: &str = "height and width of the window";

const STRIDES: Argument = Argument::optional(
    "strides",
    ArgumentKind::Pair,
    Literal::None,
    "cells from one window to the next; None means pool_size",
);

/// Reads the window, whose strides are its size by default.
pub(super) fn window(arguments: &mut Arguments) -> Option<Window> {
    let size = arguments.pair("pool_size");
    let strides = arguments.read("strides", values::optional_pair);
    let padding = arguments.read("padding", values::padding);
    let size = size?;
    Some(Window {
        size,
        strides: strides?.unwrap_or(size),
        dilation: (1, 1),
        padding: padding?,
    })
}

/// The shape of the output. Errs where the window does not fit or there is no image.
pub(super) fn output(window: &Window, inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let input = inputs.first().ok_or(Refusal::NoInput)?;
    sliding::over(input, window, input.channels())
}

/// The arguments as the description would give them.
pub(super) fn arguments(window: &Window) -> Vec<(&'static str, String)> {
    vec![
        ("pool_size", pair(window.size)),
        ("strides", pair(window.strides)),
        ("padding", window.padding.name().to_owned()),
    ]
}

/// The arithmetic of the output's height and width.
pub(super) fn sizes(window: &Window, place: &Place<'_>) -> Vec<Fact> {
    let image = place.input().and_then(Shape::as_map);
    windows::sizes(image, window, "cells, which do not count")
}

fn geometry(window: &Window, input: &Shape) -> Option<PoolingGeometry> {
    Some(PoolingGeometry {
        channels: input.channels(),
        grid: sliding::grid(input, window)?,
    })
}

/// Lowers the forward pass: the maximum or mean of each window. Returns the output.
pub(super) fn forward(pool: PoolKind, window: &Window, at: &mut Forward<'_>) -> TensorId {
    let (input, output) = (at.input(), at.output());
    if let Some(geometry) = geometry(window, at.input_shape()) {
        at.push(Pool {
            pool,
            geometry,
            input,
            output,
        });
    }
    output
}

/// Lowers the backward pass.
pub(super) fn backward(pool: PoolKind, window: &Window, at: &mut Backward<'_>) {
    let Some(geometry) = geometry(window, at.input_shape()) else {
        return;
    };
    if let Some(dinput) = at.dinput(0) {
        at.push(PoolBackward {
            pool,
            geometry,
            taken: taken(pool, at),
            doutput: at.doutput(),
            dinput,
        });
    }
}

/// The tensors of the forward pass that the gradient of a maximum needs; None for a mean.
pub(super) fn taken(pool: PoolKind, at: &Backward<'_>) -> Option<Taken> {
    match pool {
        PoolKind::Max => Some(Taken {
            input: at.input(),
            output: at.output(),
        }),
        PoolKind::Average => None,
    }
}
