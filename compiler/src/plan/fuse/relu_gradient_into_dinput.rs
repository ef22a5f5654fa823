//! A relu's gradient step moves into the product that makes the gradient it takes: one comparison at the store.

use crate::activation::Activation;
use crate::ops::Op;
use crate::plan::program::Program;
use crate::plan::tensor::TensorId;

pub(super) fn pass(program: &mut Program) {
    let mut index = 0;
    while let Some(instruction) = program.operations.get(index) {
        let Op::ActivationBackward(step) = &instruction.op else {
            index += 1;
            continue;
        };
        let (rectified, doutput, after) = (step.output, step.doutput, step.dinput);
        let alone = step.function == Activation::RELU && program.readers(doutput) == [index];
        let producer = program
            .operations
            .iter_mut()
            .find(|instruction| instruction.op.writes(doutput));
        match producer.and_then(|instruction| dinput(&mut instruction.op)) {
            Some((mask, dinput)) if alone => {
                (*mask, *dinput) = (Some(rectified), after);
                program.remove(&[index]);
            }
            Some(_) | None => index += 1,
        }
    }
}

/// The mask and the output of a dinput that has no mask yet.
fn dinput(op: &mut Op) -> Option<(&mut Option<TensorId>, &mut TensorId)> {
    let (mask, dinput) = if let Op::ConvolutionDinput(product) = op {
        (&mut product.mask, &mut product.dinput)
    } else if let Op::DenseDinput(product) = op {
        (&mut product.mask, &mut product.dinput)
    } else {
        return None;
    };
    mask.is_none().then_some((mask, dinput))
}
