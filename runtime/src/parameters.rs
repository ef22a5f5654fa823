//! A plan's parameters: how they start, and their way to and from files.

use crate::checkpoint::{NamedTensor, Tensor, load_matching, match_variables};
use crate::error::Result;
use crate::random::{Stream, initial_values};
use compiler::plan::{Parameter, Plan};
use std::collections::BTreeMap;
use std::path::Path;

/// The flat parameters that a run with `seed` starts from. Each variable has a stream of its own, so that a layer more
/// leaves the others as they were.
pub fn initial_parameters(plan: &Plan, seed: u64) -> Vec<f32> {
    flat(plan, |parameter| {
        let (layer, variable) = parameter.name.rsplit_once('.').unwrap_or((&parameter.name, ""));
        initial_values(
            &parameter.initializer,
            &parameter.shape,
            Stream::of_variable(seed, layer, variable),
        )
    })
}

/// The flat parameters of a file's tensors, which must be exactly the plan's variables. Names begin with `prefix`.
pub fn parameters_from(plan: &Plan, tensors: &BTreeMap<String, Tensor>, prefix: &str) -> Result<Vec<f32>> {
    let wanted: BTreeMap<String, Tensor> = tensors
        .iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone())))
        .collect();
    let mut values = match_variables(wanted, &expected(plan))?.into_iter();
    Ok(flat(plan, |_| values.next().unwrap_or_default()))
}

/// The flat parameters in a file of weights, whose variables must be exactly the plan's.
pub fn load_parameters(plan: &Plan, path: &Path) -> Result<Vec<f32>> {
    let mut values = load_matching(path, &expected(plan))?.into_iter();
    Ok(flat(plan, |_| values.next().unwrap_or_default()))
}

/// A flat buffer as named tensors in Keras's shapes.
pub fn tensors_of(plan: &Plan, buffer: &[f32], prefix: &str) -> Vec<NamedTensor> {
    let named = |parameter: &Parameter| {
        (
            format!("{prefix}{}", parameter.name),
            parameter.shape.clone(),
            parameter.unpack(buffer),
        )
    };
    plan.parameters.iter().map(named).collect()
}

/// The plan's variables: names and shapes.
fn expected(plan: &Plan) -> Vec<(String, Vec<usize>)> {
    let variables = plan.parameters.iter();
    variables.map(|p| (p.name.clone(), p.shape.clone())).collect()
}

fn flat(plan: &Plan, mut values: impl FnMut(&Parameter) -> Vec<f32>) -> Vec<f32> {
    let mut buffer = vec![0.0; plan.parameter_floats];
    for parameter in &plan.parameters {
        let packed = parameter.pack(&values(parameter));
        let place = buffer.iter_mut().skip(parameter.range.offset);
        place.zip(packed).for_each(|(place, value)| *place = value);
    }
    buffer
}
