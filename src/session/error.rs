//! The errors of a session, as values.

use compiler::launch::Kernel;
use grammar::diagnostic::Diagnostic;
use grammar::source::Source;
use runtime::error::RuntimeError;
use std::fmt;
use std::io;
use std::path::Path;

/// The result of everything in a session that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a session could not do something.
#[derive(Debug)]
pub enum Error {
    /// The description has errors, on its own or together with the data that it is to be trained on.
    Description(Box<Rejection>),
    /// The runtime failed: a file, a data set, a device.
    Runtime(RuntimeError),
    /// Any other error, in words.
    Message {
        /// What is wrong: one terse phrase without a full stop.
        message: String,
        /// Advice on what to do about it.
        help: Option<String>,
    },
}

/// A description's text, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// The text that the diagnostics' spans point into.
    pub source: Source,
    /// Errors and warnings, in the order of the text; one at least is an error.
    pub diagnostics: Vec<Diagnostic>,
}

impl Error {
    /// An error in words.
    pub fn message(message: impl Into<String>) -> Self {
        Self::Message {
            message: message.into(),
            help: None,
        }
    }

    /// The same error with advice on what to do about it; only an error in words takes that.
    #[must_use]
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Message { message, .. } => Self::Message {
                message,
                help: Some(text.into()),
            },
            Self::Runtime(_) | Self::Description(_) => self,
        }
    }

    /// The error for an operating system that refuses to do `action` to `path`: `cannot read digits.cnn: permission denied`.
    pub fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        let cause = system_words(cause);
        Self::message(format!("cannot {action} {}: {cause}", path.display()))
    }

    /// A description that its diagnostics reject.
    pub fn rejected(source: Source, diagnostics: Vec<Diagnostic>) -> Self {
        Self::Description(Box::new(Rejection { source, diagnostics }))
    }

    /// The error for a kernel that the compiler and its file disagree about, which is a fault of this program.
    pub(crate) fn kernel(kernel: &Kernel, cause: &shaders::SpecialiseError) -> Self {
        Self::message(format!("{}.wgsl: {cause}", kernel.file.name()))
            .with_help("this is a bug in cnnc; please report it")
    }

    /// Advice on what to do about it; `None` where there is nothing more to say. Diagnostics carry their own help.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Description(_) => None,
            Self::Runtime(error) => error.help(),
            Self::Message { help, .. } => help.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Description(rejection) => rejection.fmt(f),
            Self::Runtime(error) => error.fmt(f),
            Self::Message { message, .. } => f.write_str(message),
        }
    }
}

/// The first error on one line, as compilers print it: the place, `error[E0101]` and the message.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.source.name;
        let Some(first) = self.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) else {
            return write!(f, "{name}: the description is rejected");
        };
        match first.labels.first() {
            Some(label) => {
                let place = self.source.position(label.span.start);
                write!(f, "{name}:{}:{}: ", place.line, place.column)?;
            }
            None => write!(f, "{name}: ")?,
        }
        write!(f, "error[{}]: {}", first.code, first.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Runtime(error) => Some(error),
            Self::Description(_) | Self::Message { .. } => None,
        }
    }
}

impl From<RuntimeError> for Error {
    fn from(error: RuntimeError) -> Self {
        Self::Runtime(error)
    }
}

/// An operating system's error as the end of a line: without its number, and without a capital letter.
pub fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
