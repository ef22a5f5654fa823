//! The penalty of the weights in the loss of samples that are judged.

use crate::plan::Plan;

/// The sum of all regularizers' penalties of the flat parameters, which the loss of each judged sample includes. Only
/// variables that train have regularizers.
pub fn of(plan: &Plan, parameters: &[f32]) -> f64 {
    let penalties = plan.parameters.iter().filter_map(|parameter| {
        let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        Some(parameter.regularizer?.strengths().of(parameters.get(range)?))
    });
    penalties.sum()
}

/// Whether there is a regularizer, so that the parameters have to be read.
pub fn is_any(plan: &Plan) -> bool {
    plan.parameters.iter().any(|parameter| parameter.regularizer.is_some())
}
