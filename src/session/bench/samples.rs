//! The samples that a benchmark trains on.

use super::measured::Data as Measured;
use crate::session::error::{Error, Result};
use crate::session::examine::Description;
use crate::session::listener::Listener;
use crate::session::samples::{self, Data};
use compiler::shape::Shape;
use compiler::training::data::{DataName, KnownData};
use runtime::data::{Dataset, Pixels, Split};
use runtime::error::RuntimeError;
use runtime::random::Stream;
use std::sync::Arc;

/// The training samples; where the description's own are not here, made up ones.
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
            let (shape, classes) = (
                description.network.input_shape(),
                description.network.output_shape().channels(),
            );
            let split = made_up(shape, classes, most.unwrap_or(size));
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

/// Of the data set as it was published, so that an epoch of made-up samples is as long as a real one.
const fn training_samples(known: KnownData) -> usize {
    match known {
        KnownData::Mnist | KnownData::FashionMnist => 60_000,
        KnownData::Cifar10 => 50_000,
    }
}

/// Noise. Only how many samples there are decides how long an epoch takes, so a few thousand are repeated.
fn made_up(shape: &Shape, classes: usize, samples: usize) -> Split {
    let classes = u32::try_from(classes.max(1)).unwrap_or(u32::MAX);
    let drawn = shape.elements() * samples.min(1000);
    let mut draws = Stream::new(0, "made-up samples", 0).draws();
    let pixels: Vec<u8> = (0..drawn).map(|_| draws.below(256) as u8).collect();
    Split {
        shape: shape.clone(),
        pixels: Pixels::Bytes(pixels.into_iter().cycle().take(shape.elements() * samples).collect()),
        labels: (0..samples).map(|_| draws.below(classes)).collect(),
        targets: None,
    }
}

fn truncate(split: &mut Split, samples: usize) {
    let floats = split.shape.elements().saturating_mul(samples);
    split.labels.truncate(samples);
    match &mut split.pixels {
        Pixels::Bytes(bytes) | Pixels::Levels(bytes) => bytes.truncate(floats),
        Pixels::Floats(values) => values.truncate(floats),
    }
}

/// `samples` of the split's, from the first on, again and again.
pub(super) fn repeated(split: &Split, samples: usize) -> Split {
    let values = split.shape.elements() * samples;
    Split {
        shape: split.shape.clone(),
        pixels: match &split.pixels {
            Pixels::Bytes(bytes) => Pixels::Bytes(bytes.iter().copied().cycle().take(values).collect()),
            Pixels::Levels(bytes) => Pixels::Levels(bytes.iter().copied().cycle().take(values).collect()),
            Pixels::Floats(floats) => Pixels::Floats(floats.iter().copied().cycle().take(values).collect()),
        },
        labels: split.labels.iter().copied().cycle().take(samples).collect(),
        targets: None,
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
            targets: None,
        };
        truncate(&mut split, 2);
        assert_eq!(split.labels, [7, 8]);
        let more = repeated(&split, 3);
        assert_eq!(more.pixels, Pixels::Bytes(vec![1, 2, 3, 4, 1, 2]));
        assert_eq!(more.labels, [7, 8, 7]);
    }

    #[test]
    fn made_up_samples_have_the_shape_and_the_classes() {
        let split = made_up(&Shape::map(2, 2, 1), 3, 1500);
        assert_eq!(split.len(), 1500);
        assert!(matches!(&split.pixels, Pixels::Bytes(bytes) if bytes.len() == 6000));
        assert!((0..3).all(|class| split.labels.contains(&class)));
        assert!(split.labels.iter().all(|&label| label < 3));
    }
}
