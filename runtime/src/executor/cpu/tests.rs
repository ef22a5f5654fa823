//! Phases: an operation that joins the samples of a batch, which plans of today do not have.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use super::run::{Arena, Joined};
use super::task::{Items, Job, Join};
use super::{CpuExecutor, LANES, Options, tasks};
use crate::data::{Pixels, Split};
use crate::executor::{Executor, Flow, Set, Sums};
use compiler::host::step::StepRecord;
use compiler::ops::{Copy, Gather, Loss, Update};
use compiler::plan::builder::Builder;
use compiler::plan::memory::{Sharing, assign};
use compiler::plan::{Plan, Program};
use compiler::shape::Shape;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::SGD;
use std::ops::Range;
use std::sync::Arc;

const CLASSES: usize = 5;

/// `output = input - mean over the batch`, and the mean is kept as a state.
struct Centring {
    input: Range<usize>,
    output: Range<usize>,
    mean: Range<usize>,
}

impl Join for Centring {
    fn run(&self, joined: Joined<'_>) {
        for item in joined.items.clone() {
            let mut sum = 0.0_f64;
            for block in 0..joined.blocks() {
                let row = joined.row(block, self.input.start + item);
                sum += row.0[..joined.samples(block)]
                    .iter()
                    .copied()
                    .map(f64::from)
                    .sum::<f64>();
            }
            let mean = (sum / joined.batch as f64) as f32;
            joined.states(&self.mean).part(item..item + 1)[0] = mean;
            for block in 0..joined.blocks() {
                let row = joined.row(block, self.input.start + item);
                joined.write(block, &self.output).row(item).0 = row.0.map(|value| value - mean);
            }
        }
    }
}

/// Gather, copy, loss, update; the copy is what is made to join.
fn plan() -> Plan {
    let mut builder = Builder::new();
    let input = builder.tensor("input", CLASSES, 1);
    builder.push("input", Gather { output: input });
    let output = builder.tensor("output", CLASSES, 1);
    builder.push(
        "copy",
        Copy {
            blocks: 1,
            block: CLASSES,
            input_stride: CLASSES,
            input_offset: 0,
            output_stride: CLASSES,
            output_offset: 0,
            input,
            output,
        },
    );
    let dinput = Some(builder.tensor("doutput", CLASSES, 1));
    builder.push(
        "loss",
        Loss {
            classes: CLASSES,
            from_logits: true,
            input: output,
            dinput,
            losses: None,
        },
    );
    builder.push("optimizer", Update {});
    let plan = Plan {
        model: "test".to_owned(),
        parameters: Vec::new(),
        parameter_floats: 8,
        optimizer: Some(Optimizer::from(SGD {
            learning_rate: 0.1.into(),
            momentum: 0.0,
            nesterov: false,
        })),
        input_shape: Shape::flat(CLASSES),
        output_shape: Shape::flat(CLASSES),
        training: builder.finish(),
        evaluation: Program::default(),
        prediction: Program::default(),
        folded: Vec::new(),
    };
    assign(plan, Sharing::Separate)
}

fn executor(batch_size: usize, threads: usize) -> CpuExecutor {
    let options = Options {
        threads: Some(threads),
        ..Options::default()
    };
    let mut executor = CpuExecutor::with(plan(), batch_size, batch_size, options).unwrap();
    assert_eq!(executor.training.phases.len(), 1, "without it");
    let [input, output] = [0, 1].map(|tensor| executor.training.places[tensor].clone());
    let task = &mut executor.training.tasks[1];
    task.job = Job::Joined(Box::new(Centring {
        input,
        output,
        mean: 0..CLASSES,
    }));
    task.items = Items::Block(CLASSES);
    tasks::cut(&mut executor.training);
    let (rows, codes) = (executor.training.rows, executor.training.codes);
    let blocks = batch_size.div_ceil(LANES);
    executor.arenas = (0..blocks)
        .map(|_| Arena::new(rows, codes))
        .collect::<Option<_>>()
        .unwrap();
    executor
}

fn split(samples: usize) -> Split {
    let value = |index: usize| ((index * 7919) % 1000) as f32 / 250.0 - 1.0;
    Split {
        shape: Shape::flat(CLASSES),
        pixels: Pixels::Floats((0..samples * CLASSES).map(value).collect()),
        labels: (0..samples).map(|sample| (sample * 3 % CLASSES) as u32).collect(),
        targets: None,
    }
}

fn train(split: &Arc<Split>, batch_size: usize, threads: usize) -> (Sums, Vec<f32>) {
    let mut executor = executor(batch_size, threads);
    executor.load(Set::Train, split).unwrap();
    let order: Vec<u32> = (0..split.len() as u32).collect();
    let steps: Vec<StepRecord> = (order.chunks(batch_size))
        .map(|batch| StepRecord::idle(batch.len()))
        .collect();
    let sums = executor.train(&order, &steps, &mut |_| Flow::Continue).unwrap();
    (sums, executor.parameters().unwrap())
}

/// The sum of the losses, and the means of the last batch.
fn expected(split: &Split, batch_size: usize) -> (f64, Vec<f64>) {
    let Pixels::Floats(values) = &split.pixels else {
        unreachable!("the split is of floats")
    };
    let samples: Vec<Vec<f64>> = values
        .chunks(CLASSES)
        .map(|sample| sample.iter().copied().map(f64::from).collect())
        .collect();
    let (mut loss, mut means) = (0.0, Vec::new());
    for (batch, labels) in samples.chunks(batch_size).zip(split.labels.chunks(batch_size)) {
        let mean = |class: usize| batch.iter().map(|sample| sample[class]).sum::<f64>() / batch.len() as f64;
        means = (0..CLASSES).map(mean).collect();
        for (sample, &label) in batch.iter().zip(labels) {
            let logits: Vec<f64> = sample.iter().zip(&means).map(|(value, mean)| value - mean).collect();
            let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
            loss += sum.ln() - logits[label as usize];
        }
    }
    (loss, means)
}

#[test]
fn what_joins_the_samples_sees_the_whole_batch() {
    for (samples, batch_size) in [(1, 1), (16, 16), (40, 33), (150, 50), (300, 300)] {
        let split = Arc::new(split(samples));
        let (sums, parameters) = train(&split, batch_size, 2);
        let (loss, means) = expected(&split, batch_size);
        assert!(
            (sums.loss - loss).abs() < 1e-5 * loss,
            "batches of {batch_size}: {} {loss}",
            sums.loss
        );
        for (found, mean) in parameters.iter().zip(&means) {
            assert!(
                (f64::from(*found) - mean).abs() < 1e-6,
                "batches of {batch_size}: {found} {mean}"
            );
        }
    }
}

#[test]
fn phases_give_the_same_bits_for_any_number_of_threads() {
    let split = Arc::new(split(330));
    for batch_size in [1, 16, 33, 100, 300] {
        let alone = train(&split, batch_size, 1);
        for threads in [2, 3, 5, 8, 13] {
            assert!(
                train(&split, batch_size, threads) == alone,
                "batches of {batch_size}, {threads} threads"
            );
        }
    }
}
