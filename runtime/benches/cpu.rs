//! Where a training step's time goes on the CPU, for the unit's three networks: microseconds, GFLOP/s and the share of
//! the multiply-adds that the machine can do at all. `cargo bench -p cnnc-runtime --bench cpu -- [THREADS [BATCH]]`
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unused_self
)]

#[path = "../tests/support/networks.rs"]
mod networks;
#[path = "../tests/support/programs.rs"]
mod programs;

/// What `programs` takes from the tests' support.
mod reference {
    pub fn padded(width: usize) -> usize {
        width.next_multiple_of(4)
    }
}

use cnnc_runtime::data::{Pixels, Split};
use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options, peak};
use cnnc_runtime::executor::{Executor, Flow, Set};
use cnnc_runtime::train::initial_parameters;
use compiler::plan::{Kind, Plan};
use std::sync::Arc;
use std::time::Instant;

/// Steps between two looks at the clock that are compared: the fastest counts, since other programs only slow down.
const STEPS: usize = 20;
const REPEATS: usize = 200;

fn main() {
    // Cargo adds flags of its own.
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (threads, batch) = (
        numbers.first().copied().unwrap_or(cores),
        numbers.get(1).copied().unwrap_or(32),
    );
    for instructions in Instructions::available() {
        let peak = peak(instructions, threads) / 1e9;
        println!(
            "{}: {threads} threads, batch {batch}, peak {peak:.0} GFLOP/s",
            instructions.name()
        );
        for (name, plan, samples) in [
            ("one layer", networks::one_layer(), 60_000),
            ("pyramid", networks::pyramid(), 60_000),
            ("LeNet", networks::lenet(), 50_000),
        ] {
            measure(name, plan, samples, instructions, threads, batch, peak);
        }
    }
}

fn measure(
    name: &str,
    plan: Plan,
    samples: usize,
    instructions: Instructions,
    threads: usize,
    batch: usize,
    peak: f64,
) {
    let plan = Arc::new(plan);
    let options = Options {
        threads: Some(threads),
        instructions: Some(instructions),
        inspect: false,
    };
    let mut executor = CpuExecutor::with(Arc::clone(&plan), batch, batch, options).expect("a batch is not empty");
    // Pictures of any content take the same time.
    let pictures = 10_000;
    let split = Arc::new(Split {
        shape: plan.input_shape.clone(),
        pixels: Pixels::Bytes(
            (0..pictures * plan.input_shape.elements())
                .map(|index| (index % 251) as u8)
                .collect(),
        ),
        labels: (0..pictures as u32).map(|picture| picture % 10).collect(),
    });
    executor
        .load(Set::Train, &split)
        .expect("the pictures are the network's");
    executor
        .set_parameters(&initial_parameters(&plan, 1))
        .expect("the parameters are the network's");
    let order: Vec<u32> = (0..samples as u32)
        .map(|sample| sample.wrapping_mul(7919) % pictures as u32)
        .collect();
    let rates = vec![[1e-5; 2]; samples.div_ceil(batch)];

    let mut epoch = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        executor
            .train(&order, &rates, &mut |_| Flow::Continue)
            .expect("the order names pictures");
        epoch = epoch.min(start.elapsed().as_secs_f64());
    }
    let mut operations = vec![f64::INFINITY; plan.training.operations.len()];
    let (mut waiting, mut total) = (f64::INFINITY, f64::INFINITY);
    let chunk = (STEPS * batch).min(order.len());
    for repeat in 0..REPEATS {
        let start = repeat * chunk % (order.len() - chunk + 1);
        let profile = executor
            .profile(&order[start..start + chunk], &rates)
            .expect("the order names pictures");
        for (operation, seconds) in profile.operations {
            operations[operation] = operations[operation].min(seconds);
        }
        (waiting, total) = (waiting.min(profile.waiting), total.min(profile.total));
    }
    let work: f64 = plan
        .training
        .operations
        .iter()
        .map(|operation| flops(&operation.kind))
        .sum();
    let reached = work * samples as f64 / epoch / 1e9;
    println!(
        "\n{name}: {epoch:.3} s an epoch of {samples}, {reached:.0} GFLOP/s, {:.0} % of peak",
        100.0 * reached / peak
    );
    let steps = chunk as f64 / batch as f64;
    for (operation, seconds) in plan.training.operations.iter().zip(operations) {
        // The first worker does its share of the batch.
        let reached = flops(&operation.kind) * chunk as f64 / seconds / 1e9;
        let share = 100.0 * reached / peak;
        println!(
            "  {:20} {:8.1} us {reached:6.0} GFLOP/s {share:4.0} %",
            operation_name(&operation.kind),
            seconds / steps * 1e6
        );
    }
    println!("  {:20} {:8.1} us", "waiting", waiting / steps * 1e6);
    println!("  {:20} {:8.1} us", "a step", total / steps * 1e6);
}

/// Floating-point operations of one sample in what is a matrix product at heart.
fn flops(kind: &Kind) -> f64 {
    match kind {
        Kind::Convolution { geometry, .. }
        | Kind::ConvolutionDkernel { geometry, .. }
        | Kind::ConvolutionDinput { geometry, .. } => {
            let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
            let taps = geometry.in_channels * vertical.size * horizontal.size;
            (2 * taps * geometry.out_channels * vertical.output * horizontal.output) as f64
        }
        Kind::Dense { geometry, .. } | Kind::DenseDkernel { geometry, .. } | Kind::DenseDinput { geometry, .. } => {
            (2 * geometry.inputs * geometry.units * geometry.positions) as f64
        }
        Kind::Gather { .. }
        | Kind::Activation { .. }
        | Kind::ActivationBackward { .. }
        | Kind::Softmax { .. }
        | Kind::SoftmaxBackward { .. }
        | Kind::Pool { .. }
        | Kind::PoolBackward { .. }
        | Kind::GlobalPool { .. }
        | Kind::GlobalPoolBackward { .. }
        | Kind::Add { .. }
        | Kind::Copy { .. }
        | Kind::Transpose { .. }
        | Kind::Loss { .. }
        | Kind::Update => 0.0,
    }
}

fn operation_name(kind: &Kind) -> String {
    let debug = format!("{kind:?}");
    debug.split([' ', '{']).next().unwrap_or_default().to_owned()
}
