use super::state::{Meaning, State};
use compiler::ops::normalization::CHUNK;
use compiler::ops::{BatchMeans, BatchStatistics, NormalizeMoving, NormalizeMovingBackward};

impl Meaning for BatchStatistics {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let positions = self.sets.positions;
        let chunks = positions.div_ceil(CHUNK);
        let mut made = Vec::new();
        for c in 0..self.sets.channels {
            let moments = state.tensor(self.moments);
            let of = |chunk: usize, s: usize| {
                let at = ((c * chunks + chunk) * 2) * n + s;
                (
                    (positions - chunk * CHUNK).min(CHUNK) as f64,
                    moments[at],
                    moments[at + n],
                )
            };
            let all = || {
                (0..chunks)
                    .flat_map(|chunk| (0..n).map(move |s| (chunk, s)))
                    .map(|(chunk, s)| of(chunk, s))
            };
            let count = (positions * n) as f64;
            let mean = all().map(|(length, mean, _)| length * mean).sum::<f64>() / count;
            let variance = all()
                .map(|(length, own, spread)| spread + length * (own - mean).powi(2))
                .sum::<f64>()
                / count;
            made.extend(vec![mean; n]);
            made.extend(vec![1.0 / (variance + f64::from(self.epsilon)).sqrt(); n]);
            let momentum = f64::from(self.momentum);
            for (range, now) in [(self.moving_mean, mean), (self.moving_variance, variance)] {
                let at = range.offset + c;
                let moved = state.parameters[at] * momentum + now * (1.0 - momentum);
                state.outcome.states.push((at, moved));
            }
        }
        state.set(self.statistics, made);
    }
}

impl Meaning for BatchMeans {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let chunks = self.sets.positions.div_ceil(CHUNK);
        let mut made = Vec::new();
        for c in 0..self.sets.channels {
            for which in 0..2 {
                let sums = (0..chunks).flat_map(|chunk| {
                    let first = ((c * chunks + chunk) * 2 + which) * n;
                    &state.tensor(self.sums)[first..first + n]
                });
                let mean = sums.sum::<f64>() / (self.sets.positions * n) as f64;
                made.extend(vec![mean; n]);
            }
        }
        state.set(self.means, made);
    }
}

impl Meaning for NormalizeMoving {
    fn run(&self, state: &mut State<'_>) {
        let column = self.sets.positions * state.samples;
        let input = state.tensor(self.input).iter().enumerate();
        let made = input.map(|(at, x)| {
            let of = |range: compiler::plan::Range| state.parameters[range.offset + at / column];
            let deviation = (of(self.moving_variance) + f64::from(self.epsilon)).sqrt();
            (x - of(self.moving_mean)) / deviation * self.gamma.map_or(1.0, of) + self.beta.map_or(0.0, of)
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for NormalizeMovingBackward {
    fn run(&self, state: &mut State<'_>) {
        let column = self.sets.positions * state.samples;
        let doutput = state.tensor(self.doutput).iter().enumerate();
        let made = doutput.map(|(at, d)| {
            let of = |range: compiler::plan::Range| state.parameters[range.offset + at / column];
            d * self.gamma.map_or(1.0, of) / (of(self.moving_variance) + f64::from(self.epsilon)).sqrt()
        });
        let made = made.collect();
        state.set(self.dinput, made);
    }
}
