//! Losses that compare outputs with targets, value by value or row by row, and their gradients. A row is what a position
//! has along the channels. Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py; formulas:
//! `compiler::ops::Criterion`.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::math;
use compiler::ops::Hit;
use compiler::ops::compare::Coded;
use std::ops::Range;

const LEAST: f32 = 1e-7;
const MOST: f32 = 1.0 - 1e-7;
/// The first function that is of whole rows.
const ROWS: u32 = 6;

/// The verdict on each position, and the gradient. One item: a position.
pub struct Compare<'a> {
    /// The function of the loss, with its options as numbers.
    pub coded: Coded,
    /// What counts as right.
    pub hit: Hit,
    /// Rows of a sample.
    pub positions: usize,
    /// Outputs or logits: `[channel][position]`.
    pub input: &'a [Row],
    /// Of the same sizes.
    pub target: &'a [Row],
    /// How many of the block's samples are real; the lanes after them count for nothing.
    pub count: usize,
    /// One over the real samples of the whole batch and the positions.
    pub scale: f32,
    /// Made: the loss of each position's row, then the share of it that is right.
    pub verdict: Output<'a, Row>,
    /// Written when training: the gradient of the outputs, of the same sizes.
    pub dinput: Option<Output<'a, Row>>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let channels = self.input.len() / self.positions;
        let function = Function {
            simd,
            coded: self.coded,
        };
        let mut weight = Row([0.0; LANES]);
        weight.0[..self.count].fill(self.scale * self.coded.scale);
        let weight = simd.load(&weight);
        for position in self.items.clone() {
            let at = |channel: usize| channel * self.positions + position;
            let load = |channel: usize| {
                let x = simd.load(&self.input[at(channel)]);
                (x, function.smoothed(simd.load(&self.target[at(channel)])))
            };
            let of = if self.coded.function < ROWS {
                Shares {
                    top: simd.zero(),
                    sum: simd.zero(),
                }
            } else {
                function.shares((0..channels).map(|channel| simd.load(&self.input[at(channel)])))
            };
            let mut loss = simd.zero();
            for channel in 0..channels {
                let (x, y) = load(channel);
                loss = simd.add(loss, function.loss(x, y, of));
            }
            simd.store(self.verdict.row(position), simd.mul(loss, simd.splat(self.coded.scale)));
            let right = self.right(simd, channels, position);
            simd.store(self.verdict.row(self.positions + position), right);
            if let Some(dinput) = self.dinput {
                let mut meet = simd.zero();
                if function.meets() {
                    for channel in 0..channels {
                        let (x, y) = load(channel);
                        let share = function.share(x, of);
                        meet = simd.add(meet, simd.mul(function.slope_of_share(share, y), share));
                    }
                }
                for channel in 0..channels {
                    let (x, y) = load(channel);
                    let slope = simd.mul(function.slope(x, y, of, meet), weight);
                    // What padding makes may be no number.
                    let slope = simd.select(simd.greater(weight, simd.zero()), slope, simd.zero());
                    simd.store(dinput.row(at(channel)), slope);
                }
            }
        }
    }
}

impl Compare<'_> {
    /// The share of a position's row that is right.
    #[inline(always)]
    fn right<S: Simd>(&self, simd: S, channels: usize, position: usize) -> S::V {
        let (zero, one) = (simd.zero(), simd.splat(1.0));
        let load = |rows: &[Row], channel: usize| simd.load(&rows[channel * self.positions + position]);
        match self.hit {
            Hit::Above(threshold) => {
                let mut right = zero;
                for channel in 0..channels {
                    let (x, y) = (load(self.input, channel), load(self.target, channel));
                    let side = simd.select(simd.greater(x, simd.splat(threshold)), one, zero);
                    right = simd.add(right, simd.select(simd.equal(side, y), one, zero));
                }
                simd.div(right, simd.splat(channels as f32))
            }
            Hit::Largest => {
                let place = |rows: &[Row]| {
                    let (mut best, mut place) = (load(rows, 0), zero);
                    for channel in 1..channels {
                        let value = load(rows, channel);
                        let greater = simd.greater(value, best);
                        best = simd.select(greater, value, best);
                        place = simd.select(greater, simd.splat(channel as f32), place);
                    }
                    place
                };
                simd.select(simd.equal(place(self.input), place(self.target)), one, zero)
            }
        }
    }
}

/// What a row of shares needs: the largest logit, and the sum of the powers; or the sum of the values.
#[derive(Clone, Copy)]
struct Shares<V> {
    top: V,
    sum: V,
}

/// The loss and its slopes, on sixteen samples.
#[derive(Clone, Copy)]
struct Function<S> {
    simd: S,
    coded: Coded,
}

