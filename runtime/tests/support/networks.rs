//! The table of geometries that every executor is compared with the reference over.

use super::programs::Build;
use compiler::activation::ActivationFunction;
use compiler::ops::PoolKind;
use compiler::plan::{Plan, TensorId};
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::{Adam, Options, RMSprop, Rule, SGD};
use compiler::training::schedules::LearningRate;
use compiler::window::{Padding, Window};

/// A network and the batches that it is fed.
pub struct Case {
    pub name: String,
    pub plan: Plan,
    /// The sizes of the batches, each of which is run on its own; the largest is the plan's batch size.
    pub batches: &'static [usize],
    /// Pixels take only four values, so that maxima are tied.
    pub ties: bool,
}

pub const RMSPROP: Optimizer = Optimizer {
    rule: Rule::RMSprop(RMSprop {
        learning_rate: LearningRate::Constant(0.001),
        rho: 0.9,
        momentum: 0.0,
        epsilon: 1e-7,
        centered: false,
    }),
    options: Options {
        weight_decay: None,
        clipping: None,
        ema: None,
    },
};
pub const FEW: &[usize] = &[3, 2, 3];
pub const MANY: &[usize] = &[33, 7, 33];

pub fn window(size: (usize, usize), strides: (usize, usize), padding: Padding) -> Window {
    Window {
        size,
        strides,
        dilation: (1, 1),
        padding,
    }
}

pub fn table() -> Vec<Case> {
    let mut cases = super::convolutions::cases();
    cases.extend(denses());
    cases.extend(heads());
    cases.extend(pools());
    cases.extend(activations());
    cases.extend(dropouts());
    cases.extend(graphs());
    cases.extend(super::optimizers::cases());
    cases.extend(super::vocabulary::cases());
    cases.extend(super::losses::cases());
    cases.extend(super::regularizers::cases());
    cases.extend(super::augmentations::cases());
    cases.extend(whole());
    cases
}

pub fn case(name: impl Into<String>, plan: Plan, batches: &'static [usize]) -> Case {
    Case {
        name: name.into(),
        plan,
        batches,
        ties: false,
    }
}

/// Ends a map in a dense head with three classes and the loss.
pub fn head(mut build: Build, output: TensorId) -> Plan {
    let logits = build.dense(output, 3, true, true, false);
    build.finish(logits, true, Some(RMSPROP))
}

fn denses() -> Vec<Case> {
    let mut cases = Vec::new();
    for (inputs, units) in [(1, 1), (3, 2), (16, 16), (17, 33), (40, 10), (65, 21), (100, 120)] {
        for (bias, relu) in [(true, false), (false, true)] {
            let mut build = Build::new(1, inputs, 1);
            let hidden = build.dense(build.input(), units, true, bias, relu);
            let name = format!("dense {inputs} -> {units} bias {bias} relu {relu}");
            cases.push(case(name, head(build, hidden), if bias { MANY } else { FEW }));
        }
    }
    for (channels, units) in [(1, 1), (3, 5), (7, 12), (20, 33)] {
        let mut build = Build::new(3, 5, channels);
        let map = build.dense(build.input(), units, false, true, true);
        cases.push(case(
            format!("dense on a 3x5 map {channels} -> {units}"),
            head(build, map),
            MANY,
        ));
    }
    for classes in [1, 2, 10, 17, 100] {
        let mut build = Build::new(2, 2, 3);
        let logits = build.dense(build.input(), classes, true, true, false);
        let plan = build.finish(logits, true, Some(RMSPROP));
        cases.push(case(format!("loss from {classes} logits"), plan, &[1, 1]));
        let mut build = Build::new(2, 2, 3);
        let logits = build.dense(build.input(), classes, true, true, false);
        let probabilities = build.softmax(logits);
        let plan = build.finish(probabilities, false, Some(RMSPROP));
        cases.push(case(format!("loss from {classes} probabilities"), plan, MANY));
        // What is no probability is clipped: the gradient stops there.
        let mut build = Build::new(2, 2, 3);
        let values = build.dense(build.input(), classes, true, true, false);
        let plan = build.finish(values, false, Some(RMSPROP));
        cases.push(case(
            format!("loss from {classes} values that are no probabilities"),
            plan,
            MANY,
        ));
    }
    cases
}

