use super::state::{Meaning, State};
use compiler::ops::{Dgamma, Moments, Normalize, NormalizeBackward, NormalizeSums, SetMeans, SetStatistics, Sets};
use compiler::plan::{Range, TensorId};

/// The elements of each set, in order.
pub fn members(sets: &Sets) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); sets.groups.unwrap_or(sets.positions)];
    for c in 0..sets.channels {
        for p in 0..sets.positions {
            let set = match sets.groups {
                Some(groups) => c * groups / sets.channels,
                None => p,
            };
            members[set].push(c * sets.positions + p);
        }
    }
    members
}

/// Each chunk of each set.
fn chunks(sets: &Sets) -> Vec<Vec<usize>> {
    let members = members(sets);
    let size = compiler::ops::normalization::CHUNK;
    members
        .iter()
        .flat_map(|set| set.chunks(size).map(<[usize]>::to_vec))
        .collect()
}

fn set_of(sets: &Sets) -> Vec<usize> {
    let mut of = vec![0; sets.channels * sets.positions];
    for (set, members) in members(sets).iter().enumerate() {
        for &element in members {
            of[element] = set;
        }
    }
    of
}

/// gamma or beta of an element's channel.
fn of_channel(state: &State<'_>, range: Option<Range>, sets: &Sets, element: usize, without: f64) -> f64 {
    range.map_or(without, |range| {
        state.parameters[range.offset + element / sets.positions]
    })
}

fn xhat(state: &State<'_>, sets: &Sets, input: TensorId, statistics: TensorId) -> Vec<f64> {
    let n = state.samples;
    let of = set_of(sets);
    let input = state.tensor(input).iter().enumerate();
    let statistics = state.tensor(statistics);
    let hat = input.map(|(at, x)| {
        let set = 2 * of[at / n] * n + at % n;
        (x - statistics[set]) * statistics[set + n]
    });
    hat.collect()
}

impl Meaning for Moments {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = Vec::new();
        for chunk in chunks(&self.sets) {
            let of = |s: usize| {
                chunk
                    .iter()
                    .map(move |&at| (at, s))
                    .map(|(at, s)| state.tensor(self.input)[at * n + s])
            };
            let means: Vec<f64> = (0..n).map(|s| of(s).sum::<f64>() / chunk.len() as f64).collect();
            let spreads: Vec<f64> = (0..n).map(|s| of(s).map(|x| (x - means[s]).powi(2)).sum()).collect();
            made.extend(means);
            made.extend(spreads);
        }
        state.set(self.moments, made);
    }
}

impl Meaning for SetStatistics {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = Vec::new();
        let mut first = 0;
        for set in members(&self.sets) {
            let lengths: Vec<f64> = set
                .chunks(compiler::ops::normalization::CHUNK)
                .map(|chunk| chunk.len() as f64)
                .collect();
            let count = set.len() as f64;
            let at = |chunk: usize, which: usize, s: usize| {
                state.tensor(self.moments)[((first + chunk) * 2 + which) * n + s]
            };
            let (mut means, mut inverses) = (Vec::new(), Vec::new());
            for s in 0..n {
                let mean = lengths
                    .iter()
                    .enumerate()
                    .map(|(chunk, length)| length * at(chunk, 0, s))
                    .sum::<f64>()
                    / count;
                let spread = lengths
                    .iter()
                    .enumerate()
                    .map(|(chunk, length)| at(chunk, 1, s) + length * (at(chunk, 0, s) - mean).powi(2));
                means.push(mean);
                inverses.push(1.0 / (spread.sum::<f64>() / count + f64::from(self.epsilon)).sqrt());
            }
            made.extend(means);
            made.extend(inverses);
            first += lengths.len();
        }
        state.set(self.statistics, made);
    }
}

impl Meaning for Normalize {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let hat = xhat(state, &self.sets, self.input, self.statistics);
        let made = hat.iter().enumerate().map(|(at, hat)| {
            let gamma = of_channel(state, self.gamma, &self.sets, at / n, 1.0);
            hat * gamma + of_channel(state, self.beta, &self.sets, at / n, 0.0)
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for NormalizeSums {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let hat = xhat(state, &self.sets, self.input, self.statistics);
        let mut made = Vec::new();
        for chunk in chunks(&self.sets) {
            for with_hat in [false, true] {
                for s in 0..n {
                    let terms = chunk.iter().map(|&element| {
                        let g = state.tensor(self.doutput)[element * n + s]
                            * of_channel(state, self.gamma, &self.sets, element, 1.0);
                        if with_hat { g * hat[element * n + s] } else { g }
                    });
                    made.push(terms.sum::<f64>());
                }
            }
        }
        state.set(self.sums, made);
    }
}

impl Meaning for SetMeans {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = Vec::new();
        let mut first = 0;
        for set in members(&self.sets) {
            let chunks = set.len().div_ceil(compiler::ops::normalization::CHUNK);
            for which in 0..2 {
                for s in 0..n {
                    let sums =
                        (first..first + chunks).map(|chunk| state.tensor(self.sums)[(chunk * 2 + which) * n + s]);
                    made.push(sums.sum::<f64>() / set.len() as f64);
                }
            }
            first += chunks;
        }
        state.set(self.means, made);
    }
}

impl Meaning for NormalizeBackward {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (hat, of) = (xhat(state, &self.sets, self.input, self.statistics), set_of(&self.sets));
        let doutput = state.tensor(self.doutput).iter().enumerate();
        let made = doutput.map(|(at, d)| {
            let set = 2 * of[at / n] * n + at % n;
            let g = d * of_channel(state, self.gamma, &self.sets, at / n, 1.0);
            let means = state.tensor(self.means);
            (g - means[set] - hat[at] * means[set + n]) * state.tensor(self.statistics)[set + n]
        });
        let made = made.collect();
        state.set(self.dinput, made);
    }
}

impl Meaning for Dgamma {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let hat = xhat(state, &self.sets, self.input, self.statistics);
        for (at, hat) in hat.iter().enumerate() {
            let (channel, d) = (at / n / self.sets.positions, state.tensor(self.doutput)[at]);
            for (range, term) in [(self.gamma, d * hat), (self.beta, d)] {
                if let Some(range) = range {
                    state.outcome.gradients[range.offset + channel] += term;
                }
            }
        }
    }
}
