//! What the layers share that make one tensor of several, value by value: `keras/src/layers/merging/base_merge.py`.
//!
//! Inputs of other sizes are spread first: where one has a single row, column or channel, that stands for all of them.

use crate::layers::definition::Refusal;
use crate::ops::{Interpolation, Merge, MergeBackward, Merging, Op, UpSample, UpSampleBackward, UpSamplingGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// The shape of the output: that of the inputs, where a size of 1 gives way to another input's size along the same axis.
pub(super) fn output(inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let first = *inputs.first().ok_or(Refusal::NoInput)?;
    let mut sizes = first.sizes().to_vec();
    for (other, shape) in inputs.iter().enumerate() {
        let differs = Refusal::Differs { other, axis: None };
        if shape.rank() != first.rank() {
            return Err(differs);
        }
        for (size, &own) in sizes.iter_mut().zip(shape.sizes()) {
            if *size == 1 {
                *size = own;
            } else if own != 1 && own != *size {
                return Err(differs);
            }
        }
    }
    Ok(Shape::new(sizes))
}

/// Channels, rows and columns; a row of numbers has one row and one column, a signal one row.
fn image(shape: &Shape) -> (usize, usize, usize) {
    match *shape.sizes() {
        [height, width, channels] => (height, width, channels),
        [length, channels] => (1, length, channels),
        _ => (1, 1, shape.channels()),
    }
}

/// The enlargements that spread a tensor of one shape to the other: over rows and columns, then over channels, each
/// with the shape that it leads to.
fn spreads(from: &Shape, to: &Shape) -> Vec<(UpSamplingGeometry, Shape)> {
    let ((height, width, channels), (to_height, to_width, to_channels)) = (image(from), image(to));
    let mut spreads = Vec::new();
    let nearest = |channels, size, factors| UpSamplingGeometry {
        channels,
        size,
        factors,
        interpolation: Interpolation::Nearest,
    };
    if (height, width) != (to_height, to_width) {
        let factors = (to_height / height.max(1), to_width / width.max(1));
        let geometry = nearest(channels, (height, width), factors);
        spreads.push((geometry, Shape::map(to_height, to_width, channels)));
    }
    if channels != to_channels {
        // Channels lie one after another, so that they can be repeated as the rows of a single channel.
        let geometry = nearest(1, (1, to_height * to_width), (to_channels, 1));
        spreads.push((geometry, to.clone()));
    }
    spreads
}

/// What the forward and the backward pass have in common.
trait Program {
    fn new_tensor(&mut self, part: &str, shape: &Shape) -> TensorId;
    fn add(&mut self, op: Op);
}

impl Program for Forward<'_> {
    fn new_tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.tensor(part, shape)
    }

    fn add(&mut self, op: Op) {
        self.push(op);
    }
}

impl Program for Backward<'_> {
    fn new_tensor(&mut self, part: &str, shape: &Shape) -> TensorId {
        self.tensor(part, shape)
    }

    fn add(&mut self, op: Op) {
        self.push(op);
    }
}

/// The inputs, each spread to the output's shape.
fn spread(program: &mut impl Program, inputs: Vec<(TensorId, &Shape)>, to: &Shape) -> Vec<TensorId> {
    let one = |(tensor, from): (TensorId, &Shape)| {
        let mut input = tensor;
        for (geometry, shape) in spreads(from, to) {
            let output = program.new_tensor("spread", &shape);
            program.add(
                UpSample {
                    geometry,
                    input,
                    output,
                }
                .into(),
            );
            input = output;
        }
        input
    };
    inputs.into_iter().map(one).collect()
}

/// The inputs of the forward pass, each spread to the shape of the output.
pub(super) fn inputs(at: &mut Forward<'_>) -> Vec<TensorId> {
    let inputs = at.inputs().into_iter().zip(at.input_shapes()).collect();
    let to = at.shape();
    spread(at, inputs, to)
}

/// The inputs of the backward pass, each spread to the shape of the output.
fn inputs_again(at: &mut Backward<'_>) -> Vec<TensorId> {
    let inputs = at.inputs().into_iter().zip(at.input_shapes()).collect();
    let to = at.shape();
    spread(at, inputs, to)
}

