//! The float64 reference against central differences of its own loss.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod support;

use compiler::ops::Access;
use support::networks::{Case, table};
use support::reference::{Batch, run};
use support::{Draw, compare};

fn loss(case: &Case, parameters: &[f64], batch: &Batch) -> f64 {
    run(&case.plan.training, &case.plan.input_shape, parameters, batch).loss / batch.pictures.len() as f64
}

/// The slope of `f` at 0 by central differences; nothing where two widths disagree, which is at a kink.
fn slope(f: impl Fn(f64) -> f64) -> Option<f64> {
    let [wide, narrow] = [1e-4, 3e-5].map(|h| (f(h) - f(-h)) / (2.0 * h));
    ((wide - narrow).abs() <= 1e-6 * (1.0 + wide.abs())).then_some(narrow)
}

fn setup(case: &Case) -> (Vec<f64>, Batch, Draw) {
    let mut draw = Draw::new(case.name.len() as u64);
    let split = compare::data(case, 2, &mut draw);
    let parameters = compare::widen(&compare::parameters(&case.plan, &mut draw));
    (parameters, compare::batch(&split, &[0, 1]), draw)
}

/// Cases with ties sit on kinks, and whole networks are the projection's.
fn small() -> impl Iterator<Item = Case> {
    table()
        .into_iter()
        .filter(|case| !case.ties && case.plan.parameter_floats < 6000)
}

#[test]
fn parameter_gradients_are_the_slopes_of_the_loss() {
    let (mut checked, mut kinks) = (0, 0);
    for case in small() {
        let (parameters, batch, mut draw) = setup(&case);
        let gradients = run(&case.plan.training, &case.plan.input_shape, &parameters, &batch).gradients;
        for parameter in case.plan.parameters.iter().filter(|parameter| parameter.trainable) {
            for _ in 0..4 {
                let at = parameter.range.offset + draw.below(parameter.range.floats as u64) as usize;
                let width = *parameter.shape.last().unwrap();
                if (at - parameter.range.offset) % support::reference::padded(width) >= width {
                    assert_eq!(gradients[at], 0.0, "{}: padding of {}", case.name, parameter.name);
                    continue;
                }
                let moved = |h: f64| {
                    let mut parameters = parameters.clone();
                    parameters[at] += h;
                    loss(&case, &parameters, &batch)
                };
                let Some(slope) = slope(moved) else {
                    kinks += 1;
                    continue;
                };
                let error = (slope - gradients[at]).abs();
                assert!(
                    error < 3e-6 * (1.0 + slope.abs()),
                    "{}: {}: {slope} {}",
                    case.name,
                    parameter.name,
                    gradients[at]
                );
                checked += 1;
            }
        }
    }
    assert!(
        checked > 500 && kinks < checked / 20,
        "{checked} checked, {kinks} at kinks"
    );
}

#[test]
fn input_gradients_are_the_slopes_of_the_loss() {
    let (mut checked, mut kinks) = (0, 0);
    for case in small() {
        let Some(dinput) = gradient_of_input(&case) else {
            continue;
        };
        let (parameters, batch, mut draw) = setup(&case);
        let outcome = run(&case.plan.training, &case.plan.input_shape, &parameters, &batch);
        let (channels, positions) = (case.plan.input_shape.channels(), case.plan.input_shape.positions());
        for _ in 0..6 {
            let (sample, pixel) = (
                draw.below(2) as usize,
                draw.below((channels * positions) as u64) as usize,
            );
            let moved = |h: f64| {
                let mut pictures = batch.pictures.clone();
                pictures[sample][pixel] += h;
                loss(
                    &case,
                    &parameters,
                    &Batch {
                        pictures,
                        labels: batch.labels.clone(),
                        targets: batch.targets.clone(),
                        key: batch.key,
                    },
                )
            };
            let Some(slope) = slope(moved) else {
                kinks += 1;
                continue;
            };
            let element = pixel % channels * positions + pixel / channels;
            let found = outcome.tensors[dinput][element * 2 + sample];
            assert!(
                (slope - found).abs() < 3e-6 * (1.0 + slope.abs()),
                "{}: {slope} {found}",
                case.name
            );
            checked += 1;
        }
    }
    assert!(
        checked > 300 && kinks < checked / 20,
        "{checked} checked, {kinks} at kinks"
    );
}

/// The last tensor that a backward operation of a reader of the input writes.
fn gradient_of_input(case: &Case) -> Option<usize> {
    let tensors = &case.plan.training.tensors;
    let last = case
        .plan
        .training
        .operations
        .iter()
        .rev()
        .flat_map(|operation| operation.op.accesses())
        .find(|(_, access)| *access == Access::Write)?
        .0;
    (tensors[last.0].elements() == tensors[0].elements()).then_some(last.0)
}

#[test]
fn a_whole_network_projects_onto_random_directions() {
    for case in table().into_iter().filter(|case| case.plan.parameter_floats >= 6000) {
        let (parameters, batch, mut draw) = setup(&case);
        let gradients = run(&case.plan.training, &case.plan.input_shape, &parameters, &batch).gradients;
        // A step this small meets few kinks of the thousands of relus and maxima.
        let direction: Vec<f64> = parameters.iter().map(|_| draw.number()).collect();
        let moved = |h: f64| {
            let parameters: Vec<f64> = parameters.iter().zip(&direction).map(|(w, d)| w + h * d).collect();
            loss(&case, &parameters, &batch)
        };
        let h = 1e-7;
        let slope = (moved(h) - moved(-h)) / (2.0 * h);
        let projected: f64 = gradients.iter().zip(&direction).map(|(g, d)| g * d).sum();
        assert!(
            (slope - projected).abs() < 1e-5 * slope.abs().max(1.0),
            "{}: {slope} {projected}",
            case.name
        );
    }
}
