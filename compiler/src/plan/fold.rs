//! Batch normalizations folded into the product before them, for networks that no longer train.
//!
//! Behind a convolution or a dense layer a normalization by moving statistics is a factor and a shift for each output channel.
//! The factor goes into the kernel, the shift into the bias: `gamma / sqrt(moving_variance + epsilon)` and
//! `(bias - moving_mean) factor + beta`. Nobody else may take what the product makes, and the product's kernel and the
//! normalization's variables may be used at no other place. What executors are given stays in its order: the factor
//! multiplies the kernel where it lies, and the new bias lies where the moving mean was. Depthwise convolutions and those in
//! groups keep their normalization: their bias is an operation of its own, and nothing would be saved.

use super::folded::Folded;
use super::parameter::Range;
use super::program::{Plan, Program};
use super::tensor::TensorId;
use crate::ops::{NormalizeMoving, Op};
use std::borrow::Cow;

/// Folds what can be in the programs that predict and judge. Training, for which the parameters would not be right any more,
/// is left out, and so is what weights add to the loss, which `host::penalty` has of the plan that trains.
pub(crate) fn fold(mut plan: Plan) -> Plan {
    (plan.training, plan.optimizer) = (Program::default(), None);
    let programs = [&plan.evaluation, &plan.prediction];
    let found = programs.map(foldable);
    // Both programs run on the same parameters.
    let [judging, predicting] = &found;
    let is_everywhere = |folded: &Folded| {
        (judging.is_empty() && plan.evaluation.operations.is_empty() || judging.iter().any(|at| at.folded == *folded))
            && predicting.iter().any(|at| at.folded == *folded)
    };
    let folded = predicting.iter().map(|at| at.folded.clone());
    plan.folded = folded.filter(is_everywhere).collect();
    let both = [&mut plan.evaluation, &mut plan.prediction];
    for (program, found) in both.into_iter().zip(&found) {
        let wanted = found.iter().filter(|at| plan.folded.contains(&at.folded));
        take_in(program, &wanted.collect::<Vec<_>>());
    }
    if !plan.folded.is_empty() {
        for parameter in &mut plan.parameters {
            parameter.regularizer = None;
        }
    }
    plan
}

/// A normalization that can be folded: which operations it and the product are.
struct Place {
    product: usize,
    normalize: usize,
    output: TensorId,
    folded: Folded,
}

fn foldable(program: &Program) -> Vec<Place> {
    let ops = || program.operations.iter().map(|instruction| &instruction.op).enumerate();
    let is_alone = |range: Range| ops().filter(|(_, op)| op.parameters().contains(&range)).count() == 1;
    let place = |(normalize, op): (usize, &Op)| {
        let Op::NormalizeMoving(NormalizeMoving {
            sets,
            epsilon,
            input,
            gamma,
            beta,
            moving_mean,
            moving_variance,
            output,
        }) = op
        else {
            return None;
        };
        let (product, made) = ops().find(|(_, op)| op.writes(*input))?;
        let (kernel, bias) = kernel_of(made)?;
        let is_only_user = ops().filter(|(_, op)| op.reads(*input)).count() == 1 && program.output != Some(*input);
        let variables = [
            Some(kernel),
            bias,
            *gamma,
            *beta,
            Some(*moving_mean),
            Some(*moving_variance),
        ];
        let all_alone = variables.into_iter().flatten().all(is_alone);
        (is_only_user && all_alone).then_some(Place {
            product,
            normalize,
            output: *output,
            folded: Folded {
                kernel,
                bias,
                gamma: *gamma,
                beta: *beta,
                moving_mean: *moving_mean,
                moving_variance: *moving_variance,
                epsilon: *epsilon,
                channels: sets.channels,
            },
        })
    };
    ops().filter_map(place).collect()
}

/// Kernel and bias of a product that has nothing behind it yet.
fn kernel_of(op: &Op) -> Option<(Range, Option<Range>)> {
    if let Op::Convolution(convolution) = op {
        (!convolution.relu && !convolution.pool).then_some((convolution.kernel, convolution.bias))
    } else if let Op::Dense(dense) = op {
        (!dense.relu).then_some((dense.kernel, dense.bias))
    } else {
        None
    }
}

fn take_in(program: &mut Program, places: &[&Place]) {
    for place in places {
        if let Some(instruction) = program.operations.get_mut(place.product) {
            let bias = Some(place.folded.moving_mean);
            if let Op::Convolution(convolution) = &mut instruction.op {
                (convolution.bias, convolution.output) = (bias, place.output);
            } else if let Op::Dense(dense) = &mut instruction.op {
                (dense.bias, dense.output) = (bias, place.output);
            }
        }
    }
    let mut index = 0;
    program.operations.retain(|_| {
        index += 1;
        places.iter().all(|place| place.normalize != index - 1)
    });
}

impl Plan {
    /// What an executor computes with, of the parameters as they were trained: the same where nothing is folded.
    pub fn entering<'a>(&self, parameters: &'a [f32]) -> Cow<'a, [f32]> {
        if self.folded.is_empty() {
            return Cow::Borrowed(parameters);
        }
        let mut made = parameters.to_vec();
        for folded in &self.folded {
            folded.apply(&mut made);
        }
        Cow::Owned(made)
    }
}
