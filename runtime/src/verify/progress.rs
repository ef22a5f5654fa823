//! Says how far a check has come, in operations that the reference has computed: they take nearly all of its time.

use crate::reference::{self, Batch, Outcome};
use compiler::plan::{Plan, Program};

/// Is told after each operation that the reference has computed.
pub(super) struct Progress<'a>(pub(super) &'a mut dyn FnMut());

impl Progress<'_> {
    /// As [`reference::run`].
    pub(super) fn run(&mut self, plan: &Plan, program: &Program, parameters: &[f64], batch: &Batch) -> Outcome {
        let watch = &mut |_, _: &mut Outcome| (self.0)();
        reference::run_watched(program, &plan.input_shape, parameters, batch, watch)
    }
}
