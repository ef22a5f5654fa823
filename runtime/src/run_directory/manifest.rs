//! `run.yaml`: what was run, with which data and on which device, and which files belong to the run.

use super::names;
use crate::data::Reading;
use crate::error::{Result, RuntimeError};
use compiler::entering::Entering;
use compiler::training::settings::{MOST_EPOCHS, MOST_PHASES, MOST_SAMPLES_A_STEP};
use serde::{Deserialize, Serialize};

/// Everything that it takes to repeat a run, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the program that wrote it.
    pub cnnc: String,
    /// The name of the network, as the description gives it.
    pub model: String,
    /// The name of the data set, or its path as it was given.
    pub data: String,
    /// The absolute path of the data set, if it was given by a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_path: Option<String>,
    /// The absolute path of the validation data, if the description names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_path: Option<String>,
    /// The folder that relative paths of tables and masks in the description start from, if it has any; an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_folder: Option<String>,
    /// Where the copy of the data came from, in a line.
    pub data_origin: String,
    /// The SHA-256 of the data's shapes, pixels and labels; for a folder of pictures, of the files.
    pub data_sha256: String,
    /// The names of the classes in the order of their labels, if they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_names: Option<Vec<String>>,
    /// How the pictures were read, if the data are a folder of pictures; those to predict are read in the same way.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "serde_yaml::with::singleton_map"
    )]
    pub pictures: Option<Reading>,
    /// How pixels that are whole numbers entered the first layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<Entering>,
    /// The seed of all random numbers of the run.
    pub seed: u64,
    /// The number of samples of a step.
    pub batch_size: usize,
    /// How many whole epochs have been trained; `history.csv` has a line for each.
    pub epochs: usize,
    /// The current or last phase, counted from 1; only for a run with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<usize>,
    /// The settings of each phase, including those of the command line; only for a run with several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseSettings>,
    /// How many steps of the next epoch have been done; more than 0 only in a run that was interrupted.
    #[serde(default)]
    pub step: usize,
    /// The name of the device that it ran on.
    pub device: String,
    /// The driver of that device; `None` for the CPU.
    pub driver: Option<String>,
    /// How long training took, in seconds, summed over all resumed parts.
    pub wall_seconds: f64,
    /// The file that a resumed run continues from; `None` for a run from before there was such a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateFile>,
    /// The SHA-256 of `weights.safetensors`, in hex.
    pub weights_sha256: String,
    /// The SHA-256 of `history.csv`, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_sha256: Option<String>,
    /// The SHA-256 of what the description and the command line say, without `epochs` and `data`: see
    /// [`Identity`](super::Identity).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_sha256: Option<String>,
    /// The text of the description, as it was given.
    pub description: String,
}

/// The settings of one phase of training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseSettings {
    /// The `epochs` of its `fit`: the phase ends once the epochs below this number are done.
    pub epochs: usize,
    /// The number of samples of a step.
    pub batch_size: usize,
    /// The seed of the phase's random numbers.
    pub seed: u64,
}

/// A file that is identified by its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateFile {
    /// Its name in the run directory.
    pub file: String,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

impl Manifest {
    /// Reads what [`Manifest::text`] wrote; error messages call it `file`. The file may have been edited, so that everything is
    /// checked.
    ///
    /// # Errors
    /// When a key is missing or unknown, or a number is not one that a run can have.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        let manifest: Self = serde_yaml::from_str(text)
            .map_err(|error| RuntimeError::mismatch(file, "the manifest of a run", format!("\"{error}\"")))?;
        let within = |key: &str, least: usize, most: usize, found: usize| {
            if (least..=most).contains(&found) {
                return Ok(());
            }
            let expected = format!("{key} from {least} to {most}");
            Err(RuntimeError::mismatch(file, expected, found.to_string()))
        };
        within("batch_size", 1, MOST_SAMPLES_A_STEP, manifest.batch_size)?;
        within("phases", 0, MOST_PHASES, manifest.phases.len())?;
        for phase in &manifest.phases {
            within("batch_size", 1, MOST_SAMPLES_A_STEP, phase.batch_size)?;
            within("epochs", 1, MOST_EPOCHS, phase.epochs)?;
        }
        match manifest.phase {
            Some(phase) => within("phase", 1, manifest.phases.len(), phase)?,
            None => within("phases", 0, 0, manifest.phases.len())?,
        }
        let most_epochs = MOST_EPOCHS * manifest.phases.len().max(1);
        within("epochs", 0, most_epochs, manifest.epochs)?;
        within("step", 0, u32::MAX as usize, manifest.step)?;
        if !(manifest.wall_seconds.is_finite() && manifest.wall_seconds >= 0.0) {
            let found = manifest.wall_seconds.to_string();
            return Err(RuntimeError::mismatch(file, "wall_seconds of at least 0", found));
        }
        if let Some(state) = manifest.state.as_ref().filter(|state| !names::is_state(&state.file)) {
            let found = format!("\"{}\"", state.file);
            return Err(RuntimeError::mismatch(file, "the name of a state file", found));
        }
        Ok(manifest)
    }

    /// The current or last phase, counted from 0.
    pub fn phase_index(&self) -> usize {
        self.phase.map_or(0, |phase| phase.saturating_sub(1))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as YAML.
    pub fn text(&self) -> std::result::Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }
}
