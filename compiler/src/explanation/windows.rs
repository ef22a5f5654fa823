//! The arithmetic of the sizes that a window leaves.

use super::expression::{Equation, Expression, Function};
use super::fact::{Axis, Fact, What};
use crate::window::{Padding, Sliding, Window};

/// The sizes that a window leaves, told once where height and width have the same.
pub(crate) fn sizes(input: Option<(usize, usize, usize)>, window: &Window, filling: &str) -> Vec<Fact> {
    let Some((height, width, _)) = input else {
        return Vec::new();
    };
    let Some(grid) = window.over(height, width) else {
        return Vec::new();
    };
    if grid.vertical == grid.horizontal {
        return along(&grid.vertical, window.padding, Axis::Both, filling);
    }
    let mut facts = along(&grid.vertical, window.padding, Axis::Height, filling);
    facts.extend(along(&grid.horizontal, window.padding, Axis::Width, filling));
    facts
}

/// The size that a window leaves along the only axis of a signal, and the padding if there is any.
pub(crate) fn along_signal(sliding: &Sliding, padding: Padding, filling: &str) -> Vec<Fact> {
    along_axis(sliding, padding, Axis::Both, "", filling)
}

/// The size that a window leaves along one axis of an image, and the padding if there is any.
fn along(sliding: &Sliding, padding: Padding, axis: Axis, filling: &str) -> Vec<Fact> {
    let alike = if axis == Axis::Both {
        ", in height and width alike"
    } else {
        ""
    };
    along_axis(sliding, padding, axis, alike, filling)
}

fn along_axis(sliding: &Sliding, padding: Padding, axis: Axis, alike: &str, filling: &str) -> Vec<Fact> {
    let &Sliding {
        input,
        output,
        size,
        stride,
        dilation,
        ..
    } = sliding;
    let extent = sliding.extent();
    let (equation, because) = match padding {
        Padding::Valid => valid(input, extent, stride, output),
        Padding::Same | Padding::Causal => same(sliding),
    };
    let size_fact = Fact::new(What::Size, vec![equation], because + alike).along(axis);
    let mut facts = match padding {
        Padding::Valid => vec![size_fact],
        // Padding that keeps the size is explained before the size, other padding after it.
        Padding::Same if stride == 1 => vec![overhang(sliding, filling).along(axis), size_fact],
        Padding::Same => vec![size_fact, overhang(sliding, filling).along(axis)],
        Padding::Causal => vec![lead(sliding, filling).along(axis), size_fact],
    };
    if let Some(first) = facts.first_mut().filter(|_| dilation > 1) {
        let spans = Expression::from(dilation)
            .times(Expression::from(size).minus(1_usize))
            .plus(1_usize);
        let spans = spans.equals_of(extent as u64, "cells, which the window spans with its gaps");
        first.equations.insert(0, spans);
    }
    facts
}

/// The cells by which the first window sticks out, where none sticks out at the end.
fn lead(sliding: &Sliding, filling: &str) -> Fact {
    let lead = Expression::from(sliding.extent()).minus(1_usize);
    let because = format!("{filling} before the first cell: no window sees what comes after its own");
    Fact::new(What::Padding, vec![lead.equals(sliding.pad_before as u64)], because)
}

/// The cells by which windows stick out at both ends together.
fn overhang(sliding: &Sliding, filling: &str) -> Fact {
    let &Sliding {
        input,
        output,
        stride,
        pad_before,
        ..
    } = sliding;
    let (extent, overhang) = (sliding.extent(), sliding.overhang());
    let mut covered = if stride == 1 {
        Expression::from(extent).minus(1_usize)
    } else {
        let starts = Expression::from(output).minus(1_usize).times(stride);
        starts.plus(extent).minus(input)
    };
    if (output - 1) * stride + extent < input {
        covered = covered.or_zero();
    }
    let because = if overhang == 0 {
        "no window sticks out".to_owned()
    } else {
        let after = overhang - pad_before;
        format!("{filling}: {pad_before} before and {after} after the picture")
    };
    Fact::new(What::Padding, vec![covered.equals(overhang as u64)], because)
}

fn valid(input: usize, extent: usize, stride: usize, output: usize) -> (Equation, String) {
    let room = Expression::from(input).minus(extent);
    let rest = (input - extent) % stride;
    let lost = match rest {
        0 => String::new(),
        1 => "; the last cell is left out".to_owned(),
        rest => format!("; the last {rest} cells are left out"),
    };
    if stride == 1 {
        let because = format!("a window of {extent} fits into {input} cells at {output} places");
        return (room.plus(1_usize).equals(output as u64), because);
    }
    if stride == extent {
        let because = format!("windows of {extent} side by side{lost}");
        return (
            down(Expression::from(input).over(stride), rest).equals(output as u64),
            because,
        );
    }
    let because = format!("one window at the start, and one every {stride} cells as long as it fits{lost}");
    (
        down(room.over(stride), rest).plus(1_usize).equals(output as u64),
        because,
    )
}

fn same(sliding: &Sliding) -> (Equation, String) {
    let &Sliding {
        input, output, stride, ..
    } = sliding;
    if stride == 1 {
        let padded = Expression::from(input).plus(sliding.overhang());
        let equation = padded.minus(sliding.extent()).plus(1_usize).equals(output as u64);
        return (equation, "padding keeps the size: one window at every cell".to_owned());
    }
    let quotient = Expression::from(input).over(stride);
    let quotient = if input % stride == 0 {
        quotient
    } else {
        quotient.under(Function::Ceil)
    };
    let padded = if sliding.overhang() == 0 {
        ""
    } else {
        "; padding fills up what sticks out"
    };
    let because = format!("one window every {stride} cells{padded}");
    (quotient.equals(output as u64), because)
}

/// A quotient rounded down, or the plain quotient where there is no rest.
fn down(quotient: Expression, rest: usize) -> Expression {
    if rest == 0 {
        quotient
    } else {
        quotient.under(Function::Floor)
    }
}
