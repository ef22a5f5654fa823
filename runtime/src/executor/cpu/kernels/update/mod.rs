//! One optimizer step over a piece of the flat parameter buffer, which first adds up the gradients of the batch's parts,
//! in their order. One room a rule; source: keras/src/optimizers.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod ftrl;
mod lion;
mod nadam;
mod rmsprop;
mod rule;
mod sgd;

use super::super::simd::{LANES, Simd, SimdKernel};
use compiler::host::step::StepRecord;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{Clipping, Rule};
use rule::Splat;

/// A call; all slices are of the same piece, and as long as each other.
pub struct Update<'a, 'b> {
    /// The rule and its options.
    pub optimizer: &'a Optimizer,
    /// What the host says about the step.
    pub step: &'a StepRecord,
    /// The parameters, which the step moves.
    pub parameters: &'a mut [f32],
    /// In the order of `Optimizer::kept`.
    pub slots: &'a mut [Option<&'b mut [f32]>; 4],
    /// One share of the gradients for each part of the batch.
    pub parts: &'a [&'b [f32]],
    /// What clipping multiplies gradients by; 1 where they stay.
    pub scale: f32,
    /// Their sum, as it was clipped, kept for inspection.
    pub gradients: Option<&'a mut [f32]>,
}

impl SimdKernel for Update<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match &self.optimizer.rule {
            Rule::SGD(rule) => self.sweep(simd, &sgd::Sgd::new(simd, rule)),
            Rule::RMSprop(rule) => self.sweep(simd, &rmsprop::Rmsprop::new(simd, rule)),
            Rule::Adam(rule) => self.sweep(
                simd,
                &adam::Adam::new(simd, [rule.beta_1, rule.beta_2, rule.epsilon], rule.amsgrad),
            ),
            Rule::AdamW(rule) => self.sweep(
                simd,
                &adam::Adam::new(simd, [rule.beta_1, rule.beta_2, rule.epsilon], rule.amsgrad),
            ),
            Rule::Nadam(rule) => self.sweep(simd, &nadam::Nadam::new(simd, rule)),
            Rule::Adagrad(rule) => self.sweep(simd, &adagrad::Adagrad::new(simd, rule)),
            Rule::Adadelta(rule) => self.sweep(simd, &adadelta::Adadelta::new(simd, rule)),
            Rule::Adamax(rule) => self.sweep(simd, &adamax::Adamax::new(simd, rule)),
            Rule::Lion(rule) => self.sweep(simd, &lion::Lion::new(simd, rule)),
            Rule::Ftrl(rule) => self.sweep(simd, &ftrl::Ftrl::new(simd, rule)),
        }
    }
}

impl Update<'_, '_> {
    /// Sixteen parameters after another.
    #[inline(always)]
    fn sweep<S: Simd, R: rule::Update<S>>(mut self, simd: S, rule: &R) {
        let optimizer = self.optimizer;
        let decay = optimizer.weight_decay();
        let what = Constants {
            rates: Splat::new(simd, self.step),
            decay: (decay != 0.0).then(|| simd.splat(decay as f32)),
            bound: match optimizer.options.clipping {
                Some(Clipping::Value(most)) => Some((simd.splat(-most as f32), simd.splat(most as f32))),
                Some(Clipping::Norm(_) | Clipping::GlobalNorm(_)) | None => None,
            },
            scale: optimizer.options.clipping.is_some().then(|| simd.splat(self.scale)),
            average: optimizer.options.ema.is_some().then_some(rule.slots()),
        };
        let (rows, rest) = std::mem::take(&mut self.parameters).as_chunks_mut::<LANES>();
        let whole = rows.len() * LANES;
        for (at, row) in rows.iter_mut().enumerate() {
            // Of so many floats the length is known when this is compiled.
            self.vector(simd, rule, &what, at * LANES, row);
        }
        if !rest.is_empty() {
            self.vector(simd, rule, &what, whole, rest);
        }
    }

