//! The lines of F(4x4, 5x5): eight points, 0, +-1/2, +-1, +-7/4 and infinity. Of the points with small constants that are exact in
//! binary, these had the smallest errors: 5e-6 of the largest output, with 0, +-1/2, +-1 and +-2 it would be 6e-6.

use super::super::super::super::simd::Simd;
use super::{add, times};

/// Two points of one size: what they are made of, as far as the others have to do with it.
struct Pair {
    /// The positive one.
    point: f64,
    /// The sum and the product of the others' squares.
    others: (f64, f64),
}

const fn pair(point: f64, one: f64, other: f64) -> Pair {
    let (one, other) = (one * one, other * other);
    Pair {
        point,
        others: (one + other, one * other),
    }
}

const A: Pair = pair(0.5, 1.0, 1.75);
const B: Pair = pair(1.0, 0.5, 1.75);
const C: Pair = pair(1.75, 0.5, 1.0);

/// The coefficients of the product of `x^2 - point^2` over the pairs, beside `x^6`.
const FOURTH: f64 = A.others.0 + A.point * A.point;
const SECOND: f64 = A.others.1 + A.others.0 * A.point * A.point;
const ZEROTH: f64 = A.others.1 * A.point * A.point;

/// What the polynomial of the point 0 is divided by.
const ZERO: f32 = (-1.0 / ZEROTH) as f32;

impl Pair {
    /// The point to a power.
    const fn power(&self, exponent: usize) -> f64 {
        let (mut power, mut at) = (1.0, 0);
        while at < exponent {
            power *= self.point;
            at += 1;
        }
        power
    }

    /// The same, over what the polynomials of the two points are divided by.
    const fn divided(&self, exponent: usize) -> f32 {
        let square = self.power(2);
        let others = square * square - self.others.0 * square + self.others.1;
        (self.power(exponent) / (2.0 * square * others)) as f32
    }

    /// The two points' shares of six inputs, of which `even` and `odd` are three each, the last first.
    #[inline(always)]
    fn enter<S: Simd>(&self, simd: S, even: [S::V; 3], odd: [S::V; 3]) -> [S::V; 2] {
        let (sum, product) = (self.others.0 as f32, self.others.1 as f32);
        let even = add(simd, product, even[2], add(simd, -sum, even[1], even[0]));
        let odd = add(simd, product, odd[2], add(simd, -sum, odd[1], odd[0]));
        let point = self.point as f32;
        [add(simd, point, odd, even), add(simd, -point, odd, even)]
    }

    /// Five weights to the two points.
    #[inline(always)]
    fn weigh<S: Simd>(&self, simd: S, g: [S::V; 5]) -> [S::V; 2] {
        let low = add(simd, self.divided(2), g[2], times(simd, self.divided(0), g[0]));
        let even = add(simd, self.divided(4), g[4], low);
        let odd = add(simd, self.divided(3), g[3], times(simd, self.divided(1), g[1]));
        [simd.add(even, odd), simd.sub(even, odd)]
    }

    /// Gradients of four outputs to those of the two points.
    #[inline(always)]
    fn spread<S: Simd>(&self, simd: S, y: [S::V; 4]) -> [S::V; 2] {
        let even = add(simd, self.power(2) as f32, y[2], y[0]);
        let odd = add(simd, self.power(3) as f32, y[3], times(simd, self.point as f32, y[1]));
        [simd.add(even, odd), simd.sub(even, odd)]
    }
}

/// The sums of the pairs of eight points, and their differences.
#[inline(always)]
fn pairs<S: Simd>(simd: S, m: [S::V; 8]) -> ([S::V; 3], [S::V; 3]) {
    (
        [simd.add(m[1], m[2]), simd.add(m[3], m[4]), simd.add(m[5], m[6])],
        [simd.sub(m[1], m[2]), simd.sub(m[3], m[4]), simd.sub(m[5], m[6])],
    )
}

/// What the pairs give one output: the points to a power.
#[inline(always)]
fn of_pairs<S: Simd>(simd: S, exponent: usize, of: [S::V; 3]) -> S::V {
    let last = times(simd, C.power(exponent) as f32, of[2]);
    let last = add(simd, B.power(exponent) as f32, of[1], last);
    add(simd, A.power(exponent) as f32, of[0], last)
}

/// What the pairs give one weight.
#[inline(always)]
fn of_divided<S: Simd>(simd: S, exponent: usize, of: [S::V; 3]) -> S::V {
    let last = times(simd, C.divided(exponent), of[2]);
    let last = add(simd, B.divided(exponent), of[1], last);
    add(simd, A.divided(exponent), of[0], last)
}

/// The value of the polynomial of a point that is no pair's, of every other input from the last on.
#[inline(always)]
fn enter_alone<S: Simd>(simd: S, d: [S::V; 4]) -> S::V {
    let high = add(simd, -FOURTH as f32, d[1], d[0]);
    add(simd, -ZEROTH as f32, d[3], add(simd, SECOND as f32, d[2], high))
}

/// Eight inputs to eight points.
#[inline(always)]
pub fn enter<S: Simd>(simd: S, d: [S::V; 8]) -> [S::V; 8] {
    let (even, odd) = ([d[6], d[4], d[2]], [d[5], d[3], d[1]]);
    let [a, minus_a] = A.enter(simd, even, odd);
    let [b, minus_b] = B.enter(simd, even, odd);
    let [c, minus_c] = C.enter(simd, even, odd);
    let zero = enter_alone(simd, [d[6], d[4], d[2], d[0]]);
    let last = enter_alone(simd, [d[7], d[5], d[3], d[1]]);
    [zero, a, minus_a, b, minus_b, c, minus_c, last]
}

/// Eight points to four outputs.
#[inline(always)]
pub fn leave<S: Simd>(simd: S, m: [S::V; 8]) -> [S::V; 4] {
    let (sums, differences) = pairs(simd, m);
    [
        simd.add(m[0], simd.add(sums[0], simd.add(sums[1], sums[2]))),
        of_pairs(simd, 1, differences),
        of_pairs(simd, 2, sums),
        simd.add(of_pairs(simd, 3, differences), m[7]),
    ]
}

/// Five weights to eight points.
#[inline(always)]
pub fn weigh<S: Simd>(simd: S, g: [S::V; 5]) -> [S::V; 8] {
    let [a, minus_a] = A.weigh(simd, g);
    let [b, minus_b] = B.weigh(simd, g);
    let [c, minus_c] = C.weigh(simd, g);
    [times(simd, ZERO, g[0]), a, minus_a, b, minus_b, c, minus_c, g[4]]
}

/// Gradients of four outputs to those of eight points: [`leave`] turned round.
#[inline(always)]
pub fn spread<S: Simd>(simd: S, y: [S::V; 4]) -> [S::V; 8] {
    let [a, minus_a] = A.spread(simd, y);
    let [b, minus_b] = B.spread(simd, y);
    let [c, minus_c] = C.spread(simd, y);
    [y[0], a, minus_a, b, minus_b, c, minus_c, y[3]]
}

/// Gradients of eight points to those of five weights: [`weigh`] turned round.
#[inline(always)]
pub fn unweigh<S: Simd>(simd: S, u: [S::V; 8]) -> [S::V; 5] {
    let (sums, differences) = pairs(simd, u);
    [
        add(simd, ZERO, u[0], of_divided(simd, 0, sums)),
        of_divided(simd, 1, differences),
        of_divided(simd, 2, sums),
        of_divided(simd, 3, differences),
        simd.add(of_divided(simd, 4, sums), u[7]),
    ]
}
