use super::state::{Meaning, State};
use super::weigh::weights;
use compiler::ops::{Count, Counting, Hit};

/// The first place of the largest value.
fn largest(values: &[f64]) -> usize {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().position(|&value| value == top).unwrap_or_default()
}

impl Meaning for Count {
    fn run(&self, state: &mut State<'_>) {
        let (channels, positions) = state.sizes[self.target.0];
        assert_eq!(positions, self.positions);
        let n = state.samples;
        let (made, wanted) = (state.tensor(self.input).to_vec(), state.tensor(self.target).to_vec());
        let weights: Vec<f64> = if self.classes.is_empty() {
            vec![1.0; n]
        } else {
            let all = weights(&self.classes, state).into_iter();
            all.map(|weight| f64::from(self.counting.counts(weight as f32)))
                .collect()
        };
        let mut sums = vec![0.0; self.counters];
        if !self.classes.is_empty() {
            sums[self.counters - 1] = weights.iter().sum();
        }
        for sample in 0..n {
            let weight = weights[sample];
            for position in 0..positions {
                let row = |values: &[f64]| -> Vec<f64> {
                    (0..channels)
                        .map(|channel| values[(channel * positions + position) * n + sample])
                        .collect()
                };
                let (x, y) = (row(&made), row(&wanted));
                let pairs = || x.iter().zip(&y);
                let one = |condition: bool| f64::from(u8::from(condition));
                let yes = |condition: bool| weight * one(condition);
                match self.counting {
                    Counting::SquaredError => {
                        let sum: f64 = pairs().map(|(x, y)| (x - y).powi(2)).sum();
                        sums[0] += weight * sum / (channels * positions) as f64;
                    }
                    Counting::AbsoluteError => {
                        let sum: f64 = pairs().map(|(x, y)| (x - y).abs()).sum();
                        sums[0] += weight * sum / (channels * positions) as f64;
                    }
                    Counting::Decisions { threshold, class } => {
                        for (channel, (x, y)) in pairs().enumerate() {
                            if class.is_none_or(|class| class == channel) {
                                let (answer, right) = (*x > f64::from(threshold), *y != 0.0);
                                sums[0] += yes(answer && right);
                                sums[1] += yes(answer && !right);
                                sums[2] += yes(!answer && right);
                            }
                        }
                    }
                    Counting::Buckets { buckets, apart } => {
                        for (channel, (x, y)) in pairs().enumerate() {
                            // In single precision, as everyone computes it.
                            let place = (*x as f32).clamp(0.0, 1.0) * (buckets - 1) as f32;
                            let bucket = (place.ceil() as usize).saturating_sub(1);
                            let first = if apart { 2 * buckets * channel } else { 0 };
                            sums[first + if *y == 0.0 { buckets + bucket } else { bucket }] += weight;
                        }
                    }
                    Counting::Classes { threshold } => {
                        let best = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                        for (channel, (x, y)) in pairs().enumerate() {
                            let answer = threshold.map_or(*x == best && x.abs() > 1e-9, |edge| *x > f64::from(edge));
                            sums[channel] += yes(answer) * y;
                            sums[channels + channel] += yes(answer) * (1.0 - y);
                            sums[2 * channels + channel] += yes(!answer) * y;
                        }
                    }
                    Counting::Confusion {
                        classes,
                        threshold: None,
                    } => sums[largest(&y) * classes + largest(&x)] += weight,
                    Counting::Confusion {
                        classes,
                        threshold: Some(threshold),
                    } => {
                        for (x, y) in pairs() {
                            let (answer, wanted) = (usize::from(*x >= f64::from(threshold)), y.trunc());
                            if (0.0..classes as f64).contains(&wanted) {
                                sums[wanted as usize * classes + answer] += weight;
                            }
                        }
                    }
                    Counting::Mean { channel } => sums[0] += weight * x[channel] / positions as f64,
                    Counting::Right { hit: Hit::Above(edge) } => {
                        let right = pairs().filter(|(x, y)| one(**x > f64::from(edge)) == **y).count();
                        sums[0] += weight * right as f64 / (channels * positions) as f64;
                    }
                    Counting::Right { hit: Hit::Largest } => {
                        sums[0] += yes(largest(&x) == largest(&y)) / positions as f64;
                    }
                    Counting::TopK { k } => {
                        let value = x[largest(&y)];
                        let above = x.iter().filter(|x| **x > value).count();
                        sums[0] += yes(above < k) / positions as f64;
                    }
                }
            }
        }
        let all = &mut state.outcome.counters;
        all.resize(all.len().max(self.first + self.counters), 0.0);
        for (place, sum) in sums.into_iter().enumerate() {
            all[self.first + place] += sum;
        }
    }
}
