//! What is said of a command that did not do what it was asked.

use super::failure::Failure;
use crate::render::{hint, terminal};
use cnnc::session::Error;
use std::process::ExitCode;

/// Says what is wrong, where that is still to be said, and gives the exit status.
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

/// Says where to read more, if there was an error with a code.
fn hint() {
    if let Some(line) = hint::take() {
        terminal::show(&line);
    }
}
