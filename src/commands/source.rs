//! From a path to a checked network, the same for every command that takes a description.

use super::{Failure, specs};
use crate::render::{diagnostics, terminal};
use compiler::check::check_file;
use compiler::network::CheckedNetwork;
use grammar::ast::File;
use grammar::diagnostic::Diagnostic;
use grammar::source::Source;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A description that holds together.
#[derive(Debug)]
pub struct Description {
    /// Where it is; paths in it start at its folder.
    pub path: PathBuf,
    /// Its text.
    pub source: Source,
    /// What it describes.
    pub network: CheckedNetwork,
}

impl Description {
    /// The folder that its paths start at.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Draws a diagnostic about it and gives the failure that says so.
    pub fn reject(&self, diagnostic: Diagnostic) -> Failure {
        report(&self.source, &[diagnostic]);
        Failure::Reported
    }
}

/// All that can be said about a description.
#[derive(Debug)]
pub struct Examined {
    /// Its text; empty where it could not be read.
    pub source: Source,
    /// Its tree, if its text is in order.
    pub tree: Option<File>,
    /// The network; where it is at fault, down to the layer that fails.
    pub network: Option<CheckedNetwork>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Examined {
    /// Whether there are errors.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Draws the diagnostics on standard error.
    pub fn report(&self) {
        report(&self.source, &self.diagnostics);
    }
}

/// Reads and checks a description, and says what is wrong with it, warnings too.
pub fn open(path: &Path) -> Result<Description, Failure> {
    whole(path, examine(path))
}

/// Checks a description that was kept in another file, and says what is wrong with it. Messages call it `path`, and paths
/// in it start at that one's folder.
pub fn of_text(path: &Path, text: &str) -> Result<Description, Failure> {
    let name = path.display().to_string();
    let decoded = grammar::decode(&name, text.as_bytes()).map_err(Box::new);
    whole(path, checked(parsed(name, decoded)))
}

fn whole(path: &Path, examined: Examined) -> Result<Description, Failure> {
    examined.report();
    if examined.failed() {
        return Err(Failure::Reported);
    }
    let network = examined.network.ok_or(Failure::Reported)?;
    Ok(Description {
        path: path.to_owned(),
        source: examined.source,
        network,
    })
}

/// Reads and checks a description.
pub fn examine(path: &Path) -> Examined {
    checked(parse(path))
}

fn checked(mut examined: Examined) -> Examined {
    if let Some(tree) = &examined.tree {
        match check_file(tree) {
            Ok((network, warnings)) => {
                examined.network = Some(network);
                examined.diagnostics.extend(warnings);
            }
            Err(failure) => {
                examined.network = failure.sound;
                examined.diagnostics.extend(failure.diagnostics);
            }
        }
    }
    examined
}

/// Reads a description and its form alone.
pub fn parse(path: &Path) -> Examined {
    let name = path.display().to_string();
    let decoded = read(path)
        .map_err(|error| Box::new(unreadable(path, &error)))
        .and_then(|bytes| grammar::decode(&name, &bytes).map_err(|error| Box::new(measured(error, path, bytes.len()))));
    parsed(name, decoded)
}

fn parsed(name: String, decoded: Result<Source, Box<Diagnostic>>) -> Examined {
    let (source, tree, diagnostics) = match decoded {
        Ok(source) => match grammar::parse(&source) {
            Ok(tree) => (source, Some(tree), Vec::new()),
            Err(errors) => (source, None, errors),
        },
        Err(error) => (Source::new(name, ""), None, vec![*error]),
    };
    Examined {
        source,
        tree,
        network: None,
        diagnostics,
    }
}

/// Draws diagnostics on standard error.
pub fn report(source: &Source, diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        let text = diagnostics::render(source, diagnostics, terminal::color(), terminal::error_wrap());
        terminal::show(&text);
    }
}

/// The bytes, no more than it takes to see that they are too many.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = Source::LIMIT as u64 + 1;
    let (file, _) = runtime::open::file(path)?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where reading ended at the limit, the size that was read says nothing.
fn measured(mut error: Diagnostic, path: &Path, read: usize) -> Diagnostic {
    if read > Source::LIMIT {
        let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
        let most = Source::LIMIT;
        let found = if size > most as u64 {
            format!("{size} bytes; the most is {most}")
        } else {
            format!("it goes on after {most} bytes, which is the most")
        };
        error.notes = vec![found];
    }
    error
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "E0024",
        format!("cannot read the description: {}", terminal::cause(error)),
    );
    match error.kind() {
        io::ErrorKind::NotFound => {
            let with_ending = path.with_extension("cnn");
            if path.extension().is_none() && with_ending.is_file() {
                return diagnostic.help(format!("did you mean {}?", with_ending.display()));
            }
            match specs::of_file(path) {
                Some(spec) => diagnostic
                    .note(format!(
                        "this program carries a description of that name: `{}`",
                        spec.name
                    ))
                    .help(format!("cnnc new {} --from {}", path.display(), spec.name)),
                None => diagnostic,
            }
        }
        io::ErrorKind::IsADirectory => diagnostic.help("name a .cnn file in it"),
        _ => diagnostic,
    }
}
