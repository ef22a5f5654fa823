//! Programs in the making.

use super::site::Site;
use crate::ops::{ActivityPenalty, ActivityPenaltyBackward, Add, Gather, Op};
use crate::plan::phases;
use crate::plan::program::{Instruction, Program};
use crate::plan::tensor::{Tensor, TensorId, TensorKind, TensorLayout};
use crate::shape::Shape;

/// A program in the making: its operations so far, and the tensors that each layer has made.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    program: Program,
    /// The tensors that each site has made; grows as sites are entered.
    made: Vec<Made>,
    /// With several inputs: the row of all their numbers, once it is gathered.
    sample: Option<TensorId>,
}

/// The tensors that a site has made.
#[derive(Debug, Clone, Default)]
struct Made {
    output: TensorId,
    /// The tensors that its backward pass will ask for, by name.
    remembered: Vec<(&'static str, TensorId)>,
    /// The gradients that its users have made for its output, in the order in which they came.
    gradients: Vec<TensorId>,
}

impl Builder {
    /// Begins without tensors and operations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an operation of a layer.
    pub fn push(&mut self, layer: &str, op: impl Into<Op>) {
        self.program.operations.push(Instruction {
            layer: layer.to_owned(),
            op: op.into(),
        });
    }

    /// The operations so far, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Op> {
        self.program.operations.iter().map(|instruction| &instruction.op)
    }

    /// Adds a tensor of floats, whose sizes are of one sample.
    pub fn tensor(&mut self, name: impl Into<String>, channels: usize, positions: usize) -> TensorId {
        self.program.tensors.push(Tensor {
            name: name.into(),
            channels,
            positions,
            kind: TensorKind::Floats,
            layout: TensorLayout::BatchInnermost,
            slot: 0,
        });
        TensorId(self.program.tensors.len() - 1)
    }

    /// Channels and positions of a tensor.
    pub fn sizes(&self, tensor: TensorId) -> (usize, usize) {
        let tensor = self.program.tensors.get(tensor.0);
        tensor.map_or((0, 0), |tensor| (tensor.channels, tensor.positions))
    }

    /// Adds a tensor of floats for one sample of this shape.
    pub fn shaped(&mut self, name: impl Into<String>, shape: &Shape) -> TensorId {
        self.tensor(name, shape.channels(), shape.positions())
    }

    /// Adds tensors up from the left and returns the sum's tensor; a single term is its own sum.
    pub fn sum(&mut self, layer: &str, name: &str, shape: &Shape, terms: &[TensorId]) -> TensorId {
        let mut terms = terms.iter().copied();
        let mut total = terms.next().unwrap_or_default();
        for right in terms {
            let output = self.shaped(name, shape);
            let left = total;
            self.push(layer, Add { left, right, output });
            total = output;
        }
        total
    }

    /// Returns the samples for the input layer `name`: those of the batch, or, where there are several inputs, the
    /// part of each row of `total` numbers that begins at number `part`.
    pub fn sample(&mut self, name: &str, shape: &Shape, part: Option<usize>, total: usize) -> TensorId {
        let Some(offset) = part else {
            let output = self.shaped(name, shape);
            self.push(name, Gather { output });
            return output;
        };
        let row = if let Some(row) = self.sample {
            row
        } else {
            let output = self.shaped("samples", &Shape::flat(total));
            self.push("samples", Gather { output });
            self.sample = Some(output);
            output
        };
        self.unpack(name, name, (row, offset), shape)
    }

    /// Records which tensor holds the network's output.
    pub fn set_output(&mut self, output: TensorId) {
        self.program.output = Some(output);
    }

    /// Cuts the operations into phases and hands the program out.
    pub fn finish(mut self) -> Program {
        self.program.phases = phases::of(&self.program);
        self.program
    }

    fn made(&mut self, site: usize) -> Option<&mut Made> {
        if self.made.len() <= site {
            self.made.resize_with(site + 1, Made::default);
        }
        self.made.get_mut(site)
    }

    /// The tensor of a site's output.
    pub fn output_of(&self, site: usize) -> TensorId {
        self.made.get(site).map_or_else(TensorId::default, |made| made.output)
    }

    /// Records which tensor holds a site's output.
    pub fn set_output_of(&mut self, site: usize, output: TensorId) {
        if let Some(made) = self.made(site) {
            made.output = output;
        }
    }

    /// Keeps a tensor of a site under a name for its backward pass.
    pub fn remember(&mut self, site: usize, name: &'static str, tensor: TensorId) {
        if let Some(made) = self.made(site) {
            made.remembered.push((name, tensor));
        }
    }

    /// The tensor that a site kept under a name; None where it kept none.
    pub fn recall(&self, site: usize, name: &str) -> Option<TensorId> {
        let mut remembered = self.made.get(site)?.remembered.iter();
        remembered.find(|(given, _)| *given == name).map(|&(_, tensor)| tensor)
    }

    /// Adds a gradient to those of a site's output.
    pub fn give(&mut self, site: usize, gradient: TensorId) {
        if let Some(made) = self.made(site) {
            made.gradients.push(gradient);
        }
    }

    /// Adds the penalty of a site's output to the loss, where its layer has an activity regularizer.
    pub fn penalise(&mut self, site: usize, of: &Site) {
        if let Some(strengths) = of.activity {
            let chunks = ActivityPenalty::chunks(of.shape.elements());
            let (input, sums) = (
                self.output_of(site),
                self.tensor(format!("{}.penalty", of.name), chunks, 1),
            );
            self.push(&of.name, ActivityPenalty { strengths, input, sums });
        }
    }

    /// Adds the gradient of the activity regularizer's penalty to that of a site's output; returns `doutput` itself
    /// where there is no regularizer.
    pub fn penalise_gradient(&mut self, site: usize, of: &Site, doutput: TensorId) -> TensorId {
        let Some(strengths) = of.activity else { return doutput };
        let input = self.output_of(site);
        let dinput = self.shaped(format!("d{}.penalty", of.name), &of.shape);
        self.push(
            &of.name,
            ActivityPenaltyBackward {
                strengths,
                input,
                doutput,
                dinput,
            },
        );
        dinput
    }

    /// The sum of the gradients of a site's output, in the order in which they came; None where there are none.
    pub fn take_gradient(&mut self, site: usize, of: &Site) -> Option<TensorId> {
        let gradients = std::mem::take(&mut self.made(site)?.gradients);
        if gradients.is_empty() {
            return None;
        }
        Some(self.sum(&of.name, &format!("d{}", of.name), &of.shape, &gradients))
    }
}
