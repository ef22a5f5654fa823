//! What layers of signals share, `Conv1D` and the pools of one axis: they take length x channels as an image with a single row.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::explanation::windows;
use crate::layers::definition::Refusal;
use crate::layers::keywords::{DATA_FORMAT, NAME};
use crate::layers::place::Place;
use crate::ops::{GlobalPool, GlobalPoolBackward, Pool, PoolBackward, PoolKind, PoolingGeometry, Taken};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::window::{Grid, Padding, Sliding};
use serde::Serialize;

/// A window over the length of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window1D {
    /// Cells of the window: `kernel_size` or `pool_size`.
    pub size: usize,
    /// Cells from one window to the next: `strides`.
    pub strides: usize,
    /// Cells from one tap of the window to the next: `dilation_rate`; 1 for pools.
    pub dilation: usize,
    /// Whether windows may stick out of the signal: `padding`.
    pub padding: Padding,
}

impl Window1D {
    /// Lays the window along a signal, as a grid of one row; None where it does not fit or there is no signal.
    pub(super) fn over(&self, input: &Shape) -> Option<Grid> {
        let (length, _) = as_signal(input)?;
        Some(Grid {
            vertical: Sliding::along(1, 1, 1, 1, Padding::Valid)?,
            horizontal: Sliding::along(length, self.size, self.strides, self.dilation, self.padding)?,
        })
    }
}

/// Length and channels; None unless there are two axes.
pub(super) fn as_signal(shape: &Shape) -> Option<(usize, usize)> {
    match *shape.sizes() {
        [length, channels] => Some((length, channels)),
        _ => None,
    }
}

/// The shape that a window leaves of a signal, with `channels` channels. Errs where it does not fit, which is blamed
/// on `argument`.
pub(super) fn over(
    inputs: &[&Shape],
    window: &Window1D,
    channels: usize,
    argument: &'static str,
) -> Result<Shape, Refusal> {
    let input = *inputs.first().ok_or(Refusal::NoInput)?;
    let (length, _) = as_signal(input).ok_or(Refusal::NotASignal)?;
    match window.over(input) {
        Some(grid) => Ok(Shape::new(vec![grid.horizontal.output, channels])),
        None => Err(Refusal::Argument {
            argument,
            message: "the window does not fit its input".to_owned(),
            label: format!(
                "needs at least {}, of {length}",
                window
                    .dilation
                    .saturating_mul(window.size.saturating_sub(1))
                    .saturating_add(1)
            ),
            help: format!("a smaller {argument}, or padding=\"same\""),
        }),
    }
}

/// The arithmetic of the output's length; `filling` is the word for the cells of the padding.
pub(super) fn sizes(window: &Window1D, place: &Place<'_>, filling: &str) -> Vec<Fact> {
    let grid = place.input().and_then(|input| window.over(input));
    grid.map_or_else(Vec::new, |grid| {
        windows::along_signal(&grid.horizontal, window.padding, filling)
    })
}

/// The lines of a drawing about a window: its size behind `before`, its strides unless they are the usual ones, and its dilation.
pub(super) fn does(window: &Window1D, usual_strides: usize, before: &str) -> Vec<String> {
    let mut does = vec![format!("{before}{}", window.size)];
    if window.strides != usual_strides {
        does.push(format!("stride {}", window.strides));
    }
    if window.dilation != 1 {
        does.push(format!("dilation {}", window.dilation));
    }
    does
}

/// The arguments of a pool that follow its size.
const AFTER_SIZE: [Argument; 4] = [
    Argument::optional(
        "strides",
        ArgumentKind::Count,
        Literal::None,
        "cells from one window to the next; None means pool_size",
    ),
    crate::layers::sliding::PADDING,
    DATA_FORMAT,
    NAME,
];

/// The arguments of `MaxPooling1D`, whose window has two cells by default.
pub(super) const MAX_PARAMETERS: [Argument; 5] = [
    Argument::optional(
        "pool_size",
        ArgumentKind::Count,
        Literal::Int(2),
        "length of the window",
    ),
    AFTER_SIZE[0],
    AFTER_SIZE[1],
    AFTER_SIZE[2],
    AFTER_SIZE[3],
];