impl<S: Simd> Function<S> {
    #[inline(always)]
    fn smoothed(self, y: S::V) -> S::V {
        let Coded {
            smoothing, smoothed_to, ..
        } = self.coded;
        if smoothing == 0.0 {
            return y;
        }
        let simd = self.simd;
        simd.fma(y, simd.splat(1.0 - smoothing), simd.splat(smoothing * smoothed_to))
    }

    #[inline(always)]
    fn negative(self, v: S::V) -> S::V {
        self.simd.sub(self.simd.zero(), v)
    }

    #[inline(always)]
    fn absolute(self, v: S::V) -> S::V {
        self.simd.max(v, self.negative(v))
    }

    #[inline(always)]
    fn sign(self, v: S::V) -> S::V {
        let simd = self.simd;
        let negative = simd.select(simd.greater(simd.zero(), v), simd.splat(-1.0), simd.zero());
        simd.select(simd.greater(v, simd.zero()), simd.splat(1.0), negative)
    }

    #[inline(always)]
    fn one_minus(self, v: S::V) -> S::V {
        self.simd.sub(self.simd.splat(1.0), v)
    }

    #[inline(always)]
    fn clip(self, v: S::V, most: f32) -> S::V {
        let simd = self.simd;
        let clipped = simd.min(simd.max(v, simd.splat(LEAST)), simd.splat(most));
        // What is no number stays none.
        simd.select(simd.equal(v, v), clipped, v)
    }

    /// The slope, or zero where the value was clipped.
    #[inline(always)]
    fn inside(self, v: S::V, most: f32, slope: S::V) -> S::V {
        let simd = self.simd;
        let slope = simd.select(simd.greater(simd.splat(LEAST), v), simd.zero(), slope);
        simd.select(simd.greater(v, simd.splat(most)), simd.zero(), slope)
    }

    #[inline(always)]
    fn sigmoid(self, v: S::V) -> S::V {
        let simd = self.simd;
        let power = math::exp(simd, self.negative(v));
        simd.div(simd.splat(1.0), simd.add(simd.splat(1.0), power))
    }

    /// A base of 0 to 1 to a power.
    #[inline(always)]
    fn power(self, base: S::V, exponent: f32) -> S::V {
        let simd = self.simd;
        // Of these three a negative base has a power as well: an output beyond 0..1.
        if exponent == 0.0 {
            return simd.splat(1.0);
        }
        if exponent.to_bits() == 1.0_f32.to_bits() {
            return base;
        }
        if exponent.to_bits() == 2.0_f32.to_bits() {
            return simd.mul(base, base);
        }
        let least = simd.splat(1e-30);
        let log = math::log(simd, simd.max(base, least));
        let power = math::exp(simd, simd.mul(simd.splat(exponent), log));
        simd.select(simd.greater(base, least), power, simd.zero())
    }

    /// The plain binary crossentropy and its slope.
    #[inline(always)]
    fn binary(self, x: S::V, y: S::V) -> (S::V, S::V) {
        let simd = self.simd;
        if self.coded.from_logits {
            let power = math::exp(simd, self.negative(self.absolute(x)));
            let log = math::log(simd, simd.add(simd.splat(1.0), power));
            let loss = simd.add(simd.sub(simd.max(x, simd.zero()), simd.mul(x, y)), log);
            return (loss, simd.sub(self.sigmoid(x), y));
        }
        let p = self.clip(x, MOST);
        let rest = self.one_minus(p);
        let ones = simd.mul(y, math::log(simd, p));
        let zeros = simd.mul(self.one_minus(y), math::log(simd, rest));
        let slope = simd.div(simd.sub(p, y), simd.mul(p, rest));
        (self.negative(simd.add(ones, zeros)), self.inside(x, MOST, slope))
    }

    #[inline(always)]
    fn focal(self, x: S::V, y: S::V) -> (S::V, S::V) {
        let simd = self.simd;
        let (loss, slope) = self.binary(x, y);
        let gamma = self.coded.second;
        let (p, dp) = if self.coded.from_logits {
            let p = self.sigmoid(x);
            (p, simd.mul(p, self.one_minus(p)))
        } else {
            (x, simd.splat(1.0))
        };
        let right = simd.add(simd.mul(y, p), simd.mul(self.one_minus(y), self.one_minus(p)));
        let rest = self.one_minus(right);
        let factor = self.power(rest, gamma);
        let dfactor = if gamma == 0.0 {
            simd.zero()
        } else {
            let direction = simd.sub(simd.add(y, y), simd.splat(1.0));
            let slope = simd.mul(simd.splat(-gamma), self.power(rest, gamma - 1.0));
            simd.mul(slope, simd.mul(direction, dp))
        };
        let alpha = self.coded.first;
        let weight = if alpha < 0.0 {
            simd.splat(1.0)
        } else {
            let zeros = simd.mul(self.one_minus(y), simd.splat(1.0 - alpha));
            simd.fma(y, simd.splat(alpha), zeros)
        };
        let slope = simd.add(simd.mul(dfactor, loss), simd.mul(factor, slope));
        (simd.mul(weight, simd.mul(factor, loss)), simd.mul(weight, slope))
    }

