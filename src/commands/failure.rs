//! How a command ends when it does not end well.

use cnnc::session::Error;
use runtime::error::RuntimeError;
use std::io;
use std::path::Path;

/// What every command gives.
pub type Outcome = Result<(), Failure>;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// What is wrong has been said already.
    Reported,
    /// The session refused; that is still to be said.
    Session(Error),
    /// Ctrl-C, and what there was is written. The exit status is 130, 128 + SIGINT, as shells count.
    Interrupted,
    /// Nobody reads standard output any more: `| head` has seen enough. Not an error.
    Closed,
}

impl Failure {
    /// A failure in words: one terse phrase without a full stop.
    pub fn message(message: impl Into<String>) -> Self {
        Self::Session(Error::message(message))
    }

    /// The same with what to type.
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Session(error) => Self::Session(error.with_help(text)),
            Self::Reported | Self::Interrupted | Self::Closed => self,
        }
    }

    /// The system's refusal to do `action` to `path`.
    pub fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        Self::Session(Error::file(action, path, cause))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Session(error)
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        Self::Session(Error::Runtime(error))
    }
}
