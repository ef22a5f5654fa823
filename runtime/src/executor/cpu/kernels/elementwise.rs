//! What looks at one element at a time, or at one position's channels: activations, softmax, sums and copies. Rows of
//! sixteen samples; all write `=`. One item: one element, or one position where channels are summed.

use super::super::memory::Output;
use super::super::simd::{Row, Simd, SimdKernel};
use super::math;
use compiler::activation::ActivationFunction;
use std::ops::Range;

/// The scale and the alpha of `selu` (keras/src/activations/activations.py).
const SELU: (f32, f32) = (1.050_701, 1.673_263_2);

/// A relu that may have a ceiling, computed on the way to memory; the same bits as [`Activate`]'s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectifier {
    /// The largest output.
    pub ceiling: Option<f32>,
}

impl Rectifier {
    /// A value rectified.
    #[inline(always)]
    pub fn of<S: Simd>(self, simd: S, x: S::V) -> S::V {
        let function = ActivationFunction::Relu {
            negative_slope: 0.0,
            ceiling: self.ceiling,
            threshold: 0.0,
        };
        activate(simd, function, x)
    }
}

/// The rectifier that most networks have. Kernels have a loop of its own for it, in which its numbers are known.
const PLAIN: ActivationFunction = ActivationFunction::Relu {
    negative_slope: 0.0,
    ceiling: None,
    threshold: 0.0,
};

/// `output = f(input)`, for an activation function f. One item: one element.
pub struct Activate<'a> {
    /// The activation function f.
    pub function: ActivationFunction,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        if self.function == PLAIN {
            self.each(simd, PLAIN);
        } else {
            self.each(simd, self.function);
        }
    }
}

impl Activate<'_> {
    #[inline(always)]
    fn each<S: Simd>(&self, simd: S, function: ActivationFunction) {
        for item in self.items.clone() {
            let y = activate(simd, function, simd.load(&self.input[item]));
            simd.store(self.output.row(item), y);
        }
    }
}

#[inline(always)]
fn activate<S: Simd>(simd: S, function: ActivationFunction, x: S::V) -> S::V {
    let (zero, one) = (simd.zero(), simd.splat(1.0));
    let absolute = simd.max(x, simd.sub(zero, x));
    match function {
        ActivationFunction::Linear | ActivationFunction::Softmax => x,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let threshold = simd.splat(threshold);
            let below = simd.mul(simd.splat(negative_slope), simd.sub(x, threshold));
            let above = match ceiling {
                Some(ceiling) => {
                    let ceiling = simd.splat(ceiling);
                    simd.select(simd.greater(ceiling, x), x, ceiling)
                }
                None => x,
            };
            // What is no number stays none.
            let below = simd.select(simd.equal(x, x), below, x);
            simd.select(simd.greater(x, threshold), above, below)
        }
        ActivationFunction::Sigmoid => math::sigmoid(simd, x),
        ActivationFunction::Tanh => math::tanh(simd, x),
        ActivationFunction::Elu { alpha } => simd.select(
            simd.greater(x, zero),
            x,
            simd.mul(simd.splat(alpha), math::exp_m1(simd, simd.min(x, zero))),
        ),
        ActivationFunction::Selu => {
            let below = simd.mul(simd.splat(SELU.1), math::exp_m1(simd, simd.min(x, zero)));
            simd.mul(simd.splat(SELU.0), simd.select(simd.greater(x, zero), x, below))
        }
        ActivationFunction::Softplus => simd.add(
            simd.max(x, zero),
            math::log_1p(simd, math::exp(simd, simd.sub(zero, absolute))),
        ),
        ActivationFunction::Softsign => simd.div(x, simd.add(one, absolute)),
        ActivationFunction::Silu => simd.mul(x, math::sigmoid(simd, x)),
        ActivationFunction::Gelu => {
            let erf = math::erf(simd, simd.mul(x, simd.splat(std::f32::consts::FRAC_1_SQRT_2)));
            simd.mul(simd.mul(x, simd.splat(0.5)), simd.add(one, erf))
        }
        ActivationFunction::HardSigmoid => {
            let y = simd.add(simd.div(x, simd.splat(6.0)), simd.splat(0.5));
            simd.min(simd.max(y, zero), one)
        }
        ActivationFunction::Exponential => math::exp(simd, x),
    }
}

/// `dinput = f'(input) doutput`, from f's output where that is enough.
pub struct ActivateBackward<'a> {
    /// The activation function f.
    pub function: ActivationFunction,
    /// What f took, where its derivative needs that.
    pub input: Option<&'a [Row]>,
    /// The output of f in the forward pass.
    pub output: &'a [Row],
    /// The gradient of that.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for ActivateBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.input {
            None if self.function == PLAIN => self.each(simd, PLAIN, None),
            input => self.each(simd, self.function, input),
        }
    }
}

