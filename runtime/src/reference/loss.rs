use super::softmax::softmax;
use super::state::{Meaning, State};
use compiler::ops::Loss;
use compiler::plan::TensorId;

/// A sample's loss and its gradient. From probabilities, as Keras on TensorFlow computes it: they are clipped, and the
/// logarithms of what is left are logits (keras/src/backend/tensorflow/nn.py, `sparse_categorical_crossentropy`).
fn cross_entropy(values: &[f64], label: usize, from_logits: bool) -> (f64, Vec<f64>) {
    const CLIP: (f64, f64) = (1e-7, 1.0 - 1e-7);
    let logits: Vec<f64> = if from_logits {
        values.to_vec()
    } else {
        values.iter().map(|value| value.clamp(CLIP.0, CLIP.1).ln()).collect()
    };
    let probabilities = softmax(&logits);
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let loss = logits.iter().map(|logit| (logit - largest).exp()).sum::<f64>().ln() + largest - logits[label];
    let mut slopes = probabilities;
    slopes[label] -= 1.0;
    if !from_logits {
        for (slope, value) in slopes.iter_mut().zip(values) {
            *slope = if *value < CLIP.0 || *value > CLIP.1 {
                0.0
            } else {
                *slope / value
            };
        }
    }
    (loss, slopes)
}

/// The loss of what a network made: `[class * samples + sample]`.
/// Gives the loss of each sample.
pub fn judge(state: &mut State<'_>, made: &[f64], from_logits: bool, gradient: Option<TensorId>) -> Vec<f64> {
    let n = state.samples;
    let classes = made.len() / n;
    let mut losses = Vec::new();
    let mut slopes_of = vec![0.0; made.len()];
    for s in 0..n {
        let column: Vec<f64> = (0..classes).map(|c| made[c * n + s]).collect();
        let label = state.batch.labels[s] as usize;
        let (loss, slopes) = cross_entropy(&column, label, from_logits);
        state.outcome.loss += loss;
        losses.push(loss);
        let largest = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if column.iter().position(|&value| value == largest) == Some(label) {
            state.outcome.correct += 1.0;
        }
        for (c, slope) in slopes.into_iter().enumerate() {
            slopes_of[c * n + s] = slope / n as f64;
        }
    }
    if let Some(gradient) = gradient {
        state.set(gradient, slopes_of);
    }
    losses
}

impl Meaning for Loss {
    fn run(&self, state: &mut State<'_>) {
        let made = state.tensor(self.input).to_vec();
        let each = judge(state, &made, self.from_logits, self.dinput);
        if let Some(losses) = self.losses {
            state.set(losses, each);
        }
    }
}
