//! What layers share whose window slides over an image.

use crate::call::signature::{Kind, Literal, Parameter};
use crate::layers::definition::Refusal;
use crate::shape::Shape;
use crate::window::{Grid, Window};

/// The argument `padding` of a window.
pub(super) const PADDING: Parameter = Parameter::optional(
    "padding",
    Kind::Padding,
    Literal::Str("valid"),
    "whether windows may stick out of the image",
);

/// The image of `channels` that a window leaves of an image.
pub(super) fn over(input: &Shape, window: &Window, channels: usize) -> Result<Shape, Refusal> {
    let (height, width, _) = input.as_map().ok_or(Refusal::NotAnImage)?;
    let grid = window.over(height, width).ok_or(Refusal::DoesNotFit)?;
    Ok(Shape::map(grid.vertical.output, grid.horizontal.output, channels))
}

/// The window laid over an image; nothing where it does not fit or there is no image.
pub(super) fn grid(input: &Shape, window: &Window) -> Option<Grid> {
    let (height, width, _) = input.as_map()?;
    window.over(height, width)
}

/// What a drawing says of a window: its size, and its strides and dilation where they are not the `usual` ones.
pub(super) fn does(window: &Window, usual_strides: (usize, usize), before: &str) -> Vec<String> {
    let times = |(vertical, horizontal): (usize, usize)| format!("{vertical}\u{d7}{horizontal}");
    let mut does = vec![format!("{before}{}", times(window.size))];
    if window.strides != usual_strides {
        does.push(format!("stride {}", times(window.strides)));
    }
    if window.dilation != (1, 1) {
        does.push(format!("dilation {}", times(window.dilation)));
    }
    does
}
