//! `cnnc serve`

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Answer over HTTP what a trained network says of pictures
///
/// GET / is a page to draw on, POST /predict takes a picture and gives classes as JSON. It takes arrays as well: .npy, or .npz or JSON with an array for each input by its name; several outputs come by their names. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc serve digits.cnn --weights runs/digits/weights.safetensors
  curl --data-binary @seven.png http://127.0.0.1:8000/predict
  curl --data-binary @pair.npz http://127.0.0.1:8000/predict
  curl -d '{\"left\": [[0.5, 0.1]], \"right\": [[0.2, 0.9]]}' http://127.0.0.1:8000/predict

Only this machine can reach it unless --address names another one. A request may take 10 seconds and hold 16 MiB.")]
pub struct ServeArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// Where to listen; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000")]
    pub address: SocketAddr,
    /// Device to run on: auto, gpu, cpu, or part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}
