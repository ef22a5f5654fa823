//! The lines of F(4x4, 3x3): six points, 0, +-3/4, +-3/2 and infinity.

use super::super::super::super::simd::Simd;
use super::{add, times};

const A: f64 = 0.75;
const B: f64 = 1.5;
const A2: f32 = (A * A) as f32;
const B2: f32 = (B * B) as f32;
const A3: f32 = (A * A * A) as f32;
const B3: f32 = (B * B * B) as f32;
const A2B2: f32 = (A * A * B * B) as f32;
const SUM: f32 = (A * A + B * B) as f32;
/// What the polynomials of the points +-a, and +-b, are divided by.
const CA: f64 = 1.0 / (2.0 * A * A * (A * A - B * B));
const CB: f64 = 1.0 / (2.0 * B * B * (B * B - A * A));
const ZERO: f32 = (1.0 / (A * A * B * B)) as f32;

/// Six inputs to six points.
#[inline(always)]
pub fn enter<S: Simd>(simd: S, d: [S::V; 6]) -> [S::V; 6] {
    let p = add(simd, -B2, d[2], d[4]);
    let q = add(simd, -B2, d[1], d[3]);
    let r = add(simd, -A2, d[2], d[4]);
    let t = add(simd, -A2, d[1], d[3]);
    [
        add(simd, A2B2, d[0], add(simd, -SUM, d[2], d[4])),
        add(simd, A as f32, q, p),
        add(simd, -A as f32, q, p),
        add(simd, B as f32, t, r),
        add(simd, -B as f32, t, r),
        add(simd, A2B2, d[1], add(simd, -SUM, d[3], d[5])),
    ]
}

/// Six points to four outputs.
#[inline(always)]
pub fn leave<S: Simd>(simd: S, m: [S::V; 6]) -> [S::V; 4] {
    let (s, d) = (simd.add(m[1], m[2]), simd.sub(m[1], m[2]));
    let (t, e) = (simd.add(m[3], m[4]), simd.sub(m[3], m[4]));
    [
        simd.add(m[0], simd.add(s, t)),
        add(simd, A as f32, d, times(simd, B as f32, e)),
        add(simd, A2, s, times(simd, B2, t)),
        add(simd, A3, d, add(simd, B3, e, m[5])),
    ]
}

/// Three weights to six points.
#[inline(always)]
pub fn weigh<S: Simd>(simd: S, g: [S::V; 3]) -> [S::V; 6] {
    let e = add(simd, (CA * A * A) as f32, g[2], times(simd, CA as f32, g[0]));
    let f = times(simd, (CA * A) as f32, g[1]);
    let h = add(simd, (CB * B * B) as f32, g[2], times(simd, CB as f32, g[0]));
    let i = times(simd, (CB * B) as f32, g[1]);
    [
        times(simd, ZERO, g[0]),
        simd.add(e, f),
        simd.sub(e, f),
        simd.add(h, i),
        simd.sub(h, i),
        g[2],
    ]
}

/// Gradients of four outputs to those of six points: [`leave`] turned round.
#[inline(always)]
pub fn spread<S: Simd>(simd: S, y: [S::V; 4]) -> [S::V; 6] {
    let (e, o) = (
        add(simd, A2, y[2], y[0]),
        add(simd, A3, y[3], times(simd, A as f32, y[1])),
    );
    let (f, p) = (
        add(simd, B2, y[2], y[0]),
        add(simd, B3, y[3], times(simd, B as f32, y[1])),
    );
    [
        y[0],
        simd.add(e, o),
        simd.sub(e, o),
        simd.add(f, p),
        simd.sub(f, p),
        y[3],
    ]
}

/// Gradients of six points to those of three weights: [`weigh`] turned round.
#[inline(always)]
pub fn unweigh<S: Simd>(simd: S, u: [S::V; 6]) -> [S::V; 3] {
    let (s, d) = (simd.add(u[1], u[2]), simd.sub(u[1], u[2]));
    let (t, e) = (simd.add(u[3], u[4]), simd.sub(u[3], u[4]));
    [
        add(simd, ZERO, u[0], add(simd, CA as f32, s, times(simd, CB as f32, t))),
        add(simd, (CA * A) as f32, d, times(simd, (CB * B) as f32, e)),
        add(simd, (CA * A * A) as f32, s, add(simd, (CB * B * B) as f32, t, u[5])),
    ]
}
