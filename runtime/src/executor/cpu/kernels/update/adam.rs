//! The step of Adam and `AdamW` on a vector of parameters. Source: keras/src/optimizers/adam.py and adamw.py.

use super::rule::{Splat, Update, settled};
use crate::executor::cpu::simd::Simd;

pub struct Adam<S: Simd> {
    one_1: S::V,
    one_2: S::V,
    epsilon: S::V,
    amsgrad: bool,
}

impl<S: Simd> Adam<S> {
    #[inline(always)]
    pub fn new(simd: S, [beta_1, beta_2, epsilon]: [f64; 3], amsgrad: bool) -> Self {
        Self {
            one_1: simd.splat((1.0 - beta_1) as f32),
            one_2: simd.splat((1.0 - beta_2) as f32),
            epsilon: simd.splat(epsilon as f32),
            amsgrad,
        }
    }
}

impl<S: Simd> Update<S> for Adam<S> {
    #[inline(always)]
    fn slots(&self) -> usize {
        2 + usize::from(self.amsgrad)
    }

    #[inline(always)]
    fn update(&self, simd: S, w: S::V, g: S::V, kept: &mut [S::V; 3], rates: &Splat<S>) -> S::V {
        let m = simd.fma(simd.sub(g, kept[0]), self.one_1, kept[0]);
        let mut v = settled(simd, simd.fma(simd.sub(simd.mul(g, g), kept[1]), self.one_2, kept[1]));
        (kept[0], kept[1]) = (m, v);
        if self.amsgrad {
            v = simd.max(kept[2], v);
            kept[2] = v;
        }
        let denominator = simd.add(simd.sqrt(v), self.epsilon);
        simd.sub(w, simd.div(settled(simd, simd.mul(m, rates.step_size)), denominator))
    }
}
