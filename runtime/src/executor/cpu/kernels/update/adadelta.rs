//! The step of Adadelta on a vector of parameters. Source: keras/src/optimizers/adadelta.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Adadelta as Rule;

pub struct Adadelta<S: Simd> {
    keep: S::V,
    take: S::V,
    epsilon: S::V,
}

impl<S: Simd> Adadelta<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        Self {
            keep: simd.splat(rule.rho as f32),
            take: simd.splat((1.0 - rule.rho) as f32),
            epsilon: simd.splat(rule.epsilon as f32),
        }
    }
}

impl<S: Simd> Update<S> for Adadelta<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        2
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let squares = simd.fma(self.keep, kept[0], simd.mul(self.take, simd.mul(g, g)));
        kept[0] = squares;
        let root = simd.sqrt(simd.add(kept[1], self.epsilon));
        let root_of_squares = simd.sqrt(simd.add(squares, self.epsilon));
        let change = simd.div(settled(simd, simd.mul(root, g)), root_of_squares);
        kept[1] = simd.fma(self.keep, kept[1], simd.mul(self.take, simd.mul(change, change)));
        simd.sub(w, simd.mul(rates.learning_rate, change))
    }
}
