//! Errors and warnings about a description: one type for both, rendered elsewhere (the command line draws it,
//! `--format json` serialises it).
//!
//! Style: the message is one terse phrase without a full stop; a label says what is *here*; the help says what to type.

use crate::span::Span;
use serde::Serialize;

/// Whether a description can be used in spite of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The description still has a meaning, but it is likely not the intended one.
    Warning,
    /// The description has no meaning that could be run.
    Error,
}

/// A place, and what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The bytes to underline; empty for a place between two characters.
    pub span: Span,
    /// What is at the place; may be empty on a primary label whose message says it all.
    pub text: String,
    /// Whether the place is at fault, rather than one that explains the fault.
    pub primary: bool,
}

/// A replacement that would make the error go away: the text at `span` becomes `replacement`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// The bytes to replace; empty for an insertion.
    pub span: Span,
    /// The text to put there; empty for a removal.
    pub replacement: String,
}

/// One error or warning: a code with one meaning (see `codes`), a message, and the places that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// A stable name such as `E0301`: E for errors, W for warnings; 00xx text, 01xx names and arguments, 02xx
    /// structure, 03xx shapes, 04xx compile and fit, 05xx data sets, 06xx weights and devices.
    pub code: &'static str,
    /// Error or warning, as the code's first letter says.
    pub severity: Severity,
    /// One terse phrase without a full stop.
    pub message: String,
    /// The places, the primary one first; empty where nothing in the text is at fault.
    pub labels: Vec<Label>,
    /// Facts: arithmetic, both sides of a mismatch.
    pub notes: Vec<String>,
    /// Advice, above all what to type; where there is a fix, the last item says what it does.
    pub help: Vec<String>,
    /// The advice as an edit; None where it cannot be given as one.
    pub fix: Option<Fix>,
}

/// One diagnostic for a mistake that is made at several places: those that differ in their one place alone become one with all
/// places, where the first stood. Fixes other than the first one's are left out, since each is the same edit at another place.
#[must_use]
pub fn gathered(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        match kept.iter_mut().find(|first| first.is_the_same_mistake(&diagnostic)) {
            // What is wrong is said at the first place.
            Some(first) => first.labels.extend(diagnostic.labels.into_iter().map(|label| Label {
                text: String::new(),
                ..label
            })),
            None => kept.push(diagnostic),
        }
    }
    kept
}

impl Diagnostic {
    /// Whether another one says the same of another place; this one may have several already.
    fn is_the_same_mistake(&self, other: &Self) -> bool {
        let edit = |diagnostic: &Self| diagnostic.fix.as_ref().map(|fix| fix.replacement.clone());
        let (Some(first), [place]) = (self.labels.first(), other.labels.as_slice()) else {
            return false;
        };
        self.code == other.code
            && self.message == other.message
            && first.text == place.text
            && self
                .labels
                .iter()
                .all(|label| label.primary && label.span != place.span)
            && place.primary
            && (&self.notes, &self.help, edit(self)) == (&other.notes, &other.help, edit(other))
    }

    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning without a place yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        let (labels, notes, help) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            code,
            severity,
            message: message.into(),
            labels,
            notes,
            help,
            fix: None,
        }
    }

    /// Adds the place that is at fault.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary: true,
        });
        self
    }

    /// Adds a place that explains the fault.
    #[must_use]
    pub fn because(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary: false,
        });
        self
    }

    /// Adds a fact that explains the error: arithmetic, a limit, the other side of a mismatch.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice: what to type instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds the edit that mends the error.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
        });
        self
    }

    /// Whether it is an error rather than a warning.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
