//! The arguments and the help of `cnnc eval`.

use super::values::{Format, batch_size};
use clap::Args;
use std::path::PathBuf;

/// Measure loss and metrics on the test split
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc eval digits.cnn --weights runs/mnist_pyramid/weights.safetensors
  cnnc eval digits.cnn --weights weights.safetensors --data ./t10k --format json
  cnnc eval digits.cnn --weights weights.safetensors --int8         what cnnc export --int8 costs")]
pub struct EvalArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights, as `cnnc run` writes them
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// Measure on this instead of the description's data: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Device to run on: auto, gpu, cpu, or part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// Samples per step, instead of the description's
    #[arg(long, value_name = "N", value_parser = batch_size)]
    pub batch_size: Option<usize>,
    /// Compute in 8-bit integers, calibrated on the training split, beside float32, on the CPU
    #[arg(long, conflicts_with_all = ["device", "batch_size"])]
    pub int8: bool,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
}
