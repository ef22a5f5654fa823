//! `CSVLogger`: writes the history as a table. Source: `keras/src/callbacks/csv_logger.py`.

use super::path::{Path, in_run_directory};
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Writes a table with the metrics of all epochs so far into the run directory, after each epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CSVLogger {
    /// The name of the table within the run directory.
    pub filename: Path,
    /// The character between two values of a row; a comma by default.
    pub separator: char,
}

impl Reaction for CSVLogger {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CSVLogger",
        aliases: &[],
        doc: "Writes the metrics of all epochs into a table in the run directory",
        parameters: &[
            Argument::required("filename", ArgumentKind::Name, "the file"),
            Argument::optional(
                "separator",
                ArgumentKind::Name,
                Literal::Str(","),
                "the character between two values",
            ),
            Argument::unsupported("append", Literal::Bool(false)),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let filename = given.read("filename", |argument, value, diagnostics| {
            in_run_directory(argument, value, None, diagnostics)
        });
        let separator = given.read("separator", |argument, value, diagnostics| {
            let text = values::string(argument, value, diagnostics)?;
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) if only.is_ascii() => Some(only),
                _ => {
                    diagnostics.push(
                        Diagnostic::error("E0109", "`separator` must be one ASCII character")
                            .at(value.span, format!("this has {}", text.chars().count())),
                    );
                    None
                }
            }
        });
        Some(Self {
            filename: filename?,
            separator: separator?,
        })
    }
}
