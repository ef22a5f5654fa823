use super::state::{Meaning, State};
use compiler::ops::{OverlapBatch, OverlapLoss, OverlapSums};

impl Meaning for OverlapSums {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (made, wanted) = (state.tensor(self.input).to_vec(), state.tensor(self.target).to_vec());
        let size = wanted.len() / n / self.sets;
        let chunks = Self::chunks(size);
        let mut parts = vec![0.0; 3 * self.sets * chunks * n];
        let mut sums = vec![0.0; 3 * self.sets * n];
        for (at, (x, y)) in made.iter().zip(&wanted).enumerate() {
            let (element, sample) = (at / n, at % n);
            let (set, chunk) = (element / size, element % size / Self::CHUNK);
            for (place, value) in [x * y, *y, *x].into_iter().enumerate() {
                parts[((place * self.sets + set) * chunks + chunk) * n + sample] += value;
                sums[(place * self.sets + set) * n + sample] += value;
            }
        }
        state.set(self.parts, parts);
        state.set(self.sums, sums);
    }
}

impl Meaning for OverlapBatch {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let rows = state.tensor(self.sums).chunks(n);
        let totals = rows.flat_map(|row| vec![row.iter().sum::<f64>(); n]).collect();
        state.set(self.totals, totals);
    }
}

impl Meaning for OverlapLoss {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (sums, target) = (state.tensor(self.sums).to_vec(), state.tensor(self.target).to_vec());
        let size = target.len() / n / self.sets;
        let [factor, both, targets, outputs] = [
            self.overlap.factor,
            self.overlap.both,
            self.overlap.targets,
            self.overlap.outputs,
        ]
        .map(f64::from);
        let fraction = |set: usize, sample: usize| {
            let sum = |place: usize| sums[(place * self.sets + set) * n + sample];
            (
                factor * sum(0),
                both * sum(0) + targets * sum(1) + outputs * sum(2) + 1e-7,
            )
        };
        let losses: Vec<f64> = (0..n)
            .map(|sample| {
                let of = (0..self.sets)
                    .map(|set| fraction(set, sample))
                    .map(|(above, below)| 1.0 - above / below);
                of.sum::<f64>() / self.sets as f64
            })
            .collect();
        state.outcome.loss += losses.iter().sum::<f64>();
        state.set(self.losses, losses);
        if let Some(dinput) = self.dinput {
            let slope = |(at, y): (usize, &f64)| {
                let (above, below) = fraction(at / n / size, at % n);
                // The derivative of a quotient.
                let slope = (above * (both * y + outputs) - factor * y * below) / (below * below);
                slope / (if self.joint { 1 } else { n } * self.sets) as f64
            };
            let slopes = target.iter().enumerate().map(slope).collect();
            state.set(dinput, slopes);
        }
    }
}
