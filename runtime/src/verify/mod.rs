//! Compares an executor with the float64 reference, operation by operation: what `cnnc verify` does on the user's own device.
//!
//! Each operation's reference is given what the executor itself had for input, so that an error stays with the operation
//! that made it, and a maximum or a relu that falls otherwise in `f64` does not spread.

mod check;
mod inputs;
mod progress;
mod slopes;
mod spoil;

pub use check::Check;
pub use inputs::BATCH;

use crate::data::Split;
use crate::error::RuntimeError;
use crate::executor::{Executor, Flow, Set, Sums, slices};
use crate::reference::{self, Batch, Outcome};
use check::{OF_A_NETWORK, OF_AN_OPERATION, error, error_of, largest, widen};
use compiler::host::penalty;
use compiler::host::step::StepRecord;
use compiler::ops::{Access, Op};
use compiler::plan::{Parameter, Plan, Program, TensorId, TensorKind};
use inputs::{Draw, KEY, batch, parameters, samples};
use progress::Progress;
use slopes::slopes;
use spoil::spoil;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many samples the two steps have that are checked; the second one is padded, and starts from what the first left.
const STEPS: [usize; 2] = [BATCH, 3];
/// How many samples are evaluated, in two batches.
const EVALUATED: usize = BATCH + 2;

