//! The CPU executor against the float64 reference, on every instruction set that this machine has.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod support;

use cnnc_runtime::data::Split;
use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options};
use cnnc_runtime::executor::{Executor, Flow, Set, Sums};
use compiler::host::step::StepRecord;
use compiler::plan::Plan;
use std::sync::Arc;
use support::networks::{self, Case, table};
use support::{Draw, compare, reference};

fn executor(plan: &Plan, batch_size: usize, instructions: Instructions, threads: usize, inspect: bool) -> CpuExecutor {
    let options = Options {
        threads: Some(threads),
        instructions: Some(instructions),
        layout: None,
        inspect,
    };
    CpuExecutor::with(plan.clone(), batch_size, batch_size, options).unwrap()
}

fn best() -> Instructions {
    Instructions::available()[0]
}

fn agree(instructions: Instructions, threads: usize) {
    for case in table() {
        compare::agrees(&case, &|plan, batch_size| {
            Box::new(executor(plan, batch_size, instructions, threads, true))
        });
    }
}

#[test]
fn every_operation_agrees_with_the_reference() {
    agree(best(), 1);
}

#[test]
fn teams_of_workers_agree_with_the_reference() {
    // Three workers for two or three blocks: teams whose members share tasks, and workers that are left over.
    agree(best(), 3);
    agree(best(), 8);
}

#[test]
fn every_other_instruction_set_agrees_with_the_reference() {
    for instructions in &Instructions::available()[1..] {
        agree(*instructions, 2);
    }
}

fn pyramid() -> Case {
    Case {
        name: "pyramid".to_owned(),
        plan: networks::pyramid(),
        batches: &[32],
        ties: true,
    }
}

/// Trains on `samples` pictures in batches and gives the sums and the parameters.
fn train(case: &Case, split: &Arc<Split>, batch_size: usize, threads: usize, inspect: bool) -> (Sums, Vec<f32>) {
    let mut executor = executor(&case.plan, batch_size, best(), threads, inspect);
    let parameters = compare::parameters(&case.plan, &mut Draw::new(5));
    train_on(&mut executor, case, split, batch_size, &parameters)
}

/// The same on an executor.
fn train_on(
    executor: &mut CpuExecutor,
    case: &Case,
    split: &Arc<Split>,
    batch_size: usize,
    parameters: &[f32],
) -> (Sums, Vec<f32>) {
    executor.load(Set::Train, split).unwrap();
    executor.set_parameters(parameters).unwrap();
    let order: Vec<u32> = (0..split.labels.len() as u32).rev().collect();
    let optimizer = case.plan.optimizer.clone().unwrap();
    let records: Vec<StepRecord> = (1..)
        .zip(order.chunks(batch_size))
        .map(|(step, batch)| StepRecord::new(&optimizer, step, batch.len(), [0; 2]))
        .collect();
    let sums = executor.train(&order, &records, &mut |_| Flow::Continue).unwrap();
    (sums, executor.parameters().unwrap())
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let case = pyramid();
    let split = Arc::new(compare::data(&case, 700, &mut Draw::new(9)));
    for batch_size in [1, 32, 50, 300] {
        let alone = train(&case, &split, batch_size, 1, false);
        for threads in [2, 3, 5, 8] {
            assert!(
                train(&case, &split, batch_size, threads, false) == alone,
                "batch {batch_size}, {threads} threads"
            );
        }
        assert!(
            train(&case, &split, batch_size, 2, true) == alone,
            "batch {batch_size}: memory of its own for each tensor"
        );
    }
}

