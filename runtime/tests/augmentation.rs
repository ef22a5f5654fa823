//! What training sees of pictures: for given random numbers what Keras's own layers make of them (`tests/oracle/augmentation.py`),
//! the same for any number of threads, and spread as the arguments say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "tests may fail and read files"
)]

mod support;

use cnnc_runtime::data::{Pixels, Split};
use cnnc_runtime::executor::cpu::{CpuExecutor, Options};
use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set};
use compiler::host::step::StepRecord;
use compiler::plan::memory::Sharing;
use compiler::plan::{Plan, TensorId};
use compiler::shape::Shape;
use grammar::source::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The plan of a network that begins with a layer of the name `aug`, each tensor with memory of its own.
fn plan(layer: &str, shape: &Shape) -> Plan {
    let sizes: Vec<String> = shape.sizes().iter().map(ToString::to_string).collect();
    let text = format!(
        "model test {{\n Input(shape=({}))\n aug = {layer}\n Flatten()\n Dense(3)\n}}\n\
         compile(loss=CategoricalCrossentropy(from_logits=True))\n",
        sizes.join(", ")
    );
    let tree = grammar::parse(&Source::new("test.cnn", text)).unwrap();
    let (network, _) = compiler::check::check_file(&tree).unwrap_or_else(|failure| panic!("{:?}", failure.diagnostics));
    compiler::plan_of(&network, Sharing::Separate)
}

fn tensor(plan: &Plan, name: &str) -> TensorId {
    let mut tensors = plan.training.tensors.iter();
    TensorId(tensors.position(|tensor| tensor.name == name).expect(name))
}

fn cpu(plan: &Plan, samples: usize, threads: usize) -> Box<dyn Executor> {
    let options = Options {
        threads: Some(threads),
        instructions: None,
        layout: None,
        inspect: true,
    };
    Box::new(CpuExecutor::with(plan.clone(), samples, samples, options).unwrap())
}

fn gpu(plan: &Plan, samples: usize) -> Box<dyn Executor> {
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    Box::new(WgpuExecutor::new(adapter.open().unwrap(), Arc::new(plan.clone()), samples, samples).unwrap())
}

/// What a step with this key makes of pictures: the tensor `name` as `[element][sample]`.
fn seen(executor: &mut dyn Executor, split: &Arc<Split>, plan: &Plan, name: &str, key: [u32; 2]) -> Vec<f32> {
    let samples = split.labels.len();
    executor.load(Set::Train, split).unwrap();
    executor.set_parameters(&vec![0.0; plan.parameter_floats]).unwrap();
    let record = StepRecord {
        key,
        ..StepRecord::idle(samples)
    };
    let order: Vec<u32> = (0..samples as u32).collect();
    executor.train(&order, &[record], &mut |_| Flow::Continue).unwrap();
    executor.tensor(tensor(plan, name)).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/oracle/augmentation")
}

/// The shape and the values of an `.npy` file of floats.
fn npy(path: &Path) -> (Vec<usize>, Vec<f32>) {
    let file = npyz::NpyFile::new(std::fs::File::open(path).unwrap()).unwrap();
    let sizes = file.shape().iter().map(|&size| size as usize).collect();
    (sizes, file.into_vec().unwrap())
}

/// `[sample][row][column][channel]` in the order of tensors: `[channel][row][column][sample]`.
fn turned(sizes: &[usize], values: &[f32]) -> Vec<f32> {
    let [samples, height, width, channels] = *sizes else {
        panic!("{sizes:?}")
    };
    let positions = height * width;
    let at =
        |channel: usize, position: usize, sample: usize| values[(sample * positions + position) * channels + channel];
    (0..channels)
        .flat_map(|channel| (0..positions).map(move |position| (channel, position)))
        .flat_map(|(channel, position)| (0..samples).map(move |sample| at(channel, position, sample)))
        .collect()
}

fn pictures() -> Arc<Split> {
    let (sizes, values) = npy(&folder().join("pictures.npy"));
    let [samples, height, width, channels] = *sizes.as_slice() else {
        panic!("{sizes:?}")
    };
    Arc::new(Split {
        shape: Shape::map(height, width, channels),
        pixels: Pixels::Floats(values),
        labels: (0..samples as u32).map(|sample| sample % 3).collect(),
        targets: None,
    })
}

