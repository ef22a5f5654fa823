//! The step of Adagrad on a vector of parameters. Source: keras/src/optimizers/adagrad.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Adagrad as Rule;

pub struct Adagrad<S: Simd> {
    epsilon: S::V,
}

impl<S: Simd> Adagrad<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        Self {
            epsilon: simd.splat(rule.epsilon as f32),
        }
    }
}

impl<S: Simd> Update<S> for Adagrad<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        1
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let sum = simd.fma(g, g, kept[0]);
        kept[0] = sum;
        let root = simd.sqrt(simd.add(sum, self.epsilon));
        simd.sub(w, simd.div(settled(simd, simd.mul(rates.learning_rate, g)), root))
    }
}
