//! How a command ends when it does not end well.

use crate::render::terminal;
use compiler::launch::Kernel;
use runtime::error::RuntimeError;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What every command gives.
pub type Outcome = Result<(), Failure>;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The description is at fault, and that has been said.
    Reported,
    /// The run time refused.
    Runtime(RuntimeError),
    /// Anything else: one terse phrase without a full stop, and what to do about it.
    Message {
        /// What is wrong.
        message: String,
        /// What to type.
        help: Option<String>,
    },
    /// Ctrl-C, and what there was is written. The exit status is 130, 128 + SIGINT, as shells count.
    Interrupted,
    /// Nobody reads standard output any more: `| head` has seen enough. Not an error.
    Closed,
}

impl Failure {
    /// A failure in words.
    pub fn message(message: impl Into<String>) -> Self {
        Self::Message {
            message: message.into(),
            help: None,
        }
    }

    /// The same with what to type.
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Message { message, .. } => Self::Message {
                message,
                help: Some(text.into()),
            },
            Self::Runtime(_) | Self::Reported | Self::Interrupted | Self::Closed => self,
        }
    }

    /// The system's refusal to do `action` to `path`.
    pub fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        Self::message(format!(
            "cannot {action} {}: {}",
            path.display(),
            terminal::cause(cause)
        ))
    }

    /// A kernel that the compiler and its file disagree about: a fault of this program.
    pub fn kernel(kernel: &Kernel, cause: &shaders::SpecialiseError) -> Self {
        Self::message(format!("{}.wgsl: {cause}", kernel.file.name()))
            .with_help("this is a bug of cnnc; please report it")
    }

    /// What is wrong, for a message within another.
    pub fn words(&self) -> String {
        match self {
            Self::Runtime(error) => error.to_string(),
            Self::Message { message, .. } => message.clone(),
            Self::Reported => "the description is at fault".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
            Self::Closed => "the output is closed".to_owned(),
        }
    }

    /// Says what is wrong, where that is still to be said, and gives the exit status.
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Closed => return ExitCode::SUCCESS,
            Self::Interrupted => return ExitCode::from(130),
            Self::Reported => {}
            Self::Runtime(error) => terminal::error(&error.to_string(), error.help().as_deref()),
            Self::Message { message, help } => terminal::error(message, help.as_deref()),
        }
        ExitCode::FAILURE
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        Self::Runtime(error)
    }
}