    /// Up to sixteen parameters, from `start` on: the gradient, the decay, the rule, the average.
    #[inline(always)]
    fn vector<S: Simd, R: rule::Update<S>>(
        &mut self,
        simd: S,
        rule: &R,
        what: &Constants<S>,
        start: usize,
        parameters: &mut [f32],
    ) {
        let count = parameters.len();
        let mut g = simd.zero();
        for (index, part) in self.parts.iter().enumerate() {
            let part = simd.load_part(&part[start..][..count]);
            g = if index == 0 { part } else { simd.add(g, part) };
        }
        match (what.bound, what.scale) {
            (Some((least, most)), _) => g = simd.min(simd.max(g, least), most),
            (None, Some(scale)) => g = simd.mul(g, scale),
            (None, None) => {}
        }
        if let Some(gradients) = self.gradients.as_deref_mut() {
            simd.store_part(&mut gradients[start..][..count], g);
        }
        let mut w = simd.load_part(parameters);
        if let Some(decay) = what.decay {
            w = simd.sub(w, simd.mul(simd.mul(w, decay), what.rates.learning_rate));
        }
        // A slot that the rule has not is neither read nor written.
        let mut kept = [simd.zero(); 3];
        for (kept, slot) in kept.iter_mut().zip(&*self.slots).take(rule.slots()) {
            if let Some(floats) = slot {
                *kept = simd.load_part(&floats[start..][..count]);
            }
        }
        w = rule.update(simd, w, g, &mut kept, &what.rates);
        for (kept, slot) in kept.iter().zip(&mut *self.slots).take(rule.slots()) {
            if let Some(floats) = slot {
                simd.store_part(&mut floats[start..][..count], rule::settled(simd, *kept));
            }
        }
        if let Some(Some(floats)) = what.average.and_then(|place| self.slots.get_mut(place)) {
            let floats = &mut floats[start..][..count];
            let mean = simd.add(
                simd.mul(what.rates.ema_momentum, simd.load_part(floats)),
                simd.mul(what.rates.ema_rest, w),
            );
            simd.store_part(floats, mean);
            if self.step.ema_overwrite != 0 {
                w = mean;
            }
        }
        simd.store_part(parameters, w);
    }
}

/// What is the same for all parameters of a call.
struct Constants<S: Simd> {
    rates: Splat<S>,
    decay: Option<S::V>,
    /// The least and the largest gradient, where each is clipped by itself.
    bound: Option<(S::V, S::V)>,
    /// What gradients are multiplied by, where they are clipped by a norm.
    scale: Option<S::V>,
    /// The slot of the running averages.
    average: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::super::super::simd::Instructions;
    use super::*;
    use compiler::training::optimizers::{Adam, RMSprop, SGD};
    use compiler::training::schedules::LearningRate;

    #[test]
    fn a_mean_whose_gradient_is_gone_becomes_zero() {
        let learning_rate = || LearningRate::Constant(0.001);
        let optimizers: [Optimizer; 3] = [
            SGD {
                learning_rate: learning_rate(),
                momentum: 0.9,
                nesterov: false,
            }
            .into(),
            RMSprop {
                learning_rate: learning_rate(),
                rho: 0.9,
                momentum: 0.0,
                epsilon: 1e-7,
                centered: false,
            }
            .into(),
            Adam {
                learning_rate: learning_rate(),
                beta_1: 0.9,
                beta_2: 0.999,
                epsilon: 1e-7,
                amsgrad: false,
            }
            .into(),
        ];
        for optimizer in &optimizers {
            for set in Instructions::available() {
                let mut parameters = [0.5; 20];
                let (mut first, mut second) = ([f32::MIN_POSITIVE; 20], [f32::MIN_POSITIVE; 20]);
                let kept = optimizer.kept().len();
                for _ in 0..2 {
                    set.run(Update {
                        optimizer,
                        step: &StepRecord::default(),
                        parameters: &mut parameters,
                        slots: &mut [Some(&mut first[..]), Some(&mut second[..]), None, None],
                        parts: &[&[0.0; 20]],
                        scale: 1.0,
                        gradients: None,
                    });
                }
                for slot in [first, second].iter().take(kept) {
                    let zeros = slot.iter().all(|left| left.to_bits() == 0);
                    assert!(zeros, "{:?}, {}: {slot:?}", optimizer.rule, set.name());
                }
            }
        }
    }
}
