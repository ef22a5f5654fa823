//! The channel-blocked layout: over random networks the same bits as the batch-innermost one, for any number of samples and
//! threads and every instruction set, and right against the float64 reference.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod support;

use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options};
use cnnc_runtime::executor::{Executor, Flow, Set};
use compiler::ops::Op;
use compiler::plan::layout::arranged;
use compiler::plan::memory::Sharing;
use compiler::plan::method;
use compiler::plan::{Plan, TensorLayout};
use std::collections::BTreeSet;
use std::sync::Arc;
use support::networks::Case;
use support::{Draw, compare, reference};

fn plan(text: &str) -> Plan {
    plan_with(text, Sharing::Shared)
}

fn plan_with(text: &str, sharing: Sharing) -> Plan {
    let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
    let (checked, _) =
        compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap_or_else(|_| panic!("{text}"));
    compiler::plan_of(&checked, sharing)
}

fn executor(plan: &Plan, layout: TensorLayout, instructions: Instructions, threads: usize) -> CpuExecutor {
    let options = Options {
        threads: Some(threads),
        instructions: Some(instructions),
        layout: Some(layout),
        inspect: false,
    };
    CpuExecutor::with(plan.clone(), 16, 16, options).unwrap()
}

/// A network of drawn layers over a drawn map; what comes out of a layer too small for the next is padded.
fn drawn(draw: &mut Draw) -> String {
    let one_of = |draw: &mut Draw, choices: &[u64]| choices[draw.below(choices.len() as u64) as usize];
    let (height, width) = (5 + draw.below(18), 5 + draw.below(18));
    let channels = one_of(draw, &[1, 2, 3, 16, 17, 33]);
    let mut text = format!("model drawn {{\n Input(shape=({height}, {width}, {channels}))\n");
    for layer in 0..2 + draw.below(3) {
        let filters = one_of(draw, &[1, 5, 16, 20, 32, 40, 48, 70]);
        let line = match draw.below(9) {
            0..=3 => {
                let (down, across) = (1 + draw.below(5), 1 + draw.below(5));
                let step = match draw.below(4) {
                    0 => "strides=2",
                    1 => "strides=(3, 1)",
                    2 => "dilation_rate=2",
                    _ => "strides=1",
                };
                let activation = ["", ", activation='relu'", ", activation='tanh'"][draw.below(3) as usize];
                format!("Conv2D({filters}, ({down}, {across}), {step}, padding='same'{activation})")
            }
            4 | 5 => format!(
                "Conv2D({}, 3, padding='same', activation='relu')\n Conv2D({}, {}, padding='{}'{})",
                one_of(draw, &[32, 35, 48, 64]),
                one_of(draw, &[32, 40, 66]),
                if layer == 1 { 5 } else { 3 },
                if draw.below(2) == 0 && layer == 0 {
                    "valid"
                } else {
                    "same"
                },
                if draw.below(2) == 0 {
                    ", activation='relu'"
                } else {
                    ", use_bias=False"
                },
            ),
            6 => {
                let (size, steps) = (1 + (layer + filters) % 7, 1 + filters % 3);
                let behind =
                    ["BatchNormalization()\n ReLU(6)", "BatchNormalization()", "ReLU(6)"][(filters / 3 % 3) as usize];
                format!("DepthwiseConv2D({size}, strides={steps}, padding='same')\n {behind}")
            }
            7 => "BatchNormalization(scale=False)\n LeakyReLU()".to_owned(),
            _ => format!(
                "a{layer} = Conv2D({filters}, 1)\n b{layer} = Conv2D({filters}, 3, padding='same')(a{layer})\n \
                 Add()([a{layer}, b{layer}])"
            ),
        };
        text.push_str(&format!(" {line}\n"));
        text.push_str(match draw.below(6) {
            0 | 1 => " MaxPooling2D(padding='same')\n",
            2 => " AveragePooling2D(3, strides=2, padding='same')\n",
            3 => " Rescaling(0.5, offset=0.1)\n",
            _ => "",
        });
    }
    text.push_str(match draw.below(3) {
        0 => " GlobalAveragePooling2D()\n",
        1 => " GlobalMaxPooling2D()\n",
        _ => " Flatten()\n",
    });
    if draw.below(2) == 0 {
        text.push_str(&format!(
            " Dense({}, activation='relu')\n",
            one_of(draw, &[3, 16, 50, 130])
        ));
    }
    text.push_str(&format!(
        " Dense({}, activation='softmax')\n}}\n",
        one_of(draw, &[2, 10, 17])
    ));
    text.push_str("compile(loss=SparseCategoricalCrossentropy(from_logits=False), metrics=['accuracy'])\n");
    text
}

