//! Says where to read more about an error, once, after all other output.

use grammar::diagnostic::Diagnostic;
use std::sync::{Mutex, PoisonError};

/// The code of the first error that was shown.
static FIRST: Mutex<Option<&'static str>> = Mutex::new(None);

/// Remembers that these diagnostics were shown to a person.
pub fn remember(diagnostics: &[Diagnostic]) {
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    if first.is_none() {
        *first = diagnostics
            .iter()
            .find(|diagnostic| diagnostic.is_error())
            .map(|error| error.code);
    }
}

/// Forgets them, because the output is data for a program.
pub fn forget() {
    *FIRST.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// How to read more about the first error, if there was one; only the first call gives it.
pub fn take() -> Option<String> {
    let code = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    code.map(|code| format!("\nfor more about an error: cnnc explain {code}\n"))
}
