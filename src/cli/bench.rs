//! The arguments and the help of `cnnc bench`.

use super::values::{Format, batch_size, epochs, samples, seconds};
use clap::Args;
use std::path::PathBuf;

/// Measure how fast a network trains and predicts here
///
/// For each device and batch size: seconds per epoch, samples and floating-point operations per second, the time of each
/// operation of a step, peak memory; for each device, how long a prediction takes. Nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc bench digits.cnn
  cnnc bench digits.cnn --device cpu,gpu --batch-size 1,32,128
  cnnc bench digits.cnn --data fashion-mnist --epochs 3 --format json

If the description's data set is not on this machine, samples of its shape are made up. The first step, in which a device
compiles its kernels, is measured separately. The time of an epoch that --seconds cuts short is scaled up.")]
pub struct BenchArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Devices to run on, separated by commas: auto, gpu, cpu, or parts of devices' names
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "auto")]
    pub device: Vec<String>,
    /// Samples per step, separated by commas, instead of the description's
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = batch_size)]
    pub batch_size: Vec<usize>,
    /// Train this many whole epochs
    #[arg(long, value_name = "N", value_parser = epochs, conflicts_with = "seconds")]
    pub epochs: Option<usize>,
    /// Train for about this many seconds
    #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
    /// Train on this instead of the description's data: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Use only this many samples, the first of the data set
    #[arg(long, value_name = "N", value_parser = samples)]
    pub samples: Option<usize>,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
}
