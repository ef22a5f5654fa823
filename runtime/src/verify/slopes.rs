//! Compares gradients with finite differences of the reference's loss.

use super::check::{Check, OF_A_SLOPE, largest};
use super::inputs::Draw;
use super::progress::Progress;
use crate::reference::{self, Batch};
use compiler::ops::Op;
use compiler::plan::{Plan, Program};

/// How often the network is run for each variable.
pub(super) const RUNS: usize = 4;

/// Compares the slope of the loss along a random direction of each variable with the gradient.
pub(super) fn slopes(
    plan: &Plan,
    parameters: &[f64],
    batch: &Batch,
    gradients: &[f64],
    (checks, progress): (&mut Vec<Check>, &mut Progress),
) {
    let forward = forward(&plan.training);
    let samples = batch.pictures.len() as f64;
    let mut draw = Draw(0x2545_F491_4F6C_DD1D);
    // A slope of zero, as of a bias in front of a normalization, has rounding alone.
    let least = (largest(gradients) / 1000.0).max(1e-6);
    for parameter in plan.parameters.iter().filter(|parameter| parameter.trainable) {
        let width = parameter.shape.last().copied().unwrap_or(1).max(1);
        let padded = reference::padded(width);
        let direction: Vec<f64> = (0..parameter.range.floats)
            .map(|at| if at % padded < width { draw.number() } else { 0.0 })
            .collect();
        let mut along = |h: f64| {
            let mut moved = parameters.to_vec();
            for (value, d) in moved[parameter.range.offset..].iter_mut().zip(&direction) {
                *value += h * d;
            }
            progress.run(plan, &forward, &moved, batch).loss / samples
        };
        let own = &gradients[parameter.range.offset..][..parameter.range.floats];
        let parts = || own.iter().zip(&direction).map(|(g, d)| g * d);
        let scale = parts().map(|part| part * part).sum::<f64>().sqrt().max(least);
        let [wide, narrow] = [1e-6, 3e-7].map(|h| (along(h) - along(-h)) / (2.0 * h));
        // Two widths disagree at a kink, of which the direction says nothing.
        if (wide - narrow).abs() > OF_A_SLOPE / 5.0 * scale {
            continue;
        }
        checks.push(Check {
            operation: "slopes",
            what: parameter.name.clone(),
            error: match (narrow - parts().sum::<f64>()).abs() / scale {
                error if error.is_nan() => f64::INFINITY,
                error => error,
            },
            allowed: OF_A_SLOPE,
        });
    }
}

/// The part of the program up to the losses, and what adds to them.
pub(super) fn forward(program: &Program) -> Program {
    let mut forward = program.clone();
    let is_loss = |op: &Op| {
        matches!(
            op,
            Op::Loss(_) | Op::Head(_) | Op::Compare(_) | Op::OverlapLoss(_) | Op::Weigh(_)
        )
    };
    let last = program
        .operations
        .iter()
        .rposition(|instruction| is_loss(&instruction.op));
    let mut index = 0;
    forward.operations.retain(|instruction| {
        let kept = Some(index) <= last || matches!(instruction.op, Op::Regularize(_) | Op::ActivityPenalty(_));
        index += 1;
        kept
    });
    forward
}
