//! Reports the failure of a command.

use super::failure::Failure;
use crate::render::{hint, terminal};
use cnnc::session::Error;
use std::process::ExitCode;

/// Prints the error, unless that has been done, and returns the exit status.
pub fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Closed => return ExitCode::SUCCESS,
        Failure::Interrupted => return ExitCode::from(130),
        Failure::Reported => hint(),
        Failure::Session(Error::Description(rejection)) => {
            terminal::diagnostics(&rejection.source, &rejection.diagnostics);
            hint();
        }
        Failure::Session(error) => terminal::error(&error.to_string(), error.help().as_deref()),
    }
    ExitCode::FAILURE
}

/// Prints where to read more, if there was an error with a code.
fn hint() {
    if let Some(line) = hint::take() {
        terminal::show(&line);
    }
}
