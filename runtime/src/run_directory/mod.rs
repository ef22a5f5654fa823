//! The files of a run, from which it can be resumed.
//!
//! The whole state of a run (weights, optimizer, history, the step within the epoch and its sums) is one file, and `run.yaml`
//! names it with its sha256. A state is committed by the rename of `run.yaml`, and by nothing else: the state is on the disk
//! before it, and the state before that goes after it. A process that dies anywhere in between leaves the last commit.
//! `weights.safetensors` and `history.csv` are written from it afterwards, for other programs and for people.

mod events;
mod history;
mod identity;
mod lock;
mod manifest;
mod names;
mod open;
mod pace;
mod past;
mod state;

#[cfg(test)]
mod tests;

pub use history::{Epoch, History, python};
pub use identity::{Difference, Identity};
pub use manifest::{Manifest, PhaseSettings, StateFile};
pub use names::{HISTORY, MANIFEST, REPORT, WEIGHTS};
pub use open::OpenRun;
pub use pace::Pace;
pub use past::{Beside, RunDirectory, Taken};
pub use state::{Standing, State};
