//! The arguments and the help of `cnnc export`.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use cnnc::export::Format;
use std::path::PathBuf;

/// Write a trained network for other programs
///
/// Every export carries ten samples with the outputs that cnnc predicts for them; --verify replays them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc export digits.cnn --weights runs/digits/weights.safetensors --to onnx --out digits.onnx --verify
  cnnc export digits.cnn --weights runs/digits/weights.safetensors --to keras --out digits.keras
  cnnc export digits.cnn --weights runs/digits/weights.safetensors --to c --out digits.c
  cnnc export digits.cnn --weights runs/digits/weights.safetensors --to tflite --int8 --out digits.tflite
  cnnc export digits.cnn --weights runs/digits/weights.safetensors --to html --out digits.html

What a format cannot express is an error before anything is written. An export takes what cnnc predict takes: float32,
channels last, a picture's bytes divided by 255. Its outputs agree with cnnc predict within 1e-5; with --int8, cnnc eval --int8
says what the integers cost, and --verify compares with what they give.")]
pub struct ExportArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights, as `cnnc run` writes them
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// The format to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: To,
    /// The file to write, or the folder where the format has several
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// Write 8-bit integers, calibrated on the training split: for onnx, tflite and c
    #[arg(long)]
    pub int8: bool,
    /// Calibrate on this instead of the description's data: a known name or a path
    #[arg(long, value_name = "NAME|PATH", requires = "int8")]
    pub data: Option<String>,
    /// Replay the samples with the program that the format is for, where that is installed
    #[arg(long)]
    pub verify: bool,
    /// The Python that --verify uses
    #[arg(long, value_name = "PROGRAM", default_value = "python3", requires = "verify")]
    pub python: String,
}

/// A format as it can be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct To(pub Format);

impl ValueEnum for To {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: [To; Format::ALL.len()] = {
            let mut all = [To(Format::C); Format::ALL.len()];
            let mut index = 0;
            while index < all.len() {
                all[index] = To(Format::ALL[index]);
                index += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).help(self.0.words()))
    }
}
