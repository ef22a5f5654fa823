//! What executors refuse: both are held to the same list, and to the same words.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use cnnc_runtime::data::{Pixels, Split};
use cnnc_runtime::error::RuntimeError;
use cnnc_runtime::executor::cpu::{CpuExecutor, Options};
use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set, Sums};
use compiler::plan::{Plan, TensorId};
use compiler::shape::Shape;
use std::sync::Arc;
use support::networks::{self, Case};
use support::{Draw, compare};

type Make = dyn Fn(Plan, usize) -> Result<Box<dyn Executor>, RuntimeError>;

fn cpu(plan: Plan, batch_size: usize) -> Result<Box<dyn Executor>, RuntimeError> {
    let options = Options {
        inspect: true,
        ..Options::default()
    };
    Ok(Box::new(CpuExecutor::with(plan, batch_size, batch_size, options)?))
}

fn wgpu(plan: Plan, batch_size: usize) -> Result<Box<dyn Executor>, RuntimeError> {
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    let gpu = adapter.open()?;
    Ok(Box::new(WgpuExecutor::new(
        gpu,
        Arc::new(plan),
        batch_size,
        batch_size,
    )?))
}

/// A case with an optimizer that has slots.
fn case() -> Case {
    let optimized = |case: &Case| {
        case.plan
            .optimizer
            .as_ref()
            .is_some_and(|optimizer| !optimizer.slots().is_empty())
    };
    networks::table().into_iter().find(optimized).expect("one has slots")
}

/// What a refused call says, without the device's name.
fn cause<T>(result: Result<T, RuntimeError>) -> String {
    match result {
        Err(RuntimeError::Device { cause, .. }) => cause,
        Err(other) => format!("another error: {other}"),
        Ok(_) => "not refused".to_owned(),
    }
}

/// Every call that does not fit, and what it is answered.
fn refusals(make: &Make) -> Vec<(&'static str, String)> {
    let case = case();
    let floats = case.plan.parameter_floats;
    let slots = case.plan.optimizer.as_ref().unwrap().slots().len();
    let split = Arc::new(compare::data(&case, 4, &mut Draw::new(1)));
    let other = Arc::new(Split {
        shape: Shape::map(27, 28, 1),
        pixels: Pixels::Floats(vec![0.0; 27 * 28]),
        labels: vec![0],
        targets: None,
    });
    let unlabelled = Arc::new(Split {
        labels: vec![0; 3],
        ..(*split).clone()
    });
    let go_on = &mut |_: &Sums| Flow::Continue;
    let steps = compare::steps;
    let mut answers = vec![("no batch", cause(make(case.plan.clone(), 0)))];

    let mut executor = make(case.plan.clone(), 2).unwrap();
    let mut note = |call, answer| answers.push((call, answer));
    note(
        "train on nothing",
        cause(executor.train(&[0], &steps(0.1, 1, 2), go_on)),
    );
    note("evaluate nothing", cause(executor.evaluate(Set::Test, &[0], go_on)));
    note("time nothing", cause(executor.step_times(1)));
    note("a tensor before a step", cause(executor.tensor(TensorId(0))));
    note("gradients before a step", cause(executor.gradients()));
    note("load another shape", cause(executor.load(Set::Train, &other)));
    note("load without labels", cause(executor.load(Set::Train, &unlabelled)));
    note("predict another shape", cause(executor.predict(&other)));
    note("predict without labels", cause(executor.predict(&unlabelled)));
    executor.load(Set::Train, &split).unwrap();
    note(
        "evaluate the other set",
        cause(executor.evaluate(Set::Test, &[0], go_on)),
    );
    executor.load(Set::Test, &split).unwrap();
    note("train in no order", cause(executor.train(&[], &[], go_on)));
    note("evaluate in no order", cause(executor.evaluate(Set::Test, &[], go_on)));
    note("train a fifth", cause(executor.train(&[4], &steps(0.1, 1, 2), go_on)));
    note("evaluate a fifth", cause(executor.evaluate(Set::Test, &[0, 4], go_on)));
    note(
        "a record missing",
        cause(executor.train(&[0, 1, 2], &steps(0.1, 2, 2), go_on)),
    );
    note(
        "a record of a longer batch",
        cause(executor.train(&[0], &steps(0.1, 2, 2), go_on)),
    );
    note("few parameters", cause(executor.set_parameters(&vec![0.0; floats - 1])));
    note(
        "many parameters",
        cause(executor.set_parameters(&vec![0.0; floats + 1])),
    );
    note(
        "few slots",
        cause(executor.set_slots(&vec![&*vec![0.0; floats]; slots - 1])),
    );
    note(
        "many slots",
        cause(executor.set_slots(&vec![&*vec![0.0; floats]; slots + 1])),
    );
    note(
        "short slots",
        cause(executor.set_slots(&vec![&*vec![0.0; floats - 1]; slots])),
    );

    // What fits is done all the same, and only then is there something to look at.
    let parameters = compare::parameters(&case.plan, &mut Draw::new(2));
    executor.set_parameters(&parameters).unwrap();
    executor.set_slots(&vec![&*vec![0.0; floats]; slots]).unwrap();
    let sums = executor.train(&[0, 1, 3], &steps(0.1, 3, 2), go_on).unwrap();
    assert_eq!((sums.steps, sums.samples), (2, 3));
    assert!(
        executor.parameters().unwrap() != parameters,
        "training moves parameters"
    );
    assert!(executor.tensor(TensorId(0)).is_ok() && executor.gradients().is_ok());
    let mut note = |call, answer| answers.push((call, answer));
    note(
        "no such tensor",
        cause(executor.tensor(TensorId(case.plan.training.tensors.len()))),
    );
    assert_eq!(
        executor.evaluate(Set::Test, &[0, 1], go_on).unwrap().samples,
        2,
        "evaluation"
    );
    assert_eq!(
        executor.predict(&split).unwrap().len(),
        4 * case.plan.output_shape.elements()
    );

    let plain = Plan {
        optimizer: None,
        training: compiler::plan::Program::default(),
        evaluation: compiler::plan::Program::default(),
        ..case.plan
    };
    let mut executor = make(plain, 2).unwrap();
    executor.load(Set::Train, &split).unwrap();
    note(
        "train uncompiled",
        cause(executor.train(&[0], &steps(0.1, 1, 2), go_on)),
    );
    note("evaluate uncompiled", cause(executor.evaluate(Set::Train, &[0], go_on)));
    answers
}

fn all_refused(answers: &[(&'static str, String)]) {
    for (call, answer) in answers {
        assert!(
            !answer.starts_with("not refused") && !answer.starts_with("another error"),
            "{call}: {answer}"
        );
    }
}

#[test]
fn the_cpu_refuses_what_does_not_fit() {
    let answers = refusals(&cpu);
    assert_eq!(answers.len(), 25);
    all_refused(&answers);
}

/// Needs a Vulkan, Metal or DX12 driver; a software one does.
#[test]
fn every_executor_refuses_in_the_same_words() {
    let answers = refusals(&wgpu);
    all_refused(&answers);
    assert_eq!(answers, refusals(&cpu));
}
