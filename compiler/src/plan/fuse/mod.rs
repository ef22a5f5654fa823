//! Fusion: operations that a kernel can do on the way are merged into it, with a file for each pass. Results stay the
//! same number for number; only fewer tensors are written and fewer kernels are launched.

mod links;
mod loss_into_dense;
mod pool_into_convolution;
mod relu_gradient_into_dinput;
mod relu_into_product;

use super::program::{Plan, Program};
use links::Links;

/// Fuses all programs of a plan.
pub fn fuse(plan: Plan) -> Plan {
    Plan {
        training: fuse_program(plan.training),
        evaluation: fuse_program(plan.evaluation),
        prediction: fuse_program(plan.prediction),
        ..plan
    }
}

fn fuse_program(program: Program) -> Program {
    let mut links = Links::new(program);
    relu_into_product::pass(&mut links);
    pool_into_convolution::pass(&mut links);
    relu_gradient_into_dinput::pass(&mut links);
    loss_into_dense::pass(&mut links);
    links.finish()
}
