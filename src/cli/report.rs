//! The arguments and the help of `cnnc report`.

use super::past::PastRunArgs;
use clap::Args;
use std::path::PathBuf;

/// Write the report of a run again: one page that any browser opens offline
///
/// `cnnc run` writes it into the run directory when it ends: the network, its curves, its filters, what it confuses, its
/// worst mistakes, and where the time went.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc report runs/mnist_pyramid
  cnnc report runs/mnist_pyramid --out ~/pyramid.html")]
pub struct ReportArgs {
    #[command(flatten)]
    pub past: PastRunArgs,
    /// Write it here instead of report.html in the run directory
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
}
