//! What `Dropout` drops: as much as Keras's does, the same for any number of threads and on both executors, and other values
//! in every step and layer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
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
use compiler::plan::{Plan, TensorId};
use std::sync::Arc;
use support::networks::RMSPROP;
use support::programs::Build;

/// Samples of the batch; the last quad is not full.
const SAMPLES: usize = 49;
/// Values of a sample.
const VALUES: usize = 1000;

/// Two dropouts of a sample of ones, side by side, and where their outputs lie.
fn plan(rate: f64) -> (Plan, [TensorId; 2]) {
    let mut build = Build::new(1, VALUES, 1);
    let made = [rate, rate].map(|rate| build.dropout(build.input(), rate));
    let sum = build.add(made[0], made[1]);
    let logits = build.dense(sum, 3, true, true, false);
    (build.finish(logits, true, Some(RMSPROP)), made)
}

/// What a step with a key makes of ones: `[element][sample]` of both dropouts.
fn dropped(executor: &mut dyn Executor, made: [TensorId; 2], key: [u32; 2]) -> [Vec<f32>; 2] {
    let record = StepRecord {
        key,
        ..StepRecord::idle(SAMPLES)
    };
    let order: Vec<u32> = (0..SAMPLES as u32).collect();
    executor.train(&order, &[record], &mut |_| Flow::Continue).unwrap();
    made.map(|tensor| executor.tensor(tensor).unwrap())
}

fn ready(mut executor: impl Executor + 'static) -> Box<dyn Executor> {
    let (plan, _) = plan(0.5);
    let ones = Split {
        shape: plan.input_shape,
        pixels: Pixels::Floats(vec![1.0; SAMPLES * VALUES]),
        labels: vec![0; SAMPLES],
        targets: None,
    };
    executor.load(Set::Train, &Arc::new(ones)).unwrap();
    executor.set_parameters(&vec![0.0; plan.parameter_floats]).unwrap();
    Box::new(executor)
}

fn cpu(plan: &Plan, threads: usize) -> Box<dyn Executor> {
    let options = Options {
        threads: Some(threads),
        instructions: None,
        layout: None,
        inspect: true,
    };
    ready(CpuExecutor::with(plan.clone(), SAMPLES, SAMPLES, options).unwrap())
}

/// Mean and variance, and the share of zeros.
fn statistics(values: &[f32]) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|&value| (f64::from(value) - mean).powi(2))
        .sum::<f64>()
        / n;
    let zeros = values.iter().filter(|&&value| value == 0.0).count() as f64 / n;
    (mean, variance, zeros)
}

#[test]
fn as_much_is_dropped_as_by_keras() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/oracle/dropout/statistics.json");
    let keras: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let layers = keras.as_object().unwrap();
    assert!(layers.len() >= 2);
    for (name, keras) in layers {
        let number = |field: &serde_json::Value| field.as_f64().unwrap();
        let rate = number(&keras["rate"]);
        let (plan, made) = plan(rate);
        let mut executor = cpu(&plan, 2);
        let mut values = Vec::new();
        for key in 0..10 {
            values.extend(dropped(executor.as_mut(), made, [key, 7]).concat());
        }
        // Both are means of draws that are 0 or 1 / (1 - rate): five standard errors of the two together.
        let (mean, variance, zeros) = statistics(&values);
        let spread = |count: f64| rate * (1.0 - rate) / count;
        let error = 5.0 * (spread(values.len() as f64) + spread(number(&keras["count"]))).sqrt();
        let near = |what: &str, found: f64, expected: f64, error: f64| {
            assert!(
                (found - expected).abs() < error,
                "{name}: {what} {found} is not {expected} +- {error}"
            );
        };
        near("share of zeros", zeros, number(&keras["shares"][0]), error);
        near("mean", mean, number(&keras["mean"]), error / (1.0 - rate));
        near(
            "variance",
            variance,
            number(&keras["variance"]),
            error / (1.0 - rate).powi(2),
        );
        let kept = values.iter().find(|&&value| value != 0.0).copied().unwrap();
        assert_eq!(f64::from(kept), number(&keras["values"][1]), "{name}");
        assert!(values.iter().all(|&value| value == 0.0 || value == kept), "{name}");
    }
}

#[test]
fn the_same_is_dropped_for_any_number_of_threads_and_after_any_step() {
    let (plan, made) = plan(0.5);
    let key = [3, 1 << 31];
    let alone = dropped(cpu(&plan, 1).as_mut(), made, key);
    for threads in [2, 3, 8] {
        let mut executor = cpu(&plan, threads);
        dropped(executor.as_mut(), made, [9, 9]);
        assert!(dropped(executor.as_mut(), made, key) == alone, "{threads} threads");
    }
}

#[test]
fn steps_layers_samples_and_elements_drop_others() {
    let (plan, made) = plan(0.5);
    let mut executor = cpu(&plan, 1);
    let [first, second] = dropped(executor.as_mut(), made, [1, 0]);
    let [later, _] = dropped(executor.as_mut(), made, [2, 0]);
    let row = |values: &[f32], element: usize| values[element * SAMPLES..][..SAMPLES].to_vec();
    let column =
        |values: &[f32], sample: usize| -> Vec<f32> { values.iter().skip(sample).step_by(SAMPLES).copied().collect() };
    let pairs = [
        ("layers", first.clone(), second),
        ("steps", first.clone(), later),
        ("elements", row(&first, 0), row(&first, 1)),
        ("samples", column(&first, 0), column(&first, 4)),
        ("samples of a quad", column(&first, 0), column(&first, 1)),
        ("samples of two blocks", column(&first, 0), column(&first, 16)),
    ];
    for (what, one, other) in pairs {
        let alike = one.iter().zip(&other).filter(|(one, other)| one == other).count() as f64;
        // Half of them by chance; five standard deviations.
        let n = one.len() as f64;
        assert!((alike - n / 2.0).abs() < 2.5 * n.sqrt(), "{what}: {alike} of {n} alike");
    }
}

#[test]
fn both_executors_drop_the_same() {
    for rate in [0.5, 0.1, 0.999] {
        let (plan, made) = plan(rate);
        let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
        let gpu = WgpuExecutor::new(adapter.open().unwrap(), Arc::new(plan.clone()), SAMPLES, SAMPLES).unwrap();
        let (mut gpu, mut cpu) = (ready(gpu), cpu(&plan, 2));
        for key in [[0, 0], [u32::MAX, 5]] {
            assert!(
                dropped(gpu.as_mut(), made, key) == dropped(cpu.as_mut(), made, key),
                "{rate}, {key:?}"
            );
        }
    }
}
