//! Many pictures at once, on all cores. Each file is read, decoded and resized by one thread before it takes the next:
//! what is kept is the samples.

use super::super::picture::{self, Form, Reading};
use super::error::FolderError;
use super::unreadable::Unreadable;
use crate::error::Result;
use crate::threads;
use compiler::shape::Shape;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Pictures as samples.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// The samples, one after another.
    pub pixels: Vec<u8>,
    /// Which of the files they are.
    pub kept: Vec<usize>,
    /// The sha256 of each of these files.
    pub digests: Vec<[u8; 32]>,
    /// The files that are not among them.
    pub unreadable: Vec<Unreadable>,
}

/// How many pictures that cannot be read are left out before there is an error: one in twenty, but always one and never
/// more than a hundred.
pub fn tolerated(total: usize) -> usize {
    (total / 20).clamp(1, 100)
}

/// Reads pictures, in their order; the number of threads changes nothing. `watch` is called after each, by any thread.
///
/// # Errors
/// When there is no memory for the samples. A picture that cannot be read is no error, but is among the `unreadable`.
pub fn read_batch(files: &[&Path], form: Form, reading: Reading, watch: &(dyn Fn() + Sync)) -> Result<Batch> {
    let sample_bytes = form.bytes();
    let all = files.len().saturating_mul(sample_bytes);
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(all).map_err(|_| FolderError::Memory {
        count: files.len(),
        shape: Shape::map(form.height as usize, form.width as usize, form.channels),
        bytes: all as u64,
        available: 0,
    })?;
    pixels.resize(all, 0);
    let read = |(place, file): (&mut [u8], &&Path)| {
        let outcome = into_sample(file, form, reading, place);
        watch();
        outcome
    };
    let outcomes: Vec<std::result::Result<[u8; 32], String>> = match threads::pool() {
        Some(pool) => pool.in_it(|| {
            let places = pixels.par_chunks_mut(sample_bytes.max(1));
            places.zip(files.par_iter()).map(read).collect()
        }),
        None => pixels.chunks_mut(sample_bytes.max(1)).zip(files).map(read).collect(),
    };
    let (mut kept, mut digests, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (outcome, file)) in outcomes.into_iter().zip(files).enumerate() {
        match outcome {
            Ok(digest) => {
                // Close up behind those that are left out.
                let (from, to) = (index * sample_bytes, kept.len() * sample_bytes);
                if from != to {
                    pixels.copy_within(from..from + sample_bytes, to);
                }
                kept.push(index);
                digests.push(digest);
            }
            Err(why) => unreadable.push(Unreadable {
                path: file.to_path_buf(),
                why,
            }),
        }
    }
    pixels.truncate(kept.len() * sample_bytes);
    Ok(Batch {
        pixels,
        kept,
        digests,
        unreadable,
    })
}

/// The file's sha256; its sample is put in its place.
fn into_sample(file: &Path, form: Form, reading: Reading, place: &mut [u8]) -> std::result::Result<[u8; 32], String> {
    let bytes = picture::read_file(file)?;
    let sample = picture::sample(&bytes, form, reading)?;
    if sample.len() != place.len() {
        return Err(format!("{} values, where {} are needed", sample.len(), place.len()));
    }
    place.copy_from_slice(&sample);
    Ok(Sha256::digest(&bytes).into())
}
