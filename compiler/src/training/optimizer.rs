//! Optimizers: their constants, what they keep between steps, and the rates of a step.

use serde::Serialize;

/// An optimizer and its constants; the update rules are in `keras/src/optimizers` and in `shaders/optimizer.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "name")]
pub enum Optimizer {
    /// Stochastic gradient descent.
    SGD {
        /// 0.01
        learning_rate: f64,
        /// 0
        momentum: f64,
        /// false
        nesterov: bool,
    },
    /// Divides by a running root mean square.
    RMSprop {
        /// 0.001
        learning_rate: f64,
        /// 0.9
        rho: f64,
        /// 0
        momentum: f64,
        /// 1e-7, inside the root
        epsilon: f64,
        /// false
        centered: bool,
    },
    /// Kingma and Ba, 2014.
    Adam {
        /// 0.001
        learning_rate: f64,
        /// 0.9
        beta_1: f64,
        /// 0.999
        beta_2: f64,
        /// 1e-7, outside the root
        epsilon: f64,
        /// false
        amsgrad: bool,
    },
    /// Adam with decoupled weight decay: Loshchilov and Hutter, 2017.
    AdamW {
        /// 0.001
        learning_rate: f64,
        /// 0.004
        weight_decay: f64,
        /// 0.9
        beta_1: f64,
        /// 0.999
        beta_2: f64,
        /// 1e-7
        epsilon: f64,
        /// false
        amsgrad: bool,
    },
}

impl Optimizer {
    /// The buffers of the parameters' layout that the optimizer keeps from step to step, by Keras's names.
    pub fn slots(&self) -> Vec<&'static str> {
        let mut slots = Vec::new();
        match *self {
            Self::SGD { momentum, .. } => {
                if momentum != 0.0 {
                    slots.push("momentum");
                }
            }
            Self::RMSprop { momentum, centered, .. } => {
                slots.push("velocity");
                if momentum > 0.0 {
                    slots.push("momentum");
                }
                if centered {
                    slots.push("average_gradient");
                }
            }
            Self::Adam { amsgrad, .. } | Self::AdamW { amsgrad, .. } => {
                slots.extend(["momentum", "velocity"]);
                if amsgrad {
                    slots.push("velocity_hat");
                }
            }
        }
        slots
    }

    /// The two rates of step `step` (counted from 1), computed in `f64`: the learning rate, and the size of the step,
    /// which for Adam is `learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)` and else the learning rate again.
    /// Source: keras/src/optimizers/{sgd,rmsprop,adam,adamw}.py, `update_step`.
    pub fn rates(&self, step: u64) -> [f32; 2] {
        let (learning_rate, size) = match *self {
            Self::SGD { learning_rate, .. } | Self::RMSprop { learning_rate, .. } => (learning_rate, learning_rate),
            Self::Adam {
                learning_rate,
                beta_1,
                beta_2,
                ..
            }
            | Self::AdamW {
                learning_rate,
                beta_1,
                beta_2,
                ..
            } => {
                let step = step as f64;
                (
                    learning_rate,
                    learning_rate * (1.0 - beta_2.powf(step)).sqrt() / (1.0 - beta_1.powf(step)),
                )
            }
        };
        [learning_rate as f32, size as f32]
    }
}
