//! Merges a 2x2 maximum pool into a convolution, with or without relu, whose output only the pool reads: the
//! convolution keeps just the maxima, and in training the place of each. The relu's gradient step then comes before
//! the pool's, for `max` and `relu` commute.

use super::links::Links;
use crate::activation::ActivationFunction;
use crate::ops::{ActivationBackward, Doutput, Op, PoolKind, PoolingGeometry};
use crate::plan::tensor::{Tensor, TensorId, TensorKind};

pub(super) fn pass(links: &mut Links) {
    for index in 0..links.len() {
        if let Some(found) = pool_after(links, index) {
            merge(links, index, &found);
        }
    }
}

struct PoolAfter {
    pool: usize,
    pooled: TensorId,
    backward: Option<Backward>,
}

/// The backward operation of the pool.
#[derive(Clone, Copy)]
struct Backward {
    pool: usize,
    /// The gradient of the pool's output.
    doutput: TensorId,
    /// The gradient of the pool's input.
    dinput: TensorId,
    /// The index of the relu's gradient step behind it, and the gradient that that step makes.
    relu: Option<(usize, TensorId)>,
}

fn pool_after(links: &Links, index: usize) -> Option<PoolAfter> {
    let Op::Convolution(convolution) = links.op(index)? else {
        return None;
    };
    let full = convolution.output;
    if convolution.pool || Some(full) == links.output() {
        return None;
    }
    let (mut pool, mut pool_backward, mut relu_backward) = (None, None, None);
    for &reader in links.readers(full) {
        let op = links.op(reader)?;
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
            && found.function == ActivationFunction::RELU
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
        // The relu's step must be the only reader of what the pool's step makes.
        (Some(backward), Some(relu)) if convolution.relu && *links.readers(backward.dinput) == [relu.0] => {
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

fn merge(links: &mut Links, index: usize, found: &PoolAfter) {
    let mut codes = None;
    if let Some(backward) = found.backward {
        let Some(pooled) = links.tensor(found.pooled).cloned() else {
            return;
        };
        let made = links.add(Tensor {
            name: format!("{}.codes", pooled.name),
            kind: TensorKind::Codes,
            ..pooled.clone()
        });
        codes = Some(made);
        let (gradient, unpooled) = match backward.relu {
            Some((relu, rectified)) => (relu_of_pooled(links, &backward, relu, found.pooled, &pooled), rectified),
            None => (backward.doutput, backward.dinput),
        };
        for reader in links.readers(unpooled).to_vec() {
            links.change(reader, |op| {
                if let Some(doutput) = convolved(op)
                    && doutput.tensor == unpooled
                {
                    *doutput = Doutput {
                        tensor: gradient,
                        codes,
                    };
                }
            });
        }
        links.remove(backward.pool);
    }
    links.remove(found.pool);
    links.change(index, |op| {
        if let Op::Convolution(convolution) = op {
            (convolution.pool, convolution.codes, convolution.output) = (true, codes, found.pooled);
        }
    });
}

/// Makes the relu's step work on the pool's output and its gradient; returns the tensor that it then makes.
fn relu_of_pooled(links: &mut Links, backward: &Backward, relu: usize, pooled: TensorId, tensor: &Tensor) -> TensorId {
    let dinput = links.add(Tensor {
        name: format!("d{}.relu", tensor.name),
        ..tensor.clone()
    });
    links.change(relu, |op| {
        *op = Op::ActivationBackward(ActivationBackward {
            function: ActivationFunction::RELU,
            input: None,
            output: pooled,
            doutput: backward.doutput,
            dinput,
        });
    });
    dinput
}

/// The gradient that a convolution's backward operation takes; None for other operations.
fn convolved(op: &mut Op) -> Option<&mut Doutput> {
    if let Op::ConvolutionDkernel(product) = op {
        Some(&mut product.doutput)
    } else if let Op::ConvolutionDinput(product) = op {
        Some(&mut product.doutput)
    } else {
        None
    }
}
