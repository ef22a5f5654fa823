//! Merges a relu's gradient step into the product that makes the gradient it takes: one comparison as that is stored.

use super::links::Links;
use crate::activation::ActivationFunction;
use crate::ops::Op;

pub(super) fn pass(links: &mut Links) {
    for index in 0..links.len() {
        let Some(Op::ActivationBackward(step)) = links.op(index) else {
            continue;
        };
        let (rectified, doutput, after) = (step.output, step.doutput, step.dinput);
        let alone = step.function == ActivationFunction::RELU && *links.readers(doutput) == [index];
        if let Some(producer) = links.writer(doutput)
            && alone
            && links.op(producer).is_some_and(is_unmasked)
        {
            links.remove(index);
            links.change(producer, |op| {
                if let Op::ConvolutionDinput(product) = op {
                    (product.mask, product.dinput) = (Some(rectified), after);
                } else if let Op::DenseDinput(product) = op {
                    (product.mask, product.dinput) = (Some(rectified), after);
                }
            });
        }
    }
}

/// Whether it is a dinput without a mask.
const fn is_unmasked(op: &Op) -> bool {
    if let Op::ConvolutionDinput(product) = op {
        product.mask.is_none()
    } else if let Op::DenseDinput(product) = op {
        product.mask.is_none()
    } else {
        false
    }
}
