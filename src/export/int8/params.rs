//! Which numbers the integers of a quantized network stand for.

/// Which numbers the integers of a tensor stand for: `scale * (integer - zero)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The difference between the numbers of two neighbouring integers.
    pub scale: f32,
    /// The integer that stands for 0, from -128 to 127.
    pub zero: i32,
}

/// A kernel as integers from -127 to 127; the last axis counts the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    /// The integers, row-major in the shape of the kernel.
    pub values: Vec<i8>,
    /// The factor that turns the integers of each output into numbers.
    pub scales: Vec<f32>,
    /// The bias of each output as an integer, in units of its `bias_scales`.
    pub bias: Vec<i32>,
    /// The factor that turns the bias of each output into a number: the scale of the input times that of the output's kernel.
    pub bias_scales: Vec<f32>,
}

impl Params {
    /// Parameters for numbers from `low` to `high`; the range is widened to include 0, which has an integer of its own.
    pub(super) fn of(low: f32, high: f32) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let scale = (high - low) / 255.0;
        if scale <= f32::MIN_POSITIVE {
            return Self { scale: 1.0, zero: 0 };
        }
        let zero = (-128.0 - low / scale).round_ties_even().clamp(-128.0, 127.0);
        Self {
            scale,
            zero: zero as i32,
        }
    }

    /// The integer that stands for the nearest number.
    pub fn integer(self, number: f32) -> i32 {
        let steps = (number / self.scale).round_ties_even() + self.zero as f32;
        steps.clamp(-128.0, 127.0) as i32
    }

    /// The nearest number that an integer stands for.
    pub fn rounded(self, number: f32) -> f32 {
        (self.integer(number) - self.zero) as f32 * self.scale
    }
}
