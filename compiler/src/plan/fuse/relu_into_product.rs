//! A convolution or dense layer whose sums only a relu reads takes the relu: `relu(conv(x) + b)` in one kernel.

use crate::activation::Activation;
use crate::ops::Op;
use crate::plan::program::Program;
use crate::plan::tensor::TensorId;

pub(super) fn pass(program: &mut Program) {
    let mut index = 0;
    while let Some(instruction) = program.operations.get_mut(index) {
        if let Some((_, &mut sums)) = product(&mut instruction.op)
            && let Some((reader, activated)) = only_relu_after(program, sums)
        {
            let instruction = program.operations.get_mut(index);
            if let Some((relu, output)) = instruction.and_then(|instruction| product(&mut instruction.op)) {
                (*relu, *output) = (true, activated);
            }
            program.remove(&[reader]);
        }
        index += 1;
    }
}

/// The relu and the output of a product that has no relu yet.
fn product(op: &mut Op) -> Option<(&mut bool, &mut TensorId)> {
    let (relu, output) = if let Op::Convolution(convolution) = op {
        (&mut convolution.relu, &mut convolution.output)
    } else if let Op::Dense(dense) = op {
        (&mut dense.relu, &mut dense.output)
    } else {
        return None;
    };
    (!*relu).then_some((relu, output))
}

fn only_relu_after(program: &Program, tensor: TensorId) -> Option<(usize, TensorId)> {
    let [reader] = *program.readers(tensor).as_slice() else {
        return None;
    };
    let Op::Activation(activation) = &program.operations.get(reader)?.op else {
        return None;
    };
    let fits = activation.function == Activation::RELU && Some(tensor) != program.output;
    fits.then_some((reader, activation.output))
}
