//! A run that is over, as an argument.

use clap::Args;
use std::path::PathBuf;

/// Which run, and with what its network is asked again.
#[derive(Debug, Args)]
pub struct PastRunArgs {
    /// The directory of the run
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,
    /// Where the run's data are now, if they have moved: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Device to run on: auto, gpu, cpu, or part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}
