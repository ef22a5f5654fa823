//! Keras's own files: `.keras`, and `.h5` files, older ones included, of whole models or of weights alone.

mod config;
mod inference;
mod values;

use super::draft::Draft;
use crate::session::{Error, Result};
use compiler::network::CheckedNetwork;
use compiler::saved;
use runtime::checkpoint::NamedTensor;
use runtime::checkpoint::keras::{Hdf5, load_from};
use serde_json::Value;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// The largest architecture that is read, in bytes.
const MOST_CONFIG: u64 = 1 << 26;
/// The most bytes of weights within an archive, which are unpacked into memory.
const MOST_WEIGHTS: u64 = 1 << 32;

/// An open file of Keras's.
pub struct Model {
    /// The network in it; `None` where the file holds weights alone.
    pub draft: Option<Draft>,
    weights: Hdf5,
}

impl Model {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read or is not a file of Keras's.
    pub fn open(path: &Path) -> Result<Self> {
        let (mut file, size) = runtime::open::file(path).map_err(|cause| Error::file("read", path, &cause))?;
        let mut head = [0; 4];
        let _ = file
            .read(&mut head)
            .map_err(|cause| Error::file("read", path, &cause))?;
        file.seek(SeekFrom::Start(0))
            .map_err(|cause| Error::file("read", path, &cause))?;
        let opened = if head == *b"PK\x03\x04" {
            Self::archive(path, file, size)
        } else {
            Self::hdf5(path, file)
        };
        opened.map_err(|error| match error {
            // These name the file.
            Error::Runtime(_) => error,
            other => super::file::named(path, &other),
        })
    }

    /// Opens a `.keras` file: an archive of the architecture and an HDF5 file.
    fn archive(path: &Path, file: File, size: u64) -> Result<Self> {
        let broken = |cause: &dyn std::fmt::Display| Error::message(format!("this is not a .keras file: {cause}"));
        let mut archive = zip::ZipArchive::new(file).map_err(|cause| broken(&cause))?;
        let mut member = |name: &str, most: u64| -> Result<Vec<u8>> {
            let found = archive
                .by_name(name)
                .map_err(|cause| broken(&format!("{name}: {cause}")))?;
            let mut bytes = Vec::new();
            found
                .take(most + 1)
                .read_to_end(&mut bytes)
                .map_err(|cause| broken(&format!("{name}: {cause}")))?;
            if bytes.len() as u64 > most {
                return Err(Error::message(format!("{name} has more than {most} bytes")));
            }
            Ok(bytes)
        };
        let config = member("config.json", MOST_CONFIG.min(size.saturating_mul(64)))?;
        // Weights do not pack to a tenth; what claims more is no file of Keras's.
        let weights = member("model.weights.h5", MOST_WEIGHTS.min(size.saturating_mul(16)))?;
        let config: Value =
            serde_json::from_slice(&config).map_err(|cause| broken(&format!("config.json: {cause}")))?;
        let name = format!("{}: model.weights.h5", path.display());
        Self::of(&config, None, Hdf5::read(name, Cursor::new(weights))?)
    }

    /// Opens an `.h5` file, whose attributes hold the architecture if the model is whole.
    fn hdf5(path: &Path, file: File) -> Result<Self> {
        let weights = Hdf5::read(path.display().to_string(), file)?;
        let attribute = |name: &str| -> Result<Option<Value>> {
            let Some(texts) = weights.texts(name)? else {
                return Ok(None);
            };
            let text = texts.concat();
            serde_json::from_str(&text)
                .map(Some)
                .map_err(|cause| Error::message(format!("{name}: {cause}")))
        };
        let Some(config) = attribute("model_config")? else {
            return Ok(Self { draft: None, weights });
        };
        let training = attribute("training_config")?;
        Self::of(&config, training.as_ref(), weights)
    }

    fn of(config: &Value, training: Option<&Value>, weights: Hdf5) -> Result<Self> {
        Ok(Self {
            draft: Some(config::draft(config, training)?),
            weights,
        })
    }

    /// The variables of a network, which must have the layers of the file.
    ///
    /// # Errors
    /// When the file has other layers.
    pub fn weights(&self, network: &CheckedNetwork) -> Result<Vec<NamedTensor>> {
        let layers = saved::network(network);
        let mut values = load_from(&self.weights, &layers)?;
        let variables = layers.iter().flat_map(saved::Saved::variables);
        let tensors = variables.filter_map(|variable| {
            let found = values.remove(&variable.parameter)?;
            Some((variable.parameter.clone(), variable.shape.clone(), found))
        });
        Ok(tensors.collect())
    }
}
