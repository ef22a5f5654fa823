//! `cnnc new`: a description to start from.

use super::{Failure, Outcome};
use crate::cli::new::NewArgs;
use crate::render::table::{Align, table};
use crate::render::terminal;
use cnnc::session::specs::{self, SPECS};
use compiler::applications::{self, CATALOGUE};
use compiler::call::suggest::{any_of, nearest};
use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a spec, or lists all of them.
pub fn run(args: &NewArgs) -> Outcome {
    if let (Some(file), Some(from)) = (&args.file, &args.from) {
        return write(file, from);
    }
    let rows = SPECS.map(|spec| [spec.name.to_owned(), spec.about().to_owned()]);
    let heads = [("spec", Align::Left), ("about", Align::Left)];
    terminal::print(&table(heads, &rows, terminal::table_columns()))
}

fn write(file: &Path, from: &str) -> Outcome {
    let spec = specs::find(from).map(|spec| Cow::Borrowed(spec.text));
    let text = spec
        .or_else(|| applications::description(from).map(Cow::Owned))
        .ok_or_else(|| {
            let applications = CATALOGUE.iter().map(|application| application.name);
            let names = || SPECS.iter().map(|spec| spec.name).chain(applications.clone());
            let help = nearest(from, names()).map_or_else(
                || format!("choose {}", any_of(names())),
                |name| format!("did you mean `{name}`? `cnnc new --list` lists all"),
            );
            Failure::message(format!("there is no spec `{from}`")).with_help(help)
        })?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| Failure::file("create the folder", folder, &error))?;
    }
    // Created or refused by the system in one step: nothing can come between.
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = opened.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return Failure::message(format!("{} already exists", file.display()))
                .with_help("choose another name: existing files are never overwritten");
        }
        Failure::file("create", file, &error)
    })?;
    opened
        .write_all(text.as_bytes())
        .map_err(|error| Failure::file("write", file, &error))?;
    let path = file.display();
    terminal::say(&format!("wrote {path}; next: cnnc check {path}"));
    Ok(())
}
