//! What can be typed: one file for each command, with its arguments and its help.

pub mod bench;
pub mod check;
pub mod data;
pub mod emit;
pub mod eval;
pub mod explain;
pub mod export;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod import;
#[cfg(not(all(feature = "fetch", feature = "pictures")))]
pub mod lacking;
pub mod new;
pub mod one_set;
#[cfg(feature = "pictures")]
pub mod past;
pub mod predict;
#[cfg(feature = "pictures")]
pub mod report;
pub mod run;
pub mod serve;
#[cfg(feature = "pictures")]
pub mod show;
pub mod values;
pub mod verify;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
#[cfg(not(feature = "pictures"))]
use lacking::{ReportArgs, ShowArgs};
#[cfg(feature = "pictures")]
use report::ReportArgs;
#[cfg(feature = "pictures")]
use show::ShowArgs;

/// Compile and train small convolutional networks
///
/// A network, its loss and its training are described in one text file, in a language like Keras's. cnnc checks it,
/// compiles it to hand-written WGSL kernels and trains it on any GPU, or on the CPU.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
#[command(after_help = "\
Start with:
  cnnc new digits.cnn --from mnist_pyramid
  cnnc check digits.cnn
  cnnc run digits.cnn

Exit status: 0 done; 1 the description, the data or the run is at fault; 2 the command line is wrong. Results go to \
standard output, messages to standard error; NO_COLOR turns colours off.")]
pub struct Cli {
    /// What the program is asked to do, with the arguments of that command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the program, with the arguments of each.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Run(run::RunArgs),
    Eval(eval::EvalArgs),
    Predict(predict::PredictArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Serve(serve::ServeArgs),
    Bench(bench::BenchArgs),
    Verify(verify::VerifyArgs),
    Emit(emit::EmitArgs),
    New(new::NewArgs),
    /// List what can run a network here, and which one `--device auto` takes
    #[command(after_help = "\
Examples:
  cnnc devices
  cnnc run digits.cnn --device gpu       the best GPU, a software one included
  cnnc run digits.cnn --device llvmpipe  the first one with `llvmpipe` in its name")]
    Devices,
    Data(data::DataArgs),
    Report(ReportArgs),
    Show(ShowArgs),
}

/// Ends the process as any wrong command line does.
pub fn conflict(message: &str) -> ! {
    Cli::command().error(ErrorKind::ArgumentConflict, message).exit()
}