/// The arguments of `AveragePooling1D`, whose size Keras requires.
pub(super) const AVERAGE_PARAMETERS: [Argument; 5] = [
    Argument::required("pool_size", ArgumentKind::Count, "length of the window"),
    AFTER_SIZE[0],
    AFTER_SIZE[1],
    AFTER_SIZE[2],
    AFTER_SIZE[3],
];

/// Reads the window of a pool, whose strides are its size by default.
pub(super) fn pool_window(arguments: &mut Arguments) -> Option<Window1D> {
    let size = arguments.count("pool_size");
    let strides = arguments.read("strides", values::optional_count);
    let padding = arguments.read("padding", values::padding);
    let size = size?;
    Some(Window1D {
        size,
        strides: strides?.unwrap_or(size),
        dilation: 1,
        padding: padding?,
    })
}

/// The arguments of a pool, as the description would give them.
pub(super) fn pool_arguments(window: &Window1D) -> Vec<(&'static str, String)> {
    vec![
        ("pool_size", window.size.to_string()),
        ("strides", window.strides.to_string()),
        ("padding", window.padding.name().to_owned()),
    ]
}

fn pooling(window: &Window1D, input: &Shape) -> Option<PoolingGeometry> {
    Some(PoolingGeometry {
        channels: input.channels(),
        grid: window.over(input)?,
    })
}

/// Lowers the forward pass of a pool; returns the output.
pub(super) fn pool_forward(pool: PoolKind, window: &Window1D, at: &mut Forward<'_>) -> TensorId {
    let input = at.input();
    let Some(geometry) = pooling(window, at.input_shape()) else {
        return input;
    };
    let output = at.output();
    at.push(Pool {
        pool,
        geometry,
        input,
        output,
    });
    output
}

fn taken(pool: PoolKind, at: &Backward<'_>) -> Option<Taken> {
    (pool == PoolKind::Max).then(|| Taken {
        input: at.input(),
        output: at.output(),
    })
}

/// Lowers the backward pass of a pool.
pub(super) fn pool_backward(pool: PoolKind, window: &Window1D, at: &mut Backward<'_>) {
    let Some(geometry) = pooling(window, at.input_shape()) else {
        return;
    };
    let (taken, doutput) = (taken(pool, at), at.doutput());
    if let Some(dinput) = at.dinput(0) {
        at.push(PoolBackward {
            pool,
            geometry,
            taken,
            doutput,
            dinput,
        });
    }
}

/// The shape of a global pool's output: a row with one number for each channel, or with `keepdims` a signal of one cell.
pub(super) fn global_output(keepdims: bool, inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let input = inputs.first().ok_or(Refusal::NoInput)?;
    let (_, channels) = as_signal(input).ok_or(Refusal::NotASignal)?;
    Ok(if keepdims {
        Shape::new(vec![1, channels])
    } else {
        Shape::flat(channels)
    })
}

/// The arguments of a global pool that may be given by place.
pub(super) const GLOBAL_PARAMETERS: [Argument; 2] = [
    DATA_FORMAT,
    Argument::optional(
        "keepdims",
        ArgumentKind::Bool,
        Literal::Bool(false),
        "whether the length stays, as 1",
    ),
];

/// Lowers the forward pass of a global pool; returns the output.
pub(super) fn global_forward(pool: PoolKind, at: &mut Forward<'_>) -> TensorId {
    let (input, output) = (at.input(), at.output());
    at.push(GlobalPool { pool, input, output });
    output
}

/// Lowers the backward pass of a global pool.
pub(super) fn global_backward(pool: PoolKind, at: &mut Backward<'_>) {
    let (taken, doutput) = (taken(pool, at), at.doutput());
    if let Some(dinput) = at.dinput(0) {
        at.push(GlobalPoolBackward {
            pool,
            taken,
            doutput,
            dinput,
        });
    }
}

/// The padding that `same`, `causal` or `valid` stands for.
pub(super) fn padding(word: &str) -> Padding {
    match word {
        "same" => Padding::Same,
        "causal" => Padding::Causal,
        _ => Padding::Valid,
    }
}

/// The layer's input as an image with a single row, in portable operations.
pub(super) fn portable_image(at: &mut At<'_>) -> ValueId {
    let (input, shape) = (at.input(), at.input_shape());
    match as_signal(&shape) {
        Some((length, channels)) => at.reshaped(input, Shape::map(1, length, channels)),
        None => input,
    }
}
