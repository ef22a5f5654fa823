//! The arguments and the help of `cnnc new`.

use clap::Args;
use std::path::PathBuf;

/// Start a description from one that cnnc carries
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc new --list
  cnnc new digits.cnn --from mnist_pyramid
  cnnc new mobile.cnn --from MobileNetV2     one of Keras's applications, layer by layer")]
pub struct NewArgs {
    /// The file to write; an existing file is never overwritten
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub file: Option<PathBuf>,
    /// The description to start from, or the name of an application
    #[arg(long, value_name = "SPEC", required_unless_present = "list")]
    pub from: Option<String>,
    /// List the descriptions to start from
    #[arg(long, conflicts_with_all = ["file", "from"])]
    pub list: bool,
}
