//! What the weights add to the loss of samples that are judged.

use crate::plan::Plan;

/// The sum of what the regularizers make of the flat parameters: what each judged sample's loss is larger by. Only variables
/// that train have regularizers.
pub fn of(plan: &Plan, parameters: &[f32]) -> f64 {
    let penalties = plan.parameters.iter().filter_map(|parameter| {
        let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        Some(parameter.regularizer?.strengths().of(parameters.get(range)?))
    });
    penalties.sum()
}

/// Whether there is any, so that the parameters have to be looked at.
pub fn is_any(plan: &Plan) -> bool {
    plan.parameters.iter().any(|parameter| parameter.regularizer.is_some())
}
