//! `Concatenate`: `keras/src/layers/merging/concatenate.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::expression::sum;
use crate::explanation::fact::{Fact, What};
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::Copy;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::{Shape, axis_name};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Concatenate(axis)`: two or more tensors end to end along one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Concatenate {
    /// The axis among those of one sample: 0 is the height of an image; Keras's `axis=-1` is the last. `check` has it set
    /// from `keras_axis` once it knows the rank.
    pub axis: usize,
    /// The axis as the description gives it: negative from the end, otherwise counted from 1, as 0 is the batch.
    #[serde(skip)]
    pub keras_axis: i64,
}

impl Class for Concatenate {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Concatenate",
        aliases: &[],
        doc: "Two or more outputs end to end: Concatenate()([a, b])",
        parameters: &[Argument::optional(
            "axis",
            ArgumentKind::Integer,
            Literal::Int(-1),
            "along which axis: -1 the channels; 1, 2, 3 height, width, channels",
        )],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let keras_axis = arguments.read("axis", axis)?;
        Some(Self { axis: 0, keras_axis })
    }
}

impl Concatenate {
    /// The axis among those of a sample of that rank.
    fn sample_axis(&self, rank: usize) -> Option<usize> {
        let rank = i64::try_from(rank).ok()?;
        let axis = if self.keras_axis < 0 {
            self.keras_axis + rank
        } else {
            self.keras_axis - 1
        };
        if (0..rank).contains(&axis) {
            usize::try_from(axis).ok()
        } else {
            None
        }
    }
}

/// The place of one input in a concatenation, in elements of a sample.
struct Part {
    /// The number of blocks that it comes in: one for each step of the axes before the joined one.
    blocks: usize,
    /// Elements of a block.
    block: usize,
    /// Elements from the start of a block in the output to the start of the next.
    stride: usize,
    /// The element at which the first block starts in the output.
    offset: usize,
}

impl Concatenate {
    /// The places of all inputs in an output of that shape. In memory the channels come first, then the other axes in order.
    fn parts<'a>(&self, shape: &Shape, inputs: impl Iterator<Item = &'a Shape>) -> Vec<Part> {
        let (axis, rank, sizes) = (self.axis, shape.rank(), shape.sizes());
        let (before, after) = if axis + 1 == rank {
            (1, shape.positions())
        } else {
            let between = sizes.iter().take(rank.saturating_sub(1)).skip(axis + 1);
            (
                shape.channels() * sizes.iter().take(axis).product::<usize>(),
                between.product(),
            )
        };
        let stride = sizes.get(axis).copied().unwrap_or(1) * after;
        let mut offset = 0;
        let mut parts = Vec::new();
        for input in inputs {
            let block = input.sizes().get(axis).copied().unwrap_or(0) * after;
            parts.push(Part {
                blocks: before,
                block,
                stride,
                offset,
            });
            offset += block;
        }
        parts
    }
}

impl Definition for Concatenate {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let first = inputs.first().ok_or(Refusal::NoInput)?;
        let axis = self.sample_axis(first.rank()).ok_or(Refusal::NoAxis {
            axis: self.keras_axis,
            rank: first.rank(),
        })?;
        let others = |shape: &Shape| -> Vec<usize> {
            let sizes = shape.sizes().iter().enumerate();
            sizes
                .filter(|&(index, _)| index != axis)
                .map(|(_, &size)| size)
                .collect()
        };
        let differs = |shape: &&Shape| shape.rank() != first.rank() || others(shape) != others(first);
        if let Some(other) = inputs.iter().position(differs) {
            return Err(Refusal::Differs {
                other,
                axis: Some(axis),
            });
        }
        let along = inputs.iter().filter_map(|shape| shape.sizes().get(axis));
        let total = along.copied().fold(0, usize::saturating_add);
        let mut sizes = first.sizes().to_vec();
        if let Some(size) = sizes.get_mut(axis) {
            *size = total;
        }
        Ok(Shape::new(sizes))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.keras_axis.to_string())]
    }

    fn settle(&mut self, rank: usize) {
        if let Some(axis) = self.sample_axis(rank) {
            self.axis = axis;
        }
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Puts {} one after the other along the {}. Nothing is computed.",
            place.input_names(),
            axis_name(self.axis, place.output.rank())
        )]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        let along = place
            .inputs
            .iter()
            .filter_map(|(_, shape)| shape.sizes().get(self.axis));
        let joined = place.output.sizes().get(self.axis).copied().unwrap_or_default();
        let because = format!(
            "{}, one input after the other",
            axis_name(self.axis, place.output.rank())
        );
        vec![Fact::new(
            What::Size,
            vec![sum(along.copied()).equals(joined as u64)],
            because,
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("concat")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.push(Op::Concatenate(self.axis), at.inputs(), at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let output = at.output();
        let inputs = at.inputs();
        for (part, input) in self.parts(at.shape(), at.input_shapes()).into_iter().zip(inputs) {
            at.push(Copy {
                blocks: part.blocks,
                block: part.block,
                input_stride: part.block,
                input_offset: 0,
                output_stride: part.stride,
                output_offset: part.offset,
                input,
                output,
            });
        }
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        for (input, part) in self.parts(at.shape(), at.input_shapes()).into_iter().enumerate() {
            let Some(output) = at.dinput(input) else { continue };
            at.push(Copy {
                blocks: part.blocks,
                block: part.block,
                input_stride: part.stride,
                input_offset: part.offset,
                output_stride: part.block,
                output_offset: 0,
                input: at.doutput(),
                output,
            });
        }
    }
}

fn axis(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    const AXES: &str = "axis=-1 is the channels; 1, 2 and 3 are height, width and channels";
    let ValueKind::Integer(axis) = value.kind else {
        diagnostics.push(values::wrong_type(parameter, value));
        return None;
    };
    match axis {
        -3..=-1 | 1..=3 => Some(axis),
        0 => {
            diagnostics.push(
                Diagnostic::error("E0119", "samples of a batch cannot be joined")
                    .at(value.span, "axis 0 is the batch")
                    .help(AXES),
            );
            None
        }
        axis => {
            diagnostics.push(values::out_of_range(parameter, value, "an axis of the inputs", axis).help(AXES));
            None
        }
    }
}
