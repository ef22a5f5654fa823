use super::state::{Meaning, State};
use compiler::ops::Constrain;
use compiler::plan::Parameter;
use compiler::training::constraints::Constraint;
use std::collections::BTreeMap;

impl Meaning for Constrain {
    fn run(&self, _: &mut State<'_>) {}
}

/// What the parameters become that have constraints, after an update, by Keras's own axes.
pub fn constrain(parameters: &[Parameter], values: &mut [f64]) {
    for parameter in parameters {
        let Some(constraint) = &parameter.constraint else {
            continue;
        };
        // Where each number lies, in Keras's order.
        let mut places = vec![0.0; values.len()];
        for (at, place) in places.iter_mut().enumerate() {
            *place = at as f32;
        }
        let places: Vec<usize> = parameter.unpack(&places).iter().map(|&at| at as usize).collect();
        if let Constraint::NonNeg(_) = constraint {
            for &at in &places {
                // What is no number stays so, as in Keras.
                if values[at] < 0.0 {
                    values[at] = 0.0;
                }
            }
            continue;
        }
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        let rank = parameter.shape.len() as i64;
        for (mut index, &at) in places.iter().enumerate() {
            let mut indices = vec![0; parameter.shape.len()];
            for (axis, &size) in parameter.shape.iter().enumerate().rev() {
                let summed = constraint
                    .axes()
                    .iter()
                    .any(|&given| given.rem_euclid(rank) == axis as i64);
                indices[axis] = if summed { 0 } else { index % size };
                index /= size;
            }
            groups.entry(indices).or_default().push(at);
        }
        for group in groups.values() {
            let norm = group.iter().map(|&at| values[at] * values[at]).sum::<f64>().sqrt();
            let wanted = match constraint {
                Constraint::MaxNorm(max) => norm.min(max.max_value),
                Constraint::UnitNorm(_) => 1.0,
                Constraint::MinMaxNorm(range) => {
                    range.rate * norm.clamp(range.min_value, range.max_value) + (1.0 - range.rate) * norm
                }
                Constraint::NonNeg(_) => norm,
            };
            group.iter().for_each(|&at| values[at] *= wanted / (1e-7 + norm));
        }
    }
}
