//! Networks with penalties (of weights, of outputs, with every way of clipping) and with constraints.

use super::networks::{Case, FEW, MANY, RMSPROP, case, window};
use super::programs::Build;
use compiler::training::constraints::{Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm};
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{Clipping, Options, SGD};
use compiler::training::regularizers::{L1, L1L2, L2, Regularizer, Strengths};
use compiler::window::Padding;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let kinds = [
        Regularizer::L1(L1 { l1: 0.03 }),
        Regularizer::L2(L2 { l2: 0.2 }),
        Regularizer::L1L2(L1L2 { l1: 0.02, l2: 0.1 }),
    ];
    for (regularizer, batches) in kinds.into_iter().zip([FEW, MANY, MANY]) {
        let mut build = Build::new(6, 5, 2);
        let three = window((3, 3), (1, 1), Padding::Same);
        let map = build.convolution(build.input(), (6, 5), 7, three, true, true, false);
        let logits = build.dense(map, 3, true, true, false);
        build.regularize("kernel", regularizer);
        build.regularize("bias", Regularizer::L2(L2 { l2: 0.5 }));
        let plan = build.finish(logits, true, Some(RMSPROP));
        cases.push(case(format!("{regularizer} on all weights"), plan, batches));
    }
    for clipping in [Clipping::Norm(0.05), Clipping::Value(0.02), Clipping::GlobalNorm(0.1)] {
        let mut build = Build::new(3, 3, 1);
        let hidden = build.dense(build.input(), 5, true, true, true);
        build.regularize("kernel", Regularizer::L2(L2 { l2: 0.4 }));
        let logits = build.dense(hidden, 3, true, true, false);
        let optimizer = Optimizer {
            options: Options {
                clipping: Some(clipping),
                ..Options::default()
            },
            ..Optimizer::from(SGD {
                learning_rate: 0.1.into(),
                momentum: 0.9,
                nesterov: false,
            })
        };
        let plan = build.finish(logits, true, Some(optimizer));
        cases.push(case(format!("L2 on the first kernel, {clipping:?}"), plan, FEW));
    }
    for (l1, l2, batches) in [(0.05, 0.0, FEW), (0.0, 0.02, MANY), (0.02, 0.01, MANY)] {
        let mut build = Build::new(9, 8, 2);
        // Not taken into the convolution's own relu: its output is looked at twice.
        build.masks = false;
        let three = window((3, 3), (1, 1), Padding::Same);
        let map = build.convolution(build.input(), (9, 8), 5, three, true, false, false);
        build.activity(map, Strengths { l1, l2 });
        let hidden = build.dense(map, 6, true, true, true);
        build.activity(hidden, Strengths { l1: l2, l2: l1 });
        let logits = build.dense(hidden, 3, true, true, false);
        let plan = build.finish(logits, true, Some(RMSPROP));
        cases.push(case(format!("activity penalties {l1} {l2}"), plan, batches));
    }
    cases.extend(constraints());
    cases
}

fn constraints() -> Vec<Case> {
    let max = |max_value, axis: &[i64]| {
        Constraint::MaxNorm(MaxNorm {
            max_value,
            axis: axis.to_vec(),
        })
    };
    let kinds = [
        Constraint::NonNeg(NonNeg {}),
        Constraint::UnitNorm(UnitNorm { axis: vec![0] }),
        max(0.4, &[0, 1, 2]),
        max(0.5, &[-1]),
        Constraint::MinMaxNorm(MinMaxNorm {
            min_value: 0.6,
            max_value: 0.8,
            rate: 0.75,
            axis: vec![0, -2],
        }),
    ];
    let mut cases = Vec::new();
    for (constraint, batches) in kinds.into_iter().zip([FEW, MANY, MANY, FEW, MANY]) {
        let mut build = Build::new(6, 5, 2);
        let three = window((3, 2), (1, 1), Padding::Same);
        let map = build.convolution(build.input(), (6, 5), 7, three, true, true, false);
        build.constrain("kernel", &constraint);
        build.constrain("bias", &Constraint::NonNeg(NonNeg {}));
        let grouped = build.grouped(map, (6, 5), (7, 14), three, true);
        let logits = build.dense(grouped, 3, true, true, false);
        // A dense kernel has two axes.
        if constraint.axes().iter().all(|axis| (-2..2).contains(axis)) {
            build.constrain("kernel", &constraint);
        }
        let plan = build.finish(logits, true, Some(RMSPROP));
        cases.push(case(format!("{constraint} {:?}", constraint.axes()), plan, batches));
    }
    cases
}
