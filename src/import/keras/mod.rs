//! Keras's own files: `.keras`, whole models in `.h5`, older ones included, and weights alone.

mod config;
mod hdf5;
mod values;
mod weights;

use super::draft::Draft;
use crate::session::{Error, Result};
use compiler::network::CheckedNetwork;
use runtime::checkpoint::NamedTensor;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// The most bytes of an architecture.
const MOST_CONFIG: u64 = 1 << 26;
/// The most bytes of weights within an archive, which are unpacked into memory.
const MOST_WEIGHTS: u64 = 1 << 32;

/// An opened file of Keras's.
pub struct Model {
    /// Its network; none where the file holds weights alone.
    pub draft: Option<Draft>,
    /// The file's names of the layers, by the names that they have in the description.
    names: BTreeMap<String, String>,
    root: hdf5::Node,
}

impl Model {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read or is none of Keras's.
    pub fn open(path: &Path) -> Result<Self> {
        let (mut file, size) = runtime::open::file(path).map_err(|cause| Error::file("read", path, &cause))?;
        let mut head = [0; 4];
        let _ = file
            .read(&mut head)
            .map_err(|cause| Error::file("read", path, &cause))?;
        file.seek(SeekFrom::Start(0))
            .map_err(|cause| Error::file("read", path, &cause))?;
        let opened = if head == *b"PK\x03\x04" {
            Self::archive(file, size)
        } else {
            Self::hdf5(file)
        };
        opened.map_err(|error| super::named(path, &error))
    }

    /// `.keras`: an archive of the architecture and an HDF5 file.
    fn archive(file: File, size: u64) -> Result<Self> {
        let broken = |cause: &dyn std::fmt::Display| Error::message(format!("this is no .keras file: {cause}"));
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
        Self::of(&config, None, hdf5::open(Cursor::new(weights))?)
    }

    /// `.h5`: attributes hold the architecture, where the model is whole.
    fn hdf5(file: File) -> Result<Self> {
        let root = hdf5::open(file)?;
        let attribute = |name: &str| -> Result<Option<Value>> {
            let Some(texts) = root.texts(name)? else {
                return Ok(None);
            };
            let text = texts.concat();
            serde_json::from_str(&text)
                .map(Some)
                .map_err(|cause| Error::message(format!("{name}: {cause}")))
        };
        let Some(config) = attribute("model_config")? else {
            return Ok(Self {
                draft: None,
                names: BTreeMap::new(),
                root,
            });
        };
        let training = attribute("training_config")?;
        Self::of(&config, training.as_ref(), root)
    }

    fn of(config: &Value, training: Option<&Value>, root: hdf5::Node) -> Result<Self> {
        let (draft, names) = config::draft(config, training)?;
        let own = draft.layers.iter().zip(names);
        let names = own
            .filter_map(|(layer, name)| Some((layer.name.clone()?, name)))
            .collect();
        Ok(Self {
            draft: Some(draft),
            names,
            root,
        })
    }

    /// The variables of a network, which is the file's or has its layers.
    ///
    /// # Errors
    /// When the file has others.
    pub fn weights(&self, network: &CheckedNetwork) -> Result<Vec<NamedTensor>> {
        weights::read(&self.root, network, &self.names)
    }
}
