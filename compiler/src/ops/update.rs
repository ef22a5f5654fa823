//! An optimizer's step over all parameters.

use crate::launch::dispatch::Resource;
use crate::launch::kernel::{Kernel, unsigned};
use crate::launch::launcher::{Launcher, numbered};
use crate::numbers::thousands;
use crate::ops::operation::{Operation, touches};
use crate::plan::words::{Words, Written};
use crate::training::optimizer::Optimizer;
use serde::Serialize;
use shaders::{Constant, File};

/// One step of the plan's optimizer over all parameters; it reads all their gradients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Update {}

touches!(Update in BatchInnermost {});

impl Operation for Update {
    fn name(&self) -> &'static str {
        "update"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: "parameters = optimizer(parameters, gradients)".to_owned(),
            sizes: format!("{} floats", thousands(words.parameter_floats)),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let most = launcher.tiling.workgroup * launcher.tiling.update_vec4s;
        launcher.schedule.runs = runs(&launcher.schedule.segments, most);
        let optimizer = launcher.optimizer.unwrap_or(Optimizer::SGD {
            learning_rate: 0.0,
            momentum: 0.0,
            nesterov: false,
        });
        let (mut momentum_of, mut nesterov_of, mut rho_of, mut epsilon_of) = (0.0, false, 0.0, 0.0);
        let (mut centered_of, mut betas, mut decay) = (false, (0.0, 0.0), 0.0);
        let entry = match optimizer {
            Optimizer::SGD { momentum, nesterov, .. } => {
                (momentum_of, nesterov_of) = (momentum, nesterov);
                if momentum == 0.0 { "sgd" } else { "sgd_momentum" }
            }
            Optimizer::RMSprop {
                rho,
                momentum,
                epsilon,
                centered,
                ..
            } => {
                (momentum_of, rho_of, epsilon_of, centered_of) = (momentum, rho, epsilon, centered);
                match (momentum > 0.0, centered) {
                    (false, false) => "rmsprop",
                    (true, true) => "rmsprop_two_more",
                    (true, false) | (false, true) => "rmsprop_one_more",
                }
            }
            Optimizer::Adam {
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
                ..
            } => {
                (betas, epsilon_of) = ((beta_1, beta_2), epsilon);
                if amsgrad { "adam_amsgrad" } else { "adam" }
            }
            Optimizer::AdamW {
                weight_decay,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
                ..
            } => {
                (betas, epsilon_of, decay) = ((beta_1, beta_2), epsilon, weight_decay);
                if amsgrad { "adam_amsgrad" } else { "adam" }
            }
        };
        let float = |value: f64| Constant::Float(value as f32);
        let constants = vec![
            ("WORKGROUP", unsigned(launcher.tiling.workgroup)),
            ("TILE", unsigned(launcher.tiling.update_vec4s)),
            ("MOMENTUM", float(momentum_of)),
            ("NESTEROV", Constant::Bool(nesterov_of)),
            ("RHO", float(rho_of)),
            ("EPSILON", float(epsilon_of)),
            ("CENTERED", Constant::Bool(centered_of)),
            ("BETA_1", float(betas.0)),
            ("BETA_2", float(betas.1)),
            ("WEIGHT_DECAY", float(decay)),
        ];
        let common = [
            Resource::Parameters,
            Resource::Gradients,
            Resource::Runs,
            Resource::Steps,
            Resource::State,
        ];
        let mut bindings = numbered(&common);
        bindings.extend((0..optimizer.slots().len()).map(|slot| (5 + slot as u32, Resource::Slot(slot))));
        // The last run only marks the end.
        let invocations = launcher.schedule.runs.len().saturating_sub(1) * launcher.tiling.workgroup;
        let kernel = Kernel::new(File::Optimizer, entry, constants);
        launcher.push(kernel, bindings, launcher.fixed(invocations));
    }
}

/// Every segment (see [`Schedule::segments`]) cut into runs of at most `most` vec4s: the first vec4, the first of its
/// gradient, how many partial gradients there are, and the vec4s from one to the next. One more marks the end.
fn runs(segments: &[[u32; 4]], most: usize) -> Vec<[u32; 4]> {
    let mut runs = Vec::new();
    let mut end = 0;
    for &[first, gradient, splits, vec4s] in segments {
        for start in (0..vec4s).step_by(most.max(1)) {
            runs.push([first + start, gradient + start, splits, vec4s]);
        }
        end = first + vec4s;
    }
    runs.push([end, 0, 0, 0]);
    runs
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn runs_lie_within_one_variable() {
        assert_eq!(
            runs(&[[0, 100, 2, 5], [5, 40, 1, 1], [6, 200, 3, 4]], 4),
            [
                [0, 100, 2, 5],
                [4, 104, 2, 5],
                [5, 40, 1, 1],
                [6, 200, 3, 4],
                [10, 0, 0, 0]
            ]
        );
        assert_eq!(runs(&[], 4), [[0; 4]]);
    }
}
