//! What holds a layer's variables and its output in check beside the loss: regularizers and constraints, whichever layer has them. The
//! arguments are read by their names: `kernel_regularizer` is of the variable `kernel`.

use crate::call::arguments::Arguments;
use crate::call::signature::{ArgumentKind, Signature};
use crate::training::constraints::{self, Constraint};
use crate::training::regularizers::{self, Regularizer};
use crate::variable::Variable;
use serde::Serialize;

/// The argument for what a layer's output adds to the loss.
const ACTIVITY: &str = "activity_regularizer";

/// A layer's regularizers, by the arguments that gave them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Rules {
    /// What variables add to the loss.
    pub regularizers: Vec<(&'static str, Regularizer)>,
    /// What variables are held to after each update.
    pub constraints: Vec<(&'static str, Constraint)>,
    /// What the output adds to the loss, sample by sample.
    pub activity: Option<Regularizer>,
}

impl Rules {
    /// Those that a call gives; what cannot be read is left out, and has been reported.
    pub fn read(signature: &'static Signature, arguments: &mut Arguments<'_>) -> Self {
        let mut rules = Self::default();
        for argument in signature
            .all()
            .filter(|argument| argument.kind == ArgumentKind::Regularizer)
        {
            let Some(Some(regularizer)) = arguments.read(argument.name, regularizers::read) else {
                continue;
            };
            if argument.name == ACTIVITY {
                rules.activity = Some(regularizer);
            } else {
                rules.regularizers.push((argument.name, regularizer));
            }
        }
        for argument in signature
            .all()
            .filter(|argument| argument.kind == ArgumentKind::Constraint)
        {
            if let Some(Some(constraint)) = arguments.read(argument.name, constraints::read) {
                rules.constraints.push((argument.name, constraint));
            }
        }
        rules
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.regularizers.is_empty() && self.constraints.is_empty() && self.activity.is_none()
    }

    /// Gives a variable those that are its own.
    pub fn apply(&self, variable: &mut Variable) {
        let own = self
            .regularizers
            .iter()
            .find(|(argument, _)| is_of(argument, variable.name));
        variable.regularizer = own.map(|&(_, regularizer)| regularizer);
        let mut constraints = self.constraints.iter();
        let own = constraints.find(|(argument, _)| is_of(argument, variable.name));
        variable.constraint = own.map(|(_, constraint)| constraint.clone());
    }

    /// The argument that gave the constraint of a variable.
    pub fn argument_of(&self, variable: &str) -> Option<&'static str> {
        let mut arguments = self.constraints.iter().map(|&(argument, _)| argument);
        arguments.find(|argument| is_of(argument, variable))
    }

    /// The arguments as they would be written.
    pub fn printed(&self) -> Vec<(&'static str, String)> {
        let activity = self.activity.map(|regularizer| (ACTIVITY, regularizer));
        let all = self.regularizers.iter().copied().chain(activity);
        let constraints = self.constraints.iter();
        all.map(|(argument, regularizer)| (argument, regularizer.to_string()))
            .chain(constraints.map(|(argument, constraint)| (*argument, constraint.to_string())))
            .collect()
    }
}

/// Whether an argument speaks of a variable. `depthwise_...` speaks of the `kernel` of a `DepthwiseConv2D` and of
/// the `depthwise_kernel` of a `SeparableConv2D`.
fn is_of(argument: &str, variable: &str) -> bool {
    let Some((subject, _)) = argument.rsplit_once('_') else {
        return false;
    };
    variable == subject
        || variable.strip_suffix("_kernel") == Some(subject)
        || (subject == "depthwise" && variable == "kernel")
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn arguments_speak_of_variables() {
        for (argument, variable, is) in [
            ("kernel_regularizer", "kernel", true),
            ("bias_regularizer", "kernel", false),
            ("depthwise_regularizer", "kernel", true),
            ("depthwise_regularizer", "depthwise_kernel", true),
            ("depthwise_regularizer", "pointwise_kernel", false),
            ("pointwise_regularizer", "pointwise_kernel", true),
            ("gamma_regularizer", "gamma", true),
        ] {
            assert_eq!(is_of(argument, variable), is, "{argument} {variable}");
        }
    }
}
