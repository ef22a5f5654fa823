//! What every update rule does with a vector of parameters, whichever it is.

use crate::executor::cpu::simd::Simd;
use compiler::host::step::StepRecord;

/// The rates of a step, each in all lanes.
pub struct Splat<S: Simd> {
    /// The learning rate of the step.
    pub learning_rate: S::V,
    /// The factor of the optimizer's direction, with the bias correction of those that have one.
    pub step_size: S::V,
    /// Nadam: the factor of the gradient itself.
    pub gradient_size: S::V,
    /// Nadam: the factor of the running mean of squares.
    pub square_scale: S::V,
    /// The share of themselves that the parameters' running averages keep.
    pub ema_momentum: S::V,
    /// The share of the parameters that goes into their running averages: `1 - ema_momentum`.
    pub ema_rest: S::V,
}

impl<S: Simd> Splat<S> {
    pub fn new(simd: S, step: &StepRecord) -> Self {
        Self {
            learning_rate: simd.splat(step.learning_rate),
            step_size: simd.splat(step.step_size),
            gradient_size: simd.splat(step.gradient_size),
            square_scale: simd.splat(step.square_scale),
            ema_momentum: simd.splat(step.ema_momentum),
            ema_rest: simd.splat(1.0 - step.ema_momentum),
        }
    }
}

/// Zero in place of what is smaller than the smallest normal number, as TensorFlow has it. A running mean whose gradient is gone
/// would else end among these numbers and stay there, and roots and quotients of them take two to four times as long, sums on
/// some processors a hundred times.
#[inline(always)]
pub fn settled<S: Simd>(simd: S, x: S::V) -> S::V {
    let absolute = simd.max(x, simd.sub(simd.zero(), x));
    let small = simd.greater(simd.splat(f32::MIN_POSITIVE), absolute);
    simd.select(small, simd.zero(), x)
}

/// An update rule with its constants in all lanes.
pub trait Update<S: Simd> {
    /// How many slots it keeps, at most three.
    fn slots(&self) -> usize;

    /// The new parameters of `w`, whose gradients are `g`; `kept` are the slots, first in the order of the compiler's
    /// `UpdateRule::slots`. What is kept is [`settled`] later, but what a root or a quotient is taken of by the rule.
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V;
}
