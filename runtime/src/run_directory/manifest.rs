//! `run.yaml`: what was run, on what, with what; and which files are the run's.

use super::names;
use crate::data::Reading;
use crate::error::{Result, RuntimeError};
use compiler::entering::Entering;
use compiler::training::settings::{MOST_EPOCHS, MOST_PHASES, MOST_SAMPLES_A_STEP};
use serde::{Deserialize, Serialize};

/// Everything that it takes to run a run again, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this program.
    pub cnnc: String,
    /// The network's name.
    pub model: String,
    /// The data set's name or path.
    pub data: String,
    /// Where it lies, if it was named by a path: an absolute one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_path: Option<String>,
    /// Where that lies that validates, if the description names it: an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_path: Option<String>,
    /// The folder that the paths of tables and masks in the description start at, where it names some: an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_folder: Option<String>,
    /// Where its copy came from, in a line.
    pub data_origin: String,
    /// The sha256 of its shapes, pixels and labels; for a folder of pictures, of the files.
    pub data_sha256: String,
    /// What its classes are called, in the order of their labels, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_names: Option<Vec<String>>,
    /// How its pictures were read, if it is a folder of them; others are to be read likewise.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "serde_yaml::with::singleton_map"
    )]
    pub pictures: Option<Reading>,
    /// What whole numbers of pixels reached the first layer as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<Entering>,
    /// Where all randomness started.
    pub seed: u64,
    /// Samples a step.
    pub batch_size: usize,
    /// How many whole epochs are done; `history.csv` has a line for each.
    pub epochs: usize,
    /// The phase that is under way, or the last one, counted from 1; of a run that has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<usize>,
    /// What each phase is trained with, those of the command line included; of a run that has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseSettings>,
    /// Steps done of the epoch after those; of a run that was interrupted.
    #[serde(default)]
    pub step: usize,
    /// What it ran on.
    pub device: String,
    /// That device's driver; none for the CPU.
    pub driver: Option<String>,
    /// How long training took, in seconds, over all resumed parts.
    pub wall_seconds: f64,
    /// The file that a resumed run goes on from. None of a run of before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateFile>,
    /// The sha256 of `weights.safetensors`.
    pub weights_sha256: String,
    /// The sha256 of `history.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_sha256: Option<String>,
    /// The sha256 of what the description and the command line say, without `epochs` and `data`: see
    /// [`Identity`](super::Identity).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_sha256: Option<String>,
    /// The description, as it was given.
    pub description: String,
}

/// What a phase of training is trained with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseSettings {
    /// Where its epochs end.
    pub epochs: usize,
    /// Samples a step.
    pub batch_size: usize,
    /// Where its randomness starts.
    pub seed: u64,
}

/// A file that is known by its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateFile {
    /// Its name in the run directory.
    pub file: String,
    /// The sha256 of its bytes.
    pub sha256: String,
}

impl Manifest {
    /// Reads what [`Manifest::text`] wrote; messages call it `file`. Whoever edits the file may write anything.
    ///
    /// # Errors
    /// When a key is missing or unknown, or a number is none that a run can have.
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

    /// The phase that is under way, or the last one, counted from 0.
    pub fn phase_index(&self) -> usize {
        self.phase.map_or(0, |phase| phase.saturating_sub(1))
    }

    /// As a file's text.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as YAML.
    pub fn text(&self) -> std::result::Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }
}
