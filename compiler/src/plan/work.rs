//! The arithmetic of a plan, for measurements: how many multiply-adds its operations are.
//!
//! What is counted is the definition of an operation, not what a kernel makes of it: taps that fall on padding count, and
//! so do the zeros that a maximum pool leaves in a gradient. Additions, comparisons and functions do not count. A plan has
//! no gradient of its input, so none is counted.

use crate::plan::{Convolution, Dense, Kind, Program};

/// Multiply-adds of one sample.
pub fn macs(kind: &Kind) -> u64 {
    match kind {
        Kind::Convolution { geometry, .. }
        | Kind::ConvolutionDkernel { geometry, .. }
        | Kind::ConvolutionDinput { geometry, .. } => convolution(geometry),
        Kind::Dense { geometry, .. }
        | Kind::DenseDkernel { geometry, .. }
        | Kind::DenseDinput { geometry, .. }
        | Kind::Head { geometry, .. } => dense(geometry),
        Kind::Gather { .. }
        | Kind::Activation { .. }
        | Kind::ActivationBackward { .. }
        | Kind::Softmax { .. }
        | Kind::SoftmaxBackward { .. }
        | Kind::Pool { .. }
        | Kind::PoolBackward { .. }
        | Kind::GlobalPool { .. }
        | Kind::GlobalPoolBackward { .. }
        | Kind::Add { .. }
        | Kind::Copy { .. }
        | Kind::Transpose { .. }
        | Kind::Loss { .. }
        | Kind::Update => 0,
    }
}

/// Floating-point operations of one sample through a program: two a multiply-add.
pub fn flops(program: &Program) -> u64 {
    let macs = program.operations.iter().map(|operation| macs(&operation.kind));
    macs.fold(0, u64::saturating_add).saturating_mul(2)
}

/// The multiply-adds of one sample through a training step, by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// The outputs.
    pub forward: u64,
    /// The gradients of the kernels.
    pub dkernel: u64,
    /// The gradients of the layers' inputs; the pictures need none.
    pub dinput: u64,
}

/// What the multiply-adds of a program are for.
pub fn passes(program: &Program) -> Passes {
    let count = |wanted: fn(&Kind) -> bool| {
        let kinds = program.operations.iter().map(|operation| &operation.kind);
        kinds.filter(|kind| wanted(kind)).map(macs).fold(0, u64::saturating_add)
    };
    let dkernel = count(|kind| matches!(kind, Kind::ConvolutionDkernel { .. } | Kind::DenseDkernel { .. }));
    let dinput = count(|kind| matches!(kind, Kind::ConvolutionDinput { .. } | Kind::DenseDinput { .. }));
    Passes {
        forward: count(|_| true).saturating_sub(dkernel).saturating_sub(dinput),
        dkernel,
        dinput,
    }
}

/// The forward product, and each of its two gradients, multiplies every weight with every place it is laid on.
fn convolution(geometry: &Convolution) -> u64 {
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    product(&[
        geometry.in_channels,
        geometry.out_channels,
        vertical.size,
        horizontal.size,
        vertical.output,
        horizontal.output,
    ])
}

fn dense(geometry: &Dense) -> u64 {
    product(&[geometry.inputs, geometry.units, geometry.positions])
}

fn product(sizes: &[usize]) -> u64 {
    sizes
        .iter()
        .fold(1, |product: u64, &size| product.saturating_mul(size as u64))
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
