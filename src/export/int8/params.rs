//! What integers stand for.

/// What the integers of a tensor stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The distance from one number to the next.
    pub scale: f32,
    /// The integer that stands for 0.
    pub zero: i32,
}

/// A kernel as integers from -127 to 127, in the order of the kernel, whose last axis counts the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    /// The integers.
    pub values: Vec<i8>,
    /// What those of each output are multiplied by.
    pub scales: Vec<f32>,
    /// The bias of each output, in parts of its scale times the input's.
    pub bias: Vec<i32>,
    /// What the biases are multiplied by.
    pub bias_scales: Vec<f32>,
}

impl Params {
    /// For numbers from `low` to `high`; 0 is among them, and has an integer of its own.
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

    /// The integer of a number.
    pub fn integer(self, number: f32) -> i32 {
        let steps = (number / self.scale).round_ties_even() + self.zero as f32;
        steps.clamp(-128.0, 127.0) as i32
    }

    /// The nearest number that an integer stands for.
    pub fn rounded(self, number: f32) -> f32 {
        (self.integer(number) - self.zero) as f32 * self.scale
    }
}
