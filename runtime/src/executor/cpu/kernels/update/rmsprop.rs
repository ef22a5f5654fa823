//! The step of `RMSprop` on a vector of parameters. Source: keras/src/optimizers/rmsprop.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::RMSprop;

pub struct Rmsprop<S: Simd> {
    keep: S::V,
    take: S::V,
    epsilon: S::V,
    momentum: Option<S::V>,
    centered: bool,
}

impl<S: Simd> Rmsprop<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &RMSprop) -> Self {
        Self {
            keep: simd.splat(rule.rho as f32),
            take: simd.splat((1.0 - rule.rho) as f32),
            epsilon: simd.splat(rule.epsilon as f32),
            momentum: (rule.momentum > 0.0).then(|| simd.splat(rule.momentum as f32)),
            centered: rule.centered,
        }
    }
}

impl<S: Simd> Update<S> for Rmsprop<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        1 + usize::from(self.momentum.is_some()) + usize::from(self.centered)
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let v = simd.fma(self.keep, kept[0], simd.mul(self.take, simd.mul(g, g)));
        kept[0] = v;
        let mut denominator = simd.add(v, self.epsilon);
        if self.centered {
            let place = 1 + usize::from(self.momentum.is_some());
            let mean = simd.fma(self.keep, kept[place], simd.mul(self.take, g));
            kept[place] = mean;
            denominator = simd.add(simd.sub(v, simd.mul(mean, mean)), self.epsilon);
        }
        let mut step = simd.div(settled(simd, simd.mul(rates.learning_rate, g)), simd.sqrt(denominator));
        if let Some(momentum) = self.momentum {
            step = simd.fma(momentum, kept[1], step);
            kept[1] = step;
        }
        simd.sub(w, step)
    }
}
