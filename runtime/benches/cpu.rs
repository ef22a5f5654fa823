//! The CPU executor's kernels over the geometries of the carried networks, for each instruction set that this machine has.
//!
//! `cargo bench -p cnnc-runtime --bench cpu [-- FILTER]`, for instance `-- 'lenet.*dkernel/AVX-512'`. A measurement is one
//! operation of a training step of 32 samples on one thread, timed where it runs, between its neighbours: its data lies in
//! the caches as in training. `elem/s` are floating-point operations a second, two a multiply-add; of operations that have
//! none, numbers that they make. The group `step` is whole steps, on one thread and on all cores.
#![allow(missing_docs, clippy::unwrap_used)]

use cnnc_runtime::data::{Pixels, Split};
use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options};
use cnnc_runtime::executor::{Executor, Flow, Set};
use cnnc_runtime::train::initial_parameters;
use compiler::host::step::StepRecord;
use compiler::ops::{Access, Op};
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::plan::work;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BATCH: usize = 32;
const PICTURES: usize = 4096;

const NETWORKS: [(&str, &str); 4] = [
    ("onelayer", include_str!("../../specs/mnist_onelayer.cnn")),
    ("pyramid", include_str!("../../specs/mnist_pyramid.cnn")),
    ("average", include_str!("../../specs/mnist_pyramid_average.cnn")),
    ("lenet", include_str!("../../specs/lenet.cnn")),
];

fn plan(text: &str) -> Arc<Plan> {
    let source = grammar::decode("bench.cnn", text.as_bytes()).unwrap();
    let (network, _) = compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
    Arc::new(compiler::plan_of(&network, Sharing::Shared))
}

fn executor(plan: &Arc<Plan>, instructions: Instructions, threads: usize) -> CpuExecutor {
    let options = Options {
        threads: Some(threads),
        instructions: Some(instructions),
        inspect: false,
        layout: None,
    };
    let mut executor = CpuExecutor::with(Arc::clone(plan), BATCH, BATCH, options).unwrap();
    // Pictures of any content take the same time.
    let values = PICTURES * plan.input_shape.elements();
    let split = Split {
        shape: plan.input_shape.clone(),
        pixels: Pixels::Bytes((0..values).map(|index| (index % 251) as u8).collect()),
        labels: (0..PICTURES as u32).map(|picture| picture % 10).collect(),
        targets: None,
    };
    executor.load(Set::Train, &Arc::new(split)).unwrap();
    executor.set_parameters(&initial_parameters(plan, 1)).unwrap();
    executor
}

/// The pictures of so many steps, far apart as after a shuffle, with a rate that leaves the parameters finite.
fn steps(count: u64) -> (Vec<u32>, Vec<StepRecord>) {
    let samples = 0..count as u32 * BATCH as u32;
    let order = samples.map(|sample| sample.wrapping_mul(7919) % PICTURES as u32);
    let step = StepRecord {
        learning_rate: 1e-6,
        step_size: 1e-6,
        ..StepRecord::idle(BATCH)
    };
    (order.collect(), vec![step; count as usize])
}

/// What an operation makes in a step: floating-point operations, or else numbers.
fn made(plan: &Plan, op: &Op) -> u64 {
    let flop = 2 * op.macs() * BATCH as u64;
    if flop > 0 {
        return flop;
    }
    let written = op
        .accesses()
        .into_iter()
        .filter(|(_, access)| *access == Access::Write)
        .map(|(tensor, _)| plan.training.tensors[tensor.0].elements());
    match written.sum::<usize>() {
        0 => plan.parameter_floats as u64,
        numbers => (numbers * BATCH) as u64,
    }
}

fn operations(criterion: &mut Criterion) {
    for (name, text) in NETWORKS {
        let plan = plan(text);
        for instructions in Instructions::available() {
            let mut executor = executor(&plan, instructions, 1);
            for (index, operation) in plan.training.operations.iter().enumerate() {
                let what = format!("{name}/{index:02} {} {}", operation.layer, operation.op.name());
                let mut group = criterion.benchmark_group(what);
                group.throughput(Throughput::Elements(made(&plan, &operation.op)));
                group.bench_function(BenchmarkId::from_parameter(instructions.name()), |bencher| {
                    bencher.iter_custom(|count| {
                        let (order, records) = steps(count);
                        let profile = executor.profile(&order, &records).unwrap();
                        let (_, seconds) = profile.operations.iter().find(|(at, _)| *at == index).unwrap();
                        Duration::from_secs_f64(*seconds)
                    });
                });
                group.finish();
            }
        }
    }
}

fn whole_steps(criterion: &mut Criterion) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for (name, text) in NETWORKS {
        let plan = plan(text);
        let mut group = criterion.benchmark_group(format!("step/{name}"));
        group.throughput(Throughput::Elements(work::flops(&plan.training) * BATCH as u64));
        for instructions in Instructions::available() {
            for threads in if cores == 1 { vec![1] } else { vec![1, cores] } {
                let mut executor = executor(&plan, instructions, threads);
                group.bench_function(BenchmarkId::new(instructions.name(), threads), |bencher| {
                    bencher.iter_custom(|count| {
                        let (order, records) = steps(count);
                        let start = Instant::now();
                        executor.train(&order, &records, &mut |_| Flow::Continue).unwrap();
                        start.elapsed()
                    });
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(300));
    targets = operations, whole_steps
}
criterion_main!(benches);
