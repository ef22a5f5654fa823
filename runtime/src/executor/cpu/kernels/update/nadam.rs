//! The step of Nadam on a vector of parameters. Source: keras/src/optimizers/nadam.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Nadam as Rule;

pub struct Nadam<S: Simd> {
    one_1: S::V,
    one_2: S::V,
    epsilon: S::V,
}

impl<S: Simd> Nadam<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        Self {
            one_1: simd.splat((1.0 - rule.beta_1) as f32),
            one_2: simd.splat((1.0 - rule.beta_2) as f32),
            epsilon: simd.splat(rule.epsilon as f32),
        }
    }
}

impl<S: Simd> Update<S> for Nadam<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        2
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let m = simd.fma(simd.sub(g, kept[0]), self.one_1, kept[0]);
        let v = simd.fma(simd.sub(simd.mul(g, g), kept[1]), self.one_2, kept[1]);
        (kept[0], kept[1]) = (m, v);
        let direction = simd.fma(rates.step_size, m, simd.mul(rates.gradient_size, g));
        let denominator = simd.add(simd.sqrt(settled(simd, simd.mul(rates.square_scale, v))), self.epsilon);
        simd.sub(w, simd.div(settled(simd, direction), denominator))
    }
}
