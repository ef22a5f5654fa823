//! The wgpu executor against the float64 reference, tensor by tensor, over every geometry of the table and the tiles of
//! every class of device, with poison past the end of every buffer that an unchecked kernel touches. Needs a Vulkan, Metal
//! or DX12 driver; a software one does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]

mod support;

use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set};
use compiler::launch::{DeviceClass, Tiling};
use compiler::plan::Plan;
use std::sync::Arc;
use support::{Draw, compare, networks, reference};

fn executor(plan: &Plan, batch_size: usize, class: DeviceClass) -> WgpuExecutor {
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    let mut gpu = adapter.open().unwrap();
    gpu.tiling = Tiling::of(class);
    gpu.guarded = true;
    WgpuExecutor::new(gpu, Arc::new(plan.clone()), batch_size, batch_size).unwrap()
}

fn all_agree(class: DeviceClass) {
    for case in networks::table() {
        let error = compare::agrees(&case, &|plan, batch| Box::new(executor(plan, batch, class)));
        eprintln!("{:10.1e} {}", error, case.name);
    }
}

/// Each operation of a step is timed, once, by whichever clock there is.
#[test]
fn a_step_is_timed_operation_by_operation() {
    let case = networks::table().into_iter().next().unwrap();
    let mut executor = executor(&case.plan, 4, DeviceClass::Software);
    let split = Arc::new(compare::data(&case, 4, &mut Draw::new(1)));
    executor.load(Set::Train, &split).unwrap();
    let times = executor.step_times(3).unwrap();
    let timed: Vec<usize> = times.operations.iter().map(|&(operation, _)| operation).collect();
    let all: Vec<usize> = (0..case.plan.training.operations.len()).collect();
    assert_eq!(timed, all);
    assert!(
        times
            .operations
            .iter()
            .all(|&(_, seconds)| (0.0..10.0).contains(&seconds))
    );
    assert!(times.operations.iter().map(|&(_, seconds)| seconds).sum::<f64>() > 1e-6);
}

#[test]
fn every_geometry_agrees_with_the_reference_on_software_tiles() {
    all_agree(DeviceClass::Software);
}

/// Heads have an entry point of their own for it, as losses have; penalties are those of the batches. The last batch is padded, and so is its last quad.
#[test]
fn evaluation_of_heads_and_losses_agrees_with_the_reference() {
    let kinds = ["head ", "loss ", "activity ", "L1"];
    let compared = |case: &networks::Case| case.name.ends_with("on a map") || case.name.ends_with("on a row");
    let ends = |case: &networks::Case| compared(case) || kinds.iter().any(|kind| case.name.starts_with(kind));
    for case in networks::table().into_iter().filter(ends) {
        let mut draw = Draw::new(case.name.len() as u64);
        let split = Arc::new(compare::data(&case, 70, &mut draw));
        let parameters = compare::parameters(&case.plan, &mut draw);
        let order: Vec<u32> = (0..70).collect();
        let (loss, correct) = compare::judged(&case.plan, &parameters, &split, &order, 33);
        for class in [DeviceClass::Software, DeviceClass::Discrete] {
            let mut executor = executor(&case.plan, 33, class);
            executor.load(Set::Test, &split).unwrap();
            executor.set_parameters(&parameters).unwrap();
            let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
            assert_eq!((sums.samples, sums.steps), (70, 3), "{}", case.name);
            let error = (sums.loss - loss).abs() / loss.max(0.01);
            assert!(error < 2e-5, "{}, {class:?}: {error:.1e}", case.name);
            // Shares of positions are added in f32.
            assert!((sums.correct - correct).abs() < 1e-5 * 70.0, "{}, {class:?}", case.name);
        }
    }
}

/// Kernels that were compiled before there was data are those that train.
#[test]
fn what_was_prepared_trains_to_the_same_bits() {
    let case = networks::table().pop().unwrap();
    let mut draw = Draw::new(3);
    let split = Arc::new(compare::data(&case, 12, &mut draw));
    let parameters = compare::parameters(&case.plan, &mut draw);
    let order: Vec<u32> = (0..12).rev().collect();
    let trained = [false, true].map(|prepare| {
        let mut executor = executor(&case.plan, 4, DeviceClass::Software);
        if prepare {
            executor.prepare().unwrap();
        }
        executor.load(Set::Train, &split).unwrap();
        executor.set_parameters(&parameters).unwrap();
        executor
            .train(&order, &compare::steps(0.01, 12, 4), &mut |_| Flow::Continue)
            .unwrap();
        executor.parameters().unwrap()
    });
    assert!(trained[0] == trained[1] && trained[0] != parameters);
}

/// A data set that goes up in several pieces is whole on the device.
#[test]
fn a_large_data_set_arrives_whole() {
    let name = "head 5184 -> 10 bias true from_logits true";
    let case = networks::table().into_iter().find(|case| case.name == name).unwrap();
    let mut draw = Draw::new(5);
    // 25 MB, of floats.
    let split = Arc::new(compare::data(&case, 1200, &mut draw));
    let parameters = compare::parameters(&case.plan, &mut draw);
    let mut executor = executor(&case.plan, 32, DeviceClass::Software);
    executor.load(Set::Test, &split).unwrap();
    executor.set_parameters(&parameters).unwrap();
    // From the first to the last, across the ends of all pieces.
    let order: Vec<u32> = (0..1200).step_by(37).chain([1199]).collect();
    let expected = reference::run(
        &case.plan.evaluation,
        &case.plan.input_shape,
        &compare::widen(&parameters),
        &compare::batch(&split, &order),
    );
    let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
    let error = (sums.loss - expected.loss).abs() / expected.loss.max(0.01);
    assert!(error < 2e-5, "{error:.1e}");
    assert_eq!(sums.correct, expected.correct);
}

#[test]
fn every_geometry_agrees_with_the_reference_on_discrete_tiles() {
    all_agree(DeviceClass::Discrete);
}
