//! Sums too long for one invocation of a driver that ends loops: the wgpu executor beside that of the CPU, one training step
//! of each network. Needs a Vulkan, Metal or DX12 driver. Mesa's software one ends the loops of an invocation after 65,535
//! turns, all of them together, and says nothing of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use cnnc_runtime::data::{Pixels, Split};
use cnnc_runtime::executor::cpu::CpuExecutor;
use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set};
use cnnc_runtime::train::initial_parameters;
use compiler::host::step::StepRecord;
use compiler::launch::{DeviceClass, Tiling};
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn plan(layers: &str) -> Arc<Plan> {
    let text = format!(
        "model long {{\n{layers}\n}}\n\
         compile(optimizer=SGD(0.5), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['acc'])\n"
    );
    let parsed = grammar::parse(&grammar::source::Source::new("long.cnn", text)).unwrap();
    let (checked, _) = compiler::check::check_file(&parsed).unwrap();
    Arc::new(compiler::plan_of(&checked, Sharing::Shared))
}

/// Pictures of noise whose means differ, so that what a sum leaves out shows.
fn split(plan: &Plan, samples: usize, classes: u32) -> Arc<Split> {
    let elements = plan.input_shape.elements();
    let mut state = 1_u32;
    let pixels = (0..samples * elements).map(|index| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Brighter towards the end of a sample.
        let slope = (index % elements) as f32 / elements as f32;
        slope * ((state >> 8) as f32 / 16_777_216.0)
    });
    Arc::new(Split {
        shape: plan.input_shape.clone(),
        pixels: Pixels::Floats(pixels.collect()),
        labels: (0..samples as u32).map(|sample| (sample * 7 + 1) % classes).collect(),
        targets: None,
    })
}

/// The loss of a step, what it added to the parameters, and the loss of an evaluation after it.
fn step(executor: &mut dyn Executor, plan: &Plan, data: &Arc<Split>) -> (f64, Vec<f32>, f64) {
    let order: Vec<u32> = (0..data.len() as u32).collect();
    let before = initial_parameters(plan, 1);
    executor.load(Set::Train, data).unwrap();
    executor.load(Set::Test, data).unwrap();
    executor.set_parameters(&before).unwrap();
    let record = StepRecord::new(plan.optimizer.as_ref().unwrap(), 1, order.len(), [0; 2]);
    let trained = executor.train(&order, &[record], &mut |_| Flow::Continue).unwrap();
    let after = executor.parameters().unwrap();
    let judged = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
    let moved = after.iter().zip(&before).map(|(after, before)| after - before);
    (trained.loss, moved.collect(), judged.loss)
}

/// What a driver cuts short is off by a third or more, and 131,072 numbers of one size that are added one by one in float32 by half
/// a percent. What normalised maps have as their means, near zero, keeps fewer digits.
fn agree(layers: &str, samples: usize, classes: u32) {
    let plan = plan(layers);
    let data = split(&plan, samples, classes);
    let mut cpu = CpuExecutor::new(Arc::clone(&plan), samples, samples, None).unwrap();
    let (loss, moved, judged) = step(&mut cpu, &plan, &data);
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    let mut gpu = adapter.open().unwrap();
    gpu.tiling = Tiling::of(DeviceClass::Software);
    let start = Instant::now();
    let mut wgpu = WgpuExecutor::new(gpu, Arc::clone(&plan), samples, samples).unwrap();
    let (wgpu_loss, wgpu_moved, wgpu_judged) = step(&mut wgpu, &plan, &data);
    let took = start.elapsed();
    assert!(
        (loss - wgpu_loss).abs() < 2e-3 * loss.abs(),
        "{layers}: {loss} {wgpu_loss}"
    );
    assert!(
        (judged - wgpu_judged).abs() < 2e-3 * judged.abs(),
        "{layers}: {judged} {wgpu_judged}"
    );
    for parameter in &plan.parameters {
        let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        let (ours, theirs) = (&moved[range.clone()], &wgpu_moved[range]);
        let largest = ours.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(largest > 0.0, "{layers}: {} does not move", parameter.name);
        let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let is_a_sum = [".bias", ".beta"].iter().any(|end| parameter.name.ends_with(end));
        let most = if is_a_sum { 1e-4 } else { 3e-3 };
        assert!(
            worst < most * largest,
            "{layers}: {}: {worst:e} of {largest:e}",
            parameter.name
        );
    }
    assert!(
        took < Duration::from_mins(1),
        "{layers}: {took:?}, most of it compiling"
    );
}

