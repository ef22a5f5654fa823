//! Predicts all pictures of a folder, one batch after another, so that a folder of any size takes the memory of one batch.

use super::Predictor;
use crate::session::answer::best;
use crate::session::error::{Error, Result};
use crate::session::listener::{Listener, Notice};
use runtime::data::Form;
use runtime::data::folder::{self, Unreadable, listed, read_batch, tolerated};
use std::path::{Path, PathBuf};

/// The most bytes that the samples of a batch take, and the most samples that it has.
const BATCH: (usize, usize) = (32 << 20, 4096);

/// The pictures of a folder that are to be predicted.
pub struct Folder {
    path: PathBuf,
    files: Vec<PathBuf>,
    form: Form,
    n_classes: usize,
}

/// What a network says of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction<'a> {
    /// The path of the picture.
    pub path: &'a Path,
    /// The most probable class; `None` where the outputs of the network are NaN.
    pub class: Option<usize>,
    /// The probability of that class, from 0 to 1; NaN where there is none.
    pub probability: f32,
    /// The probabilities of all classes, in the order of their numbers.
    pub probabilities: Vec<f32>,
}

impl Folder {
    /// Lists the pictures in a folder, at any depth, and gives a notice of other files there.
    ///
    /// # Errors
    /// When the network does not take pictures or does not tell classes, or there are no pictures.
    pub fn list(predictor: &Predictor<'_>, path: &Path, listener: &dyn Listener) -> Result<Self> {
        let network = predictor.network();
        let Some(n_classes) = predictor.classes() else {
            let message = "the network's output is not one number for each class, so there is no table of classes";
            return Err(Error::message(message).with_help("name an array with --input, and an .npy file with --output"));
        };
        let form = Form::of(network.input_shape()).ok_or_else(|| {
            let message = format!("the network takes {}, which no picture can be", network.input_shape());
            Error::message(message).with_help("name an array with --input")
        })?;
        let listing = folder::list(path)?;
        if listing.files.is_empty() {
            let message = format!("there are no pictures in {}", path.display());
            return Err(Error::message(message).with_help("looked for .png, .jpg, .jpeg, .webp and .bmp"));
        }
        if let Some(line) = folder::left_out(&listing.others, "to predict") {
            listener.notice(&Notice::Warning(line));
        }
        listener.notice(&Notice::Data(format!(
            "{} pictures from {}, resized to {} ({})",
            listing.files.len(),
            path.display(),
            network.input_shape(),
            predictor.reading().filter()
        )));
        Ok(Self {
            path: path.to_owned(),
            files: listing.files,
            form,
            n_classes,
        })
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are no pictures; a folder that was listed has some.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How many probabilities a prediction has.
    pub fn classes(&self) -> usize {
        self.n_classes
    }

    /// Passes the predictions of one batch after another to `write`, and returns the pictures that could not be read.
    ///
    /// # Errors
    /// The error of `write`, or when the device fails.
    pub fn predict<E: From<Error>>(
        &self,
        predictor: &mut Predictor<'_>,
        listener: &dyn Listener,
        write: &mut dyn FnMut(&[Prediction<'_>]) -> std::result::Result<(), E>,
    ) -> std::result::Result<Vec<Unreadable>, E> {
        let count = (BATCH.0 / self.form.values().max(1)).clamp(1, BATCH.1);
        let mut unreadable = Vec::new();
        let width = predictor.width().max(1);
        for files in self.files.chunks(count) {
            let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
            let batch = read_batch(&files, self.form, predictor.reading(), &|| {
                listener.picture_read(self.files.len());
            })
            .map_err(Error::from)?;
            unreadable.extend(batch.unreadable);
            if batch.kept.is_empty() {
                continue;
            }
            let outputs = predictor.outputs(batch.pixels, batch.kept.len())?;
            let kept = batch.kept.iter().filter_map(|&index| files.get(index));
            let predictions: Vec<_> = kept
                .zip(outputs.chunks(width))
                .map(|(&path, row)| {
                    let probabilities = predictor.probabilities(row);
                    let found = best(&probabilities);
                    Prediction {
                        path,
                        class: found.map(|(class, _)| class),
                        probability: found.map_or(f32::NAN, |(_, probability)| probability),
                        probabilities,
                    }
                })
                .collect();
            write(&predictions)?;
        }
        listener.pictures_done();
        Ok(unreadable)
    }

    /// Gives a notice of the pictures that could not be read; too many of them, or no others, are an error.
    ///
    /// # Errors
    /// When more than one in twenty pictures, or more than 100, could not be read.
    pub fn tolerate(&self, unreadable: &[Unreadable], listener: &dyn Listener) -> Result<()> {
        if unreadable.is_empty() {
            return Ok(());
        }
        let (count, total) = (unreadable.len(), self.files.len());
        let message = format!("{count} of {total} pictures in {} cannot be read", self.path.display());
        let list = listed(unreadable);
        if count < total && count <= tolerated(total) {
            listener.notice(&Notice::Warning(format!("warning: {message} and are left out:")));
            for line in list {
                listener.notice(&Notice::Warning(format!("  {line}")));
            }
            return Ok(());
        }
        Err(Error::message(message).with_help(list.join("\n")))
    }
}
