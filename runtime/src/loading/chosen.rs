//! Chooses the files of a subset, and their order.

use super::entry::Entry;
use crate::error::{Result, RuntimeError};
use crate::numpy;
use compiler::training::loading::{Loader, PictureFiles, Share, Subset};

/// The files of the loader's subset, in its order.
pub(super) fn chosen(files: &PictureFiles, groups: Vec<Vec<Entry>>, seed: u64) -> Result<Vec<Entry>> {
    let empty = |share: Share, samples: usize, validates: usize| RuntimeError::Split {
        fraction: share.validation_split,
        samples,
        validates,
    };
    match files.loader {
        // keras/src/utils/dataset_utils.py, index_directory and get_training_or_validation_split.
        Loader::ImageDatasetFromDirectory => {
            let mut all: Vec<Entry> = groups.into_iter().flatten().collect();
            if files.shuffle {
                let seed = files.seed.unwrap_or(seed) as u32;
                let order = numpy::shuffled(seed, all.len() as u32);
                let mut places: Vec<Option<Entry>> = all.into_iter().map(Some).collect();
                let take = |at: u32| places.get_mut(at as usize).and_then(Option::take);
                all = order.into_iter().filter_map(take).collect();
            }
            let Some(share) = files.share else { return Ok(all) };
            let samples = all.len();
            let validates = (share.validation_split * samples as f64) as usize;
            if validates == 0 || validates >= samples {
                return Err(empty(share, samples, validates));
            }
            let last = all.split_off(samples - validates);
            Ok(match share.subset {
                Subset::Training => all,
                Subset::Validation => last,
            })
        }
        // keras/src/legacy/preprocessing/image.py, _list_valid_filenames_in_directory, and DataFrameIterator: a table is one group.
        Loader::FlowFromDirectory => {
            let Some(share) = files.share else {
                return Ok(groups.into_iter().flatten().collect());
            };
            let (mut chosen, mut samples) = (Vec::new(), 0);
            for mut of_class in groups {
                samples += of_class.len();
                let validates = (share.validation_split * of_class.len() as f64) as usize;
                let rest = of_class.split_off(validates.min(of_class.len()));
                chosen.extend(match share.subset {
                    Subset::Training => rest,
                    Subset::Validation => of_class,
                });
            }
            if chosen.is_empty() {
                let validates = if share.subset == Subset::Training { samples } else { 0 };
                return Err(empty(share, samples, validates));
            }
            Ok(chosen)
        }
    }
}
