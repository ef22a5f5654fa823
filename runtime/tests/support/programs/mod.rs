//! Plans made by hand, one operation after another: the geometry table needs forms that no description gives, and the
//! executors' tests must not lean on the lowering that they run beside. A room for each operation of a forward pass.

mod activation;
mod add;
mod augmentation;
mod backward;
mod convolution;
mod copy;
mod dense;
mod dropout;
mod global_pool;
mod normalization;
mod pool;
mod regularize;
mod softmax;
mod transpose;
mod vocabulary;

use super::reference::padded;
use backward::{Around, Backward, differentiated};
use compiler::call::initializer::Initializer;
use compiler::ops::{Compare, Constrain, Count, Counting, Criterion, Gather, Head, Hit, Loss, Op, Target, Update};
use compiler::plan::{
    Instruction, Parameter, ParameterLayout, Plan, Program, Range, Slot, Tenant, Tensor, TensorId, TensorKind,
    TensorLayout, phases,
};
use compiler::shape::Shape;
use compiler::training::optimizer::Optimizer;
use std::collections::BTreeMap;

/// A network that is being written down.
pub struct Build {
    shape: Shape,
    tensors: Vec<Tensor>,
    forward: Vec<Op>,
    parameters: Vec<Parameter>,
    floats: usize,
    /// Whether the relu before an operation is differentiated in that operation's `dinput`.
    pub masks: bool,
    /// Whether the gradient of the input is computed too, which no lowering asks for.
    pub input_gradient: bool,
    /// Whether the last dense layer takes the loss, as one operation.
    pub head: bool,
    /// What the output is compared with targets by, in the place of the crossentropy of class numbers.
    pub criterion: Option<(Criterion, Hit)>,
    /// What metrics count beside that.
    pub counts: Vec<Counting>,
}

impl Build {
    pub fn new(height: usize, width: usize, channels: usize) -> Self {
        let mut build = Self {
            shape: Shape::map(height, width, channels),
            tensors: Vec::new(),
            forward: Vec::new(),
            parameters: Vec::new(),
            floats: 0,
            masks: true,
            input_gradient: true,
            head: false,
            criterion: None,
            counts: Vec::new(),
        };
        let output = build.tensor("input", channels, height * width, TensorKind::Floats);
        build.push(Gather { output });
        build
    }

    pub fn input(&self) -> TensorId {
        TensorId(0)
    }

    /// Adds an operation of the forward pass.
    fn push(&mut self, op: impl Into<Op>) {
        self.forward.push(op.into());
    }

    fn tensor(&mut self, name: &str, channels: usize, positions: usize, kind: TensorKind) -> TensorId {
        let id = TensorId(self.tensors.len());
        self.tensors.push(Tensor {
            name: format!("{name}_{}", id.0),
            channels,
            positions,
            kind,
            layout: TensorLayout::BatchInnermost,
            slot: id.0,
        });
        id
    }

    fn sizes(&self, id: TensorId) -> (usize, usize) {
        (self.tensors[id.0].channels, self.tensors[id.0].positions)
    }

    fn parameter(&mut self, name: &str, shape: Vec<usize>, layout: ParameterLayout) -> Range {
        let width = *shape.last().unwrap();
        let floats = shape.iter().product::<usize>() / width * padded(width);
        let range = Range {
            offset: self.floats,
            floats,
        };
        self.floats += floats;
        let name = format!("{name}_{}", self.parameters.len());
        self.parameters.push(Parameter {
            name,
            shape,
            initializer: Initializer::Zeros,
            trainable: true,
            regularizer: None,
            constraint: None,
            range,
            layout,
        });
        range
    }

