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

use super::super::simd::{Row, Simd, SimdKernel};
use compiler::host::step::StepRecord;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{Clipping, Rule};
use rule::Splat;

/// A call; all slices are of the same piece.
pub struct Update<'a, 'b> {
    /// The rule and its options.
    pub optimizer: &'a Optimizer,
    /// What the host says about the step.
    pub step: &'a StepRecord,
    /// The parameters, which the step moves.
    pub parameters: &'a mut [Row],
    /// In the order of `Optimizer::kept`.
    pub slots: &'a mut [Option<&'b mut [Row]>; 4],
    /// One share of the gradients for each part of the batch.
    pub parts: &'a [&'b [Row]],
    /// What clipping multiplies gradients by; 1 where they stay.
    pub scale: f32,
    /// Their sum, as it was clipped, kept for inspection.
    pub gradients: Option<&'a mut [Row]>,
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
    /// Row by row: the gradient, the decay, the rule, the average.
    #[inline(always)]
    fn sweep<S: Simd, R: rule::Update<S>>(self, simd: S, rule: &R) {
        let Self {
            optimizer,
            step,
            parameters,
            slots,
            parts,
            scale,
            mut gradients,
        } = self;
        let rates = Splat::new(simd, step);
        let decay = optimizer.weight_decay();
        let decay = (decay != 0.0).then(|| simd.splat(decay as f32));
        let bound = match optimizer.options.clipping {
            Some(Clipping::Value(most)) => Some((simd.splat(-most as f32), simd.splat(most as f32))),
            Some(Clipping::Norm(_) | Clipping::GlobalNorm(_)) | None => None,
        };
        let scaled = optimizer.options.clipping.is_some().then(|| simd.splat(scale));
        let average = optimizer.options.ema.is_some().then_some(rule.slots());
        for (at, row) in parameters.iter_mut().enumerate() {
            let mut g = simd.zero();
            for (index, part) in parts.iter().enumerate() {
                let part = simd.load(&part[at]);
                g = if index == 0 { part } else { simd.add(g, part) };
            }
            match (bound, scaled) {
                (Some((least, most)), _) => g = simd.min(simd.max(g, least), most),
                (None, Some(scale)) => g = simd.mul(g, scale),
                (None, None) => {}
            }
            if let Some(gradients) = gradients.as_deref_mut() {
                simd.store(&mut gradients[at], g);
            }
            let mut w = simd.load(row);
            if let Some(decay) = decay {
                w = simd.sub(w, simd.mul(simd.mul(w, decay), rates.learning_rate));
            }
            // A slot that the rule has not is neither read nor written.
            let mut kept = [simd.zero(); 3];
            for (kept, slot) in kept.iter_mut().zip(&*slots).take(rule.slots()) {
                if let Some(rows) = slot {
                    *kept = simd.load(&rows[at]);
                }
            }
            w = rule.update(simd, w, g, &mut kept, &rates);
            for (kept, slot) in kept.iter().zip(&mut *slots).take(rule.slots()) {
                if let Some(rows) = slot {
                    simd.store(&mut rows[at], *kept);
                }
            }
            if let Some(Some(rows)) = average.and_then(|place| slots.get_mut(place)) {
                let mean = simd.add(
                    simd.mul(rates.ema_momentum, simd.load(&rows[at])),
                    simd.mul(rates.ema_rest, w),
                );
                simd.store(&mut rows[at], mean);
                if step.ema_overwrite != 0 {
                    w = mean;
                }
            }
            simd.store(row, w);
        }
    }
}
