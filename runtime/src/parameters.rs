//! A plan's parameters: their initial values, and their way to and from files.

use crate::checkpoint::{Lent, NamedTensor, Tensor, Values, VariableMismatch, load, load_matching, match_variables};
use crate::error::{Result, RuntimeError};
use crate::random::{Stream, initial_values};
use compiler::plan::{Parameter, Plan};
use std::collections::BTreeMap;
use std::path::Path;

/// The flat parameters that a run with `seed` starts from. Each variable has a random stream of its own, so that another layer
/// leaves the others unchanged.
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

/// The flat parameters from a file's tensors, which must be exactly the plan's variables, with names that begin with `prefix`.
pub fn parameters_from(plan: &Plan, tensors: BTreeMap<String, Tensor>, prefix: &str) -> Result<Vec<f32>> {
    let wanted: BTreeMap<String, Tensor> = tensors
        .into_iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor)))
        .collect();
    let mut values = match_variables(wanted, &expected(plan))?.into_iter();
    Ok(flat(plan, |_| values.next().unwrap_or_default()))
}

/// The flat parameters from a file of weights, whose variables must be exactly the plan's.
pub fn load_parameters(plan: &Plan, path: &Path) -> Result<Vec<f32>> {
    let mut values = load_matching(path, &expected(plan))?.into_iter();
    Ok(flat(plan, |_| values.next().unwrap_or_default()))
}

/// Replaces values in a buffer of flat parameters. Names that the plan does not have are ignored.
pub fn put(plan: &Plan, values: &BTreeMap<String, Vec<f32>>, buffer: &mut [f32]) {
    for parameter in &plan.parameters {
        if let Some(values) = values.get(&parameter.name) {
            let place = buffer.iter_mut().skip(parameter.range.offset);
            let packed = parameter.pack(values);
            place.zip(packed).for_each(|(place, value)| *place = value);
        }
    }
}

/// What a network took from a file of weights of another one: names of layers, in the order of the plan or of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The layers that have the values of the file.
    pub taken: Vec<String>,
    /// The layers that the file lacks, at least in part, so that they keep other values.
    pub anew: Vec<String>,
    /// The layers of the file that the network lacks.
    pub surplus: Vec<String>,
}

/// Replaces the values of those of the plan's variables that a file has.
///
/// # Errors
/// When the file cannot be read, has none of the variables, or has one with another shape.
pub fn load_common(plan: &Plan, path: &Path, buffer: &mut [f32]) -> Result<Taken> {
    let found = load(path)?;
    let mut differing = Vec::new();
    let (mut taken, mut anew, mut surplus) = (Vec::new(), Vec::new(), Vec::new());
    let add = |layers: &mut Vec<String>, name: &str| {
        let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
        if layers.last().is_none_or(|last| last != layer) {
            layers.push(layer.to_owned());
        }
    };
    let mut values = BTreeMap::new();
    for (name, shape) in expected(plan) {
        match found.get(&name) {
            None => add(&mut anew, &name),
            Some(tensor) if tensor.shape == shape => {
                add(&mut taken, &name);
                values.insert(name, tensor.values.clone());
            }
            Some(tensor) => differing.push((name, shape, tensor.shape.clone())),
        }
    }
    if !differing.is_empty() || values.is_empty() {
        let is_lacking = |(name, _): &(String, Vec<usize>)| !found.contains_key(name);
        return Err(RuntimeError::Variables(VariableMismatch {
            missing: expected(plan).into_iter().filter(is_lacking).collect(),
            surplus: Vec::new(),
            differing,
        }));
    }
    for name in found.keys().filter(|name| !values.contains_key(*name)) {
        add(&mut surplus, name);
    }
    taken.retain(|layer| !anew.contains(layer));
    put(plan, &values, buffer);
    Ok(Taken { taken, anew, surplus })
}

/// A flat buffer as named tensors in Keras's shapes; `prefix` is put before each name.
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

/// As [`tensors_of`], without a copy.
pub(crate) fn lent<'a>(plan: &'a Plan, buffer: &'a [f32], prefix: &str) -> Vec<Lent<'a>> {
    let named = |parameter: &'a Parameter| Lent {
        name: format!("{prefix}{}", parameter.name),
        shape: &parameter.shape,
        values: Values::Within(parameter, buffer),
    };
    plan.parameters.iter().map(named).collect()
}

/// The names and shapes of the plan's variables.
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
