//! The arguments and the help of `cnnc verify`.

use super::values::Format;
use clap::Args;
use std::path::PathBuf;

/// Check that a device of this machine computes correctly
///
/// Every kernel that the description uses, or without one every kernel there is, is compared with a float64 reference,
/// gradients with differences of the loss, and the bits of a second run with those of the first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc verify
  cnnc verify digits.cnn --device gpu

The exit status is 1 if anything differs. The reference computes in plain loops: a large network takes minutes.")]
pub struct VerifyArgs {
    /// The description whose kernels are checked [default: every kernel]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Device to check: auto, gpu, cpu, or part of a device's name (see `cnnc devices`)
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
}
