//! What can keep a session from doing what it was asked, as values.

use compiler::launch::Kernel;
use grammar::diagnostic::Diagnostic;
use grammar::source::Source;
use runtime::error::RuntimeError;
use std::fmt;
use std::io;
use std::path::Path;

/// What everything in a session gives that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not done.
#[derive(Debug)]
pub enum Error {
    /// The description is at fault, alone or together with the data that it is to be trained on.
    Description(Box<Rejection>),
    /// The run time refused: a file, a data set, a device.
    Runtime(RuntimeError),
    /// Anything else, in words.
    Message {
        /// What is wrong: one terse phrase without a full stop.
        message: String,
        /// What to do about it.
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

    /// The same with what to do about it; only an error in words takes that.
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

    /// The system's refusal to do `action` to `path`: `cannot read digits.cnn: permission denied`.
    pub fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        let cause = system_words(cause);
        Self::message(format!("cannot {action} {}: {cause}", path.display()))
    }

    /// A description that its diagnostics reject.
    pub fn rejected(source: Source, diagnostics: Vec<Diagnostic>) -> Self {
        Self::Description(Box::new(Rejection { source, diagnostics }))
    }

    /// A kernel that the compiler and its file disagree about: a fault of this program.
    pub(crate) fn kernel(kernel: &Kernel, cause: &shaders::SpecialiseError) -> Self {
        Self::message(format!("{}.wgsl: {cause}", kernel.file.name()))
            .with_help("this is a bug in cnnc; please report it")
    }

    /// What to do about it, where there is something to say. Diagnostics carry their own help.
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

/// The first error in a line, as compilers print it: the place, `error[E0101]` and the message.
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

/// What the system said, as the end of a line: without its number, and without a capital letter.
pub fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
