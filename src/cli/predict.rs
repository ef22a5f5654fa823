//! The arguments and the help of `cnnc predict`.

use clap::Args;
use std::path::PathBuf;

/// Run a trained network on pictures or arrays
///
/// Prints the class and its probability for each sample; for a folder of pictures, a table as CSV.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc predict digits.cnn --weights runs/mnist_pyramid/weights.safetensors --input seven.png
  cnnc predict digits.cnn --weights weights.safetensors --input x.npy --output y.npy
  cnnc predict pets.cnn --weights runs/pets/weights.safetensors --input new_photos/ --output predicted.csv

A picture (PNG, JPEG, GIF, WebP, BMP) is resized to the network's input as the training pictures were: by Keras's bilinear
filter if the network was trained on a folder of pictures; otherwise by a triangle filter, with transparent parts white. An array is
float32 or uint8 of shape (samples, height, width, channels); uint8 is scaled by 1/255, float32 is taken as it is.

For a folder, every picture in it and in the folders below it is a line of path, class, name and probability. Pictures that
cannot be read are left out and listed; if they are more than one in twenty, or more than 100, the exit status is 1.
Classes have the names in the run.yaml beside the weights, or else those of the description's data set.

For a network with several inputs, --input is an .npz file with an array for each, by its name; for one with several
outputs, --output is an .npz file with an array for each.")]
pub struct PredictArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights, as `cnnc run` writes them
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// A picture (.png, .jpg, .webp, .bmp), a folder of pictures, or an array of samples (.npy)
    #[arg(long, value_name = "FILE|FOLDER")]
    pub input: PathBuf,
    /// Write the network's raw output here, as float32; for a folder, the table [default: standard output]
    #[arg(long, value_name = "FILE.npy|FILE.npz|FILE.csv")]
    pub output: Option<PathBuf>,
    /// For a folder: a column of probabilities for each class
    #[arg(long)]
    pub all: bool,
    /// Device to run on: auto, gpu, cpu, or part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}
