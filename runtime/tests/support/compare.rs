//! Compares an executor with the reference, tensor by tensor.

use super::Draw;
use super::networks::Case;
use super::reference::{self, Batch};
use cnnc_runtime::data::{Pixels, Split, Targets};
use cnnc_runtime::executor::{Executor, Flow, Set};
use compiler::host::entering::target_of;
use compiler::host::step::StepRecord;
use compiler::ops::Op;
use compiler::plan::{Plan, TensorKind};
use std::sync::Arc;

/// The key of every step's random numbers.
pub const KEY: [u32; 2] = [0x243f_6a88, 0x85a3_08d3];

/// Pictures and labels for a case: floats, or one of four bytes where maxima shall tie.
pub fn data(case: &Case, samples: usize, draw: &mut Draw) -> Split {
    let elements = case.plan.input_shape.elements() * samples;
    let classes = case.plan.output_shape.elements() as u64;
    let pixels = if case.ties {
        Pixels::Bytes((0..elements).map(|_| draw.below(4) as u8 * 85).collect())
    } else {
        Pixels::Floats((0..elements).map(|_| draw.number() as f32).collect())
    };
    let targets = target_of(&case.plan.evaluation).and_then(|sizes| targets(case, samples, sizes, draw));
    let labels = (0..samples).map(|_| draw.below(classes) as u32).collect();
    Split {
        shape: case.plan.input_shape.clone(),
        pixels,
        labels,
        targets,
    }
}

/// Values that outputs are compared with, of every other row 0 and 1 alone, distributions where a row is compared as one;
/// nothing where the case is fed class numbers.
fn targets(case: &Case, samples: usize, (channels, positions): (usize, usize), draw: &mut Draw) -> Option<Targets> {
    if case.name.contains("class numbers") {
        return None;
    }
    let shares = case.name.contains("Categorical") || case.name.contains("KlDivergence");
    let mut values = Vec::new();
    for row in 0..samples * positions {
        let mut drawn: Vec<f64> = (0..channels)
            .map(|_| {
                if row % 2 == 0 {
                    draw.below(2) as f64
                } else {
                    draw.number().abs()
                }
            })
            .collect();
        if shares {
            if drawn.iter().sum::<f64>() == 0.0 {
                drawn[0] = 1.0;
            }
            let sum: f64 = drawn.iter().sum();
            drawn.iter_mut().for_each(|value| *value /= sum);
        }
        values.extend(drawn.into_iter().map(|value| value as f32));
    }
    let shape = case.plan.output_shape.clone();
    Some(Targets { shape, values })
}

/// The pictures that `order` names, as the reference takes them.
pub fn batch(split: &Split, order: &[u32]) -> Batch {
    let size = split.shape.elements();
    let pixel = |index: usize| match &split.pixels {
        // Scaled in f32, as an executor does, so that ties and products are those of the same numbers.
        Pixels::Bytes(bytes) => f64::from(f32::from(bytes[index]) / 255.0),
        Pixels::Levels(bytes) => f64::from(bytes[index]),
        Pixels::Floats(floats) => f64::from(floats[index]),
        Pixels::Stored(_) => panic!("in memory"),
    };
    Batch {
        pictures: order
            .iter()
            .map(|&sample| (0..size).map(|e| pixel(sample as usize * size + e)).collect())
            .collect(),
        labels: order.iter().map(|&sample| split.labels[sample as usize]).collect(),
        targets: split.targets.as_ref().map(|targets| {
            let size = targets.shape.elements();
            let of = |&sample: &u32| &targets.values[sample as usize * size..][..size];
            order
                .iter()
                .map(|sample| of(sample).iter().map(|&value| f64::from(value)).collect())
                .collect()
        }),
        key: KEY,
    }
}

/// How large weights are drawn: 1 / sqrt(fan in), so that values stay near one through a whole network.
pub fn parameters(plan: &Plan, draw: &mut Draw) -> Vec<f32> {
    let mut buffer = vec![0.0; plan.parameter_floats];
    for parameter in &plan.parameters {
        let width = *parameter.shape.last().unwrap();
        let rows: usize = parameter.shape.iter().product::<usize>() / width;
        for index in 0..rows * width {
            let at = parameter.range.offset + index / width * reference::padded(width) + index % width;
            buffer[at] = (draw.number() / (rows as f64).sqrt()) as f32;
        }
    }
    buffer
}

