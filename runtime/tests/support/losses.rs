//! Losses that compare outputs with targets: every criterion, on rows and on maps, from values, logits and probabilities.

use super::networks::{Case, FEW, MANY, RMSPROP, case, window};
use super::programs::Build;
use compiler::activation::ActivationFunction;
use compiler::ops::{Counting, Criterion, Hit};
use compiler::window::Padding;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, (criterion, function)) in criteria().into_iter().enumerate() {
        for channels in [1, 3, 9] {
            let of_rows = function == Some(ActivationFunction::Softmax) || is_of_rows(criterion);
            if channels == 1 && of_rows {
                continue;
            }
            for map in [false, true] {
                let batches = if (index + channels) % 2 == 0 { FEW } else { MANY };
                cases.push(one(criterion, function, channels, map, batches, ""));
            }
        }
    }
    for channels in [1, 4] {
        let criterion = Criterion::BinaryCrossentropy {
            from_logits: true,
            label_smoothing: 0.0,
        };
        cases.push(one(criterion, None, channels, false, MANY, " from class numbers"));
    }
    cases
}

/// Each criterion, and the activation that makes what it takes.
fn criteria() -> Vec<(Criterion, Option<ActivationFunction>)> {
    let (sigmoid, softmax) = (Some(ActivationFunction::Sigmoid), Some(ActivationFunction::Softmax));
    let mut found = vec![
        (Criterion::SquaredError, None),
        (Criterion::AbsoluteError, None),
        (Criterion::Huber { delta: 0.4 }, None),
        (Criterion::KlDivergence, softmax),
    ];
    for (from_logits, label_smoothing) in [(true, 0.0), (true, 0.2), (false, 0.0), (false, 0.1)] {
        let (binary, categorical) = if from_logits { (None, None) } else { (sigmoid, softmax) };
        found.push((
            Criterion::BinaryCrossentropy {
                from_logits,
                label_smoothing,
            },
            binary,
        ));
        found.push((
            Criterion::CategoricalCrossentropy {
                from_logits,
                label_smoothing,
            },
            categorical,
        ));
        for (alpha, gamma) in [(None, 2.0), (Some(0.25), 1.5), (Some(0.7), 0.0)] {
            found.push((
                Criterion::BinaryFocalCrossentropy {
                    from_logits,
                    label_smoothing,
                    alpha,
                    gamma,
                },
                binary,
            ));
            found.push((
                Criterion::CategoricalFocalCrossentropy {
                    from_logits,
                    label_smoothing,
                    alpha: alpha.unwrap_or(1.0),
                    gamma,
                },
                categorical,
            ));
        }
    }
    found
}

fn is_of_rows(criterion: Criterion) -> bool {
    matches!(
        criterion,
        Criterion::CategoricalCrossentropy { .. } | Criterion::CategoricalFocalCrossentropy { .. }
    )
}

/// All that metrics count of so many channels.
fn counts(channels: usize) -> Vec<Counting> {
    let mut counts = vec![
        Counting::SquaredError,
        Counting::AbsoluteError,
        Counting::Decisions {
            threshold: 0.4,
            class: None,
        },
        Counting::Decisions {
            threshold: 0.3,
            class: Some(channels - 1),
        },
        Counting::Buckets {
            buckets: 11,
            apart: false,
        },
        Counting::Buckets {
            buckets: 7,
            apart: true,
        },
        Counting::Classes { threshold: None },
        Counting::Classes { threshold: Some(0.35) },
        Counting::Confusion {
            classes: channels,
            threshold: None,
        },
        Counting::Confusion {
            classes: 2,
            threshold: Some(0.45),
        },
    ];
    counts.extend([1, 2].map(|k| Counting::TopK { k }));
    counts.push(Counting::Mean { channel: channels - 1 });
    counts
}

fn one(
    criterion: Criterion,
    function: Option<ActivationFunction>,
    channels: usize,
    map: bool,
    batches: &'static [usize],
    targets: &str,
) -> Case {
    let mut build = Build::new(4, 5, 2);
    build.criterion = Some((criterion, if channels == 1 { Hit::Above(0.5) } else { Hit::Largest }));
    build.counts = counts(channels);
    let mut output = if map {
        let three = window((3, 3), (1, 1), Padding::Same);
        build.convolution(build.input(), (4, 5), channels, three, true, false, false)
    } else {
        build.dense(build.input(), channels, true, true, false)
    };
    if let Some(function) = function {
        output = if function == ActivationFunction::Softmax {
            build.softmax(output)
        } else {
            build.activation(output, function)
        };
    }
    let plan = build.finish(output, false, Some(RMSPROP));
    let form = if map { "map" } else { "row" };
    case(
        format!("{criterion:?} of {channels} on a {form}{targets}"),
        plan,
        batches,
    )
}