/// Compares with the reference what two training steps, an evaluation and a prediction leave, compares gradients with finite
/// differences, and the bits of a second run with those of the first. The plan's tensors must not share memory
/// (`Sharing::Separate`); the executor is for batches of [`BATCH`] samples. `progress` is called after each of the
/// [`reference_operations`] that the reference computes.
///
/// # Errors
/// When the executor fails.
pub fn verify(
    plan: &Plan,
    executor: &mut dyn Executor,
    progress: &mut dyn FnMut(),
) -> Result<Vec<Check>, RuntimeError> {
    let mut progress = Progress(progress);
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    let split = Arc::new(samples(plan, &mut draw));
    let parameters = parameters(plan, &mut draw);
    let slots = executor.slots()?;
    let mut checks = Vec::new();
    let mut bits = Vec::new();
    for again in [false, true] {
        executor.set_parameters(&parameters)?;
        executor.set_slots(&slices(&slots))?;
        let mut left = Vec::new();
        if plan.optimizer.is_some() {
            executor.load(Set::Train, &split)?;
            executor.load(Set::Test, &split)?;
            for (step, size) in STEPS.into_iter().enumerate() {
                let order: Vec<u32> = (0..size as u32)
                    .map(|at| (at * 2 + step as u32) % BATCH as u32)
                    .collect();
                let checked = (!again).then_some((&mut checks, &mut progress));
                self::step(plan, executor, (&split, &order), step as u64 + 1, checked)?;
            }
            left.extend(executor.slots()?.concat());
            let order: Vec<u32> = (0..BATCH as u32).cycle().take(EVALUATED).collect();
            let sums = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue)?;
            left.push(sums.loss as f32);
            left.extend(sums.counters.iter().map(|&sum| sum as f32));
            if !again {
                let trained = widen(&executor.parameters()?);
                let mut loss = |order: &[u32]| {
                    progress
                        .run(plan, &plan.evaluation, &trained, &batch(&split, order))
                        .loss
                };
                let expected: f64 = order.chunks(BATCH).map(&mut loss).sum();
                let penalty = penalty::of(plan, &executor.parameters()?) * order.len() as f64;
                checks.push(Check {
                    operation: "evaluation",
                    what: "loss".to_owned(),
                    error: error(&[sums.loss], &[expected + penalty]),
                    allowed: OF_A_NETWORK,
                });
            }
        }
        left.extend(executor.parameters()?);
        let output = executor.predict(&split)?;
        if !again {
            checks.extend(prediction(
                plan,
                &executor.parameters()?,
                &split,
                &output,
                &mut progress,
            ));
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

/// Trains one step and, the first time, compares everything that it leaves.
fn step(
    plan: &Plan,
    executor: &mut dyn Executor,
    (split, order): (&Split, &[u32]),
    step: u64,
    checks: Option<(&mut Vec<Check>, &mut Progress)>,
) -> Result<(), RuntimeError> {
    let Some(optimizer) = &plan.optimizer else {
        return Ok(());
    };
    let before = widen(&executor.parameters()?);
    let mut slots: Vec<Vec<f64>> = executor.slots()?.iter().map(|slot| widen(slot)).collect();
    let records = [StepRecord::new(optimizer, step, order.len(), KEY)];
    let sums = executor.train(order, &records, &mut |_| Flow::Continue)?;
    let Some((checks, progress)) = checks else {
        return Ok(());
    };

    let batch = batch(split, order);
    let found = tensors(&plan.training, executor, order.len())?;
    let expected = operations(plan, &before, &batch, &found, (checks, progress));
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

    checks.extend(counters(plan, &sums, &expected));

    let gradients = widen(&executor.gradients()?);
    let mut clipped = expected.gradients.clone();
    reference::clip(optimizer, &plan.parameters, &mut clipped);
    for instruction in &plan.training.operations {
        let ranges = instruction.op.gradients().into_iter();
        let ranges: Vec<_> = ranges.map(|range| range.offset..range.offset + range.floats).collect();
        // Gradients that cancel (of a bias in front of a normalization) are as exact as what they are sums of.
        let scale = ranges
            .iter()
            .map(|range| largest(&clipped[range.clone()]))
            .fold(0.0, f64::max);
        for range in ranges {
            let mut found = gradients[range.clone()].to_vec();
            spoil(&instruction.op, &mut found);
            checks.push(Check {
                operation: reference::name(&instruction.op),
                what: format!("gradient of {}", variable(plan, range.start)),
                error: error_of(&found, &clipped[range.clone()], scale),
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
            (checks, progress),
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
    reference::constrain(&plan.parameters, &mut after);
    updated(plan, executor, &after, &slots, checks)
}

/// What each metric has counted in a step, and what it should have.
fn counters<'a>(plan: &'a Plan, sums: &'a Sums, expected: &'a Outcome) -> impl Iterator<Item = Check> + 'a {
    plan.training.operations.iter().filter_map(|instruction| {
        let Op::Count(count) = &instruction.op else {
            return None;
        };
        let own = count.first..count.first + count.counters;
        let mut found = sums.counters.get(own.clone()).unwrap_or_default().to_vec();
        spoil(&instruction.op, &mut found);
        Some(Check {
            operation: reference::name(&instruction.op),
            what: "the sums of a metric".to_owned(),
            error: error(&found, expected.counters.get(own).unwrap_or_default()),
            allowed: OF_AN_OPERATION,
        })
    })
}

/// Compares the variables and the optimizer's slots after a step.
fn updated(
    plan: &Plan,
    executor: &mut dyn Executor,
    after: &[f64],
    slots: &[Vec<f64>],
    checks: &mut Vec<Check>,
) -> Result<(), RuntimeError> {
    let found = widen(&executor.parameters()?);
    let kept = executor.slots()?;
    for parameter in &plan.parameters {
        let own = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        checks.push(Check {
            operation: moved_by(parameter),
            what: parameter.name.clone(),
            error: error(&found[own.clone()], &after[own.clone()]),
            allowed: OF_AN_OPERATION,
        });
        if !parameter.trainable {
            continue;
        }
        for (kept, expected) in kept.iter().zip(slots) {
            checks.push(Check {
                operation: "Update",
                what: format!("what the optimizer keeps of {}", parameter.name),
                error: error(&widen(&kept[own.clone()]), &expected[own.clone()]),
                allowed: OF_AN_OPERATION,
            });
        }
    }
    Ok(())
}

/// The operation that gives a variable its new values.
const fn moved_by(parameter: &Parameter) -> &'static str {
    if parameter.constraint.is_some() {
        "Constrain"
    } else if parameter.trainable {
        "Update"
    } else {
        "statistics"
    }
}

/// What the executor's step left in each tensor, without padding; empty where no operation writes it.
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

/// Compares each operation's tensors, given the executor's own inputs; returns the gradients and sums that the reference
/// computes.
fn operations(
    plan: &Plan,
    before: &[f64],
    batch: &Batch,
    found: &[Vec<f64>],
    (checks, progress): (&mut Vec<Check>, &mut Progress),
) -> Outcome {
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
        (progress.0)();
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

/// How many codes differ. Where the relu behind is closed in the whole window, any code is right; and two values that are equal
/// in single precision may change places, so that a few codes may differ.
fn other_codes(op: &Op, outcome: &Outcome, id: usize, made: &[f64], found: &[Vec<f64>]) -> f64 {
    let output = if let Op::Convolution(convolution) = op
        && convolution.relu
    {
        Some(&found[convolution.output.0])
    } else {
        None
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

/// The network's output, in Keras's order.
fn prediction(
    plan: &Plan,
    parameters: &[f32],
    split: &Split,
    output: &[f32],
    progress: &mut Progress,
) -> Option<Check> {
    let id = plan.prediction.output?;
    let order: Vec<u32> = (0..split.len() as u32).collect();
    let expected = progress.run(plan, &plan.prediction, &widen(parameters), &batch(split, &order));
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

/// The name of the variable at this offset.
fn variable(plan: &Plan, offset: usize) -> &str {
    let mut parameters = plan.parameters.iter();
    parameters
        .find(|parameter| (parameter.range.offset..parameter.range.offset + parameter.range.floats).contains(&offset))
        .map_or("?", |parameter| parameter.name.as_str())
}

/// How many operations the reference computes for [`verify`], of all its steps, batches and slopes.
pub fn reference_operations(plan: &Plan) -> usize {
    let predicted = plan.prediction.operations.len();
    if plan.optimizer.is_none() {
        return predicted;
    }
    let trainable = plan.parameters.iter().filter(|parameter| parameter.trainable).count();
    let slopes = trainable * slopes::RUNS * slopes::forward(&plan.training).operations.len();
    let steps = STEPS.len() * plan.training.operations.len();
    let evaluated = EVALUATED.div_ceil(BATCH) * plan.evaluation.operations.len();
    predicted + steps + evaluated + slopes
}
