//! What the layers share that put cells around an image or take them away, `ZeroPadding2D` and `Cropping2D`.

use crate::call::sizes::Sides;
use crate::ops::{Shift, ShiftGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// How a map of one shape lies in a map of the other: behind `before` rows and columns of zeros, or cut off by as
/// many where `before` is negative.
fn geometry(from: &Shape, to: &Shape, before: (isize, isize)) -> Option<ShiftGeometry> {
    let ((from_rows, from_columns, channels), (to_rows, to_columns, _)) = (from.as_map()?, to.as_map()?);
    Some(ShiftGeometry {
        channels,
        from: (from_rows, from_columns),
        to: (to_rows, to_columns),
        before,
    })
}

/// How many rows and columns the first cell moves.
pub(super) fn before(sides: Sides, cropped: bool) -> (isize, isize) {
    let [(top, _), (left, _)] = sides;
    let signed = |cells: usize| {
        let cells = isize::try_from(cells).unwrap_or(isize::MAX);
        if cropped { -cells } else { cells }
    };
    (signed(top), signed(left))
}

/// Appends the operation; returns the output.
pub(super) fn forward(before: (isize, isize), at: &mut Forward<'_>) -> TensorId {
    let input = at.input();
    let Some(geometry) = geometry(at.input_shape(), at.shape(), before) else {
        return input;
    };
    let output = at.output();
    at.push(Shift {
        geometry,
        input,
        output,
    });
    output
}

/// Appends the operation that makes the gradient of the input.
pub(super) fn backward(before: (isize, isize), at: &mut Backward<'_>) {
    let doutput = at.doutput();
    if let (Some(geometry), Some(dinput)) = (geometry(at.input_shape(), at.shape(), before), at.dinput(0)) {
        at.push(Shift {
            geometry: geometry.reversed(),
            input: doutput,
            output: dinput,
        });
    }
}
