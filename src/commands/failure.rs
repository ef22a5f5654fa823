//! How commands fail: by an error, by Ctrl-C, or because nobody reads what they print.

use cnnc::session::Error;
use runtime::error::RuntimeError;
use std::io;
use std::path::Path;

/// The result of every command.
pub type Outcome = Result<(), Failure>;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The error has been printed already.
    Reported,
    /// An error of the session, which is still to be printed.
    Session(Error),
    /// Ctrl-C; what there was has been written. The exit status is 130, which is 128 + SIGINT, as in shells.
    Interrupted,
    /// Nobody reads standard output any more, such as after `| head`. This is not an error.
    Closed,
}

impl Failure {
    /// A failure in words: one terse phrase without a full stop.
    pub fn message(message: impl Into<String>) -> Self {
        Self::Session(Error::message(message))
    }

    /// The same failure with advice on what to type.
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Session(error) => Self::Session(error.with_help(text)),
            Self::Reported | Self::Interrupted | Self::Closed => self,
        }
    }

    /// The error for an operating system that refuses to do `action` to `path`.
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