#[test]
fn wide_dense_layers_agree_with_the_reference() {
    // More weights than are read at a time, in whole and in cut tiles.
    let case = Case {
        name: "wide".to_owned(),
        plan: lowered(
            r#"
model wide {
    Input(shape=(30, 30, 1))
    Flatten()
    Dense(151, activation="relu")
    Dense(4)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
"#,
            compiler::plan::memory::Sharing::Separate,
        ),
        batches: &[20],
        ties: false,
    };
    for instructions in Instructions::available() {
        compare::agrees(&case, &|plan, batch_size| {
            Box::new(executor(plan, batch_size, instructions, 3, true))
        });
    }
}

#[test]
fn as_many_threads_as_the_work_is_worth_change_no_bit() {
    let case = pyramid();
    let split = Arc::new(compare::data(&case, 64, &mut Draw::new(9)));
    let order: Vec<u32> = (0..64).collect();
    for batch_size in [1, 16, 32] {
        let mut executor = CpuExecutor::new(case.plan.clone(), batch_size, batch_size, None).unwrap();
        executor.load(Set::Train, &split).unwrap();
        executor
            .set_parameters(&compare::parameters(&case.plan, &mut Draw::new(5)))
            .unwrap();
        let records = compare::steps(1e-3, order.len(), batch_size);
        executor.train(&order, &records, &mut |_| Flow::Continue).unwrap();
        let trained = executor.parameters().unwrap();
        let mut alone = self::executor(&case.plan, batch_size, best(), 1, false);
        alone.load(Set::Train, &split).unwrap();
        alone
            .set_parameters(&compare::parameters(&case.plan, &mut Draw::new(5)))
            .unwrap();
        alone.train(&order, &records, &mut |_| Flow::Continue).unwrap();
        assert!(trained == alone.parameters().unwrap(), "batch {batch_size}");
    }
}

#[test]
fn training_learns_what_it_is_shown() {
    let case = pyramid();
    let mut split = compare::data(&case, 320, &mut Draw::new(3));
    // A bright bar whose place is the class.
    if let cnnc_runtime::data::Pixels::Bytes(bytes) = &mut split.pixels {
        for (picture, label) in bytes.chunks_exact_mut(784).zip(&split.labels) {
            let row = *label as usize * 2 + 4;
            picture[row * 28..(row + 2) * 28].fill(255);
        }
    }
    let split = Arc::new(split);
    let mut executor = executor(&case.plan, 32, best(), 2, false);
    executor.load(Set::Train, &split).unwrap();
    executor
        .set_parameters(&compare::parameters(&case.plan, &mut Draw::new(5)))
        .unwrap();
    let order: Vec<u32> = (0..320).collect();
    let records = [StepRecord::new(case.plan.optimizer.as_ref().unwrap(), 1, 32, [0; 2]); 10];
    let mut accuracy = 0.0;
    for _ in 0..20 {
        accuracy = executor
            .train(&order, &records, &mut |_| Flow::Continue)
            .unwrap()
            .accuracy();
    }
    assert!(accuracy > 0.95, "{accuracy}");
}

#[test]
fn evaluation_and_prediction_agree_with_the_reference() {
    for case in table().into_iter().filter(|case| !case.name.contains("lenet")) {
        for (samples, threads) in [(1, 2), (37, 1), (150, 3)] {
            if case.plan.parameter_floats > 6000 && samples > 40 {
                continue;
            }
            let mut draw = Draw::new(samples as u64);
            let split = Arc::new(compare::data(&case, samples, &mut draw));
            let parameters = compare::parameters(&case.plan, &mut draw);
            let order: Vec<u32> = (0..samples as u32).collect();
            let batch = compare::batch(&split, &order);
            let shape = &case.plan.input_shape;
            let (loss, correct) = compare::judged(&case.plan, &parameters, &split, &order, 32);

            let mut executor = executor(&case.plan, 32, best(), threads, false);
            executor.load(Set::Test, &split).unwrap();
            executor.set_parameters(&parameters).unwrap();
            let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
            assert_eq!((sums.samples, sums.steps), (samples, samples.div_ceil(32)));
            // What is clipped next to one has the resolution of f32 there.
            let error = (sums.loss - loss).abs() / loss.max(0.01);
            assert!(error < 2e-5, "{}: {error:.1e}", case.name);
            assert!((sums.correct - correct).abs() < 1e-9 * samples as f64, "{}", case.name);

            let outputs = executor.predict(&split).unwrap();
            let expected = reference::run(&case.plan.prediction, shape, &compare::widen(&parameters), &batch);
            let id = case.plan.prediction.output.unwrap().0;
            let output = &expected.tensors[id];
            // In Keras's order a map's channels come last.
            let positions = case.plan.output_shape.positions();
            let channels = output.len() / samples / positions;
            let turned: Vec<f64> = (0..samples)
                .flat_map(|sample| {
                    (0..positions * channels).map(move |element| {
                        let (position, channel) = (element / channels, element % channels);
                        output[(channel * positions + position) * samples + sample]
                    })
                })
                .collect();
            let error = compare::error(&compare::widen(&outputs), &turned);
            assert!(error < 2e-5, "{}: {error:.1e}", case.name);
        }
    }
}

#[test]
fn a_watcher_stops_training_after_a_whole_step() {
    let case = pyramid();
    let split = Arc::new(compare::data(&case, 32, &mut Draw::new(1)));
    let mut executor = executor(&case.plan, 32, best(), 2, false);
    executor.load(Set::Train, &split).unwrap();
    let order: Vec<u32> = (0..32 * 3_000_u32).map(|sample| sample % 32).collect();
    let records = compare::steps(1e-6, order.len(), 32);
    let mut told = Sums::default();
    let sums = executor
        .train(&order, &records, &mut |sums| {
            told = sums.clone();
            Flow::Stop
        })
        .unwrap();
    assert_eq!(sums, told);
    assert!(sums.steps > 0 && sums.steps < 3_000, "{sums:?}");
    assert_eq!(sums.samples, sums.steps * 32);
}

/// Whoever shares cores wakes late: the first worker may be told to stop before the last has seen that the round before ended.
#[test]
fn a_watcher_stops_an_evaluation_wherever_it_is() {
    const THREADS: usize = 8;
    let (done, ended) = std::sync::mpsc::channel();
    let work = std::thread::spawn(move || {
        let case = pyramid();
        let split = Arc::new(compare::data(&case, 32, &mut Draw::new(1)));
        let mut executor = executor(&case.plan, 32, best(), THREADS, false);
        executor.load(Set::Test, &split).unwrap();
        // Three rounds of sixteen blocks a worker; after each block, and each round, the watcher is asked.
        let order: Vec<u32> = (0..3 * 16 * 16 * THREADS as u32).map(|sample| sample % 32).collect();
        for last in 12..=40 {
            let mut asked = 0;
            let sums = executor
                .evaluate(Set::Test, &order, &mut |_| {
                    asked += 1;
                    if asked == last { Flow::Stop } else { Flow::Continue }
                })
                .unwrap();
            assert!(asked >= last && sums.samples < order.len(), "{last}: {asked}, {sums:?}");
            done.send(last).unwrap();
        }
    });
    for last in 12..=40 {
        let ended = ended.recv_timeout(std::time::Duration::from_mins(2));
        assert_eq!(ended, Ok(last), "a worker waits for one that has left");
    }
    work.join().unwrap();
}

#[test]
fn what_does_not_fit_is_refused() {
    let case = pyramid();
    let split = Arc::new(compare::data(&case, 4, &mut Draw::new(1)));
    let mut executor = executor(&case.plan, 2, best(), 1, false);
    let go_on = &mut |_: &Sums| Flow::Continue;
    assert!(
        executor.train(&[0], &compare::steps(0.1, 1, 2), go_on).is_err(),
        "no data"
    );
    assert!(executor.evaluate(Set::Test, &[0], go_on).is_err(), "no data");
    executor.load(Set::Train, &split).unwrap();
    assert!(
        executor.train(&[4], &compare::steps(0.1, 1, 2), go_on).is_err(),
        "no such sample"
    );
    assert!(
        executor.train(&[0, 1, 2], &compare::steps(0.1, 2, 2), go_on).is_err(),
        "a record is missing"
    );
    assert!(
        executor.train(&[0], &compare::steps(0.1, 2, 2), go_on).is_err(),
        "the record of a longer batch"
    );
    assert!(executor.set_parameters(&[0.0]).is_err());
    assert!(executor.set_slots(&[]).is_err());
    assert!(executor.gradients().is_err(), "not kept");
    assert!(executor.tensor(compiler::plan::TensorId(0)).is_err(), "not kept");
    let other = Arc::new(Split {
        shape: compiler::shape::Shape::map(27, 28, 1),
        ..(*split).clone()
    });
    assert!(executor.load(Set::Train, &other).is_err());
    assert!(CpuExecutor::new(case.plan.clone(), 0, 1, None).is_err());
}

#[test]
fn a_profile_names_every_operation_that_takes_time() {
    let case = pyramid();
    let split = Arc::new(compare::data(&case, 64, &mut Draw::new(1)));
    let mut executor = executor(&case.plan, 32, best(), 2, false);
    executor.load(Set::Train, &split).unwrap();
    let order: Vec<u32> = (0..64).collect();
    let profile = executor.profile(&order, &compare::steps(1e-3, 64, 32)).unwrap();
    let operations: Vec<usize> = profile.operations.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations, (0..case.plan.training.operations.len()).collect::<Vec<_>>());
    let sum: f64 = profile.operations.iter().map(|(_, seconds)| seconds).sum();
    assert!(sum > 0.0 && sum + profile.waiting <= profile.total, "{profile:?}");
}

