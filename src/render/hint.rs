//! Where to read more about an error, said once, after everything else.

use grammar::diagnostic::Diagnostic;
use std::sync::{Mutex, PoisonError};

/// The code of the first error that was drawn.
static FIRST: Mutex<Option<&'static str>> = Mutex::new(None);

/// Keeps in mind that these were drawn for a person.
pub fn remember(diagnostics: &[Diagnostic]) {
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    if first.is_none() {
        *first = diagnostics
            .iter()
            .find(|diagnostic| diagnostic.is_error())
            .map(|error| error.code);
    }
}

/// Forgets them: what was asked for is data, which a program reads.
pub fn forget() {
    *FIRST.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// How to read more about the first error, if there was one; once.
pub fn take() -> Option<String> {
    let code = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    code.map(|code| format!("\nfor more about an error: cnnc explain {code}\n"))
}
