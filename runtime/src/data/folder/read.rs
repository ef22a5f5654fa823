//! Reads many pictures at once, on all cores. Each thread reads, decodes and resizes one file before it takes the next, so that
//! only the samples are kept.

use super::super::picture::{self, Form, Reading};
use super::super::samples::Pixels;
use super::error::FolderError;
use super::unreadable::Unreadable;
use crate::error::Result;
use crate::threads;
use compiler::shape::Shape;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The samples that a list of picture files became.
#[derive(Debug, PartialEq)]
pub struct Batch {
    /// The samples, one after another, each row-major.
    pub pixels: Pixels,
    /// The index in the list of the file that each sample is from.
    pub kept: Vec<usize>,
    /// The height and width of each of these pictures before it was resized.
    pub sizes: Vec<(u32, u32)>,
    /// The SHA-256 of each of these files.
    pub digests: Vec<[u8; 32]>,
    /// The files that could not be read and so have no sample.
    pub unreadable: Vec<Unreadable>,
}

/// How many pictures that cannot be read are left out before it is an error: one in twenty, but at least one and at most a
/// hundred.
pub fn tolerated(total: usize) -> usize {
    (total / 20).clamp(1, 100)
}

/// Reads pictures in the order of `files`; the number of threads changes nothing. `watch` is called after each, by any thread.
///
/// # Errors
/// When there is no memory for the samples. A picture that cannot be read is not an error, but one of the `unreadable`.
pub fn read_batch(files: &[&Path], form: Form, reading: Reading, watch: &(dyn Fn() + Sync)) -> Result<Batch> {
    let read = |file: &Path| {
        let bytes = picture::read_file(file)?;
        let (sample, size) = picture::sized(&bytes, form, reading)?;
        let digest = Sha256::digest(&bytes).into();
        Ok((sample, Facts { size, digest }))
    };
    let whole = |sample: Pixels| match sample {
        Pixels::Bytes(bytes) | Pixels::Levels(bytes) => Some(bytes),
        Pixels::Floats(_) | Pixels::Stored(_) => None,
    };
    let floats = |sample: Pixels| match sample {
        Pixels::Floats(floats) => Some(floats),
        Pixels::Bytes(_) | Pixels::Levels(_) | Pixels::Stored(_) => None,
    };
    match reading {
        Reading::Keras | Reading::Paper => gathered(files, form, &read, &whole, Pixels::Bytes, watch),
        Reading::Loaded(how) if how.is_whole() => gathered(files, form, &read, &whole, Pixels::Levels, watch),
        Reading::Loaded(_) => gathered(files, form, &read, &floats, Pixels::Floats, watch),
    }
}

/// What is known of a picture besides its sample.
#[derive(Clone, Copy)]
struct Facts {
    size: (u32, u32),
    digest: [u8; 32],
}

type Sample = (Pixels, Facts);

fn gathered<T: Copy + Default + Send>(
    files: &[&Path],
    form: Form,
    read: &(dyn Fn(&Path) -> std::result::Result<Sample, String> + Sync),
    values: &(dyn Fn(Pixels) -> Option<Vec<T>> + Sync),
    pixels: impl Fn(Vec<T>) -> Pixels,
    watch: &(dyn Fn() + Sync),
) -> Result<Batch> {
    let size = form.values();
    let all = files.len().saturating_mul(size);
    let mut gathered: Vec<T> = Vec::new();
    gathered.try_reserve_exact(all).map_err(|_| FolderError::Memory {
        count: files.len(),
        shape: Shape::map(form.height as usize, form.width as usize, form.channels),
        bytes: (all as u64).saturating_mul(size_of::<T>() as u64),
        available: 0,
    })?;
    gathered.resize(all, T::default());
    let into = |(place, file): (&mut [T], &&Path)| {
        let outcome = read(file).and_then(|(sample, facts)| {
            let sample = values(sample).filter(|sample| sample.len() == place.len());
            let sample = sample.ok_or_else(|| "the picture has another number of values".to_owned())?;
            place.copy_from_slice(&sample);
            Ok(facts)
        });
        watch();
        outcome
    };
    let outcomes: Vec<std::result::Result<Facts, String>> = match threads::pool() {
        Some(pool) => pool.in_it(|| {
            let places = gathered.par_chunks_mut(size.max(1));
            places.zip(files.par_iter()).map(into).collect()
        }),
        None => gathered.chunks_mut(size.max(1)).zip(files).map(into).collect(),
    };
    let (mut kept, mut sizes, mut digests, mut unreadable) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (index, (outcome, file)) in outcomes.into_iter().zip(files).enumerate() {
        match outcome {
            Ok(Facts {
                size: of_picture,
                digest,
            }) => {
                // Close up behind those that are left out.
                let (from, to) = (index * size, kept.len() * size);
                if from != to {
                    gathered.copy_within(from..from + size, to);
                }
                kept.push(index);
                sizes.push(of_picture);
                digests.push(digest);
            }
            Err(why) => unreadable.push(Unreadable {
                path: file.to_path_buf(),
                why,
            }),
        }
    }
    gathered.truncate(kept.len() * size);
    Ok(Batch {
        pixels: pixels(gathered),
        kept,
        sizes,
        digests,
        unreadable,
    })
}
