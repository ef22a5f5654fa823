//! The arguments and the help of `cnnc check`.

use super::values::Format;
use clap::Args;
use std::path::PathBuf;

/// Check descriptions and print Keras's summary of each
///
/// Everything is checked: names, arguments, shapes, the loss against the output, the network against its data set. No
/// data are read and no device is opened. If a description is wrong, the summary ends before the layer that fails.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc check digits.cnn
  cnnc check specs/*.cnn
  cnnc check digits.cnn --verbose
  cnnc check digits.cnn --format json

One file gives one JSON object; several give an array of objects that each begin with their `file`. A description that is
wrong has its layers down to the one that fails, totals of null, and the errors under `diagnostics`.")]
pub struct CheckArgs {
    /// The descriptions to check, .cnn files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print the summary
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
    /// Add what the network costs: multiply-adds, receptive fields, memory by batch size, kernels of a step
    #[arg(long, short)]
    pub verbose: bool,
}
