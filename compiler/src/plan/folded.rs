//! What becomes of the parameters of a product and of the normalization that it has taken in.

use super::parameter::Range;
use serde::Serialize;

/// A product that has taken in the normalization behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Folded {
    /// The kernel, multiplied by the factors.
    pub kernel: Range,
    /// The bias as it was trained, if there is one.
    pub bias: Option<Range>,
    /// The normalization's scale, one number for each channel.
    pub gamma: Option<Range>,
    /// The normalization's shift, one number for each channel.
    pub beta: Option<Range>,
    /// The normalization's moving mean, one number for each channel; the new bias takes its place.
    pub moving_mean: Range,
    /// The normalization's moving variance, one number for each channel.
    pub moving_variance: Range,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// How many channels the normalization has, as many as the kernel has outputs.
    pub channels: usize,
}

impl Folded {
    /// The factor and the shift of a channel.
    fn of(&self, parameters: &[f32], channel: usize) -> (f64, f64) {
        let at = |range: Option<Range>, otherwise: f32| {
            let value = range.and_then(|range| parameters.get(range.offset + channel));
            f64::from(value.copied().unwrap_or(otherwise))
        };
        let variance = at(Some(self.moving_variance), 1.0) + f64::from(self.epsilon);
        let factor = at(self.gamma, 1.0) / variance.sqrt();
        let shift = (at(self.bias, 0.0) - at(Some(self.moving_mean), 0.0)) * factor + at(self.beta, 0.0);
        (factor, shift)
    }

    /// Puts the product's kernel and bias in the place of what was trained.
    pub(super) fn apply(&self, parameters: &mut [f32]) {
        let made: Vec<(f64, f64)> = (0..self.channels).map(|channel| self.of(parameters, channel)).collect();
        let row = self.channels.next_multiple_of(4);
        let kernel = self.kernel.offset..self.kernel.offset + self.kernel.floats;
        for outputs in parameters.get_mut(kernel).unwrap_or_default().chunks_mut(row) {
            for (weight, (factor, _)) in outputs.iter_mut().zip(&made) {
                *weight = (f64::from(*weight) * factor) as f32;
            }
        }
        let bias = parameters.get_mut(self.moving_mean.offset..).unwrap_or_default();
        for (value, (_, shift)) in bias.iter_mut().zip(&made) {
            *value = *shift as f32;
        }
    }
}
