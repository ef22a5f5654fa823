//! Every optimizer, and what is common to all of them.

use super::networks::{Case, FEW, case};
use super::programs::Build;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Clipping, Ema, Ftrl, Lion, Nadam, Options, RMSprop, SGD,
};

pub fn cases() -> Vec<Case> {
    let rmsprop = |momentum, centered| {
        Optimizer::from(RMSprop {
            learning_rate: 0.01.into(),
            rho: 0.8,
            momentum,
            epsilon: 1e-6,
            centered,
        })
    };
    let optimizers = [
        Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.0,
            nesterov: false,
        }),
        Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.9,
            nesterov: false,
        }),
        Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.9,
            nesterov: true,
        }),
        rmsprop(0.0, false),
        rmsprop(0.7, false),
        rmsprop(0.0, true),
        rmsprop(0.7, true),
        Optimizer::from(Adam {
            learning_rate: 0.01.into(),
            beta_1: 0.8,
            beta_2: 0.95,
            epsilon: 1e-7,
            amsgrad: false,
        }),
        Optimizer::from(Adam {
            learning_rate: 0.01.into(),
            beta_1: 0.8,
            beta_2: 0.95,
            epsilon: 1e-7,
            amsgrad: true,
        }),
        Optimizer::from(AdamW {
            learning_rate: 0.01.into(),
            weight_decay: 0.1,
            beta_1: 0.8,
            beta_2: 0.95,
            epsilon: 1e-7,
            amsgrad: false,
        }),
        Optimizer::from(Nadam {
            learning_rate: 0.01.into(),
            beta_1: 0.8,
            beta_2: 0.95,
            epsilon: 1e-7,
        }),
        Optimizer::from(Adagrad {
            learning_rate: 0.01.into(),
            initial_accumulator_value: 0.1,
            epsilon: 1e-7,
        }),
        Optimizer::from(Adadelta {
            learning_rate: 0.5.into(),
            rho: 0.9,
            epsilon: 1e-6,
        }),
        Optimizer::from(Adamax {
            learning_rate: 0.01.into(),
            beta_1: 0.8,
            beta_2: 0.95,
            epsilon: 1e-7,
        }),
        Optimizer::from(Lion {
            learning_rate: 0.01.into(),
            beta_1: 0.8,
            beta_2: 0.95,
        }),
        ftrl(0.0, -0.5),
        ftrl(0.02, -0.4),
        with(Options {
            weight_decay: Some(0.1),
            ..Options::default()
        }),
        with(Options {
            clipping: Some(Clipping::Norm(0.05)),
            ..Options::default()
        }),
        with(Options {
            clipping: Some(Clipping::Value(0.02)),
            ..Options::default()
        }),
        with(Options {
            clipping: Some(Clipping::GlobalNorm(0.1)),
            ..Options::default()
        }),
        with(Options {
            ema: Some(Ema {
                momentum: 0.9,
                overwrite_frequency: Some(2),
            }),
            ..Options::default()
        }),
    ];
    let mut cases = Vec::new();
    for optimizer in optimizers {
        let mut build = Build::new(3, 3, 1);
        let hidden = build.dense(build.input(), 5, true, true, true);
        let logits = build.dense(hidden, 3, true, true, false);
        let name = format!("{optimizer:?}");
        let plan = build.finish(logits, true, Some(optimizer));
        cases.push(case(name, plan, FEW));
    }
    cases
}

fn ftrl(l1: f64, power: f64) -> Optimizer {
    Optimizer::from(Ftrl {
        learning_rate: 0.1.into(),
        learning_rate_power: power,
        initial_accumulator_value: 0.1,
        l1_regularization_strength: l1,
        l2_regularization_strength: 0.1,
        l2_shrinkage_regularization_strength: 0.05,
        beta: 0.2,
    })
}

/// Gradient descent with momentum and some options.
fn with(options: Options) -> Optimizer {
    Optimizer {
        options,
        ..Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.9,
            nesterov: false,
        })
    }
}
