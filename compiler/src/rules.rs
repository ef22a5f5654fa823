//! Regularizers and constraints of a layer's variables and output, for all layers that have them. They are read by
//! the names of the arguments: `kernel_regularizer` belongs to the variable `kernel`.

use crate::call::arguments::Arguments;
use crate::call::signature::{ArgumentKind, Signature};
use crate::training::constraints::{self, Constraint};
use crate::training::regularizers::{self, Regularizer};
use crate::variable::Variable;
use serde::Serialize;

/// The argument for the penalty of a layer's output.
const ACTIVITY: &str = "activity_regularizer";

/// The regularizers and constraints of a layer, by the arguments that give them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Rules {
    /// The penalties of variables, which the loss includes.
    pub regularizers: Vec<(&'static str, Regularizer)>,
    /// The limits that variables are held to after each update.
    pub constraints: Vec<(&'static str, Constraint)>,
    /// The penalty of the output, which the loss of each sample includes; None without one.
    pub activity: Option<Regularizer>,
}

impl Rules {
    /// Reads the rules of a call; those that could not be read have been reported and are left out.
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

    /// Whether there are neither regularizers nor constraints.
    pub fn is_empty(&self) -> bool {
        self.regularizers.is_empty() && self.constraints.is_empty() && self.activity.is_none()
    }

    /// Gives a variable its regularizer and its constraint.
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

    /// The name of the argument that gives the constraint of a variable; None without one.
    pub fn argument_of(&self, variable: &str) -> Option<&'static str> {
        let mut arguments = self.constraints.iter().map(|&(argument, _)| argument);
        arguments.find(|argument| is_of(argument, variable))
    }

    /// The arguments as a description would give them.
    pub fn printed(&self) -> Vec<(&'static str, String)> {
        let activity = self.activity.map(|regularizer| (ACTIVITY, regularizer));
        let all = self.regularizers.iter().copied().chain(activity);
        let constraints = self.constraints.iter();
        all.map(|(argument, regularizer)| (argument, regularizer.to_string()))
            .chain(constraints.map(|(argument, constraint)| (*argument, constraint.to_string())))
            .collect()
    }
}

/// Whether an argument is about this variable. `depthwise_...` is about the `kernel` of a `DepthwiseConv2D`, and
/// about the `depthwise_kernel` of a `SeparableConv2D`.
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
