use super::state::{Meaning, State};
use compiler::ops::Weigh;
use std::collections::BTreeMap;

/// What each sample of the batch weighs by its class.
pub(super) fn weights(classes: &BTreeMap<u32, f32>, state: &State<'_>) -> Vec<f64> {
    let class = |sample: usize| match &state.batch.targets {
        None => f64::from(state.batch.labels[sample]),
        Some(targets) => match targets[sample].as_slice() {
            [value] => value.round_ties_even(),
            values => {
                let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                values.iter().position(|&value| value == top).unwrap_or_default() as f64
            }
        },
    };
    let weight = |sample: usize| {
        let own = classes.iter().find(|&(&known, _)| f64::from(known) == class(sample));
        own.map_or(1.0, |(_, &weight)| f64::from(weight))
    };
    (0..state.samples).map(weight).collect()
}

impl Meaning for Weigh {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let weights = weights(&self.classes, state);
        let losses = state.tensor(self.losses)[..n].to_vec();
        let made = state.tensor(self.dinput).iter().enumerate();
        let made = made.map(|(at, value)| value * weights[at % n]).collect();
        state.outcome.loss += losses
            .iter()
            .zip(&weights)
            .map(|(loss, weight)| loss * (weight - 1.0))
            .sum::<f64>();
        state.set(self.output, made);
    }
}