#[test]
fn pictures_become_what_keras_makes_of_them() {
    let text = std::fs::read_to_string(folder().join("cases.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 29);
    let split = pictures();
    for case in cases {
        let (name, layer) = (case["name"].as_str().unwrap(), case["layer"].as_str().unwrap());
        let key = [0, 1].map(|at| case["key"][at].as_u64().unwrap() as u32);
        let plan = plan(layer, &split.shape);
        let (sizes, values) = npy(&folder().join(format!("{name}.npy")));
        let expected = turned(&sizes, &values);
        let samples = split.labels.len();
        let executors = [("cpu", cpu(&plan, samples, 2)), ("gpu", gpu(&plan, samples))];
        for (device, mut executor) in executors {
            let found = seen(executor.as_mut(), &split, &plan, "aug", key);
            assert_eq!(found.len(), expected.len(), "{layer}");
            let pairs = found.iter().zip(&expected);
            let worst = pairs
                .map(|(found, expected)| (found - expected).abs())
                .fold(0.0, f32::max);
            assert!(worst < 2e-5, "{layer} on the {device} is off by {worst:e}");
            if layer.contains("Mix") {
                let (_, labels) = npy(&folder().join(format!("{name}_labels.npy")));
                let shares = executor.tensor(tensor(&plan, "target.mixed")).unwrap();
                for (at, share) in shares.iter().enumerate() {
                    let expected = labels[at % samples * 3 + at / samples];
                    assert!(
                        (share - expected).abs() < 2e-6,
                        "{layer} on the {device}: {share}, not {expected}"
                    );
                }
            }
        }
    }
}

fn noise(samples: usize, shape: Shape) -> Arc<Split> {
    let mut draw = support::Draw::new(5);
    let pixels = (0..samples * shape.elements()).map(|_| draw.number() as f32).collect();
    Arc::new(Split {
        shape,
        pixels: Pixels::Floats(pixels),
        labels: vec![0; samples],
        targets: None,
    })
}

const LAYERS: [&str; 9] = [
    "RandomFlip()",
    "RandomTranslation(0.3, 0.2)",
    "RandomZoom(0.5)",
    "RandomCrop(3, 2)",
    "RandomContrast(0.6)",
    "RandomErasing()",
    "GaussianNoise(0.3)",
    "MixUp()",
    "CutMix()",
];

#[test]
fn the_same_is_seen_for_any_number_of_threads_and_after_any_step() {
    let split = noise(49, Shape::map(6, 5, 2));
    for layer in LAYERS {
        let plan = plan(layer, &split.shape);
        let key = [3, 1 << 31];
        let alone = seen(cpu(&plan, 49, 1).as_mut(), &split, &plan, "aug", key);
        for threads in [2, 8] {
            let mut executor = cpu(&plan, 49, threads);
            let before = seen(executor.as_mut(), &split, &plan, "aug", [9, 9]);
            assert!(before != alone, "{layer}: steps draw others");
            let again = seen(executor.as_mut(), &split, &plan, "aug", key);
            assert!(again == alone, "{layer}: {threads} threads");
        }
    }
}

/// The matrices that many steps draw: for each entry, all of its values.
fn drawn(layer: &str) -> Vec<Vec<f64>> {
    let split = noise(64, Shape::map(10, 20, 1));
    let plan = plan(layer, &split.shape);
    let mut executor = cpu(&plan, 64, 2);
    let mut entries = vec![Vec::new(); 6];
    for key in 0..60 {
        let made = seen(executor.as_mut(), &split, &plan, "aug.transforms", [key, 11]);
        for (entry, values) in entries.iter_mut().zip(made.chunks_exact(64)) {
            entry.extend(values.iter().map(|&value| f64::from(value)));
        }
    }
    entries
}

/// Asserts that values are uniform from `low` to `high`: within the bounds, with mean and variance within five standard errors.
fn uniform(what: &str, values: &[f64], low: f64, high: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    let expected = (high - low).powi(2) / 12.0;
    assert!(
        values.iter().all(|value| (low - 1e-5..=high + 1e-5).contains(value)),
        "{what}"
    );
    assert!(
        (mean - f64::midpoint(low, high)).abs() < 5.0 * (expected / n).sqrt(),
        "{what}: mean {mean}"
    );
    // The fourth moment of a uniform variable is 9/5 of its variance squared.
    let error = 5.0 * expected * (0.8 / n).sqrt();
    assert!((variance - expected).abs() < error, "{what}: variance {variance}");
}

#[test]
fn numbers_are_spread_as_the_arguments_say() {
    let moved = drawn("RandomTranslation((-0.4, 0.2), 0.3)");
    uniform("rows", &moved[5], -2.0, 4.0);
    uniform("columns", &moved[2], -6.0, 6.0);
    let zoomed = drawn("RandomZoom((-0.5, 0.25), (0.1, 0.3))");
    uniform("height", &zoomed[4], 0.5, 1.25);
    uniform("width", &zoomed[0], 1.1, 1.3);
    let turned = drawn("RandomRotation((-0.1, 0.2))");
    let turns: Vec<f64> = turned[3]
        .iter()
        .zip(&turned[0])
        .map(|(sin, cos)| sin.atan2(*cos) / std::f64::consts::TAU)
        .collect();
    uniform("turns", &turns, -0.1, 0.2);
    let flipped = drawn("RandomFlip('horizontal')");
    let share = flipped[0].iter().filter(|&&a| a < 0.0).count() as f64 / flipped[0].len() as f64;
    assert!(
        (share - 0.5).abs() < 2.5 / (flipped[0].len() as f64).sqrt(),
        "{share} are turned"
    );
    // One place for a batch, every place in time.
    let cropped = drawn("RandomCrop(8, 17)");
    for (entry, room) in [(5, 3), (2, 4)] {
        for batch in cropped[entry].chunks_exact(64) {
            assert!(batch.iter().all(|place| place == &batch[0]));
        }
        let met = |place: usize| cropped[entry].contains(&(place as f64));
        assert!((0..room).all(met) && !met(room), "{entry}");
    }
}

/// Partners and shares, and what else a layer that mixes draws, of many batches of 20: each entry's values.
fn mixtures(layer: &str) -> Vec<Vec<f64>> {
    let split = noise(20, Shape::map(10, 20, 1));
    let plan = plan(layer, &split.shape);
    let mut executor = cpu(&plan, 20, 2);
    let mut entries = vec![Vec::new(); 6];
    for key in 0..300 {
        let made = seen(executor.as_mut(), &split, &plan, "aug.mixtures", [key, 12]);
        for (entry, values) in entries.iter_mut().zip(made.chunks_exact(20)) {
            entry.extend(values.iter().map(|&value| f64::from(value)));
        }
    }
    entries
}

/// Mean and variance, within five standard errors.
fn moments(what: &str, values: &[f64], mean: f64, variance: f64) {
    let n = values.len() as f64;
    let found = values.iter().sum::<f64>() / n;
    assert!(
        (found - mean).abs() < 5.0 * (variance / n).sqrt(),
        "{what}: mean {found}"
    );
    let spread = values.iter().map(|value| (value - found).powi(2)).sum::<f64>() / n;
    // What lies from 0 to 1 with a mean of a half has a fourth moment below a quarter of its variance.
    let error = 5.0 * (variance * (0.25 - variance) / n).sqrt();
    assert!(
        (spread - variance).abs() < error,
        "{what}: variance {spread}, not {variance}"
    );
}

#[test]
fn samples_are_mixed_with_all_others_in_shares_of_the_beta_distribution() {
    for alpha in [0.2, 0.5, 1.0] {
        let drawn = mixtures(&format!("MixUp({alpha})"));
        moments(
            &format!("MixUp({alpha})"),
            &drawn[1],
            0.5,
            1.0 / (4.0 * (2.0 * alpha + 1.0)),
        );
        let mut met = [0_usize; 20];
        for batch in drawn[0].chunks_exact(20) {
            let mut partners: Vec<usize> = batch.iter().map(|&partner| partner as usize).collect();
            met[partners[7]] += 1;
            partners.sort_unstable();
            assert!(partners.iter().copied().eq(0..20), "everyone is the partner of one");
        }
        // Fifteen of 300 each, with a standard deviation below 3.8.
        assert!(met.iter().all(|&times| (1..=34).contains(&times)), "{met:?}");
    }
    // Of the evenly distributed share of a rectangle both sides are the root.
    let cut = mixtures("CutMix((1, 1))");
    moments("CutMix", &cut[1], 0.5, 1.0 / 12.0);
    for (low, high, size) in [(2, 3, 20.0), (4, 5, 10.0)] {
        for ((&low, &high), share) in cut[low].iter().zip(&cut[high]).zip(&cut[1]) {
            assert!(low >= 0.0 && high <= size + 1e-4 && low <= high);
            assert!(((high - low) / size - (1.0 - share).sqrt()).abs() < 1e-3);
        }
        // In the middle of the room there is, on the average.
        let middle: Vec<f64> = cut[low]
            .iter()
            .zip(&cut[high])
            .filter(|(low, high)| *high - *low < 0.9 * size)
            .map(|(low, high)| low / (size - (high - low)))
            .collect();
        moments("places", &middle, 0.5, 1.0 / 12.0);
    }
    // One parameter a batch.
    let drawn = mixtures("CutMix(0)");
    assert!(drawn[1].iter().all(|share| *share < 1e-3 || *share > 1.0 - 1e-3));
}

/// The padding of the last quad and of the last block is nobody's partner.
#[test]
fn a_last_batch_of_a_few_is_mixed_with_itself() {
    for samples in [1, 3, 17, 33] {
        let split = noise(samples, Shape::map(4, 4, 1));
        let plan = plan("MixUp(1.0)", &split.shape);
        let on_cpu = seen(cpu(&plan, samples, 2).as_mut(), &split, &plan, "aug.mixtures", [4, 4]);
        let on_gpu = seen(gpu(&plan, samples).as_mut(), &split, &plan, "aug.mixtures", [4, 4]);
        for made in [on_cpu, on_gpu] {
            let mut partners: Vec<usize> = made[..samples].iter().map(|&partner| partner as usize).collect();
            partners.sort_unstable();
            assert!(partners.iter().copied().eq(0..samples), "{samples}: {partners:?}");
        }
    }
}

/// The plan of a network that ends in a map, for pictures that are their own targets.
fn mask_plan(layers: &str, size: usize) -> Plan {
    let text = format!(
        "model test {{\n Input(shape=({size}, {size}, 1))\n{layers}\n last = Conv2D(1, 1, activation=\"sigmoid\")\n}}\n\
         compile(loss=\"binary_crossentropy\")\n"
    );
    let tree = grammar::parse(&Source::new("test.cnn", text)).unwrap();
    let (network, _) = compiler::check::check_file(&tree).unwrap_or_else(|failure| panic!("{:?}", failure.diagnostics));
    compiler::plan_of(&network, Sharing::Separate)
}

fn is_changed(name: &str) -> bool {
    ["target.moved", "target.mixed"].contains(&name)
}

#[test]
fn targets_that_are_pictures_move_as_pictures_do() {
    let size = 12;
    let shape = Shape::map(size, size, 1);
    let split = noise(20, shape.clone());
    let Pixels::Floats(values) = &split.pixels else {
        panic!("floats")
    };
    let split = Arc::new(Split {
        targets: Some(cnnc_runtime::data::Targets {
            shape,
            values: values.clone(),
        }),
        ..split.as_ref().clone()
    });
    for (layers, moved) in [
        ("aug = RandomFlip()", 1),
        (
            "Rescaling(1.0)\naug = RandomRotation(0.3, fill_mode=\"constant\", interpolation=\"nearest\")",
            1,
        ),
        (
            "RandomZoom(0.4, interpolation=\"nearest\")\nRescaling(1.0)\naug = RandomTranslation(0.3, 0.2, fill_mode=\"wrap\", interpolation=\"nearest\")",
            2,
        ),
        (
            "RandomShear(0.4, 0.4, fill_mode=\"reflect\", interpolation=\"nearest\")\naug = RandomCrop(7, 5)",
            2,
        ),
        ("RandomFlip()\nMixUp()\nRescaling(1.0)\naug = CutMix()", 3),
    ] {
        let plan = mask_plan(layers, size);
        let names: Vec<&str> = plan
            .training
            .tensors
            .iter()
            .map(|tensor| tensor.name.as_str())
            .collect();
        assert_eq!(names.iter().filter(|name| is_changed(name)).count(), moved, "{layers}");
        let last = TensorId(names.iter().rposition(|name| is_changed(name)).unwrap());
        for mut executor in [cpu(&plan, 20, 2), gpu(&plan, 20)] {
            let pictures = seen(executor.as_mut(), &split, &plan, "aug", [5, 1 << 31]);
            let targets = executor.tensor(last).unwrap();
            assert_eq!(pictures.len(), targets.len());
            let off = pictures
                .iter()
                .zip(&targets)
                .filter(|(one, other)| (*one - *other).abs() > 1e-3)
                .count();
            assert_eq!(off, 0, "{layers}");
            let still: Vec<f32> = turned(&[20, size, size, 1], values);
            assert_ne!(targets, still, "{layers}");
        }
    }
}
