//! What an optimizer's step means, in `f64` and plain loops. Source: keras/src/optimizers/*.py.

use compiler::plan::Parameter;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{Clipping, Rule};

/// Gradients as the rule sees them.
pub fn clip(optimizer: &Optimizer, parameters: &[Parameter], gradients: &mut [f64]) {
    let norm = |values: &[f64]| values.iter().map(|g| g * g).sum::<f64>().sqrt();
    match optimizer.options.clipping {
        None => {}
        Some(Clipping::Value(most)) => gradients.iter_mut().for_each(|g| *g = g.clamp(-most, most)),
        Some(Clipping::Norm(most)) => {
            for parameter in parameters {
                let own = &mut gradients[parameter.range.offset..][..parameter.range.floats];
                let scale = most / norm(own).max(most);
                own.iter_mut().for_each(|g| *g *= scale);
            }
        }
        Some(Clipping::GlobalNorm(most)) => {
            let scale = most / norm(gradients).max(most);
            gradients.iter_mut().for_each(|g| *g *= scale);
        }
    }
}

/// One step, counted from 1, from clipped gradients; the slots are in the order of `Optimizer::kept`.
pub fn update(optimizer: &Optimizer, step: u64, parameters: &mut [f64], slots: &mut [Vec<f64>], gradients: &[f64]) {
    let rate = optimizer.learning_rate(step);
    for (index, (w, &g)) in parameters.iter_mut().zip(gradients).enumerate() {
        let mut slots: Vec<&mut f64> = slots.iter_mut().map(|slot| &mut slot[index]).collect();
        *w -= *w * optimizer.weight_decay() * rate;
        rule(&optimizer.rule, step, rate, w, &mut slots, g);
        if let (Some(ema), Some(mean)) = (optimizer.options.ema, slots.last_mut()) {
            let kept = if step == 1 { 0.0 } else { ema.momentum };
            **mean = kept * **mean + (1.0 - kept) * *w;
            if ema
                .overwrite_frequency
                .is_some_and(|steps| step.is_multiple_of(steps as u64))
            {
                *w = **mean;
            }
        }
    }
}

fn rule(rule: &Rule, step: u64, rate: f64, w: &mut f64, slots: &mut [&mut f64], g: f64) {
    let t = step as f64;
    match rule {
        Rule::SGD(sgd) => {
            if sgd.momentum == 0.0 {
                *w -= rate * g;
                return;
            }
            *slots[0] = sgd.momentum * *slots[0] - rate * g;
            *w += if sgd.nesterov {
                sgd.momentum * *slots[0] - rate * g
            } else {
                *slots[0]
            };
        }
        Rule::RMSprop(rms) => {
            *slots[0] = rms.rho * *slots[0] + (1.0 - rms.rho) * g * g;
            let mut denominator = *slots[0] + rms.epsilon;
            if rms.centered {
                let mean = &mut *slots[if rms.momentum > 0.0 { 2 } else { 1 }];
                *mean = rms.rho * *mean + (1.0 - rms.rho) * g;
                denominator -= *mean * *mean;
            }
            let increment = rate * g / denominator.sqrt();
            if rms.momentum > 0.0 {
                *slots[1] = rms.momentum * *slots[1] + increment;
                *w -= *slots[1];
            } else {
                *w -= increment;
            }
        }
        Rule::Adam(adam) => self::adam(
            w,
            slots,
            g,
            [rate, adam.beta_1, adam.beta_2, adam.epsilon],
            adam.amsgrad,
            t,
        ),
        Rule::AdamW(adam) => self::adam(
            w,
            slots,
            g,
            [rate, adam.beta_1, adam.beta_2, adam.epsilon],
            adam.amsgrad,
            t,
        ),
        Rule::Nadam(nadam) => {
            let u = |t: f64| nadam.beta_1 * (1.0 - 0.5 * 0.96_f64.powf(t));
            let product: f64 = (1..=step).map(|t| u(t as f64)).product();
            *slots[0] += (g - *slots[0]) * (1.0 - nadam.beta_1);
            *slots[1] += (g * g - *slots[1]) * (1.0 - nadam.beta_2);
            let m = u(t + 1.0) * *slots[0] / (1.0 - product * u(t + 1.0)) + (1.0 - u(t)) * g / (1.0 - product);
            let v = *slots[1] / (1.0 - nadam.beta_2.powf(t));
            *w -= m * rate / (v.sqrt() + nadam.epsilon);
        }
        Rule::Adagrad(adagrad) => {
            *slots[0] += g * g;
            *w -= rate * g / (*slots[0] + adagrad.epsilon).sqrt();
        }
        Rule::Adadelta(delta) => {
            *slots[0] = delta.rho * *slots[0] + (1.0 - delta.rho) * g * g;
            let change = -(*slots[1] + delta.epsilon).sqrt() * g / (*slots[0] + delta.epsilon).sqrt();
            *slots[1] = delta.rho * *slots[1] + (1.0 - delta.rho) * change * change;
            *w += rate * change;
        }
        Rule::Adamax(adamax) => {
            *slots[0] += (g - *slots[0]) * (1.0 - adamax.beta_1);
            *slots[1] = (adamax.beta_2 * *slots[1]).max(g.abs());
            *w -= rate * *slots[0] / ((1.0 - adamax.beta_1.powf(t)) * (*slots[1] + adamax.epsilon));
        }
        Rule::Lion(lion) => {
            let direction = *slots[0] * lion.beta_1 + g * (1.0 - lion.beta_1);
            if direction != 0.0 {
                *w -= rate * direction.signum();
            }
            *slots[0] = *slots[0] * lion.beta_2 + g * (1.0 - lion.beta_2);
        }
        Rule::Ftrl(ftrl) => {
            let (power, l1) = (-ftrl.learning_rate_power, ftrl.l1_regularization_strength);
            let l2 = ftrl.l2_regularization_strength + ftrl.beta / (2.0 * rate);
            let pushed = g + 2.0 * ftrl.l2_shrinkage_regularization_strength * *w;
            let sum = *slots[0] + g * g;
            *slots[1] += pushed - (sum.powf(power) - slots[0].powf(power)) / rate * *w;
            *w = (slots[1].clamp(-l1, l1) - *slots[1]) / (sum.powf(power) / rate + 2.0 * l2);
            *slots[0] = sum;
        }
    }
}

fn adam(w: &mut f64, slots: &mut [&mut f64], g: f64, constants: [f64; 4], amsgrad: bool, step: f64) {
    let [rate, beta_1, beta_2, epsilon] = constants;
    let alpha = rate * (1.0 - beta_2.powf(step)).sqrt() / (1.0 - beta_1.powf(step));
    *slots[0] += (g - *slots[0]) * (1.0 - beta_1);
    *slots[1] += (g * g - *slots[1]) * (1.0 - beta_2);
    let mut v = *slots[1];
    if amsgrad {
        *slots[2] = slots[2].max(v);
        v = *slots[2];
    }
    *w -= *slots[0] * alpha / (v.sqrt() + epsilon);
}
