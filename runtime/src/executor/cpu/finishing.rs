//! Rectifiers that no other device computes on the way: those behind a sum, behind a depthwise convolution, and those with a ceiling,
//! such as `MobileNet`'s. Where only a rectifier reads what a channel-blocked operation makes, that operation finishes with it: one
//! task less, and one pass over memory. Of a few samples a task takes microseconds, of which handing it out is a part.

use super::kernels::elementwise::Rectifier;
use compiler::activation::ActivationFunction;
use compiler::ops::Op;
use compiler::ops::operation::Access;
use compiler::plan::memory::assign_anew;
use compiler::plan::{Program, TensorId, TensorLayout};

/// A program without training whose operations finish with rectifiers, and for each of its operations which one.
pub fn finished(mut program: Program) -> (Program, Vec<Option<Rectifier>>) {
    let mut finishing = vec![None; program.operations.len()];
    let mut merged = vec![false; program.operations.len()];
    for index in 0..program.operations.len() {
        let Some(made) = unfinished(&program.operations[index].op) else {
            continue;
        };
        let Some((reader, rectifier, output)) = only_rectified(&program, made) else {
            continue;
        };
        let is_blocked = |id: TensorId| {
            let tensor = program.tensors.get(id.0);
            tensor.is_some_and(|tensor| tensor.layout == TensorLayout::ChannelBlocked)
        };
        if !is_blocked(made) || !is_blocked(output) {
            continue;
        }
        for id in program.operations[index].op.tensors_mut() {
            if *id == made {
                *id = output;
            }
        }
        finishing[index] = Some(rectifier);
        merged[reader] = true;
    }
    if !merged.contains(&true) {
        return (program, finishing);
    }
    let mut merged = merged.into_iter();
    let mut stays = || !merged.next().unwrap_or(false);
    let kept: Vec<_> = (program.operations.into_iter().zip(finishing))
        .filter(|_| stays())
        .collect();
    let finishing = kept.iter().map(|(_, finishing)| *finishing).collect();
    program.operations = kept.into_iter().map(|(operation, _)| operation).collect();
    (assign_anew(program), finishing)
}

/// What an operation makes that can finish with a rectifier, and does not have one.
fn unfinished(op: &Op) -> Option<TensorId> {
    if let Op::Convolution(convolution) = op {
        (!convolution.relu && !convolution.pool).then_some(convolution.output)
    } else if let Op::Dense(dense) = op {
        (!dense.relu).then_some(dense.output)
    } else if let Op::GroupedConvolution(grouped) = op {
        Some(grouped.output)
    } else if let Op::Add(add) = op {
        Some(add.output)
    } else {
        None
    }
}

/// The rectifier that alone reads a tensor, and what it makes; none where the tensor is the network's output.
fn only_rectified(program: &Program, made: TensorId) -> Option<(usize, Rectifier, TensorId)> {
    let mut readers = (program.operations.iter().enumerate()).filter(|(_, one)| one.op.reads(made));
    let (reader, operation) = readers.next()?;
    if readers.next().is_some() || program.output == Some(made) {
        return None;
    }
    let Op::Activation(activation) = &operation.op else {
        return None;
    };
    let ActivationFunction::Relu {
        negative_slope: 0.0,
        ceiling,
        threshold: 0.0,
    } = activation.function
    else {
        return None;
    };
    let writers = program.operations.iter().flat_map(|one| one.op.accesses());
    let writers =
        writers.filter(|&access| access == (made, Access::Write) || access == (activation.output, Access::Write));
    (writers.count() == 2).then_some((reader, Rectifier { ceiling }, activation.output))
}
