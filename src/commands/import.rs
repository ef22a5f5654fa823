//! `cnnc import`: a description of what others made.

use super::{Failure, Outcome};
use crate::cli::import::ImportArgs;
use crate::render::terminal;
use cnnc::import::{self, Options};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Imports, and says what is not in the description and what is wrong with it.
pub fn run(args: &ImportArgs) -> Outcome {
    let options = Options {
        given: args.given.clone(),
        input: args.input.as_ref().map(|sizes| sizes.0.clone()),
        model: args.model.clone(),
    };
    let imported = import::import(&args.file, args.output.as_deref(), &options)?;
    for note in &imported.notes {
        terminal::say(&format!("note: {note}"));
    }
    let text = &imported.examined.source.text;
    match &args.output {
        Some(file) => {
            create(file, text.as_bytes())?;
            terminal::say(&format!("wrote {}", file.display()));
        }
        None => terminal::print(text)?,
    }
    if imported.left_out > 0 {
        let things = if imported.left_out == 1 {
            "1 thing is"
        } else {
            &format!("{} things are", imported.left_out)
        };
        terminal::say(&format!("{things} left out, listed at the description's end"));
    }
    for error in &imported.errors {
        terminal::error(error, None);
    }
    terminal::diagnostics(&imported.examined.source, &imported.examined.diagnostics);
    if imported.is_accepted() {
        return Ok(());
    }
    terminal::say("note: values that the script does not say can be given: --let num_classes=10, --input 28,28,1");
    Err(Failure::Reported)
}

/// Writes a file that is not there yet.
fn create(file: &Path, bytes: &[u8]) -> Outcome {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::message(format!("{} already exists", file.display()))
            .with_help("choose another name: existing files are never overwritten"),
        _ => Failure::file("create", file, &error),
    })?;
    opened
        .write_all(bytes)
        .map_err(|error| Failure::file("write", file, &error))
}