/// Pooled convolutions, which need valid windows, at every remainder of the map's size by a tile's.
fn pooled() -> Vec<String> {
    let mut texts = Vec::new();
    for size in 8..13 {
        for (first, second) in [(20, 24), (32, 48)] {
            texts.push(format!(
                "model pooled {{\n Input(shape=({size}, {}, 3))\n Conv2D({first}, 3, activation='relu', padding='same')\n \
                 Conv2D({second}, {}, activation='relu', padding='same')\n MaxPooling2D()\n Conv2D({second}, 2)\n Flatten()\n \
                 Dense(4)\n}}\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n",
                size + 3,
                if size % 2 == 0 { 3 } else { 5 },
            ));
        }
    }
    texts
}

/// First layers of pictures, of which tiles and filters are whole and cut, and whatever becomes of their sums.
fn pictures() -> Vec<String> {
    let mut texts = Vec::new();
    let behind = ["MaxPooling2D()", "ReLU(6)", "BatchNormalization()", "Dropout(0.2)"];
    for (index, behind) in behind.into_iter().enumerate() {
        for (channels, filters) in [(2, 33), (3, 16), (3, 40), (4, 37)] {
            texts.push(format!(
                "model picture {{\n Input(shape=({}, {}, {channels}))\n Conv2D({filters}, 3, padding='{}'{})\n {behind}\n \
                 Conv2D(20, 3, activation='relu')\n Flatten()\n Dense(4)\n}}\n\
                 compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n",
                11 + index,
                14 + filters % 5,
                if filters % 2 == 0 { "same" } else { "valid" },
                if index == 1 { ", use_bias=False" } else { ", activation='relu'" },
            ));
        }
    }
    texts
}

/// What stays batch-innermost between convolutions that do not.
const NORMALIZED: &str = "model normalized {
 Input(shape=(9, 7, 3))
 Conv2D(32, 3, use_bias=False)
 BatchNormalization()
 ReLU()
 Conv2D(40, 3, padding='same', activation='relu')
 MaxPooling2D()
 Flatten()
 Dense(4)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
";

/// Layers that see what others made in another shape.
fn views() -> Vec<String> {
    let network = |layers: &str| {
        format!(
            "model views {{\n Input(shape=(6, 8, 3))\n{layers}\n Flatten()\n Dense(4)\n}}\n\
             compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n"
        )
    };
    vec![
        network(
            "Conv2D(32, 3, padding='same', activation='relu')\n Reshape((4, 6, 64))\n Conv2D(32, 3, padding='same')\n MaxPooling2D()",
        ),
        network(
            "Conv2D(20, 3, activation='relu')\n MaxPooling2D()\n Flatten()\n Dense(96)\n Reshape((2, 3, 16))\n Conv2D(33, 2)",
        ),
        network(
            "Conv2D(16, 3, activation='relu')\n MaxPooling2D()\n Reshape((3, 2, 16))\n Conv2D(20, 2, activation='relu')\n Dropout(0.5)",
        ),
    ]
}

