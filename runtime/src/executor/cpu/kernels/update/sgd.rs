//! The step of SGD on a vector of parameters. Source: keras/src/optimizers/sgd.py.

use super::rule::{Splat, Update};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::SGD;

pub struct Sgd<S: Simd> {
    momentum: Option<S::V>,
    nesterov: bool,
}

impl<S: Simd> Sgd<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &SGD) -> Self {
        Self {
            momentum: (rule.momentum != 0.0).then(|| simd.splat(rule.momentum as f32)),
            nesterov: rule.nesterov,
        }
    }
}

impl<S: Simd> Update<S> for Sgd<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        usize::from(self.momentum.is_some())
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let step = simd.mul(g, rates.learning_rate);
        let Some(momentum) = self.momentum else {
            return simd.sub(w, step);
        };
        let m = simd.sub(simd.mul(kept[0], momentum), step);
        kept[0] = m;
        simd.add(
            w,
            if self.nesterov {
                simd.sub(simd.mul(m, momentum), step)
            } else {
                m
            },
        )
    }
}
