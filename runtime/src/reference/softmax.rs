use super::state::{Meaning, State};
use compiler::ops::{Softmax, SoftmaxBackward};

pub fn softmax(values: &[f64]) -> Vec<f64> {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = values.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

impl Meaning for Softmax {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (channels, positions) = state.sizes[self.output.0];
        let mut made = state.zeros(self.output);
        for at in 0..positions * n {
            let column: Vec<f64> = (0..channels)
                .map(|c| state.tensor(self.input)[c * positions * n + at])
                .collect();
            for (c, p) in softmax(&column).into_iter().enumerate() {
                made[c * positions * n + at] = p;
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for SoftmaxBackward {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (channels, positions) = state.sizes[self.output.0];
        let (output, doutput) = (state.tensor(self.output), state.tensor(self.doutput));
        let mut made = state.zeros(self.dinput);
        for at in 0..positions * n {
            let places = (0..channels).map(|c| c * positions * n + at);
            let dot: f64 = places.clone().map(|i| output[i] * doutput[i]).sum();
            for i in places {
                made[i] = output[i] * (doutput[i] - dot);
            }
        }
        state.set(self.dinput, made);
    }
}
