//! The step of Adamax on a vector of parameters. Source: keras/src/optimizers/adamax.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Adamax as Rule;

pub struct Adamax<S: Simd> {
    one_1: S::V,
    beta_2: S::V,
    epsilon: S::V,
}

impl<S: Simd> Adamax<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        Self {
            one_1: simd.splat((1.0 - rule.beta_1) as f32),
            beta_2: simd.splat(rule.beta_2 as f32),
            epsilon: simd.splat(rule.epsilon as f32),
        }
    }
}

impl<S: Simd> Update<S> for Adamax<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        2
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let m = simd.fma(simd.sub(g, kept[0]), self.one_1, kept[0]);
        kept[0] = m;
        let size = simd.max(g, simd.sub(simd.zero(), g));
        let largest = simd.max(simd.mul(self.beta_2, kept[1]), size);
        kept[1] = largest;
        let step = simd.div(
            settled(simd, simd.mul(rates.step_size, m)),
            simd.add(largest, self.epsilon),
        );
        simd.sub(w, step)
    }
}