/// Dense layers whose output goes to the loss. Batches of 33, 5, 3 and 1 have padding in their last quad.
fn heads() -> Vec<Case> {
    const ODD: &[usize] = &[1, 33, 5, 3];
    const ONE: &[usize] = &[1, 1];
    // Steps so small that no label gets all the probability, whose gradient would be mere rounding.
    let sgd = Optimizer::from(SGD {
        learning_rate: 1e-3.into(),
        momentum: 0.0,
        nesterov: false,
    });
    let mut cases = Vec::new();
    for inputs in [1, 3, 5, 320, 5184] {
        for classes in [1, 2, 3, 10, 12] {
            // Probabilities divide gradients, which magnifies the rounding of long sums, and of a single class all of it.
            let forms: &[bool] = if inputs < 320 && classes > 1 {
                &[true, false]
            } else {
                &[true]
            };
            for &from_logits in forms {
                let mut build = Build::new(1, 1, inputs);
                build.head = true;
                let bias = classes != 3;
                let made = build.dense(build.input(), classes, true, bias, false);
                let plan = build.finish(made, from_logits, Some(sgd.clone()));
                let name = format!("head {inputs} -> {classes} bias {bias} from_logits {from_logits}");
                cases.push(case(name, plan, if from_logits { ODD } else { MANY }));
            }
        }
    }
    // The input is a map behind a relu, whose gradient step the head's own dinput takes.
    for batches in [ODD, ONE] {
        let mut build = Build::new(6, 5, 2);
        build.head = true;
        let same = window((3, 3), (1, 1), Padding::Same);
        let map = build.convolution(build.input(), (6, 5), 5, same, true, true, false);
        cases.push(case(
            format!("head on a map, batches of {}", batches[0]),
            head(build, map),
            batches,
        ));
    }
    cases
}

fn pools() -> Vec<Case> {
    use Padding::{Same, Valid};
    let mut cases = Vec::new();
    let rows = [
        ([4, 4, 2], (2, 2), (2, 2), Valid),
        ([25, 24, 1], (2, 2), (2, 2), Valid),
        ([5, 7, 3], (2, 2), (2, 2), Same),
        ([7, 7, 2], (3, 3), (2, 2), Valid),
        ([7, 6, 2], (3, 3), (2, 2), Same),
        ([6, 6, 5], (3, 2), (1, 1), Same),
        ([6, 6, 5], (2, 3), (1, 2), Valid),
        ([9, 9, 1], (2, 2), (3, 3), Valid),
        ([1, 1, 4], (1, 1), (1, 1), Valid),
        ([2, 2, 1], (5, 5), (1, 1), Same),
    ];
    for (input, size, strides, padding) in rows {
        for pool in [PoolKind::Max, PoolKind::Average] {
            let mut build = Build::new(input[0], input[1], input[2]);
            let window = window(size, strides, padding);
            let output = build.pool(build.input(), (input[0], input[1]), pool, window);
            let name = format!("{pool:?} pool {input:?} size {size:?} strides {strides:?} {padding:?}");
            let ties = pool == PoolKind::Max;
            cases.push(Case {
                ties,
                ..case(name, head(build, output), MANY)
            });
        }
    }
    for input in [[1, 1, 3], [3, 5, 2], [7, 7, 17]] {
        for pool in [PoolKind::Max, PoolKind::Average] {
            let mut build = Build::new(input[0], input[1], input[2]);
            let output = build.global_pool(build.input(), pool);
            let name = format!("global {pool:?} pool {input:?}");
            cases.push(Case {
                ties: pool == PoolKind::Max,
                ..case(name, head(build, output), MANY)
            });
        }
    }
    cases
}

fn activations() -> Vec<Case> {
    let mut functions: Vec<(String, ActivationFunction)> = ActivationFunction::NAMES
        .iter()
        .filter(|(_, function)| *function != ActivationFunction::Softmax)
        .map(|(name, function)| ((*name).to_owned(), *function))
        .collect();
    let relus = [
        (0.0, None, 0.25),
        (0.1, Some(0.5), 0.0),
        (-0.3, None, 0.0),
        (0.2, Some(0.75), -0.5),
    ];
    for (negative_slope, ceiling, threshold) in relus {
        let name = format!("relu slope {negative_slope} ceiling {ceiling:?} threshold {threshold}");
        functions.push((
            name,
            ActivationFunction::Relu {
                negative_slope,
                ceiling,
                threshold,
            },
        ));
    }
    functions.push(("elu 0.5".to_owned(), ActivationFunction::Elu { alpha: 0.5 }));
    let mut cases = Vec::new();
    for (name, function) in functions {
        let mut build = Build::new(3, 3, 2);
        let hidden = build.dense(build.input(), 20, true, true, false);
        let active = build.activation(hidden, function);
        cases.push(case(format!("activation {name}"), head(build, active), MANY));
    }
    let mut build = Build::new(3, 3, 4);
    let soft = build.softmax(build.input());
    cases.push(case("softmax over the channels of a map", head(build, soft), MANY));
    cases
}

