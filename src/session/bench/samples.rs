//! The samples that a benchmark trains on.

use super::measured::Data as Measured;
use crate::session::error::{Error, Result};
use crate::session::examine::Description;
use crate::session::listener::Listener;
use crate::session::samples::{self, Data};
use compiler::entering::Entering;
use compiler::network::CheckedNetwork;
use compiler::shape::Shape;
use compiler::training::data::{DataName, KnownData};
use compiler::training::fit::TargetSource;
use compiler::training::losses::Targets as Compared;
use runtime::data::{Dataset, Pixels, Split, Targets};
use runtime::error::RuntimeError;
use runtime::random::Stream;
use std::sync::Arc;

/// The training samples; made-up ones where the description's data set is not on this machine.
pub(super) fn samples(
    description: &Description,
    data: Data,
    most: Option<usize>,
    listener: &dyn Listener,
) -> Result<(Arc<Split>, Measured)> {
    let own = description.network.network().fit.data.as_ref();
    let described = matches!(data, Data::Described);
    let found = if described && own.is_none() {
        Err("the description names no data".to_owned())
    } else {
        let seed = description.network.network().fit.seed;
        match samples::load(description, data, seed, listener) {
            Ok(dataset) => Ok(dataset),
            // A loader's folder is told at its place in the text.
            Err(_) if described && description.network.network().fit.loading.is_some() && !own_folder(description) => {
                Err("its folder is not on this machine".to_owned())
            }
            Err(Error::Runtime(error @ (RuntimeError::NotHere { .. } | RuntimeError::NoSuchData { .. })))
                if described =>
            {
                Err(error.to_string())
            }
            Err(failure) => return Err(failure),
        }
    };
    let (mut split, name, origin, synthetic) = match found {
        Ok(Dataset {
            name, train, origin, ..
        }) => (train, name, origin, false),
        Err(why) => {
            let size = match own {
                Some(DataName::Known(known)) => training_samples(*known),
                Some(DataName::Path(_)) | None => 10_000,
            };
            let split = made_up(&description.network, most.unwrap_or(size));
            (split, "made up".to_owned(), why, true)
        }
    };
    truncate(&mut split, most.unwrap_or(usize::MAX));
    if split.is_empty() {
        return Err(Error::message("the data set has no samples to train on"));
    }
    let measured = Measured {
        name,
        origin,
        samples: split.len(),
        synthetic,
    };
    Ok((Arc::new(split), measured))
}

/// The number of training samples of a data set as published, so that an epoch of made-up samples is as long as a real one.
const fn training_samples(known: KnownData) -> usize {
    match known {
        KnownData::Mnist | KnownData::FashionMnist => 60_000,
        KnownData::Cifar10 | KnownData::Cifar100 => 50_000,
    }
}

/// Whether the folder exists that the description's loader reads.
fn own_folder(description: &Description) -> bool {
    let loading = description.network.network().fit.loading.as_ref();
    loading.is_some_and(|loading| description.folder().join(&loading.train.directory).is_dir())
}

/// Samples of noise, with labels or targets as the loss needs them. The time of an epoch only depends on how many samples there
/// are, so a few thousand are repeated.
fn made_up(network: &CheckedNetwork, samples: usize) -> Split {
    let (shape, output) = (network.input_shape(), network.output_shape());
    let fit = &network.network().fit;
    let compared = network.network().compile.as_ref().map(|compile| compile.loss.targets());
    // One output of a binary loss is about two classes.
    let least = if compared == Some(Compared::Binary) { 2 } else { 1 };
    let classes = u32::try_from(output.channels().max(least)).unwrap_or(u32::MAX);
    let drawn = shape.elements() * samples.min(1000);
    let mut draws = Stream::new(0, "made-up samples", 0).draws();
    let pixels: Vec<u8> = (0..drawn).map(|_| draws.below(256) as u8).collect();
    let pixels = pixels.into_iter().cycle().take(shape.elements() * samples).collect();
    Split {
        shape: shape.clone(),
        pixels: Pixels::Bytes(pixels).entering(Entering::of(network)),
        labels: (0..samples).map(|_| draws.below(classes)).collect(),
        targets: match network.outputs() {
            [_] => compared
                .filter(|_| fit.targets == TargetSource::Labels)
                .and_then(|compared| targets(compared, output, samples)),
            // Of several outputs each has values; what they are changes nothing about the time.
            _ => targets(Compared::Values, output, samples),
        },
    }
}

