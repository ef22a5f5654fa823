//! A convolution (with or without relu) whose output only a 2x2 maximum pool reads keeps just the maxima, and in training
//! the place of each. The relu's gradient step then comes before the pool's: `max` and `relu` commute.

use crate::activation::Activation;
use crate::ops::{ActivationBackward, Doutput, Op, PoolKind, PoolingGeometry};
use crate::plan::program::Program;
use crate::plan::tensor::{Tensor, TensorId, TensorKind};

pub(super) fn pass(program: &mut Program) {
    for index in 0.. {
        if index >= program.operations.len() {
            break;
        }
        if let Some(found) = pool_after(program, index) {
            merge(program, index, &found);
        }
    }
}

struct PoolAfter {
    pool: usize,
    pooled: TensorId,
    backward: Option<Backward>,
}

/// The pool's backward operation.
#[derive(Clone, Copy)]
struct Backward {
    pool: usize,
    /// The gradient of what the pool gave.
    doutput: TensorId,
    /// The gradient of what it took.
    dinput: TensorId,
    /// The relu's step after it, and the gradient that it makes.
    relu: Option<(usize, TensorId)>,
}

fn pool_after(program: &Program, index: usize) -> Option<PoolAfter> {
    let Op::Convolution(convolution) = &program.operations.get(index)?.op else {
        return None;
    };
    let full = convolution.output;
    if convolution.pool || Some(full) == program.output {
        return None;
    }
    let (mut pool, mut pool_backward, mut relu_backward) = (None, None, None);
    for reader in program.readers(full) {
        let op = &program.operations.get(reader)?.op;
        if let Op::Pool(found) = op
            && halves(found.pool, &found.geometry)
            && pool.is_none()
        {
            pool = Some((reader, found.output));
        } else if let Op::PoolBackward(found) = op
            && halves(found.pool, &found.geometry)
        {
            pool_backward = Some(Backward {
                pool: reader,
                doutput: found.doutput,
                dinput: found.dinput,
                relu: None,
            });
        } else if let Op::ActivationBackward(found) = op
            && found.function == Activation::RELU
            && found.output == full
        {
            relu_backward = Some((reader, found.dinput));
        } else {
            return None;
        }
    }
    let (pool, pooled) = pool?;
    let backward = match (pool_backward, relu_backward) {
        (None, None) => None,
        (Some(backward), None) if !convolution.relu => Some(backward),
        // The relu's step must take what the pool's step made, and nothing else may.
        (Some(backward), Some(relu)) if convolution.relu && program.readers(backward.dinput) == [relu.0] => {
            let relu = Some(relu);
            Some(Backward { relu, ..backward })
        }
        (Some(_), None | Some(_)) | (None, Some(_)) => return None,
    };
    Some(PoolAfter { pool, pooled, backward })
}

/// Whether a pool takes the maxima of 2x2 windows that do not overlap and lie wholly inside.
fn halves(pool: PoolKind, geometry: &PoolingGeometry) -> bool {
    let windows = [geometry.grid.vertical, geometry.grid.horizontal];
    pool == PoolKind::Max
        && windows.iter().all(|sliding| {
            sliding.size == 2 && sliding.stride == 2 && sliding.pad_before == 0 && sliding.output * 2 <= sliding.input
        })
}

fn merge(program: &mut Program, index: usize, found: &PoolAfter) {
    let mut removed = vec![found.pool];
    let mut codes = None;
    if let Some(backward) = found.backward {
        let Some(pooled) = program.tensors.get(found.pooled.0).cloned() else {
            return;
        };
        let made = add(
            program,
            Tensor {
                name: format!("{}.codes", pooled.name),
                kind: TensorKind::Codes,
                ..pooled.clone()
            },
        );
        codes = Some(made);
        let (gradient, unpooled) = match backward.relu {
            Some((relu, rectified)) => (
                relu_of_pooled(program, &backward, relu, found.pooled, &pooled),
                rectified,
            ),
            None => (backward.doutput, backward.dinput),
        };
        for instruction in &mut program.operations {
            if let Some(doutput) = convolved(&mut instruction.op)
                && doutput.tensor == unpooled
            {
                *doutput = Doutput {
                    tensor: gradient,
                    codes,
                };
            }
        }
        removed.push(backward.pool);
    }
    if let Some(instruction) = program.operations.get_mut(index)
        && let Op::Convolution(convolution) = &mut instruction.op
    {
        (convolution.pool, convolution.codes, convolution.output) = (true, codes, found.pooled);
    }
    program.remove(&removed);
}

/// Has the relu's step take what the pool gave, and what it gave the gradient of; gives the tensor that it makes then.
fn relu_of_pooled(
    program: &mut Program,
    backward: &Backward,
    relu: usize,
    pooled: TensorId,
    tensor: &Tensor,
) -> TensorId {
    let dinput = add(
        program,
        Tensor {
            name: format!("d{}.relu", tensor.name),
            ..tensor.clone()
        },
    );
    if let Some(instruction) = program.operations.get_mut(relu) {
        instruction.op = Op::ActivationBackward(ActivationBackward {
            function: Activation::RELU,
            input: None,
            output: pooled,
            doutput: backward.doutput,
            dinput,
        });
    }
    dinput
}

fn add(program: &mut Program, tensor: Tensor) -> TensorId {
    program.tensors.push(tensor);
    TensorId(program.tensors.len() - 1)
}

/// The gradient that a convolution's backward operation takes.
fn convolved(op: &mut Op) -> Option<&mut Doutput> {
    if let Op::ConvolutionDkernel(product) = op {
        Some(&mut product.doutput)
    } else if let Op::ConvolutionDinput(product) = op {
        Some(&mut product.doutput)
    } else {
        None
    }
}
