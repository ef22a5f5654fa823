//! Large dense layers, where the samples of a training step meet and weights move as soon as their gradients are known: the
//! same bits for any number of threads and every instruction set, and the weights of a step that keeps all gradients.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod support;

use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options};
use cnnc_runtime::executor::{Executor, Flow, Set};
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::plan::streaming::Streaming;
use std::sync::Arc;
use support::networks::Case;
use support::{Draw, compare};

/// What stands between the layers: nothing, a relu that is the gradient's mask, other functions, dropped units, a layer whose
/// input's gradient nobody wants, one without a bias.
const NETWORKS: [&str; 4] = [
    " Input(shape=(14, 13, 3))\n Flatten()\n Dense(256, activation='relu')\n Dense(512, activation='relu')\n Dense(7)",
    " Input(shape=(9, 9, 2))\n Conv2D(20, 3, activation='relu')\n MaxPooling2D(2, strides=1)\n Flatten()\n \
     Dense(208, activation='tanh', use_bias=False)\n Dropout(0.3)\n Dense(640)\n ReLU()\n Dense(3)",
    " Input(shape=(5, 5, 6))\n Flatten()\n Dense(896, activation='relu')\n BatchNormalization()\n Dense(160, activation='relu')\n \
     Dense(17)",
    " Input(shape=(8, 8, 4))\n Conv2D(16, 3, padding='same')\n Flatten()\n a = Dense(144)\n b = Dense(144, activation='relu')(a)\n \
     Add()([a, b])\n Dense(5)",
];

const OPTIMIZERS: [&str; 6] = [
    "SGD(0.05, momentum=0.9)",
    "Adam(clipvalue=0.001)",
    "AdamW(weight_decay=0.01)",
    "RMSprop(momentum=0.5, centered=True)",
    "Adam(use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2)",
    "Adadelta(0.5)",
];

fn plan(layers: &str, optimizer: &str) -> Plan {
    let text = format!(
        "model streamed {{\n{layers}\n}}\ncompile(optimizer={optimizer}, loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n"
    );
    let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
    let (checked, _) =
        compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap_or_else(|_| panic!("{text}"));
    compiler::plan_of(&checked, Sharing::Shared)
}

/// Loss and weights after two epochs over so many samples.
fn trained(plan: &Plan, (samples, batch): (usize, usize), options: Options) -> (f64, Vec<f32>) {
    let case = Case {
        name: "streamed".to_owned(),
        plan: plan.clone(),
        batches: &[],
        ties: false,
    };
    let split = Arc::new(compare::data(&case, samples, &mut Draw::new(3)));
    let mut executor = CpuExecutor::with(plan.clone(), batch, batch, options).unwrap();
    executor
        .set_parameters(&compare::packed_parameters(plan, &mut Draw::new(9)))
        .unwrap();
    executor.load(Set::Train, &split).unwrap();
    let order: Vec<u32> = (0..samples as u32).chain((0..samples as u32).rev()).collect();
    let mut loss = 0.0;
    for order in order.chunks(samples) {
        let steps = compare::steps(1e-3, samples, batch);
        loss = executor.train(order, &steps, &mut |_| Flow::Continue).unwrap().loss;
    }
    (loss, executor.parameters().unwrap())
}

#[test]
fn weights_are_those_of_a_step_that_keeps_all_gradients() {
    for (index, layers) in NETWORKS.into_iter().enumerate() {
        for (place, optimizer) in OPTIMIZERS.into_iter().enumerate() {
            let plan = plan(layers, optimizer);
            let batch = [32, 20, 7, 50][(index + place) % 4];
            assert!(
                Streaming::of(&plan, batch).kernels.len() >= 2 - usize::from(index == 3),
                "{layers}"
            );
            let with = |inspect| {
                let options = Options {
                    threads: Some(2),
                    inspect,
                    ..Options::default()
                };
                trained(&plan, (75, batch), options)
            };
            let ((loss, weights), (expected_loss, expected)) = (with(false), with(true));
            let largest = expected.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
            for (at, (weight, expected)) in weights.iter().zip(&expected).enumerate() {
                assert!(
                    (weight - expected).abs() <= 2e-4 * largest,
                    "{at}: {weight} instead of {expected}\n{layers}\n{optimizer}, batches of {batch}"
                );
            }
            assert!(
                (loss - expected_loss).abs() <= 1e-4 * expected_loss.abs(),
                "{loss} instead of {expected_loss}\n{layers}\n{optimizer}"
            );
        }
    }
}

#[test]
fn neither_threads_nor_instructions_change_a_bit() {
    for (index, layers) in NETWORKS.into_iter().enumerate() {
        let plan = plan(layers, OPTIMIZERS[index]);
        let with = |instructions, threads| {
            let options = Options {
                threads: Some(threads),
                instructions: Some(instructions),
                ..Options::default()
            };
            let (loss, weights) = trained(&plan, (70, 32), options);
            let bits: Vec<u32> = weights.into_iter().map(f32::to_bits).collect();
            (loss.to_bits(), bits)
        };
        let expected = with(Instructions::available()[0], 1);
        for instructions in Instructions::available() {
            for threads in [1, 2, 3, 7] {
                assert!(
                    with(instructions, threads) == expected,
                    "{}, {threads} threads\n{layers}",
                    instructions.name()
                );
            }
        }
    }
}