    /// A value's part of the loss and its slope, of functions that look at nothing else.
    #[inline(always)]
    fn term(self, x: S::V, y: S::V) -> (S::V, S::V) {
        let simd = self.simd;
        let e = simd.sub(x, y);
        match self.coded.function {
            0 => (simd.mul(e, e), simd.add(e, e)),
            1 => (self.absolute(e), self.sign(e)),
            2 => {
                let delta = simd.splat(self.coded.first);
                let half = simd.splat(0.5);
                let far = simd.greater(self.absolute(e), delta);
                let line = simd.sub(
                    simd.mul(delta, self.absolute(e)),
                    simd.mul(half, simd.mul(delta, delta)),
                );
                (
                    simd.select(far, line, simd.mul(half, simd.mul(e, e))),
                    simd.select(far, simd.mul(delta, self.sign(e)), e),
                )
            }
            3 => {
                let (p, q) = (self.clip(x, 1.0), self.clip(y, 1.0));
                let slope = self.negative(simd.div(q, p));
                let loss = simd.mul(q, math::log(simd, simd.div(q, p)));
                (loss, self.inside(x, 1.0, slope))
            }
            4 => self.binary(x, y),
            _ => self.focal(x, y),
        }
    }

    #[inline(always)]
    fn shares(self, row: impl Iterator<Item = S::V> + Clone) -> Shares<S::V> {
        let simd = self.simd;
        let (mut top, mut sum) = (simd.splat(f32::NEG_INFINITY), simd.zero());
        if self.coded.from_logits {
            for x in row.clone() {
                top = simd.max(top, x);
            }
        }
        for x in row {
            let power = if self.coded.from_logits {
                math::exp(simd, simd.sub(x, top))
            } else {
                x
            };
            sum = simd.add(sum, power);
        }
        Shares { top, sum }
    }

    #[inline(always)]
    fn share(self, x: S::V, of: Shares<S::V>) -> S::V {
        let simd = self.simd;
        if self.coded.from_logits {
            simd.div(math::exp(simd, simd.sub(x, of.top)), of.sum)
        } else {
            simd.div(x, of.sum)
        }
    }

    /// Whether the loss is the plain crossentropy of logits, whose slopes are simple.
    #[inline(always)]
    fn plain(self) -> bool {
        self.coded.function == ROWS && self.coded.from_logits
    }

    /// Whether the slopes of a row's shares meet in their sum.
    #[inline(always)]
    fn meets(self) -> bool {
        self.coded.function >= ROWS && !self.plain()
    }

    /// The slope of a row's loss by a share.
    #[inline(always)]
    fn slope_of_share(self, share: S::V, y: S::V) -> S::V {
        let simd = self.simd;
        let c = self.clip(share, MOST);
        if self.coded.function == ROWS {
            return self.inside(share, MOST, self.negative(simd.div(y, c)));
        }
        let (gamma, rest) = (self.coded.second, self.one_minus(c));
        let mut slope = self.negative(simd.div(self.power(rest, gamma), c));
        if gamma != 0.0 {
            let power = simd.mul(simd.splat(gamma), self.power(rest, gamma - 1.0));
            slope = simd.add(slope, simd.mul(power, math::log(simd, c)));
        }
        let slope = simd.mul(simd.mul(simd.splat(self.coded.first), y), slope);
        self.inside(share, MOST, slope)
    }

    #[inline(always)]
    fn loss(self, x: S::V, y: S::V, of: Shares<S::V>) -> S::V {
        let simd = self.simd;
        if self.coded.function < ROWS {
            return self.term(x, y).0;
        }
        if self.plain() {
            let log = simd.add(math::log(simd, of.sum), of.top);
            return simd.mul(y, simd.sub(log, x));
        }
        let c = self.clip(self.share(x, of), MOST);
        let loss = self.negative(simd.mul(y, math::log(simd, c)));
        if self.coded.function == ROWS {
            return loss;
        }
        let factor = self.power(self.one_minus(c), self.coded.second);
        simd.mul(simd.splat(self.coded.first), simd.mul(factor, loss))
    }

    #[inline(always)]
    fn slope(self, x: S::V, y: S::V, of: Shares<S::V>, meet: S::V) -> S::V {
        let simd = self.simd;
        if self.coded.function < ROWS {
            return self.term(x, y).1;
        }
        let share = self.share(x, of);
        if self.plain() {
            return simd.sub(share, y);
        }
        let slope = simd.sub(self.slope_of_share(share, y), meet);
        if self.coded.from_logits {
            simd.mul(slope, share)
        } else {
            simd.div(slope, of.sum)
        }
    }
}
