//! An executor against the float64 reference, operation by operation: what `cnnc verify` does on the user's own device.
//!
//! Each operation's reference is given what the executor itself had for input, so that an error stays with the operation
//! that made it, and a maximum or a relu that falls otherwise in `f64` does not spread.

use crate::data::{Pixels, Split};
use crate::error::RuntimeError;
use crate::executor::{Executor, Flow, Set};
use crate::reference::{self, Batch, Outcome};
use crate::train;
use compiler::host::step::StepRecord;
use compiler::ops::{Access, Op};
use compiler::plan::{Plan, Program, TensorId, TensorKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Samples of the executor's batch: a full vector of four, and one that is padded.
pub const BATCH: usize = 5;

/// Samples of the two steps that are checked; the second one is padded, and has what the first left.
const STEPS: [usize; 2] = [BATCH, 3];

/// Of one operation, relative to the largest value of what it makes.
const OF_AN_OPERATION: f64 = 5e-5;

/// Of a whole network, where the errors of its operations come together.
const OF_A_NETWORK: f64 = 2e-3;

/// Of a slope, relative to what the gradient's elements contribute to it.
const OF_A_SLOPE: f64 = 5e-3;

/// The key of every step's random numbers.
const KEY: [u32; 2] = [0x243f_6a88, 0x85a3_08d3];

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The operation, as the plan names it, or what is asked of the network as a whole.
    pub operation: &'static str,
    /// The tensor or the variable.
    pub what: String,
    /// How far it is off, relative to the largest value; infinite where it is no number.
    pub error: f64,
    /// The most that single precision explains.
    pub allowed: f64,
}

impl Check {
    /// Whether it is right. What is no number is not.
    pub fn passes(&self) -> bool {
        self.error <= self.allowed
    }
}

/// Compares what two training steps, an evaluation and a prediction leave with the reference, gradients with differences, and a
/// second run's bits with the first's. The plan's tensors have memory of their own (`Sharing::Separate`); `make` gives
/// an executor of it for batches of [`BATCH`] samples.
///
/// # Errors
/// When the executor fails.
pub fn verify<E: From<RuntimeError>>(
    plan: &Plan,
    make: &mut dyn FnMut() -> Result<Box<dyn Executor>, E>,
) -> Result<Vec<Check>, E> {
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    let split = Arc::new(samples(plan, &mut draw));
    let parameters = parameters(plan, &mut draw);
    let mut checks = Vec::new();
    let mut bits = Vec::new();
    for again in [false, true] {
        let mut executor = make()?;
        executor.set_parameters(&parameters)?;
        let mut left = Vec::new();
        if plan.optimizer.is_some() {
            executor.load(Set::Train, &split)?;
            executor.load(Set::Test, &split)?;
            for (step, size) in STEPS.into_iter().enumerate() {
                let order: Vec<u32> = (0..size as u32)
                    .map(|at| (at * 2 + step as u32) % BATCH as u32)
                    .collect();
                let checked = (!again).then_some(&mut checks);
                self::step(plan, executor.as_mut(), (&split, &order), step as u64 + 1, checked)?;
            }
            left.extend(executor.slots()?.concat());
            let order: Vec<u32> = (0..BATCH as u32).chain([1, 3]).collect();
            let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue)?;
            left.push(sums.loss as f32);
            if !again {
                let trained = widen(&executor.parameters()?);
                let expected = reference::run(&plan.evaluation, &plan.input_shape, &trained, &batch(&split, &order));
                checks.push(Check {
                    operation: "evaluation",
                    what: "loss".to_owned(),
                    error: error(&[sums.loss], &[expected.loss]),
                    allowed: OF_A_NETWORK,
                });
            }
        }
        left.extend(executor.parameters()?);
        let output = executor.predict(&split)?;
        if !again {
            checks.extend(prediction(plan, &executor.parameters()?, &split, &output));
        }
        left.extend(output);
        bits.push(left.into_iter().map(f32::to_bits).collect::<Vec<u32>>());
    }
    checks.push(Check {
        operation: "repetition",
        what: "the same bits twice".to_owned(),
        error: if bits.first() == bits.last() {
            0.0
        } else {
            f64::INFINITY
        },
        allowed: 0.0,
    });
    Ok(checks)
}

