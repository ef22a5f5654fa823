//! One step of each optimizer.

use compiler::training::optimizer::Optimizer;

/// One optimizer step; the slots are in the order of `Optimizer::slots`. Source: keras/src/optimizers/*.py.
pub fn update(optimizer: &Optimizer, step: u64, parameters: &mut [f64], slots: &mut [Vec<f64>], gradients: &[f64]) {
    for (index, (w, &g)) in parameters.iter_mut().zip(gradients).enumerate() {
        let mut slots: Vec<&mut f64> = slots.iter_mut().map(|slot| &mut slot[index]).collect();
        match *optimizer {
            Optimizer::SGD {
                learning_rate,
                momentum,
                nesterov,
            } => match slots.as_mut_slice() {
                [] => *w -= learning_rate * g,
                [m, ..] => {
                    **m = momentum * **m - learning_rate * g;
                    *w += if nesterov {
                        momentum * **m - learning_rate * g
                    } else {
                        **m
                    };
                }
            },
            Optimizer::RMSprop {
                learning_rate,
                rho,
                momentum,
                epsilon,
                centered,
            } => {
                *slots[0] = rho * *slots[0] + (1.0 - rho) * g * g;
                let mut denominator = *slots[0] + epsilon;
                if centered {
                    let mean = slots.last_mut().unwrap();
                    **mean = rho * **mean + (1.0 - rho) * g;
                    denominator -= **mean * **mean;
                }
                let increment = learning_rate * g / denominator.sqrt();
                if momentum > 0.0 {
                    *slots[1] = momentum * *slots[1] + increment;
                    *w -= *slots[1];
                } else {
                    *w -= increment;
                }
            }
            Optimizer::Adam {
                learning_rate,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
            } => {
                adam(
                    w,
                    &mut slots,
                    g,
                    [learning_rate, beta_1, beta_2, epsilon],
                    amsgrad,
                    step,
                );
            }
            Optimizer::AdamW {
                learning_rate,
                weight_decay,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
            } => {
                *w -= *w * weight_decay * learning_rate;
                adam(
                    w,
                    &mut slots,
                    g,
                    [learning_rate, beta_1, beta_2, epsilon],
                    amsgrad,
                    step,
                );
            }
        }
    }
}

fn adam(w: &mut f64, slots: &mut [&mut f64], g: f64, constants: [f64; 4], amsgrad: bool, step: u64) {
    let [learning_rate, beta_1, beta_2, epsilon] = constants;
    let step = step as f64;
    let alpha = learning_rate * (1.0 - beta_2.powf(step)).sqrt() / (1.0 - beta_1.powf(step));
    *slots[0] += (g - *slots[0]) * (1.0 - beta_1);
    *slots[1] += (g * g - *slots[1]) * (1.0 - beta_2);
    let mut v = *slots[1];
    if amsgrad {
        *slots[2] = slots[2].max(v);
        v = *slots[2];
    }
    *w -= *slots[0] * alpha / (v.sqrt() + epsilon);
}