/// Gives an input its gradient, which has the output's shape; where the input was spread, the gradient of its copies is summed.
pub(super) fn give(input: usize, gradient: TensorId, at: &mut Backward<'_>) {
    let Some(from) = at.input_shapes().nth(input).filter(|_| at.needs(input)) else {
        return;
    };
    let spreads = spreads(from, at.shape());
    if spreads.is_empty() {
        at.give(input, gradient);
        return;
    }
    let mut doutput = gradient;
    for index in (0..spreads.len()).rev() {
        let Some((geometry, _)) = spreads.get(index) else {
            return;
        };
        let before = index.checked_sub(1).and_then(|before| spreads.get(before));
        let dinput = match before {
            Some((_, shape)) => Some(at.tensor("spread", shape)),
            None => at.dinput(input),
        };
        let Some(dinput) = dinput else { return };
        at.push(UpSampleBackward {
            geometry: *geometry,
            doutput,
            dinput,
        });
        doutput = dinput;
    }
}

/// Gives the output's gradient to every input.
pub(super) fn give_all(gradient: TensorId, at: &mut Backward<'_>) {
    for input in 0..at.input_shapes().count() {
        give(input, gradient, at);
    }
}

/// `first (function) second (function) ...`, from the left; returns the output.
pub(super) fn chain(function: Merging, at: &mut Forward<'_>) -> TensorId {
    let inputs = inputs(at);
    let (shape, count) = (at.shape(), inputs.len());
    let mut inputs = inputs.into_iter();
    let mut left = inputs.next().unwrap_or_default();
    for (index, right) in inputs.enumerate() {
        let output = if index + 2 == count {
            at.output()
        } else {
            at.tensor("part", shape)
        };
        at.push(Merge {
            function,
            left,
            right,
            output,
        });
        left = output;
    }
    left
}

/// The gradients of a product: that of each input is the output's times all other inputs.
pub(super) fn product_backward(at: &mut Backward<'_>) {
    let inputs = inputs_again(at);
    let shape = at.shape();
    for input in 0..inputs.len() {
        if !at.needs(input) {
            continue;
        }
        let mut gradient = at.doutput();
        for (_, &other) in inputs.iter().enumerate().filter(|(other, _)| *other != input) {
            let output = at.tensor("part", shape);
            at.push(Merge {
                function: Merging::Multiply,
                left: gradient,
                right: other,
                output,
            });
            gradient = output;
        }
        give(input, gradient, at);
    }
}

/// The gradients of a maximum or minimum, which is made from the left: going back, each step gives the gradient to
/// the input that was taken.
pub(super) fn extreme_backward(function: Merging, at: &mut Backward<'_>) {
    let inputs = inputs_again(at);
    let shape = at.shape();
    // The left operand of each step.
    let mut lefts = Vec::new();
    let mut left = inputs.first().copied().unwrap_or_default();
    for (index, &right) in inputs.iter().enumerate().skip(1) {
        lefts.push(left);
        if index + 1 < inputs.len() {
            let output = at.tensor("part", shape);
            at.push(Merge {
                function,
                left,
                right,
                output,
            });
            left = output;
        }
    }
    let mut doutput = at.doutput();
    for (input, left) in (1..inputs.len()).zip(lefts).rev() {
        let right = inputs.get(input).copied().unwrap_or_default();
        let of = |of_left: bool, at: &mut Backward<'_>| {
            let dinput = at.tensor("part", shape);
            at.push(MergeBackward {
                function,
                of_left,
                left,
                right,
                doutput,
                dinput,
            });
            dinput
        };
        if at.needs(input) {
            let gradient = of(false, at);
            give(input, gradient, at);
        }
        if (0..input).any(|before| at.needs(before)) {
            doutput = of(true, at);
        }
    }
    give(0, doutput, at);
}

/// The sum of the inputs, from the left; returns the output.
pub(super) fn sum(at: &mut Forward<'_>) -> TensorId {
    let inputs = inputs(at);
    at.sum(&inputs)
}