/// Rectifiers that the operation before them finishes with.
fn finished() -> Vec<String> {
    ["ReLU()", "ReLU(0.5)", "ReLU(0.25)"]
        .into_iter()
        .flat_map(|relu| {
            [(7, 9, 20, 1), (12, 5, 33, 2)].map(|(height, width, filters, steps)| {
                format!(
                    "model finished {{\n Input(shape=({height}, {width}, 3))\n Conv2D({filters}, 1)\n {relu}\n \
                     DepthwiseConv2D(3, strides={steps}, padding='same')\n a = {relu}\n b = Conv2D({filters}, 3, padding='same')\n \
                     Add()([a, b])\n {relu}\n Conv2D(32, 3, padding='same')\n {relu}\n Flatten()\n Dense(40)\n {relu}\n Dense(4)\n}}\n\
                     compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n"
                )
            })
        })
        .collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn both_layouts_make_the_same_bits() {
    let mut draw = Draw::new(21);
    let mut texts = [pooled(), pictures()].concat();
    texts.extend(views());
    texts.extend(finished());
    texts.extend((0..60).map(|_| drawn(&mut draw)));
    let mut names = BTreeSet::new();
    for text in texts {
        let plan = plan(&text);
        let case = Case {
            name: "drawn".to_owned(),
            plan,
            batches: &[],
            ties: draw.below(2) == 0,
        };
        let whole = arranged(&case.plan.prediction, case.plan.prediction.operations.len());
        let blocked = |op: &Op| op.cycles(&whole.tensors).sample.is_some();
        names.extend(
            whole
                .operations
                .iter()
                .map(|one| &one.op)
                .filter(|op| blocked(op))
                .map(|op| op.name()),
        );
        let parameters = compare::packed_parameters(&case.plan, &mut draw);
        for (samples, threads) in [(1, 1), (1, 3), (5, 2), (19, 1)] {
            let split = Arc::new(compare::data(&case, samples, &mut draw));
            let order: Vec<u32> = (0..samples as u32).collect();
            let run = |layout, instructions, threads| {
                let mut executor = executor(&case.plan, layout, instructions, threads);
                executor.set_parameters(&parameters).unwrap();
                executor.load(Set::Test, &split).unwrap();
                let outputs = executor.predict(&split).unwrap();
                let again = executor.predict(&split).unwrap();
                assert_eq!(bits(&outputs), bits(&again), "{text}");
                let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
                (outputs, sums)
            };
            let best = Instructions::available()[0];
            let (expected, judged) = run(TensorLayout::BatchInnermost, best, threads);
            for instructions in Instructions::available() {
                let (outputs, sums) = run(TensorLayout::ChannelBlocked, instructions, threads);
                let (name, wrong) = (instructions.name(), bits(&outputs) != bits(&expected));
                assert!(
                    !wrong,
                    "{name}, {samples} samples, {threads} threads\n{text}\n{outputs:?}\n{expected:?}"
                );
                assert_eq!(sums, judged, "{name}, {samples} samples\n{text}");
            }
            if samples == 5 {
                let batch = compare::batch(&split, &order);
                let shape = &case.plan.input_shape;
                let right = reference::run(&case.plan.prediction, shape, &compare::widen(&parameters), &batch);
                let output = &right.tensors[case.plan.prediction.output.unwrap().0];
                let classes = output.len() / samples;
                let turned: Vec<f64> = (0..samples * classes)
                    .map(|at| output[at % classes * samples + at / classes])
                    .collect();
                let error = compare::error(&compare::widen(&expected), &turned);
                assert!(error < 2e-5, "{error:.1e}\n{text}");
            }
        }
    }
    let all = [
        "gather",
        "convolution",
        "dense",
        "activation",
        "pool",
        "global pool",
        "add",
        "normalize",
        "rescale",
    ];
    for name in all {
        assert!(names.contains(name), "{name} of {names:?}");
    }
}

#[test]
fn other_weights_make_other_outputs() {
    let plan = plan(&pooled()[3]);
    let case = Case {
        name: "pooled".to_owned(),
        plan,
        batches: &[],
        ties: false,
    };
    let mut draw = Draw::new(4);
    let split = Arc::new(compare::data(&case, 2, &mut draw));
    let best = Instructions::available()[0];
    let mut kept = executor(&case.plan, TensorLayout::ChannelBlocked, best, 2);
    for _ in 0..3 {
        let parameters = compare::parameters(&case.plan, &mut draw);
        kept.set_parameters(&parameters).unwrap();
        let outputs = kept.predict(&split).unwrap();
        let mut fresh = executor(&case.plan, TensorLayout::ChannelBlocked, best, 2);
        fresh.set_parameters(&parameters).unwrap();
        assert_eq!(bits(&outputs), bits(&fresh.predict(&split).unwrap()));
    }
    // Training moves them, too.
    kept.load(Set::Train, &split).unwrap();
    let before = kept.predict(&split).unwrap();
    kept.train(&[0, 1], &compare::steps(0.1, 2, 16), &mut |_| Flow::Continue)
        .unwrap();
    let after = kept.predict(&split).unwrap();
    assert_ne!(bits(&before), bits(&after));
    let mut fresh = executor(&case.plan, TensorLayout::ChannelBlocked, best, 2);
    fresh.set_parameters(&kept.parameters().unwrap()).unwrap();
    assert_eq!(bits(&after), bits(&fresh.predict(&split).unwrap()));
}

#[test]
fn steps_agree_with_the_reference() {
    let mut draw = Draw::new(77);
    let mut texts = pooled();
    texts.extend(views().into_iter().filter(|text| !text.contains("Dropout")));
    texts.push(NORMALIZED.to_owned());
    // Of drawn networks that normalize, some gradients are nothing but roundings. Depthwise kernels are compared in `cpu`.
    texts.extend(
        (0..80)
            .map(|_| drawn(&mut draw))
            .filter(|text| !text.contains("BatchNormalization") && !text.contains("Depthwise")),
    );
    let mut close = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let case = Case {
            name: text.clone(),
            plan: plan_with(text, Sharing::Separate),
            batches: &[4, 18],
            ties: index % 2 == 0,
        };
        let available = Instructions::available();
        let instructions = available[index % available.len()];
        let agreement = compare::compared(&case, &|plan, batch_size| {
            let options = Options {
                threads: Some(1 + index % 3),
                instructions: Some(instructions),
                layout: Some(TensorLayout::ChannelBlocked),
                inspect: true,
            };
            Box::new(CpuExecutor::with(plan.clone(), batch_size, batch_size, options).unwrap())
        });
        if let compare::Agreement::Until(tensor) = agreement {
            close.push((index, tensor));
        }
    }
    assert!(close.len() * 20 <= texts.len(), "{close:?} of {}", texts.len());
}

