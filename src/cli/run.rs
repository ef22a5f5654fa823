//! The arguments and the help of `cnnc run`.

use super::values::{batch_size, epochs};
use clap::Args;
use std::path::PathBuf;

/// Train the network of a description
///
/// Prints progress as Keras does, and writes a run directory: weights.safetensors, history.csv and run.yaml. Ctrl-C
/// finishes the current step and saves what has been trained so far.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc run digits.cnn
  cnnc run digits.cnn --epochs 10 --seed 1 --out runs/seed1
  cnnc run digits.cnn --data fashion-mnist
  cnnc run digits.cnn --data ~/pictures.npz --device gpu
  cnnc run pets.cnn --data photos/       photos/ has a folder of pictures for each class
  cnnc run digits.cnn --epochs 20 --resume")]
pub struct RunArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Train on this instead of the description's data: a known name (see `cnnc data list`) or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Start from these weights instead of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub weights: Option<PathBuf>,
    /// Number of passes over the training data, instead of the description's
    #[arg(long, value_name = "N", value_parser = epochs)]
    pub epochs: Option<usize>,
    /// Samples per step, instead of the description's
    #[arg(long, value_name = "N", value_parser = batch_size)]
    pub batch_size: Option<usize>,
    /// Seed of all randomness, instead of the description's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Device to train on: auto, gpu, cpu, or part of a device's name (see `cnnc devices`)
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// The run directory [default: runs/NAME, with the model's name]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Continue the run in the run directory from where it ended
    #[arg(long)]
    pub resume: bool,
    /// Train on a GPU whose driver has not been checked yet without checking it (see `cnnc verify`)
    #[arg(long)]
    pub no_verify: bool,
    /// Print no progress
    #[arg(long, short)]
    pub quiet: bool,
}