/// Trains a step and, the first time, compares all that it leaves.
fn step(
    plan: &Plan,
    executor: &mut dyn Executor,
    (split, order): (&Split, &[u32]),
    step: u64,
    checks: Option<&mut Vec<Check>>,
) -> Result<(), RuntimeError> {
    let Some(optimizer) = &plan.optimizer else {
        return Ok(());
    };
    let before = widen(&executor.parameters()?);
    let mut slots: Vec<Vec<f64>> = executor.slots()?.iter().map(|slot| widen(slot)).collect();
    let records = [StepRecord::new(optimizer, step, order.len(), KEY)];
    let sums = executor.train(order, &records, &mut |_| Flow::Continue)?;
    let Some(checks) = checks else { return Ok(()) };

    let batch = batch(split, order);
    let found = tensors(&plan.training, executor, order.len())?;
    let expected = operations(plan, &before, &batch, &found, checks);
    for (what, found, expected) in [
        ("loss", sums.loss, expected.loss),
        ("right answers", sums.correct, expected.correct),
    ] {
        checks.push(Check {
            operation: "training step",
            what: what.to_owned(),
            error: error(&[found], &[expected]),
            allowed: OF_AN_OPERATION,
        });
    }

    let gradients = widen(&executor.gradients()?);
    let mut clipped = expected.gradients.clone();
    reference::clip(optimizer, &plan.parameters, &mut clipped);
    for instruction in &plan.training.operations {
        for range in instruction.op.gradients() {
            let own = range.offset..range.offset + range.floats;
            let mut found = gradients[own.clone()].to_vec();
            spoil(&instruction.op, &mut found);
            checks.push(Check {
                operation: reference::name(&instruction.op),
                what: format!("gradient of {}", variable(plan, range.offset)),
                error: error(&found, &clipped[own]),
                allowed: OF_AN_OPERATION,
            });
        }
    }
    if step == 1 {
        // What the optimizer is given is clipped; the slopes of the loss are not.
        let whole = optimizer.options.clipping.is_none();
        slopes(
            plan,
            &before,
            &batch,
            if whole { &gradients } else { &expected.gradients },
            checks,
        );
    }

    let mut after = before.clone();
    reference::update(optimizer, step, &mut after, &mut slots, &gradients);
    for parameter in plan.parameters.iter().filter(|parameter| !parameter.trainable) {
        let own = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        after[own.clone()].copy_from_slice(&before[own]);
    }
    for &(at, moved) in &expected.states {
        after[at] = moved;
    }
    updated(plan, executor, &after, &slots, checks)
}

/// The variables and the optimizer's slots after a step.
fn updated(
    plan: &Plan,
    executor: &mut dyn Executor,
    after: &[f64],
    slots: &[Vec<f64>],
    checks: &mut Vec<Check>,
) -> Result<(), RuntimeError> {
    let found = widen(&executor.parameters()?);
    let kept = executor.slots()?;
    let update = plan
        .training
        .operations
        .last()
        .map_or("Update", |last| reference::name(&last.op));
    for parameter in &plan.parameters {
        let own = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        checks.push(Check {
            operation: update,
            what: parameter.name.clone(),
            error: error(&found[own.clone()], &after[own.clone()]),
            allowed: OF_AN_OPERATION,
        });
        if !parameter.trainable {
            continue;
        }
        for (kept, expected) in kept.iter().zip(slots) {
            checks.push(Check {
                operation: update,
                what: format!("what the optimizer keeps of {}", parameter.name),
                error: error(&widen(&kept[own.clone()]), &expected[own.clone()]),
                allowed: OF_AN_OPERATION,
            });
        }
    }
    Ok(())
}

/// What the executor's step left in each tensor, without the padding; nothing of one that no operation writes.
fn tensors(program: &Program, executor: &mut dyn Executor, samples: usize) -> Result<Vec<Vec<f64>>, RuntimeError> {
    let written = |id: usize| {
        program
            .operations
            .iter()
            .any(|instruction| instruction.op.writes(TensorId(id)))
    };
    (0..program.tensors.len())
        .map(|id| {
            if !written(id) {
                return Ok(Vec::new());
            }
            let columns = executor.tensor(TensorId(id))?;
            Ok(columns
                .chunks_exact(BATCH)
                .flat_map(|row| widen(&row[..samples]))
                .collect())
        })
        .collect()
}

