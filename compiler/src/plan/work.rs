//! The arithmetic of a plan, for measurements: the number of multiply-adds of its operations (see `Operation::macs`).
//! Plans do not compute the gradient of the network's input, so it is not counted.

use super::program::Program;
use crate::ops::operation::Purpose;

/// Floating-point operations of one sample through a program, of which a multiply-add counts as two.
pub fn flops(program: &Program) -> u64 {
    let macs = program.operations.iter().map(|instruction| instruction.op.macs());
    macs.fold(0, u64::saturating_add).saturating_mul(2)
}

/// The multiply-adds of one sample through a training step, by purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// Multiply-adds of the forward pass.
    pub forward: u64,
    /// Multiply-adds of the gradients of the kernels.
    pub dkernel: u64,
    /// Multiply-adds of the gradients of the layers' inputs; the pictures need none.
    pub dinput: u64,
}

/// Sums the multiply-adds of a program by purpose.
pub fn passes(program: &Program) -> Passes {
    let mut passes = Passes {
        forward: 0,
        dkernel: 0,
        dinput: 0,
    };
    for instruction in &program.operations {
        let sum = match instruction.op.purpose() {
            Purpose::Forward => &mut passes.forward,
            Purpose::Dkernel => &mut passes.dkernel,
            Purpose::Dinput => &mut passes.dinput,
        };
        *sum = sum.saturating_add(instruction.op.macs());
    }
    passes
}

#[cfg(test)]
mod tests {
    use super::flops;
    use crate::check::check_file;
    use crate::plan::memory::Sharing;
    use crate::{plan_of, verbose};

    fn counts(text: &str) -> (u64, u64, u64) {
        let tree = grammar::parse(&grammar::source::Source::new("test.cnn", text)).unwrap();
        let (checked, _) = check_file(&tree).unwrap();
        let plan = plan_of(&checked, Sharing::Shared);
        (
            flops(&plan.training),
            flops(&plan.prediction),
            verbose::costs(&checked).macs,
        )
    }

    #[test]
    fn a_step_is_forward_twice_backward_less_the_gradient_of_the_pictures() {
        // By hand: the convolution is 24 * 24 * 9 * 25 = 129,600 multiply-adds and has no input gradient; the dense layer
        // is 5,184 * 10 = 51,840 and has both.
        let (training, prediction, macs) = counts(include_str!("../../../specs/mnist_onelayer.cnn"));
        assert_eq!(training, 2 * (2 * 129_600 + 3 * 51_840));
        assert_eq!(prediction, 2 * (129_600 + 51_840));
        assert_eq!(prediction, 2 * macs);
    }

    #[test]
    fn predictions_are_what_the_layers_cost() {
        for text in [
            include_str!("../../../specs/mnist_pyramid.cnn"),
            include_str!("../../../specs/mnist_pyramid_average.cnn"),
            include_str!("../../../specs/mnist_mlp.cnn"),
            include_str!("../../../specs/lenet.cnn"),
        ] {
            let (_, prediction, macs) = counts(text);
            assert_eq!(prediction, 2 * macs);
        }
    }
}
