//! The step of Lion on a vector of parameters. Source: keras/src/optimizers/lion.py.

use super::rule::{Splat, Update};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Lion as Rule;

pub struct Lion<S: Simd> {
    beta_1: S::V,
    one_1: S::V,
    beta_2: S::V,
    one_2: S::V,
}

impl<S: Simd> Lion<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        Self {
            beta_1: simd.splat(rule.beta_1 as f32),
            one_1: simd.splat((1.0 - rule.beta_1) as f32),
            beta_2: simd.splat(rule.beta_2 as f32),
            one_2: simd.splat((1.0 - rule.beta_2) as f32),
        }
    }
}

impl<S: Simd> Update<S> for Lion<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        1
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let direction = simd.fma(kept[0], self.beta_1, simd.mul(g, self.one_1));
        kept[0] = simd.fma(kept[0], self.beta_2, simd.mul(g, self.one_2));
        let rate = rates.learning_rate;
        let up = simd.select(
            simd.greater(simd.zero(), direction),
            simd.sub(simd.zero(), rate),
            simd.zero(),
        );
        let step = simd.select(simd.greater(direction, simd.zero()), rate, up);
        simd.sub(w, step)
    }
}
