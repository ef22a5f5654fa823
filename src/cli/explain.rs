//! The arguments and the help of `cnnc explain`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Explain every number in a network's summary, and what training does; or what an error code means
///
/// In words and arithmetic, layer by layer: sizes, parameters, receptive fields, multiply-adds, memory; then the loss, the
/// optimizer, and how many steps there are. No data are read and no device is opened.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc explain digits.cnn
  cnnc explain digits.cnn --format markdown > digits.md
  cnnc explain E0301                     what this error code means")]
pub struct ExplainArgs {
    /// The description, or a code such as E0301
    #[arg(value_name = "FILE|CODE")]
    pub file: PathBuf,
    /// How to write it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Prose::Text)]
    pub format: Prose,
}

/// How an explanation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Prose {
    /// Text, as wide as the terminal
    Text,
    /// Markdown, with headings and tables
    Markdown,
}