#[test]
fn neither_threads_nor_instructions_change_a_bit_of_a_step() {
    let mut draw = Draw::new(5);
    let mut texts = pooled();
    texts.extend(views());
    texts.extend((0..10).map(|_| drawn(&mut draw)));
    for text in texts {
        let case = Case {
            name: "drawn".to_owned(),
            plan: plan(&text),
            batches: &[],
            ties: false,
        };
        let split = Arc::new(compare::data(&case, 50, &mut draw));
        let parameters = compare::packed_parameters(&case.plan, &mut draw);
        let train = |instructions, threads| {
            let mut executor = executor(&case.plan, TensorLayout::ChannelBlocked, instructions, threads);
            executor.set_parameters(&parameters).unwrap();
            executor.load(Set::Train, &split).unwrap();
            let order: Vec<u32> = (0..50).collect();
            let steps = compare::steps(1e-3, 50, 16);
            let sums = executor.train(&order, &steps, &mut |_| Flow::Continue).unwrap();
            (sums.loss.to_bits(), bits(&executor.parameters().unwrap()))
        };
        let expected = train(Instructions::available()[0], 1);
        for instructions in Instructions::available() {
            for threads in [1, 2, 3, 7] {
                assert!(
                    train(instructions, threads) == expected,
                    "{}, {threads} threads\n{text}",
                    instructions.name()
                );
            }
        }
    }
}

#[test]
fn filtered_gradients_agree_with_the_reference_batch_innermost() {
    let mut close = Vec::new();
    let channels = [
        (32, 32),
        (33, 40),
        (48, 70),
        (70, 34),
        (64, 130),
        (130, 32),
        (32, 48),
        (40, 33),
        (65, 34),
    ];
    let texts: Vec<String> = (channels.iter().enumerate())
        .map(|(index, (first, second))| {
            let (height, width) = (12 + index % 6, 18 - index % 6);
            let padding = if index % 2 == 0 { "same" } else { "valid" };
            let size = if index < 6 { 3 } else { 5 };
            let pool = if index % 3 == 0 { " MaxPooling2D()\n" } else { "" };
            format!(
                "model filtered {{\n Input(shape=({height}, {width}, 2))\n Conv2D({first}, 1, activation='relu')\n \
                 Conv2D({second}, {size}, padding='{padding}', activation='relu', use_bias={})\n{pool} Flatten()\n Dense(3)\n}}\n\
                 compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n",
                if index == 2 { "False" } else { "True" }
            )
        })
        .collect();
    for (index, text) in texts.iter().enumerate() {
        let case = Case {
            name: text.clone(),
            plan: plan_with(text, Sharing::Separate),
            batches: &[4, 18],
            ties: false,
        };
        let gradient =
            |op: &Op| matches!(op, Op::ConvolutionDkernel(dkernel) if method::dkernel(&dkernel.geometry).is_winograd());
        assert!(
            case.plan.training.operations.iter().any(|one| gradient(&one.op)),
            "{text}"
        );
        for instructions in Instructions::available() {
            let agreement = compare::compared(&case, &|plan, batch_size| {
                let options = Options {
                    threads: Some(1 + index % 4),
                    instructions: Some(instructions),
                    layout: Some(TensorLayout::BatchInnermost),
                    inspect: true,
                };
                Box::new(CpuExecutor::with(plan.clone(), batch_size, batch_size, options).unwrap())
            });
            if let compare::Agreement::Until(tensor) = agreement {
                close.push((index, tensor));
            }
        }
    }
    assert!(close.len() < texts.len(), "{close:?}");
}