/// The same in the layout of any parameter; variances are positive.
pub fn packed_parameters(plan: &Plan, draw: &mut Draw) -> Vec<f32> {
    let mut parameters = vec![0.0; plan.parameter_floats];
    for parameter in &plan.parameters {
        let scale = parameter.shape.iter().rev().skip(1).product::<usize>().max(1) as f64;
        let mut values: Vec<f32> = (0..parameter.count())
            .map(|_| (draw.number() / scale.sqrt()) as f32)
            .collect();
        if parameter.name.ends_with("moving_variance") {
            values.iter_mut().for_each(|value| *value = 0.5 + value.abs());
        }
        let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
        parameters[range].copy_from_slice(&parameter.pack(&values));
    }
    parameters
}

/// Records for the batches of an order of so many samples, each with the same rate.
pub fn steps(rate: f32, samples: usize, batch_size: usize) -> Vec<StepRecord> {
    (0..samples)
        .step_by(batch_size)
        .map(|first| StepRecord {
            learning_rate: rate,
            step_size: rate,
            ..StepRecord::idle(batch_size.min(samples - first))
        })
        .collect()
}

/// The sums that judging samples in batches comes to: the losses, and how many were right.
pub fn judged(plan: &Plan, parameters: &[f32], split: &Split, order: &[u32], batch_size: usize) -> (f64, f64) {
    let penalty = compiler::host::penalty::of(plan, parameters);
    let parameters = widen(parameters);
    order.chunks(batch_size).fold((0.0, 0.0), |(loss, correct), order| {
        let batch = batch(split, order);
        let outcome = reference::run(&plan.evaluation, &plan.input_shape, &parameters, &batch);
        let loss = loss + outcome.loss + penalty * order.len() as f64;
        (loss, correct + outcome.correct)
    })
}

/// Trains a step for each batch of the case and compares all that it leaves: tensors, gradients, sums, parameters and
/// slots. Returns the largest error found, relative to the largest value of what was compared.
pub fn agrees(case: &Case, make: &dyn Fn(&Plan, usize) -> Box<dyn Executor>) -> f64 {
    match compared(case, make) {
        Agreement::Whole(worst) => worst,
        Agreement::Until(tensor) => panic!("{}: {tensor} differs in a few places", case.name),
    }
}

/// How far a comparison came.
pub enum Agreement {
    /// All is as expected; the largest error.
    Whole(f64),
    /// All before this tensor is, of which a few values in a hundred thousand are not: of two values of a pool's window, or of a
    /// value and a relu's zero, that are equal but for their last bits, rounding decides which is the larger, and where a
    /// gradient goes. What follows from it cannot be compared.
    Until(String),
}

