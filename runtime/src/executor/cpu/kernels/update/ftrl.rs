//! The step of Ftrl on a vector of parameters. Source: keras/src/optimizers/ftrl.py.

use super::rule::{Splat, Update};
use crate::executor::cpu::simd::Simd;
use compiler::training::optimizers::Ftrl as Rule;

pub struct Ftrl<S: Simd> {
    /// None where it is one half, a root.
    power: Option<f32>,
    l1: S::V,
    least: S::V,
    l2: S::V,
    shrinkage: S::V,
    beta: S::V,
}

impl<S: Simd> Ftrl<S> {
    #[inline(always)]
    pub fn new(simd: S, rule: &Rule) -> Self {
        let l1 = rule.l1_regularization_strength as f32;
        let power = -rule.learning_rate_power as f32;
        Self {
            #[allow(clippy::float_cmp, reason = "the default, written as it is")]
            power: (power != 0.5).then_some(power),
            l1: simd.splat(l1),
            least: simd.splat(-l1),
            l2: simd.splat((2.0 * rule.l2_regularization_strength) as f32),
            shrinkage: simd.splat((2.0 * rule.l2_shrinkage_regularization_strength) as f32),
            beta: simd.splat(rule.beta as f32),
        }
    }

    #[inline(always)]
    fn shrinking(&self, simd: S, sum: S::V) -> S::V {
        match self.power {
            None => simd.sqrt(sum),
            Some(power) => simd.map(sum, |sum| libm::powf(sum, power)),
        }
    }
}

impl<S: Simd> Update<S> for Ftrl<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        2
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let before = kept[0];
        let sum = simd.fma(g, g, before);
        kept[0] = sum;
        let shrunk = self.shrinking(simd, sum);
        let change = simd.div(simd.sub(shrunk, self.shrinking(simd, before)), rates.learning_rate);
        let pushed = simd.sub(simd.fma(self.shrinkage, w, g), simd.mul(change, w));
        let linear = simd.add(kept[1], pushed);
        kept[1] = linear;
        let held = simd.add(simd.div(simd.add(shrunk, self.beta), rates.learning_rate), self.l2);
        let clipped = simd.min(simd.max(linear, self.least), self.l1);
        let found = simd.div(simd.sub(clipped, linear), held);
        // Nothing holds and nothing pushes what has had no gradient yet, padding among it.
        simd.select(simd.equal(held, simd.zero()), simd.zero(), found)
    }
}