    /// Adds the loss on `logits`, the backward pass and the update; every tensor has memory of its own.
    pub fn finish(mut self, output: TensorId, from_logits: bool, optimizer: Option<Optimizer>) -> Plan {
        let forward = std::mem::take(&mut self.forward);
        let untrained = normalization::by_moving(&dropout::left_out(&forward));
        let prediction = self.program(untrained.clone(), output);
        let compared = self.criterion.map(|(criterion, hit)| {
            let (channels, positions) = self.sizes(output);
            Compare {
                criterion,
                hit,
                weight: 0.75,
                input: output,
                target: self.tensor("target", channels, positions, TensorKind::Floats),
                verdict: self.tensor("verdict", 2, positions, TensorKind::Floats),
                dinput: None,
            }
        });
        let evaluation = self.to_loss(&untrained, from_logits, output, None, compared.as_ref());
        let evaluation = self.program(evaluation, output);

        let mut backward = Backward {
            gradients: vec![None; self.tensors.len()],
            made: Vec::new(),
            build: &mut self,
        };
        let dinput = backward.gradient_tensor(output);
        backward.gradients[output.0] = Some(dinput);
        for (index, op) in forward.iter().enumerate().rev() {
            let around = Around {
                before: &forward[..index],
                itself: op,
                after: &forward[index + 1..],
            };
            differentiated(op).backward(&mut backward, &around);
        }
        let mut backward = backward.made;
        let mut ops = self.to_loss(&forward, from_logits, output, Some(dinput), compared.as_ref());
        ops.append(&mut backward);
        ops.extend(self.regularizers());
        if optimizer.is_some() {
            ops.push(Op::Update(Update {}));
            ops.extend(self.parameters.iter().filter_map(Constrain::of).map(Op::Constrain));
        }
        let training = self.program(ops, output);
        Plan {
            model: "test".to_owned(),
            output_shape: match self.sizes(output) {
                (channels, 1) => Shape::flat(channels),
                (channels, positions) => Shape::map(positions, 1, channels),
            },
            input_shape: self.shape,
            parameters: self.parameters,
            parameter_floats: self.floats,
            optimizer,
            training,
            evaluation,
            prediction,
            folded: Vec::new(),
        }
    }

    /// The forward pass with the loss on `output`.
    fn to_loss(
        &self,
        forward: &[Op],
        from_logits: bool,
        output: TensorId,
        gradient: Option<TensorId>,
        compared: Option<&Compare>,
    ) -> Vec<Op> {
        let mut ops = forward.to_vec();
        if let Some(compare) = compared {
            ops.push(Op::Target(Target {
                output: compare.target,
                beside_numbers: false,
            }));
        }
        let loss = match (compared, forward.last()) {
            (Some(compare), _) => Op::Compare(Compare {
                dinput: gradient,
                ..compare.clone()
            }),
            (None, Some(Op::Dense(dense))) if self.head && !dense.relu && dense.output == output => {
                ops.pop();
                Op::Head(Head {
                    geometry: dense.geometry,
                    input: dense.input,
                    kernel: dense.kernel,
                    bias: dense.bias,
                    from_logits,
                    doutput: gradient,
                })
            }
            _ => Op::Loss(Loss {
                classes: self.sizes(output).0,
                from_logits,
                input: output,
                dinput: gradient,
                losses: None,
            }),
        };
        ops.push(loss);
        let mut first = 0;
        for (compare, &counting) in compared
            .iter()
            .flat_map(|compare| self.counts.iter().map(move |count| (compare, count)))
        {
            let (channels, positions) = self.sizes(output);
            let counters = counting.counters(channels);
            ops.push(Op::Count(Count {
                counting,
                first,
                counters,
                classes: BTreeMap::new(),
                positions,
                input: output,
                target: compare.target,
            }));
            first += counters;
        }
        // The loss begins the sums that penalties add to.
        let (penalties, mut ops): (Vec<Op>, Vec<Op>) =
            ops.into_iter().partition(|op| matches!(op, Op::ActivityPenalty(_)));
        ops.extend(penalties);
        ops
    }

    fn program(&self, ops: Vec<Op>, output: TensorId) -> Program {
        let last = ops.len() - 1;
        let slots = self.tensors.iter().enumerate().map(|(index, tensor)| Slot {
            bytes_per_quad: tensor.bytes(1),
            tenants: vec![Tenant {
                tensor: TensorId(index),
                first: 0,
                last,
            }],
        });
        let instruction = |op| Instruction {
            layer: "test".to_owned(),
            op,
        };
        let mut program = Program {
            tensors: self.tensors.clone(),
            operations: ops.into_iter().map(instruction).collect(),
            output: Some(output),
            slots: slots.collect(),
            phases: Vec::new(),
        };
        program.phases = phases::of(&program);
        program
    }
}