/// Each operation's tensors, from the executor's own inputs; gives the gradients and sums that the reference makes of them.
fn operations(plan: &Plan, before: &[f64], batch: &Batch, found: &[Vec<f64>], checks: &mut Vec<Check>) -> Outcome {
    let program = &plan.training;
    // Several operations may make an output together: it is whole after the last of them.
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, instruction) in program.operations.iter().enumerate() {
        for (id, access) in instruction.op.accesses() {
            if access == Access::Write {
                last.insert(id.0, index);
            }
        }
    }
    let labels = program.labels();
    reference::run_watched(program, &plan.input_shape, before, batch, &mut |index, outcome| {
        let op = &program.operations[index].op;
        for (&id, _) in last.iter().filter(|&(_, &at)| at == index) {
            // What a head makes besides its gradient is in no tensor.
            if outcome.tensors[id].is_empty() {
                continue;
            }
            let mut made = found[id].clone();
            spoil(op, &mut made);
            let codes = program.tensors[id].kind == TensorKind::Codes;
            let expected = &outcome.tensors[id];
            let (error, allowed) = if codes {
                (
                    other_codes(op, outcome, id, &made, found),
                    1.0 + made.len() as f64 / 1000.0,
                )
            } else {
                (error(&made, expected), OF_AN_OPERATION)
            };
            checks.push(Check {
                operation: reference::name(op),
                what: labels[id].clone(),
                error,
                allowed,
            });
            outcome.tensors[id].clone_from(&found[id]);
        }
    })
}

/// How many codes are other ones. Behind a relu that is closed in the whole window, any does; and two values that are the same
/// in single precision may change places, so that a few may.
fn other_codes(op: &Op, outcome: &Outcome, id: usize, made: &[f64], found: &[Vec<f64>]) -> f64 {
    let output = match op {
        Op::Convolution(convolution) if convolution.relu => Some(&found[convolution.output.0]),
        _ => None,
    };
    let others = made
        .iter()
        .zip(&outcome.tensors[id])
        .enumerate()
        .filter(|&(at, (made, expected))| {
            (made - expected).abs() > 0.5
                && output
                    .and_then(|output| output.get(at))
                    .is_none_or(|&value| value > 0.0)
        });
    others.count() as f64
}

/// The loss along a random direction of each variable, against the gradient.
fn slopes(plan: &Plan, parameters: &[f64], batch: &Batch, gradients: &[f64], checks: &mut Vec<Check>) {
    let forward = forward(&plan.training);
    let samples = batch.pictures.len() as f64;
    let mut draw = Draw(0x2545_F491_4F6C_DD1D);
    for parameter in plan.parameters.iter().filter(|parameter| parameter.trainable) {
        let width = parameter.shape.last().copied().unwrap_or(1).max(1);
        let padded = reference::padded(width);
        let direction: Vec<f64> = (0..parameter.range.floats)
            .map(|at| if at % padded < width { draw.number() } else { 0.0 })
            .collect();
        let along = |h: f64| {
            let mut moved = parameters.to_vec();
            for (value, d) in moved[parameter.range.offset..].iter_mut().zip(&direction) {
                *value += h * d;
            }
            reference::run(&forward, &plan.input_shape, &moved, batch).loss / samples
        };
        let own = &gradients[parameter.range.offset..][..parameter.range.floats];
        let parts = || own.iter().zip(&direction).map(|(g, d)| g * d);
        let scale = parts().map(|part| part * part).sum::<f64>().sqrt().max(1e-6);
        let [wide, narrow] = [1e-6, 3e-7].map(|h| (along(h) - along(-h)) / (2.0 * h));
        // Two widths disagree at a kink, of which the direction says nothing.
        if (wide - narrow).abs() > OF_A_SLOPE / 5.0 * scale {
            continue;
        }
        checks.push(Check {
            operation: "slopes",
            what: parameter.name.clone(),
            error: match (narrow - parts().sum::<f64>()).abs() / scale {
                error if error.is_nan() => f64::INFINITY,
                error => error,
            },
            allowed: OF_A_SLOPE,
        });
    }
}

/// The program as far as the loss.
fn forward(program: &Program) -> Program {
    let mut forward = program.clone();
    let loss = |op: &Op| matches!(reference::name(op), "Loss" | "Head");
    if let Some(at) = program.operations.iter().position(|instruction| loss(&instruction.op)) {
        forward.operations.truncate(at + 1);
    }
    forward
}

