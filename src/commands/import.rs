//! `cnnc import`: descriptions of networks from other programs.

use super::{Failure, Outcome};
use crate::cli::import::ImportArgs;
use crate::render::terminal;
use cnnc::import::{self, Options};
use runtime::checkpoint::NamedTensor;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Imports a file, and prints what the description leaves out and what is wrong with it.
pub fn run(args: &ImportArgs) -> Outcome {
    if let Some(into) = &args.into {
        return weights(args, into);
    }
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
    if let Some(file) = &args.output {
        let beside = imported
            .weights
            .as_ref()
            .map(|weights| (file.with_extension("safetensors"), weights));
        if let Some((beside, _)) = &beside {
            absent(beside)?;
        }
        create(file, text.as_bytes())?;
        terminal::say(&format!("wrote {}", file.display()));
        if let Some((beside, weights)) = beside {
            save(&beside, weights)?;
        }
    } else {
        terminal::print(text)?;
        if imported.weights.is_some() {
            terminal::say("note: the weights are not written: -o NET.cnn writes NET.safetensors as well");
        }
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
    if imported.open.is_empty() {
        terminal::say("note: values that the script does not say can be given: --let num_classes=10, --input 28,28,1");
    } else {
        let given: Vec<String> = imported.open.iter().map(|name| format!("--let {name}=VALUE")).collect();
        terminal::say(&format!(
            "note: the script does not say all values; they can be given: {}",
            given.join(" ")
        ));
    }
    Err(Failure::Reported)
}

/// Imports weights for a network that has a description.
fn weights(args: &ImportArgs, into: &Path) -> Outcome {
    let description = super::open(into)?;
    let tensors = import::weights(&args.file, &description)?;
    let out = args
        .output
        .clone()
        .unwrap_or_else(|| into.with_extension("safetensors"));
    absent(&out)?;
    save(&out, &tensors)
}

fn save(out: &Path, tensors: &[NamedTensor]) -> Outcome {
    runtime::checkpoint::save(out, tensors, &BTreeMap::new())?;
    terminal::say(&format!("wrote {}", out.display()));
    Ok(())
}

/// An error if the file exists.
fn absent(file: &Path) -> Outcome {
    if file.exists() {
        return Err(Failure::message(format!("{} already exists", file.display()))
            .with_help("choose another name: existing files are never overwritten"));
    }
    Ok(())
}

/// Writes a file; an error if it exists.
fn create(file: &Path, bytes: &[u8]) -> Outcome {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = opened.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return Failure::message(format!("{} already exists", file.display()))
                .with_help("choose another name: existing files are never overwritten");
        }
        Failure::file("create", file, &error)
    })?;
    opened
        .write_all(bytes)
        .map_err(|error| Failure::file("write", file, &error))
}
