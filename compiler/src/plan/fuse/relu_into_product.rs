//! Merges a relu into a convolution or dense layer whose sums only the relu reads: `relu(conv(x) + b)` in one kernel.

use super::links::Links;
use crate::activation::ActivationFunction;
use crate::ops::Op;
use crate::plan::tensor::TensorId;

pub(super) fn pass(links: &mut Links) {
    for index in 0..links.len() {
        if let Some(sums) = links.op(index).and_then(sums)
            && let Some((reader, activated)) = only_relu_after(links, sums)
        {
            links.remove(reader);
            links.change(index, |op| {
                if let Op::Convolution(convolution) = op {
                    (convolution.relu, convolution.output) = (true, activated);
                } else if let Op::Dense(dense) = op {
                    (dense.relu, dense.output) = (true, activated);
                }
            });
        }
    }
}

/// The output of a product without relu; None for other operations.
fn sums(op: &Op) -> Option<TensorId> {
    if let Op::Convolution(convolution) = op {
        (!convolution.relu).then_some(convolution.output)
    } else if let Op::Dense(dense) = op {
        (!dense.relu).then_some(dense.output)
    } else {
        None
    }
}

fn only_relu_after(links: &Links, tensor: TensorId) -> Option<(usize, TensorId)> {
    let &[reader] = links.readers(tensor) else {
        return None;
    };
    let Op::Activation(activation) = links.op(reader)? else {
        return None;
    };
    let fits = activation.function == ActivationFunction::RELU && Some(tensor) != links.output();
    fits.then_some((reader, activation.output))
}
