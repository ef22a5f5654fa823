//! The penalty of a variable's regularizer, and its share of the variable's gradient.

use crate::launch::dispatch::Resource::{Gradients, Parameters, State, Steps, Totals};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::words::{Words, Written};
use crate::training::regularizers::Strengths;
use serde::Serialize;
use shaders::{Constant, File};

/// `dvariable += l1 sign(variable) + 2 l2 variable`, and for the report
/// `loss += samples (l1 sum(|variable|) + l2 sum(variable^2))`: Keras reports the mean over samples of the loss of
/// their batch, penalties included.
///
/// The gradient is a partial one of its own, which the optimizer adds behind those of the layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regularize {
    /// The factors l1 and l2.
    pub strengths: Strengths,
    /// The variable among the parameters, and its gradient among the gradients.
    pub variable: Range,
}

touches!(Regularize in BatchInnermost {
    parameters: variable;
    gradients: variable;
});

impl Operation for Regularize {
    fn name(&self) -> &'static str {
        "regularize"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let variable = words.variable(self.variable);
        Written {
            formula: format!("d{variable}, loss += {}", self.strengths.formula(variable)),
            sizes: crate::numbers::thousands(self.variable.floats),
        }
    }

    /// Each workgroup writes a stretch of the gradient and, behind all gradients, the sum of its penalties; a second
    /// launch adds these sums up.
    fn launch(&self, launcher: &mut Launcher<'_>) {
        let vec4s = self.variable.floats / 4;
        let workgroup = launcher.tiling.workgroup;
        let groups = vec4s.div_ceil(workgroup * launcher.tiling.update_vec4s).max(1);
        let gradient_at = launcher.schedule.last_partial(self.variable);
        let sums_at = launcher.schedule.gradient_vec4s;
        launcher.schedule.gradient_vec4s += groups;
        let Strengths { l1, l2 } = self.strengths;
        let constants: Constants = vec![
            ("TILE", unsigned(launcher.tiling.update_vec4s)),
            ("VARIABLE_AT", at(Some(self.variable))),
            ("VEC4S", unsigned(vec4s)),
            ("GRADIENT_AT", unsigned(gradient_at)),
            ("SUMS_AT", unsigned(sums_at)),
            ("SUMS", unsigned(groups)),
            ("L1", Constant::Float(l1 as f32)),
            ("L2", Constant::Float(l2 as f32)),
        ];
        let kernel = launcher.kernel(File::Regularizer, "weights", constants.clone());
        let work = launcher.fixed(groups * workgroup);
        launcher.push(kernel, vec![(0, Parameters), (1, Gradients)], work);
        let kernel = launcher.kernel(File::Regularizer, "total", constants);
        let bindings = vec![(1, Gradients), (2, Steps), (3, State), (4, Totals)];
        let work = launcher.fixed(workgroup);
        launcher.push_long(kernel, bindings, work, groups.div_ceil(workgroup) + workgroup);
    }
}