impl ActivateBackward<'_> {
    #[inline(always)]
    fn each<S: Simd>(&self, simd: S, function: ActivationFunction, input: Option<&[Row]>) {
        for item in self.items.clone() {
            let y = simd.load(&self.output[item]);
            let x = input.map_or(y, |input| simd.load(&input[item]));
            let slope = slope(simd, function, input.is_some(), x, y);
            simd.store(self.dinput.row(item), simd.mul(slope, simd.load(&self.doutput[item])));
        }
    }
}

/// The derivative at input `x` (only where `known`) and output `y`.
#[inline(always)]
fn slope<S: Simd>(simd: S, function: ActivationFunction, known: bool, x: S::V, y: S::V) -> S::V {
    let (zero, one) = (simd.zero(), simd.splat(1.0));
    match function {
        ActivationFunction::Linear | ActivationFunction::Softmax => one,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let plain = threshold == 0.0 && ceiling.is_none();
            let threshold = simd.splat(if known { threshold } else { 0.0 });
            let above = match ceiling {
                Some(ceiling) => simd.select(simd.greater(simd.splat(ceiling), x), one, zero),
                None => one,
            };
            let below = simd.splat(negative_slope);
            // At the threshold itself Keras's two parts are both flat, but for the plain one, which is a leaky relu.
            let below = if plain {
                below
            } else {
                simd.select(simd.equal(x, threshold), zero, below)
            };
            simd.select(simd.greater(x, threshold), above, below)
        }
        ActivationFunction::Sigmoid => simd.mul(y, simd.sub(one, y)),
        ActivationFunction::Tanh => simd.mul(simd.sub(one, y), simd.add(one, y)),
        ActivationFunction::Elu { alpha } => simd.select(simd.greater(y, zero), one, simd.add(y, simd.splat(alpha))),
        ActivationFunction::Selu => {
            // At 0 it is TensorFlow's: the slope of what is above.
            let below = simd.add(y, simd.splat(SELU.0 * SELU.1));
            simd.select(simd.greater(zero, y), below, simd.splat(SELU.0))
        }
        ActivationFunction::Softplus => simd.sub(zero, math::exp_m1(simd, simd.sub(zero, y))),
        ActivationFunction::Softsign => {
            let rest = simd.sub(one, simd.max(y, simd.sub(zero, y)));
            simd.mul(rest, rest)
        }
        ActivationFunction::Silu => {
            let sigmoid = math::sigmoid(simd, x);
            simd.mul(sigmoid, simd.fma(x, simd.sub(one, sigmoid), one))
        }
        ActivationFunction::Gelu => {
            let erf = math::erf(simd, simd.mul(x, simd.splat(std::f32::consts::FRAC_1_SQRT_2)));
            let density = math::exp(simd, simd.mul(simd.mul(x, x), simd.splat(-0.5)));
            // 1 / sqrt(2 pi)
            let density = simd.mul(density, simd.splat(0.398_942_3));
            simd.fma(x, density, simd.mul(simd.splat(0.5), simd.add(one, erf)))
        }
        ActivationFunction::HardSigmoid => {
            let inside = simd.select(simd.greater(one, y), simd.splat(1.0 / 6.0), zero);
            simd.select(simd.greater(y, zero), inside, zero)
        }
        ActivationFunction::Exponential => y,
    }
}

/// `output = exp(input) / sum over channels of exp(input)`. One item: a position.
pub struct Softmax<'a> {
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for position in self.items {
            let column = || self.input[position..].iter().step_by(self.positions);
            let mut largest = simd.splat(f32::NEG_INFINITY);
            for x in column() {
                largest = simd.max(simd.load(x), largest);
            }
            let mut sum = simd.zero();
            for x in column() {
                sum = simd.add(sum, math::exp(simd, simd.sub(simd.load(x), largest)));
            }
            for (channel, x) in column().enumerate() {
                let p = simd.div(math::exp(simd, simd.sub(simd.load(x), largest)), sum);
                simd.store(self.output.row(channel * self.positions + position), p);
            }
        }
    }
}

/// `dinput = output (doutput - sum over channels of output doutput)`. One item: a position.
pub struct SoftmaxBackward<'a> {
    /// What the softmax gave.
    pub output: &'a [Row],
    /// The gradient of that.
    pub doutput: &'a [Row],
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for SoftmaxBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for position in self.items {
            let places = || (position..self.output.len()).step_by(self.positions);
            let mut dot = simd.zero();
            for at in places() {
                dot = simd.fma(simd.load(&self.output[at]), simd.load(&self.doutput[at]), dot);
            }
            for at in places() {
                let d = simd.sub(simd.load(&self.doutput[at]), dot);
                simd.store(self.dinput.row(at), simd.mul(simd.load(&self.output[at]), d));
            }
        }
    }
}

/// `output = left + right`, rectified where that is asked for.
pub struct Add<'a> {
    /// Read: a row has one element of each sample of a block.
    pub left: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub right: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// What becomes of sums.
    pub rectifier: Option<Rectifier>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let sum = simd.add(simd.load(&self.left[item]), simd.load(&self.right[item]));
            let sum = self.rectifier.map_or(sum, |rectifier| rectifier.of(simd, sum));
            simd.store(self.output.row(item), sum);
        }
    }
}
