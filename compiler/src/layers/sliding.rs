//! What layers share whose window slides over an image.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::explanation::expression::Equation;
use crate::explanation::fact::{Axis, Fact, What};
use crate::layers::definition::Refusal;
use crate::layers::place::Place;
use crate::shape::Shape;
use crate::window::{Grid, Window};
use grammar::diagnostic::Diagnostic;

/// The argument `padding` of a window, `valid` by default.
pub(super) const PADDING: Argument = Argument::optional(
    "padding",
    ArgumentKind::Padding,
    Literal::Str("valid"),
    "whether windows may stick out of the image",
);

/// The argument `strides`: rows and columns from one window to the next, 1 by default.
pub(super) const STRIDES: Argument = Argument::optional(
    "strides",
    ArgumentKind::Pair,
    Literal::Pair(1, 1),
    "cells from one window to the next",
);

/// The argument `dilation_rate`: rows and columns from one tap to the next, 1 by default.
pub(super) const DILATION_RATE: Argument = Argument::optional(
    "dilation_rate",
    ArgumentKind::Pair,
    Literal::Pair(1, 1),
    "cells from one tap of the kernel to the next",
);

/// Reads `kernel_size`, `strides`, `padding` and `dilation_rate`.
pub(super) fn window(arguments: &mut Arguments) -> Option<Window> {
    let size = arguments.pair("kernel_size");
    let strides = arguments.pair("strides");
    let padding = arguments.read("padding", values::padding);
    let dilation = arguments.pair("dilation_rate");
    Some(Window {
        size: size?,
        strides: strides?,
        dilation: dilation?,
        padding: padding?,
    })
}

/// Gives strides and dilation back, unless both are above 1, which Keras refuses (E0307).
pub(super) fn strides_or_dilation(
    strides: (usize, usize),
    dilation: (usize, usize),
    arguments: &mut Arguments,
) -> Option<((usize, usize), (usize, usize))> {
    if strides == (1, 1) || dilation == (1, 1) {
        return Some((strides, dilation));
    }
    let (stride_span, dilation_span) = (arguments.span_of("strides"), arguments.span_of("dilation_rate"));
    arguments.diagnostics().push(
        Diagnostic::error("E0307", "strides and dilation_rate cannot both be above 1")
            .at(dilation_span, format!("{}x{}", dilation.0, dilation.1))
            .because(stride_span, format!("{}x{}", strides.0, strides.1))
            .help("leave one of them out"),
    );
    None
}

/// The shape that a window leaves of an image, with `channels` channels. Errs where it does not fit or there is no image.
pub(super) fn over(input: &Shape, window: &Window, channels: usize) -> Result<Shape, Refusal> {
    let (height, width, _) = input.as_map().ok_or(Refusal::NotAnImage)?;
    let grid = window.over(height, width).ok_or(Refusal::DoesNotFit)?;
    Ok(Shape::map(grid.vertical.output, grid.horizontal.output, channels))
}

/// Lays the window over an image; None where it does not fit or there is no image.
pub(super) fn grid(input: &Shape, window: &Window) -> Option<Grid> {
    let (height, width, _) = input.as_map()?;
    window.over(height, width)
}

/// The lines of a drawing about a window: its size behind `before`, its strides unless they are the usual ones, and its dilation.
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

/// The arithmetic of height and width, once where it is the same for both. `of` makes it from the axis, 0 or 1, and
/// the sizes of the layer's input and output along it.
pub(super) fn both_axes(place: &Place<'_>, of: impl Fn(usize, usize, usize) -> (Equation, String)) -> Vec<Fact> {
    let images = place.input().and_then(Shape::as_map).zip(place.output.as_map());
    let Some(((in_height, in_width, _), (height, width, _))) = images else {
        return Vec::new();
    };
    let (vertical, horizontal) = (of(0, in_height, height), of(1, in_width, width));
    if vertical == horizontal {
        let (equation, because) = vertical;
        return vec![Fact::new(
            What::Size,
            vec![equation],
            because + ", in height and width alike",
        )];
    }
    let fact =
        |(equation, because): (Equation, String), axis| Fact::new(What::Size, vec![equation], because).along(axis);
    vec![fact(vertical, Axis::Height), fact(horizontal, Axis::Width)]
}