/// Dropout of a map, of a row behind a relu, and of a row behind another.
fn dropouts() -> Vec<Case> {
    let mut build = Build::new(5, 3, 7);
    let some = build.dropout(build.input(), 0.25);
    let mut cases = vec![case("dropout of a map", head(build, some), MANY)];
    let mut build = Build::new(3, 3, 2);
    let hidden = build.dense(build.input(), 37, true, true, true);
    let some = build.dropout(hidden, 0.5);
    let few = build.dropout(some, 0.1);
    cases.push(case("dropout twice behind a relu", head(build, few), MANY));
    cases
}

fn graphs() -> Vec<Case> {
    let mut cases = Vec::new();
    let same = window((3, 3), (1, 1), Padding::Same);
    let mut build = Build::new(4, 5, 3);
    let flat = build.transpose(build.input());
    cases.push(case("transpose", head(build, flat), MANY));

    for masks in [true, false] {
        let mut build = Build::new(6, 5, 2);
        build.masks = masks;
        let first = build.convolution(build.input(), (6, 5), 4, same, true, true, false);
        let second = build.convolution(first, (6, 5), 4, same, true, true, false);
        let sum = build.add(first, second);
        let third = build.convolution(sum, (6, 5), 3, same, true, true, false);
        cases.push(case(format!("residual block, masks {masks}"), head(build, third), MANY));

        let mut build = Build::new(6, 6, 2);
        build.masks = masks;
        let first = build.convolution(build.input(), (6, 6), 5, same, true, true, true);
        let second = build.convolution(first, (3, 3), 7, same, true, true, false);
        let hidden = build.dense(second, 9, true, true, true);
        cases.push(case(
            format!("chain of relus, masks {masks}"),
            head(build, hidden),
            MANY,
        ));
    }

    for (axis, shapes) in [
        (0, [[2, 3, 4], [5, 3, 4]]),
        (1, [[2, 3, 4], [2, 1, 4]]),
        (2, [[2, 3, 4], [2, 3, 1]]),
    ] {
        let mut build = Build::new(5, 6, 2);
        // Kernels of the right size and number make each part's shape out of the input's.
        let parts = shapes.map(|[channels, height, width]| {
            let whole = window((5 - height + 1, 6 - width + 1), (1, 1), Padding::Valid);
            (
                build.convolution(build.input(), (5, 6), channels, whole, true, false, false),
                [channels, height, width],
            )
        });
        let joined = build.concatenate(&parts, axis);
        cases.push(case(
            format!("concatenation over axis {axis}"),
            head(build, joined),
            MANY,
        ));
    }
    cases
}

/// Whole networks, from one layer to LeNet.
fn whole() -> Vec<Case> {
    vec![
        case("one layer", one_layer(), &[32]),
        case("pyramid", pyramid(), &[32, 5, 32]),
        case("lenet", lenet(), &[32]),
    ]
}

const FIVE: (usize, usize) = (5, 5);

pub fn one_layer() -> Plan {
    let mut build = Build::new(28, 28, 1);
    build.head = true;
    build.input_gradient = false;
    let map = build.convolution(
        build.input(),
        (28, 28),
        9,
        window(FIVE, (1, 1), Padding::Valid),
        true,
        true,
        false,
    );
    let logits = build.dense(map, 10, true, true, false);
    build.finish(logits, true, Some(RMSPROP))
}

pub fn pyramid() -> Plan {
    let five = window(FIVE, (1, 1), Padding::Valid);
    let mut build = Build::new(28, 28, 1);
    build.head = true;
    build.input_gradient = false;
    let first = build.convolution(build.input(), (28, 28), 10, five, true, true, true);
    let second = build.convolution(first, (12, 12), 20, five, true, true, true);
    let logits = build.dense(second, 10, true, true, false);
    build.finish(logits, true, Some(RMSPROP))
}

pub fn lenet() -> Plan {
    let five = window(FIVE, (1, 1), Padding::Valid);
    let mut build = Build::new(32, 32, 3);
    build.head = true;
    build.input_gradient = false;
    let first = build.convolution(build.input(), (32, 32), 6, five, true, true, true);
    let second = build.convolution(first, (14, 14), 16, five, true, true, true);
    let hidden = build.dense(second, 120, true, true, true);
    let hidden = build.dense(hidden, 84, true, true, true);
    let logits = build.dense(hidden, 10, true, true, false);
    let adam = Optimizer::from(Adam {
        learning_rate: 0.001.into(),
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-7,
        amsgrad: false,
    });
    build.finish(logits, true, Some(adam))
}
