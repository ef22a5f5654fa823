//! Finds and reads masks, the pictures that outputs are compared with.

use super::entry::Entry;
use super::error::LoadingError;
use super::places::Places;
use crate::data::folder;
use crate::data::picture::mask::{self, Meaning};
use crate::data::{Form, open_picture};
use crate::error::Result;
use crate::threads;
use compiler::shape::Shape;
use compiler::training::loading::{Masks, PictureFiles};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What a mask's name may have after its picture's.
const BEHIND: &str = "_mask";

/// The masks of a loader's files, in the order of the files.
pub(super) struct Matched<'a> {
    masks: &'a Masks,
    paths: Vec<PathBuf>,
}

/// The values of masks, and the SHA-256 of the files and of how they were read.
pub(super) struct Read {
    pub(super) values: Vec<f32>,
    pub(super) sha256: [u8; 32],
}

impl<'a> Matched<'a> {
    /// Finds the mask of each file: it has the same path in its own folder, with any extension.
    ///
    /// # Errors
    /// When the folder does not exist, or a file does not have exactly one mask.
    pub(super) fn of(masks: &'a Masks, files: &[Entry], places: &Places) -> Result<Self> {
        let folder = places.base.join(&masks.directory);
        if !folder.is_dir() {
            return Err(LoadingError::NoMasks { path: folder }.into());
        }
        let stem = |path: &Path, below: &Path| path.strip_prefix(below).ok().map(|path| path.with_extension(""));
        let mut known: HashMap<PathBuf, PathBuf> = HashMap::new();
        for path in folder::list(&folder)?.files {
            let Some(name) = stem(&path, &folder) else { continue };
            if let Some(other) = known.insert(name, path.clone()) {
                return Err(LoadingError::TwoMasks {
                    one: other,
                    other: path,
                }
                .into());
            }
        }
        let of_one = |entry: &Entry| -> Result<PathBuf> {
            let picture = &entry.path;
            let name = stem(picture, &places.folder).unwrap_or_default();
            let mut behind = name.clone().into_os_string();
            behind.push(BEHIND);
            match (known.get(&name), known.get(Path::new(&behind))) {
                (Some(one), Some(other)) => Err(LoadingError::TwoMasks {
                    one: one.clone(),
                    other: other.clone(),
                }
                .into()),
                (Some(path), None) | (None, Some(path)) => Ok(path.clone()),
                (None, None) => Err(LoadingError::NoMask {
                    picture: picture.clone(),
                    folder: folder.clone(),
                }
                .into()),
            }
        };
        let paths = files.iter().map(of_one).collect::<Result<_>>()?;
        Ok(Self { masks, paths })
    }

    /// Reads the masks of the files that were kept; `sizes` are the heights and widths of their pictures.
    ///
    /// # Errors
    /// The first mask that cannot be read, has another size than its picture, or does not hold what it should.
    pub(super) fn read(
        &self,
        files: &PictureFiles,
        shape: &Shape,
        kept: &[usize],
        sizes: &[(u32, u32)],
    ) -> Result<Read> {
        let mut sha256 = Sha256::new();
        sha256.update(format!("{:?}", self.masks));
        let Some(form) = Form::of(shape) else {
            return Ok(Read {
                values: Vec::new(),
                sha256: sha256.finalize().into(),
            });
        };
        let meaning = Meaning::of(self.masks, files);
        let wanted: Vec<(&PathBuf, (u32, u32))> = kept
            .iter()
            .filter_map(|&index| self.paths.get(index))
            .zip(sizes.iter().copied())
            .collect();
        let read = |&(path, size): &(&PathBuf, (u32, u32))| {
            let read = open_picture(path).and_then(|bytes| {
                let values = mask::values(&bytes, size, form, &meaning)?;
                Ok((values, <[u8; 32]>::from(Sha256::digest(&bytes))))
            });
            read.map_err(|why| LoadingError::Mask {
                path: path.clone(),
                why,
            })
        };
        let read: Vec<_> = match threads::pool() {
            Some(pool) => pool.in_it(|| wanted.par_iter().map(read).collect()),
            None => wanted.iter().map(read).collect(),
        };
        let mut values = Vec::with_capacity(wanted.len() * form.values());
        let mut digests = Vec::with_capacity(wanted.len());
        for (mask, (path, _)) in read.into_iter().zip(&wanted) {
            let (mask, digest) = mask?;
            values.extend(mask);
            digests.push((*path, digest));
        }
        // In the order of their paths, so that the seed has no part in it.
        digests.sort_unstable();
        for (_, digest) in digests {
            sha256.update(digest);
        }
        Ok(Read {
            values,
            sha256: sha256.finalize().into(),
        })
    }
}