#[test]
fn means_over_many_positions() {
    agree("Input((512, 256, 1))\nGlobalAveragePooling2D()\nDense(3)", 4, 3);
    agree(
        "Input((512, 256, 1))\nConv2D(2, 1)\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
}

#[test]
fn maxima_over_many_positions() {
    agree(
        "Input((512, 256, 1))\nConv2D(2, 1)\nGlobalMaxPooling2D()\nDense(3)",
        4,
        3,
    );
}

#[test]
fn convolutions_over_many_positions() {
    agree(
        "Input((600, 600, 1))\nConv2D(2, 3, strides=2)\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((600, 600, 1))\nConv2D(2, 3)\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((480, 320, 3))\nConv2D(4, 3, padding='same')\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((480, 320, 3))\nDepthwiseConv2D(3, padding='same')\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((240, 160, 3))\nConv2DTranspose(4, 2, strides=2)\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
}

#[test]
fn normalizations_and_slopes_over_many_positions() {
    for layer in [
        "BatchNormalization()",
        "LayerNormalization()",
        "GroupNormalization(groups=1)",
        "PReLU(shared_axes=[1, 2])",
    ] {
        agree(
            &format!("Input((480, 320, 3))\nRescaling(2, offset=-1)\n{layer}\nGlobalAveragePooling2D()\nDense(3)"),
            4,
            3,
        );
    }
}

#[test]
fn dense_layers_behind_many_inputs() {
    agree("Input((1100, 1100, 1))\nFlatten()\nDense(3)", 4, 3);
    agree("Input((1100, 1100, 1))\nFlatten()\nDense(16)\nDense(3)", 2, 3);
}

#[test]
fn dense_layers_over_many_positions() {
    agree(
        "Input((400, 400, 1))\nConv2D(4, 1, activation='relu')\nDense(2)\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
}

#[test]
fn many_classes() {
    agree("Input((6,))\nDense(40000)", 4, 40_000);
}

#[test]
fn softmax_over_many_channels() {
    agree("Input((6,))\nDense(70000, activation='softmax')\nDense(3)", 4, 3);
}

#[test]
fn long_rows_of_taps_compile_in_seconds() {
    agree(
        "Input((1, 400, 1))\nConv2D(3, (1, 128), activation='relu')\nConv2D(2, (1, 40))\nFlatten()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((80, 80, 2))\nConv2D(5, 70, padding='same')\nMaxPooling2D()\nGlobalAveragePooling2D()\nDense(3)",
        4,
        3,
    );
    agree(
        "Input((9, 90, 1))\nConv2D(3, 3, dilation_rate=(1, 30))\nFlatten()\nDense(3)",
        4,
        3,
    );
}

/// What cannot be cut is refused, not computed in part.
#[test]
fn what_a_driver_would_cut_short_is_refused() {
    let plan = plan("Input((400, 400, 1))\nAveragePooling2D(300)\nFlatten()\nDense(3)");
    let mut gpu = adapters()
        .into_iter()
        .next()
        .expect("a GPU, or Mesa's software Vulkan")
        .open()
        .unwrap();
    gpu.tiling = Tiling::of(DeviceClass::Software);
    let executor = WgpuExecutor::new(gpu, Arc::clone(&plan), 4, 4).unwrap();
    let error = executor.check_limits().unwrap_err().to_string();
    assert!(
        error.contains("average_pooling2d") && error.contains("65,535"),
        "{error}"
    );
}
