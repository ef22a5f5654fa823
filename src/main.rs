//! The command line: `cnnc --help` says what there is.
//!
//! Exit status: 0 for success; 1 if the description, the data or the run is at fault; 2 if the command line is wrong. What
//! another program would read goes to standard output, everything else to standard error.

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

mod cli;
mod commands;
mod environment;
mod render;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    environment::prepare();
    let outcome = match cli::Cli::parse().command {
        cli::Command::Check(args) => commands::check::run(&args),
        cli::Command::Explain(args) => commands::explain::run(&args),
        cli::Command::Run(args) => commands::run::run(&args),
        cli::Command::Eval(args) => commands::eval::run(&args),
        cli::Command::Predict(args) => commands::predict::run(&args),
        cli::Command::Bench(args) => commands::bench::run(&args),
        cli::Command::Verify(args) => commands::verify::run(&args),
        cli::Command::Emit(args) => commands::emit::run(&args),
        cli::Command::Export(args) => commands::export::run(&args),
        cli::Command::Import(args) => commands::import::run(&args),
        cli::Command::Serve(args) => commands::serve::run(&args),
        cli::Command::New(args) => commands::new::run(&args),
        cli::Command::Devices => commands::devices::run(),
        cli::Command::Data(args) => commands::data::run(&args),
        #[cfg(feature = "pictures")]
        cli::Command::Report(args) => commands::report::run(&args),
        #[cfg(feature = "pictures")]
        cli::Command::Show(args) => commands::show::run(&args),
        #[cfg(not(feature = "pictures"))]
        cli::Command::Report(_) | cli::Command::Show(_) => commands::lacking::pictures(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => commands::reporting::report(&failure),
    }
}
