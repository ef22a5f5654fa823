//! Says how far a check has come, in operations that the reference has computed: they take nearly all of its time.

use super::inputs::BATCH;
use super::slopes::forward;
use super::{EVALUATED, STEPS};
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

/// How many operations the reference computes for [`super::verify`], of all its steps, batches and slopes.
pub fn operations(plan: &Plan) -> usize {
    let predicted = plan.prediction.operations.len();
    if plan.optimizer.is_none() {
        return predicted;
    }
    let trainable = plan.parameters.iter().filter(|parameter| parameter.trainable).count();
    let slopes = trainable * super::slopes::RUNS * forward(&plan.training).operations.len();
    let steps = STEPS.len() * plan.training.operations.len();
    let evaluated = EVALUATED.div_ceil(BATCH) * plan.evaluation.operations.len();
    predicted + steps + evaluated + slopes
}
