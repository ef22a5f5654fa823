use super::state::{Meaning, State};
use compiler::ops::{ActivityPenalty, ActivityPenaltyBackward, Regularize};
use compiler::training::regularizers::Strengths;

/// What a number adds to the loss, and how that grows with it.
fn penalty(strengths: Strengths, x: f64) -> (f64, f64) {
    let sign = if x == 0.0 { 0.0 } else { x.signum() };
    (
        strengths.l1 * x.abs() + strengths.l2 * x * x,
        strengths.l1 * sign + 2.0 * strengths.l2 * x,
    )
}

impl Meaning for Regularize {
    /// The batch's mean loss grows by the penalty; the outcome has the sum over its samples.
    fn run(&self, state: &mut State<'_>) {
        for at in self.variable.offset..self.variable.offset + self.variable.floats {
            let (adds, slope) = penalty(self.strengths, state.parameters[at]);
            state.outcome.loss += adds * state.samples as f64;
            state.outcome.gradients[at] += slope;
        }
    }
}

impl Meaning for ActivityPenalty {
    fn run(&self, state: &mut State<'_>) {
        let (samples, elements) = (state.samples, state.elements(self.input));
        let mut sums = vec![0.0; elements.div_ceil(Self::CHUNK) * samples];
        let mut loss = 0.0;
        for (at, &x) in state.tensor(self.input).iter().enumerate() {
            let (adds, _) = penalty(self.strengths, x);
            sums[at / samples / Self::CHUNK * samples + at % samples] += adds;
            loss += adds;
        }
        state.outcome.loss += loss;
        state.set(self.sums, sums);
    }
}

impl Meaning for ActivityPenaltyBackward {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples as f64;
        let pairs = state.tensor(self.input).iter().zip(state.tensor(self.doutput));
        let made = pairs
            .map(|(&x, d)| d + penalty(self.strengths, x).1 / samples)
            .collect();
        state.set(self.dinput, made);
    }
}
