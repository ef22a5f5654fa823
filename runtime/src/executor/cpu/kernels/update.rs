//! One optimizer step over a piece of the flat parameter buffer, which first adds up the gradients of the batch's parts,
//! in their order. Source of the rules: keras/src/optimizers/{sgd,rmsprop,adam,adamw}.py.

use super::super::simd::{Kernel, Row, Simd};
use compiler::host::step::StepRecord;
use compiler::training::optimizer::Optimizer;

/// A call; all slices are of the same piece.
pub struct Update<'a, 'b> {
    /// The rule.
    pub optimizer: &'a Optimizer,
    /// What the host says about the step.
    pub step: &'a StepRecord,
    /// `w`
    pub parameters: &'a mut [Row],
    /// In the order of `Optimizer::slots`.
    pub slots: &'a mut [Option<&'b mut [Row]>; 3],
    /// One share of the gradients for each part of the batch.
    pub parts: &'a [&'b [Row]],
    /// Their sum, kept for inspection.
    pub gradients: Option<&'a mut [Row]>,
}

impl Kernel for Update<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            optimizer,
            step,
            parameters,
            slots,
            parts,
            mut gradients,
        } = self;
        let (rate, size) = (simd.splat(step.learning_rate), simd.splat(step.step_size));
        let [first, second, third] = slots;
        let (mut first, mut second, mut third) = (first.as_deref_mut(), second.as_deref_mut(), third.as_deref_mut());
        let zero = simd.zero();
        // `slot = new`, for a slot that the rule has.
        macro_rules! slot {
            ($slot:ident, $at:expr, $old:ident => $new:expr) => {
                match $slot.as_deref_mut() {
                    Some(rows) => {
                        let $old = simd.load(&rows[$at]);
                        let new = $new;
                        simd.store(&mut rows[$at], new);
                        new
                    }
                    None => zero,
                }
            };
        }
        for (at, row) in parameters.iter_mut().enumerate() {
            let mut g = zero;
            for (index, part) in parts.iter().enumerate() {
                let part = simd.load(&part[at]);
                g = if index == 0 { part } else { simd.add(g, part) };
            }
            if let Some(gradients) = gradients.as_deref_mut() {
                simd.store(&mut gradients[at], g);
            }
            let mut w = simd.load(row);
            match *optimizer {
                Optimizer::SGD { momentum, nesterov, .. } => {
                    let step = simd.mul(g, rate);
                    let momentum_ = simd.splat(momentum as f32);
                    if momentum == 0.0 {
                        w = simd.sub(w, step);
                    } else {
                        let m = slot!(first, at, m => simd.sub(simd.mul(m, momentum_), step));
                        w = simd.add(
                            w,
                            if nesterov {
                                simd.sub(simd.mul(m, momentum_), step)
                            } else {
                                m
                            },
                        );
                    }
                }
                Optimizer::RMSprop {
                    rho,
                    momentum,
                    epsilon,
                    centered,
                    ..
                } => {
                    let (keep, take) = (simd.splat(rho as f32), simd.splat((1.0 - rho) as f32));
                    let v = slot!(first, at, v => simd.fma(keep, v, simd.mul(take, simd.mul(g, g))));
                    let mut denominator = simd.add(v, simd.splat(epsilon as f32));
                    if centered {
                        let mean = if momentum > 0.0 {
                            slot!(third, at, mean => simd.fma(keep, mean, simd.mul(take, g)))
                        } else {
                            slot!(second, at, mean => simd.fma(keep, mean, simd.mul(take, g)))
                        };
                        denominator = simd.add(simd.sub(v, simd.mul(mean, mean)), simd.splat(epsilon as f32));
                    }
                    let step = simd.div(simd.mul(rate, g), simd.sqrt(denominator));
                    let step = if momentum > 0.0 {
                        slot!(second, at, m => simd.fma(simd.splat(momentum as f32), m, step))
                    } else {
                        step
                    };
                    w = simd.sub(w, step);
                }
                Optimizer::Adam {
                    beta_1,
                    beta_2,
                    epsilon,
                    amsgrad,
                    ..
                }
                | Optimizer::AdamW {
                    beta_1,
                    beta_2,
                    epsilon,
                    amsgrad,
                    ..
                } => {
                    if let Optimizer::AdamW { weight_decay, .. } = *optimizer {
                        w = simd.sub(w, simd.mul(simd.mul(w, simd.splat(weight_decay as f32)), rate));
                    }
                    let (one_1, one_2) = (simd.splat((1.0 - beta_1) as f32), simd.splat((1.0 - beta_2) as f32));
                    let m = slot!(first, at, m => simd.fma(simd.sub(g, m), one_1, m));
                    let mut v = slot!(second, at, v => simd.fma(simd.sub(simd.mul(g, g), v), one_2, v));
                    if amsgrad {
                        v = slot!(third, at, largest => simd.max(largest, v));
                    }
                    let denominator = simd.add(simd.sqrt(v), simd.splat(epsilon as f32));
                    w = simd.sub(w, simd.div(simd.mul(m, size), denominator));
                }
            }
            simd.store(row, w);
        }
    }
}
