//! A worker's share of what variables are held to after an update: which norms, and what their numbers become.

use super::memory::Shared;
use super::simd::Row;
use super::team::share;
use compiler::ops::{Constrain, Op};
use compiler::plan::Plan;
use compiler::training::constraints::Limit;

/// The constraints of a plan, in the order of its operations.
pub fn of(plan: &Plan) -> Vec<Constrain> {
    let operations = plan.training.operations.iter();
    let found = operations.filter_map(|instruction| {
        let Op::Constrain(constrain) = &instruction.op else {
            return None;
        };
        Some(constrain.clone())
    });
    found.collect()
}

/// A worker's share of the norms of every constrained variable. Each norm is one worker's, whose sum has one order.
///
/// # Safety
/// Everyone has passed a barrier after the update and passes one after this; until then nobody else touches the parameters,
/// and the workers have numbers of their own.
#[allow(unsafe_code)]
pub unsafe fn constrain(constraints: &[Constrain], parameters: &Shared<Row>, worker: usize, workers: usize) {
    for constrain in constraints {
        let start = constrain.variable.offset;
        // SAFETY: as the caller promises; each norm has numbers of its own.
        let floats = unsafe { parameters.floats(start..start + constrain.variable.floats) };
        let (norms, each) = constrain.counts();
        for norm in share(norms, worker, workers) {
            let first = Constrain::place(&constrain.across, norm);
            let places = || (0..each).map(|k| first + Constrain::place(&constrain.within, k));
            let value = |at: usize| floats.part(at..at + 1).iter().sum::<f32>();
            let factor = match constrain.limit {
                Limit::NonNegative => None,
                Limit::Norm { least, most, rate } => {
                    let squares: f32 = places().map(|at| value(at) * value(at)).sum();
                    let norm = squares.sqrt();
                    let rate = rate as f32;
                    let wanted = rate * norm.clamp(least as f32, most as f32) + (1.0 - rate) * norm;
                    Some(wanted / (Constrain::EPSILON + norm))
                }
            };
            for at in places() {
                let value = value(at);
                // What is no number stays so, as in Keras: a divergence is not to be hidden.
                let above = if value < 0.0 { 0.0 } else { value };
                let held = factor.map_or(above, |factor| value * factor);
                floats.part(at..at + 1).fill(held);
            }
        }
    }
}
