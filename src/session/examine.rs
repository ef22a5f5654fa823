//! From a file or a text to a checked network.

use super::error::{Error, Result, system_words};
use super::specs;
use compiler::check::check_file;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::summary::SummaryReport;
use grammar::Parsed;
use grammar::ast::File;
use grammar::diagnostic::{Diagnostic, gathered};
use grammar::source::Source;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A description without errors.
#[derive(Debug)]
pub struct Description {
    /// The path of the file; relative paths in the description start from its folder.
    pub path: PathBuf,
    /// Its text, which the spans of diagnostics point into.
    pub source: Source,
    /// The network that it describes, checked.
    pub network: CheckedNetwork,
    /// The warnings, in the order of the text.
    pub warnings: Vec<Diagnostic>,
}

impl Description {
    /// The folder that relative paths in it start from; empty for the current one.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The plan that the network compiles to: the operations of its kernels, and their memory.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::new(compiler::plan_of(&self.network, Sharing::Shared))
    }

    /// The same of weights that stay as they are: what predicts and judges.
    pub fn plan_to_infer(&self) -> Arc<Plan> {
        Arc::new(compiler::plan_to_infer(&self.network, Sharing::Shared))
    }

    /// All programs that the commands run: training and its validation, and the prediction of weights that stay.
    pub fn plan_as_run(&self) -> Plan {
        let inferring = compiler::plan_to_infer(&self.network, Sharing::Shared);
        Plan {
            prediction: inferring.prediction,
            folded: inferring.folded,
            ..compiler::plan_of(&self.network, Sharing::Shared)
        }
    }

    /// The error for a diagnostic about this description.
    pub fn reject(&self, diagnostic: Diagnostic) -> Error {
        Error::rejected(self.source.clone(), vec![diagnostic])
    }
}

/// What can be said of a description, whether it has errors or not.
#[derive(Debug)]
pub struct Examined {
    /// The path of the file, or what messages call the text; relative paths start from its folder.
    pub path: PathBuf,
    /// The text; empty where it could not be read.
    pub source: Source,
    /// The syntax tree, with holes where the text has errors; `None` where it is not text.
    pub tree: Option<File>,
    /// The network; where there are errors, only up to the layer that fails.
    pub network: Option<CheckedNetwork>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Examined {
    /// Whether there are errors.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Layers, shapes and numbers of parameters, as in Keras's summary. Where there are errors, it ends at the layer that fails,
    /// and the totals are those of the part before it.
    pub fn summary(&self) -> Option<SummaryReport> {
        self.network
            .as_ref()
            .map(|network| SummaryReport::new(network, Vec::new()))
    }

    /// The description, if it has no errors.
    ///
    /// # Errors
    /// [`Error::Description`] with all diagnostics, if one of them is an error.
    pub fn into_description(self) -> Result<Description> {
        match self.network {
            Some(network) if !self.diagnostics.iter().any(Diagnostic::is_error) => Ok(Description {
                path: self.path,
                source: self.source,
                network,
                warnings: self.diagnostics,
            }),
            Some(_) | None => Err(Error::rejected(self.source, self.diagnostics)),
        }
    }
}

/// Reads and checks the description in a file. Where the file cannot be read, a diagnostic says so.
pub fn examine(path: &Path) -> Examined {
    checked(parse(path))
}

/// Checks a description in memory. Messages call it `path`, and relative paths in it start from the folder of that.
pub fn examine_text(path: &Path, text: &str) -> Examined {
    checked(decoded(path, text.as_bytes(), |error| error))
}

/// Reads and checks the description in a file.
///
/// # Errors
/// [`Error::Description`] if it has errors.
pub fn open(path: &Path) -> Result<Description> {
    examine(path).into_description()
}

/// Reads a description and checks its syntax alone: the result has no network.
pub fn parse(path: &Path) -> Examined {
    match read(path) {
        Ok(bytes) => decoded(path, &bytes, |error| measured(error, path, bytes.len())),
        Err(error) => refused(
            path,
            Source::new(path.display().to_string(), ""),
            unreadable(path, &error),
        ),
    }
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
        // What the parser found stands among what the compiler did.
        examined
            .diagnostics
            .sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
        examined.diagnostics = gathered(std::mem::take(&mut examined.diagnostics));
    }
    examined
}

fn decoded(path: &Path, bytes: &[u8], amend: impl Fn(Diagnostic) -> Diagnostic) -> Examined {
    let name = path.display().to_string();
    let source = match grammar::decode(&name, bytes) {
        Ok(source) => source,
        Err(error) => return refused(path, Source::lossy(&name, bytes), amend(error)),
    };
    let Parsed { file, diagnostics } = grammar::read(&source);
    Examined {
        path: path.to_owned(),
        source,
        tree: Some(file),
        network: None,
        diagnostics,
    }
}

/// The result for a file that is not text.
fn refused(path: &Path, source: Source, error: Diagnostic) -> Examined {
    Examined {
        path: path.to_owned(),
        source,
        tree: None,
        network: None,
        diagnostics: vec![error],
    }
}

/// Reads the file, but no more than it takes to see that it is too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = Source::LIMIT as u64 + 1;
    let (file, _) = runtime::open::file(path)?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The diagnostic with the size of the file as the system gives it, since reading stopped at the limit.
fn measured(mut error: Diagnostic, path: &Path, read: usize) -> Diagnostic {
    if read > Source::LIMIT {
        let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
        let most = Source::LIMIT;
        let found = if size > most as u64 {
            format!("{size} bytes; the most is {most}")
        } else {
            format!("it has more than {most} bytes")
        };
        error.notes = vec![found];
    }
    error
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the standard library's kinds, which grow")]
fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0024", format!("cannot read the description: {}", system_words(error)));
    match error.kind() {
        io::ErrorKind::NotFound => {
            let with_ending = path.with_extension("cnn");
            if path.extension().is_none() && with_ending.is_file() {
                return diagnostic.help(format!("did you mean {}?", with_ending.display()));
            }
            match specs::of_file(path) {
                Some(spec) => diagnostic
                    .note(format!("cnnc carries a description of that name: `{}`", spec.name))
                    .help(format!("cnnc new {} --from {}", path.display(), spec.name)),
                None => diagnostic,
            }
        }
        io::ErrorKind::IsADirectory => diagnostic.help("name a .cnn file in it"),
        _ => diagnostic,
    }
}