/// What a description lowers to, with memory shared between its tensors or not.
fn lowered(text: &str, sharing: compiler::plan::memory::Sharing) -> Plan {
    let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
    let (checked, _) = compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
    compiler::plan_of(&checked, sharing)
}

const GRAPH: &str = r#"
model graph {
    Input(shape=(13, 12, 2))
    a = Conv2D(7, 3, padding="same", activation="relu")
    b = Conv2D(7, 3, padding="same", activation="tanh")(a)
    Add()([a, b])
    c = MaxPooling2D()
    d = AveragePooling2D(3, strides=1, padding="same")(c)
    Concatenate()([c, d])
    Conv2D(5, 3, activation="relu")
    MaxPooling2D()
    e = Flatten()
    Dense(20, activation="relu")
    Dense(4, activation="softmax")
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=False), metrics=["acc"])
"#;

#[test]
fn shared_memory_changes_no_bit() {
    use compiler::plan::memory::Sharing::{Separate, Shared};
    for text in [
        GRAPH,
        include_str!("../../specs/lenet.cnn"),
        include_str!("../../specs/mnist_pyramid_average.cnn"),
    ] {
        let case = Case {
            name: "lowered".to_owned(),
            plan: lowered(text, Separate),
            batches: &[33, 5],
            ties: false,
        };
        compare::agrees(&case, &|plan, batch_size| {
            Box::new(executor(plan, batch_size, best(), 2, true))
        });
        let split = Arc::new(compare::data(&case, 70, &mut Draw::new(4)));
        let separate = train(&case, &split, 33, 2, true);
        let shared = Case {
            plan: lowered(text, Shared),
            ..case
        };
        for threads in [1, 2, 5] {
            assert!(
                train(&shared, &split, 33, threads, false) == separate,
                "{threads} threads"
            );
        }
    }
}