/// The network's output, in Keras's order.
fn prediction(plan: &Plan, parameters: &[f32], split: &Split, output: &[f32]) -> Option<Check> {
    let id = plan.prediction.output?;
    let order: Vec<u32> = (0..split.len() as u32).collect();
    let expected = reference::run(
        &plan.prediction,
        &plan.input_shape,
        &widen(parameters),
        &batch(split, &order),
    );
    let tensor = &plan.prediction.tensors[id.0];
    let (channels, positions, samples) = (tensor.channels, tensor.positions, split.len());
    let columns = &expected.tensors[id.0];
    let keras: Vec<f64> = (0..samples)
        .flat_map(|s| (0..positions).map(move |p| (s, p)))
        .flat_map(|(s, p)| (0..channels).map(move |c| columns[(c * positions + p) * samples + s]))
        .collect();
    Some(Check {
        operation: "prediction",
        what: "output".to_owned(),
        error: error(&widen(output), &keras),
        allowed: OF_A_NETWORK,
    })
}

/// The name of the variable that lies there.
fn variable(plan: &Plan, offset: usize) -> &str {
    let mut parameters = plan.parameters.iter();
    parameters
        .find(|parameter| (parameter.range.offset..parameter.range.offset + parameter.range.floats).contains(&offset))
        .map_or("?", |parameter| parameter.name.as_str())
}

fn samples(plan: &Plan, draw: &mut Draw) -> Split {
    let classes = plan.output_shape.elements().max(1) as u64;
    Split {
        shape: plan.input_shape.clone(),
        pixels: Pixels::Floats(
            (0..plan.input_shape.elements() * BATCH)
                .map(|_| draw.number() as f32)
                .collect(),
        ),
        labels: (0..BATCH).map(|_| draw.below(classes) as u32).collect(),
    }
}

/// As training begins, but nothing is constant: a bias of zeros would hide that it is not added.
fn parameters(plan: &Plan, draw: &mut Draw) -> Vec<f32> {
    let mut all = train::initial_parameters(plan, 1);
    for parameter in &plan.parameters {
        let own = &mut all[parameter.range.offset..][..parameter.range.floats];
        let width = parameter.shape.last().copied().unwrap_or(1).max(1);
        let first = own.first().copied().unwrap_or(0.0);
        let padded = reference::padded(width);
        if own
            .chunks(padded)
            .all(|row| row.iter().take(width).all(|value| value.to_bits() == first.to_bits()))
        {
            for row in own.chunks_mut(padded) {
                row.iter_mut()
                    .take(width)
                    .for_each(|value| *value += 0.2 * draw.number() as f32);
            }
        }
    }
    all
}

fn batch(split: &Split, order: &[u32]) -> Batch {
    let size = split.shape.elements();
    let pictures = order.iter().map(|&sample| match &split.pixels {
        Pixels::Floats(floats) => widen(&floats[sample as usize * size..][..size]),
        Pixels::Bytes(bytes) => bytes[sample as usize * size..][..size]
            .iter()
            .map(|&byte| f64::from(f32::from(byte) / 255.0))
            .collect(),
    });
    Batch {
        pictures: pictures.collect(),
        labels: order.iter().map(|&sample| split.labels[sample as usize]).collect(),
        key: KEY,
    }
}

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// The largest difference, relative to the largest expected value.
fn error(found: &[f64], expected: &[f64]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    let scale = expected
        .iter()
        .fold(1e-6_f64, |largest, value| largest.max(value.abs()));
    let differences = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (found - expected).abs() / scale);
    differences.fold(0.0, |worst: f64, error| {
        if error.is_nan() {
            f64::INFINITY
        } else {
            worst.max(error)
        }
    })
}

/// A small generator of test data (xorshift64*): the same numbers on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % limit
    }

    /// Between -1 and 1, exact in `f32`.
    fn number(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0
    }
}

/// A wrong value on purpose, for tests: what the operation that `CNNC_TEST_WRONG_KERNEL` names makes is off by a tenth of
/// a per cent at its first element. A release build has none of this.
#[cfg(debug_assertions)]
fn spoil(op: &Op, values: &mut [f64]) {
    let wrong = std::env::var("CNNC_TEST_WRONG_KERNEL");
    if wrong.is_ok_and(|name| name == reference::name(op)) {
        let scale = values.iter().fold(1e-6_f64, |largest, value| largest.max(value.abs()));
        values.iter_mut().take(1).for_each(|value| *value += scale / 1000.0);
    }
}

/// A release build spoils nothing.
#[cfg(not(debug_assertions))]
const fn spoil(_: &Op, _: &mut [f64]) {}