/// The targets of made-up samples; `None` where outputs are compared with classes.
fn targets(compared: Compared, output: &Shape, samples: usize) -> Option<Targets> {
    let (drawn, channels) = (output.elements() * samples.min(1000), output.channels().max(1));
    let mut draws = Stream::new(0, "made-up targets", 0).draws();
    let drawn: Vec<f32> = match compared {
        Compared::Values => (0..drawn).map(|_| draws.uniform() as f32).collect(),
        Compared::Binary if output.rank() > 1 => (0..drawn).map(|_| draws.below(2) as f32).collect(),
        // One channel of each position is right.
        Compared::Shares if output.rank() > 1 => (0..drawn / channels)
            .flat_map(|_| {
                let right = draws.below(channels as u32) as usize;
                (0..channels).map(move |channel| f32::from(u8::from(channel == right)))
            })
            .collect(),
        Compared::Binary | Compared::Shares | Compared::ClassNumber => return None,
    };
    Some(Targets {
        shape: output.clone(),
        values: drawn.into_iter().cycle().take(output.elements() * samples).collect(),
    })
}

fn truncate(split: &mut Split, samples: usize) {
    let floats = split.shape.elements().saturating_mul(samples);
    split.labels.truncate(samples);
    match &mut split.pixels {
        Pixels::Bytes(bytes) | Pixels::Levels(bytes) => bytes.truncate(floats),
        Pixels::Floats(values) => values.truncate(floats),
        Pixels::Stored(stored) => stored.truncate(samples),
    }
    if let Some(targets) = &mut split.targets {
        let values = targets.shape.elements().saturating_mul(samples);
        targets.values.truncate(values);
    }
}

/// `samples` samples of a split, which are repeated from the first one on.
pub(super) fn repeated(split: &Split, samples: usize) -> Split {
    let values = split.shape.elements() * samples;
    Split {
        shape: split.shape.clone(),
        pixels: match &split.pixels {
            Pixels::Bytes(bytes) => Pixels::Bytes(bytes.iter().copied().cycle().take(values).collect()),
            Pixels::Levels(bytes) => Pixels::Levels(bytes.iter().copied().cycle().take(values).collect()),
            Pixels::Floats(floats) => Pixels::Floats(floats.iter().copied().cycle().take(values).collect()),
            Pixels::Stored(stored) => Pixels::Stored(stored.cycle(samples)),
        },
        labels: split.labels.iter().copied().cycle().take(samples).collect(),
        targets: split.targets.as_ref().map(|targets| Targets {
            shape: targets.shape.clone(),
            values: (targets.values.iter().copied().cycle())
                .take(targets.shape.elements() * samples)
                .collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_repeated_and_cut() {
        let mut split = Split {
            shape: Shape::map(1, 2, 1),
            pixels: Pixels::Bytes(vec![1, 2, 3, 4, 5, 6]),
            labels: vec![7, 8, 9],
            targets: Some(Targets {
                shape: Shape::flat(2),
                values: vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            }),
        };
        truncate(&mut split, 2);
        assert_eq!(split.labels, [7, 8]);
        let more = repeated(&split, 3);
        assert_eq!(more.targets.unwrap().values, [0.1, 0.2, 0.3, 0.4, 0.1, 0.2]);
        assert_eq!(more.pixels, Pixels::Bytes(vec![1, 2, 3, 4, 1, 2]));
        assert_eq!(more.labels, [7, 8, 7]);
    }

    fn network(layers: &str, loss: &str) -> CheckedNetwork {
        let text = format!("model m {{\n    Input(shape=(2, 2, 1))\n    {layers}\n}}\ncompile(loss=\"{loss}\")\n");
        let description = crate::session::examine_text(std::path::Path::new("m.cnn"), &text);
        description.into_description().unwrap().network
    }

    #[test]
    fn made_up_samples_have_the_shape_and_the_classes() {
        let split = made_up(&network("Flatten(), Dense(3)", "sparse_categorical_crossentropy"), 1500);
        assert_eq!(split.len(), 1500);
        assert!(matches!(&split.pixels, Pixels::Bytes(bytes) if bytes.len() == 6000));
        assert!((0..3).all(|class| split.labels.contains(&class)));
        assert!(split.labels.iter().all(|&label| label < 3) && split.targets.is_none());
        let split = made_up(
            &network("Flatten(), Dense(1, activation=\"sigmoid\")", "binary_crossentropy"),
            100,
        );
        assert!((0..2).all(|class| split.labels.contains(&class)) && split.targets.is_none());
    }

    #[test]
    fn what_is_no_class_is_made_up_in_the_shape_of_the_outputs() {
        for (layers, loss, shape) in [
            ("Flatten(), Dense(3)", "mse", Shape::flat(3)),
            (
                "Conv2D(1, 1, activation=\"sigmoid\")",
                "binary_crossentropy",
                Shape::map(2, 2, 1),
            ),
            (
                "Conv2D(3, 1, activation=\"softmax\")",
                "categorical_crossentropy",
                Shape::map(2, 2, 3),
            ),
        ] {
            let targets = made_up(&network(layers, loss), 1200).targets.unwrap();
            assert_eq!(targets.shape, shape, "{loss}");
            assert_eq!(targets.values.len(), 1200 * shape.elements());
            if loss == "categorical_crossentropy" {
                assert!(
                    targets
                        .values
                        .chunks(3)
                        .all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-6)
                );
            }
        }
    }
}
