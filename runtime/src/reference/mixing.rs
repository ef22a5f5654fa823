use super::augmentation::{between, uniform};
use super::philox::philox;
use super::state::{Meaning, State};
use compiler::ops::{MIXTURE, Mix, Mixtures};

/// Number 3 of a sample, all bits of it.
fn word(state: &State<'_>, [low, high]: [u32; 2], sample: usize) -> u32 {
    philox([3, (sample / 4) as u32, low, high], state.batch.key)[sample % 4]
}

impl Meaning for Mixtures {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let alpha = between(self.mixture.parameters(), uniform(state, self.stream, 0, 0));
        let mut order: Vec<usize> = (0..samples).collect();
        order.sort_by_key(|&sample| (word(state, self.stream, sample), sample));
        let mut made = vec![0.0; MIXTURE * samples];
        for sample in 0..samples {
            let u = |index| uniform(state, self.stream, index, sample);
            let root = |index: usize| (u(index) + 0.5 / 16_777_216.0).ln() / alpha;
            let share = (0..Self::ATTEMPTS)
                .map(|attempt| (root(4 + 2 * attempt), root(5 + 2 * attempt)))
                .find(|(own, other)| own.exp() + other.exp() <= 1.0)
                .map_or(0.5, |(own, other)| 1.0 / (1.0 + (other - own).exp()));
            let partner = order.iter().position(|&other| other == sample).unwrap_or(sample) as f64;
            let mixture = if self.mixture.cuts() {
                let along = |size: usize, place: f64| {
                    let length = (1.0 - share).sqrt() * size as f64;
                    let start = place * (size as f64 - length);
                    [start, start + length]
                };
                let ([left, right], [top, bottom]) = (along(self.size.1, u(1)), along(self.size.0, u(2)));
                [partner, share, left, right, top, bottom]
            } else {
                [partner, share, 0.0, 0.0, 0.0, 0.0]
            };
            for (at, value) in mixture.into_iter().enumerate() {
                made[at * samples + sample] = value;
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for Mix {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let (x, mixtures) = (state.tensor(self.input), state.tensor(self.mixtures));
        let made = (0..x.len()).map(|at| {
            let (element, sample) = (at / samples, at % samples);
            let of = |place: usize| mixtures[place * samples + sample];
            let other = x[element * samples + of(0) as usize];
            match self.cut {
                None => of(1) * x[at] + (1.0 - of(1)) * other,
                Some((height, width)) => {
                    let place = element % (height * width);
                    let (row, column) = ((place / width) as f64, (place % width) as f64);
                    let within = (of(2)..of(3)).contains(&column) && (of(4)..of(5)).contains(&row);
                    if within { other } else { x[at] }
                }
            }
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}