/// Instruction sets differ in their registers, and so in the tiles that kernels work on, but in no sum's order.
#[test]
fn every_instruction_set_trains_to_the_same_bits() {
    // Convolutions that Winograd's filtering computes, moments of a batch, and functions of our own.
    const WIDE: &str = r#"
model wide {
    Input(shape=(12, 12, 3))
    Conv2D(32, 3, padding="same", activation="relu")
    Conv2D(32, 5, padding="same", activation="relu")
    a = Conv2D(40, 3, padding="same", activation="relu")
    b = Conv2D(40, 1, activation="sigmoid")(a)
    Add()([a, b])
    BatchNormalization()
    MaxPooling2D()
    Conv2D(24, 3, strides=2, padding="same", activation="tanh")
    GlobalAveragePooling2D()
    Dense(5, activation="softmax")
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=False), metrics=["accuracy"])
"#;
    let mut texts = vec![("wide".to_owned(), WIDE.to_owned())];
    for entry in std::fs::read_dir("../specs").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "cnn") {
            let text = std::fs::read_to_string(&path).unwrap();
            texts.push((path.file_stem().unwrap().to_string_lossy().into_owned(), text));
        }
    }
    assert!(texts.len() > 6, "{texts:?}");
    for (name, text) in texts {
        let case = Case {
            name: name.clone(),
            plan: lowered(&text, compiler::plan::memory::Sharing::Shared),
            batches: &[],
            ties: true,
        };
        let split = Arc::new(compare::data(&case, 18, &mut Draw::new(8)));
        let trained: Vec<_> = (Instructions::available().into_iter())
            .map(|instructions| {
                let mut executor = executor(&case.plan, 9, instructions, 2, false);
                let weights = compare::packed_parameters(&case.plan, &mut Draw::new(5));
                let (sums, parameters) = train_on(&mut executor, &case, &split, 9, &weights);
                let outputs = executor.predict(&split).unwrap();
                assert!(outputs.iter().all(|value| value.is_finite()), "{name}");
                (instructions, sums, parameters, outputs)
            })
            .collect();
        let (_, sums, parameters, outputs) = &trained[0];
        for (instructions, other_sums, other_parameters, other_outputs) in &trained[1..] {
            let instructions = instructions.name();
            let different = parameters
                .iter()
                .zip(other_parameters)
                .filter(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(different.count(), 0, "{name}: weights of {instructions}");
            assert_eq!(sums, other_sums, "{name}: sums of {instructions}");
            assert!(outputs == other_outputs, "{name}: outputs of {instructions}");
        }
    }
}