/// As [`agrees`], but for close decisions, with which a comparison ends.
pub fn compared(case: &Case, make: &dyn Fn(&Plan, usize) -> Box<dyn Executor>) -> Agreement {
    let mut draw = Draw::new(case.name.len() as u64 + 7);
    let batch_size = *case.batches.iter().max().unwrap();
    let samples = 2 * batch_size;
    let split = Arc::new(data(case, samples, &mut draw));
    let mut executor = make(&case.plan, batch_size);
    executor.load(Set::Train, &split).unwrap();
    executor.set_parameters(&parameters(&case.plan, &mut draw)).unwrap();
    let optimizer = case.plan.optimizer.clone().unwrap();
    let mut worst = 0.0_f64;
    for (step, &size) in case.batches.iter().enumerate() {
        let order: Vec<u32> = (0..size).map(|_| draw.below(samples as u64) as u32).collect();
        let before: Vec<f64> = widen(&executor.parameters().unwrap());
        let mut slots: Vec<Vec<f64>> = executor.slots().unwrap().iter().map(|slot| widen(slot)).collect();
        let expected = reference::run(
            &case.plan.training,
            &case.plan.input_shape,
            &before,
            &batch(&split, &order),
        );
        let records = [StepRecord::new(&optimizer, step as u64 + 1, size, KEY)];
        let sums = executor.train(&order, &records, &mut |_| Flow::Continue).unwrap();
        assert_eq!(
            (sums.steps, sums.samples),
            (1, size),
            "{}: steps and samples",
            case.name
        );
        let mut check = |what: &str, found: &[f64], expected: &[f64]| {
            let error = error(found, expected);
            assert!(error < 2e-5, "{}, step {step}: {what} is off by {error:.1e}", case.name);
            worst = worst.max(error);
        };
        check("loss", &[sums.loss], &[expected.loss]);
        check("correct", &[sums.correct], &[expected.correct]);
        if !expected.counters.is_empty() {
            check("counters", &sums.counters, &expected.counters);
        }
        for (id, tensor) in case.plan.training.tensors.iter().enumerate() {
            // What a head makes is in no tensor.
            if expected.tensors[id].is_empty() {
                continue;
            }
            let columns = executor.tensor(compiler::plan::TensorId(id)).unwrap();
            assert_eq!(
                columns.len(),
                tensor.elements() * batch_size,
                "{}: {}",
                case.name,
                tensor.name
            );
            let mut found: Vec<f64> = columns
                .chunks_exact(batch_size)
                .flat_map(|row| row[..size].iter().map(|&x| f64::from(x)))
                .collect();
            if tensor.kind == TensorKind::Codes {
                forgive_dead_codes(&case.plan, id, &expected, &mut found);
            }
            let off = off(&found, &expected.tensors[id]);
            if off > 0 && off * 25_000 <= found.len() {
                return Agreement::Until(tensor.name.clone());
            }
            check(&tensor.name, &found, &expected.tensors[id]);
        }
        let gradients = widen(&executor.gradients().unwrap());
        let mut clipped = expected.gradients.clone();
        reference::clip(&optimizer, &case.plan.parameters, &mut clipped);
        for parameter in &case.plan.parameters {
            let range = parameter.range.offset..parameter.range.offset + parameter.range.floats;
            check(
                &format!("gradient of {}", parameter.name),
                &gradients[range.clone()],
                &clipped[range],
            );
        }
        // From the executor's own gradients: a root mean square magnifies the last bits of small ones.
        let mut after = before.clone();
        reference::update(&optimizer, step as u64 + 1, &mut after, &mut slots, &gradients);
        for &(at, moved) in &expected.states {
            after[at] = moved;
        }
        reference::constrain(&case.plan.parameters, &mut after);
        let moved: Vec<f64> = after
            .iter()
            .zip(&before)
            .map(|(after, before)| after - before)
            .collect();
        let found: Vec<f64> = executor
            .parameters()
            .unwrap()
            .iter()
            .zip(&before)
            .map(|(&after, before)| f64::from(after) - before)
            .collect();
        // A parameter near one has steps of 6e-8 of its own.
        let coarse = found
            .iter()
            .zip(&moved)
            .map(|(found, moved)| (found - moved).abs())
            .fold(0.0, f64::max);
        assert!(
            coarse < 3e-7,
            "{}, step {step}: the update is off by {coarse:.1e}",
            case.name
        );
        for (name, (found, expected)) in optimizer
            .slots()
            .iter()
            .zip(executor.slots().unwrap().iter().zip(&slots))
        {
            check(name, &widen(found), expected);
        }
    }
    Agreement::Whole(worst)
}

/// How many values are not as expected.
fn off(found: &[f64], expected: &[f64]) -> usize {
    let scale = expected
        .iter()
        .fold(1e-6_f64, |largest, value| largest.max(value.abs()));
    let pairs = found.iter().zip(expected);
    pairs
        .filter(|(found, expected)| (*found - *expected).abs() >= 2e-5 * scale)
        .count()
}

/// Behind a relu that is closed in the whole window, any code does: there is no gradient.
fn forgive_dead_codes(plan: &Plan, id: usize, expected: &reference::Outcome, found: &mut [f64]) {
    for operation in &plan.training.operations {
        if let Op::Convolution(convolution) = &operation.op
            && convolution.relu
            && convolution.codes.is_some_and(|codes| codes.0 == id)
        {
            let output = convolution.output;
            for (at, found) in found.iter_mut().enumerate() {
                if expected.tensors[output.0][at] <= 0.0 {
                    *found = expected.tensors[id][at];
                }
            }
        }
    }
}

pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// The largest difference, relative to the largest value.
pub fn error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected
        .iter()
        .fold(1e-6_f64, |largest, value| largest.max(value.abs()));
    let worst = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (found - expected).abs());
    worst.fold(0.0, |worst: f64, error| {
        if error.is_nan() {
            f64::INFINITY
        } else {
            worst.max(error / scale)
        }
    })
}
