//! Python scripts and notebooks. They are parsed by ruff's parser and interpreted as far as they say by themselves what they do.
//! Nothing of theirs is run: arithmetic, loops and functions are evaluated where everything that they need is known, and what is
//! not stays unknown.

mod applications;
mod augmentation;
mod beside;
mod builtins;
mod calls;
mod channels;
mod control;
mod elements;
mod escapes;
mod expression;
mod feed;
mod files;
mod freezing;
mod imports;
mod interpreter;
mod keras;
mod layers;
mod library;
mod loading;
mod methods;
mod models;
mod network;
mod notes;
mod objects;
mod operators;
mod outcome;
mod paths;
mod pictures;
mod plain;
mod shapes;
mod source;
mod touched;
mod training;
mod value;

use super::draft::Draft;
use super::options::Options;
use crate::session::{Error, Result};
use files::Beside;
use interpreter::Interpreter;
pub use notes::Open;
use objects::{Item, ModelObject, Module, Refusal};
use ruff_python_ast::{Mod, ModModule, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::Ranged;
use source::Source;
use std::collections::HashMap;
use value::{Scope, Value};

/// The stack of the thread that interprets a script, in bytes; only what is used of it takes memory.
const STACK: usize = 1 << 29;

/// The most models of a script that are considered.
const MOST_MODELS: usize = 12;

/// What a script says of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The network and how it is trained.
    pub draft: Draft,
    /// Where the script makes it.
    pub place: String,
    /// How likely this model is meant: 0 if the script trains it, 1 if it compiles it, 2 otherwise.
    pub rank: u8,
    /// What cannot be described: the place and the message.
    pub errors: Vec<(String, String)>,
    /// What was assumed where the script leaves it open.
    pub notes: Vec<String>,
    /// The names whose values the script does not say, each with what the draft has in their place.
    pub open: Vec<Open>,
}

/// Reads a script or a notebook and returns its models, at least one, beginning with the one that is most likely meant. `beside`
/// gives the text of a file in the script's folder, where there is one: modules that it imports are followed as well.
///
/// # Errors
/// When it is not Python, or has no model in it.
pub fn read(
    bytes: &[u8],
    is_notebook: bool,
    beside: &dyn Fn(&str) -> Option<String>,
    options: &Options,
) -> Result<Vec<Script>> {
    let source = if is_notebook {
        Source::notebook(bytes)?
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::message("the script is not UTF-8"))?;
        Source::script(text)?
    };
    let files = files::files(&source.text, beside);
    let source = source.with(&files);
    // What nests deep takes stack, in the parser's tree as well.
    let follow = || follow(&source, &files, options);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, follow);
        let thread =
            thread.map_err(|cause| Error::message(format!("cannot start a thread to read the script: {cause}")))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn follow(source: &Source, files: &[Beside], options: &Options) -> Result<Vec<Script>> {
    let parsed = escapes::parse(&source.text, source.ranges());
    let is_own = |error: &&ruff_python_parser::ParseError| error.location.start().to_usize() < source.own();
    if let Some(error) = parsed.errors().iter().find(is_own) {
        let place = source.place(source.lines(error.location));
        // A notebook's other cells may be whole.
        if !source.is_notebook() {
            return Err(Error::message(format!("{place}: {}", words(&error.error.to_string())))
                .with_help("Python 2 must become Python 3 first: 2to3 does that"));
        }
    }
    let given = values(&options.given)?;
    let given_parsed: Vec<(String, Parsed<Mod>)> = given;
    let mut interpreter = Interpreter::new(source, HashMap::new());
    let scope = Scope::default();
    for (name, parsed) in &given_parsed {
        if let Mod::Expression(expression) = parsed.syntax() {
            let value = interpreter.value(&expression.body, &scope);
            if value.is_unknown() {
                return Err(Error::message(format!("--let {name}: a constant is needed")));
            }
            interpreter.given.insert(name.clone(), value);
        }
    }
    for error in parsed.errors() {
        let lines = source.lines(error.location);
        let what = source
            .file(error.location.start().to_usize())
            .map_or("cell", |_| "file");
        interpreter
            .left_out
            .insert(lines, format!("the {what} ({})", words(&error.error.to_string())));
    }
    let module: &ModModule = parsed.syntax();
    let own = module
        .body
        .partition_point(|statement| statement.start().to_usize() < source.own());
    let (own, others) = module.body.split_at_checked(own).unwrap_or_default();
    for file in files {
        let inside = |statement: &&Stmt| {
            let found = source.file(statement.start().to_usize());
            found.is_some_and(|(name, _)| name == file.file)
        };
        let from = others
            .iter()
            .position(|statement| inside(&statement))
            .unwrap_or(others.len());
        let (_, body) = others.split_at_checked(from).unwrap_or_default();
        let count = body.iter().take_while(inside).count();
        let body = body.get(..count).unwrap_or_default();
        interpreter
            .modules
            .insert(file.module.clone(), Module { body, scope: None });
        if file.file.ends_with("__init__.py") {
            interpreter.packages.insert(file.module.clone());
        }
    }
    let _ = interpreter.run(own, &scope);
    if interpreter.models.is_empty() {
        interpreter.try_classes();
    }
    if interpreter.models.is_empty() {
        interpreter.try_functions();
    }
    if interpreter.exhausted {
        interpreter.refuse("the script takes too long to follow: loops over constants are followed step by step");
    }
    let candidates = interpreter.candidates(options.model.as_deref(), &scope);
    if candidates.is_empty() {
        return Err(nothing(&interpreter, options));
    }
    let before = interpreter.errors.clone();
    let mut scripts = Vec::new();
    for model in candidates.into_iter().take(MOST_MODELS) {
        interpreter.errors.clone_from(&before);
        interpreter.exhausted = false;
        interpreter.fuel = interpreter.fuel.max(10_000);
        let lines = interpreter.models.get(model).map_or((0, 0), |model| model.lines);
        let draft = interpreter.draft(model, options.input.as_deref());
        let own = interpreter
            .errors
            .iter()
            .filter(|refusal| refusal.model.is_none_or(|other| interpreter.is_part(other, model)));
        let errors = own
            .map(|refusal| (source.place(refusal.lines), refusal.words.clone()))
            .collect();
        let mut notes = interpreter.notes_of_functions.clone();
        let others = interpreter.others(model, &scope);
        if !others.is_empty() && options.model.is_none() {
            notes.push(format!(
                "the script has other models: {} (--model takes another)",
                others.join(", ")
            ));
        }
        if interpreter.rank(model) == 2 {
            notes.push("the script neither compiles nor trains this model".to_owned());
        }
        scripts.push(Script {
            draft,
            place: source.place(lines),
            rank: interpreter.rank(model),
            errors,
            notes,
            open: interpreter.open_names(&scope),
        });
    }
    Ok(scripts)
}

/// The values of `--let`, parsed.
fn values(given: &[(String, String)]) -> Result<Vec<(String, Parsed<Mod>)>> {
    given
        .iter()
        .map(|(name, text)| {
            let parsed = parse_unchecked(text, ParseOptions::from(Mode::Expression));
            if text.len() > 10_000 || parsed.has_syntax_errors() {
                return Err(Error::message(format!(
                    "--let {name}: this is not a Python value: {text}"
                )));
            }
            Ok((name.clone(), parsed))
        })
        .collect()
}

fn nothing(interpreter: &Interpreter<'_>, options: &Options) -> Error {
    if let Some(wanted) = &options.model {
        return Error::message(format!("the script has no model `{wanted}`"));
    }
    if let Some(Refusal { lines, words, .. }) = interpreter.errors.first() {
        return Error::message(format!("{}: {words}", interpreter.source.place(*lines)));
    }
    let text = &interpreter.source.text;
    let help = if text.contains("torch.nn") || text.contains("import torch") {
        "this is PyTorch; only Keras is followed"
    } else if text.contains("(Model)") || text.contains("keras.Model)") {
        "models that are classes are not followed, only Sequential and Model(inputs, outputs)"
    } else {
        "only Keras's Sequential and Model(inputs, outputs) are followed"
    };
    Error::message("no model is made in it").with_help(help)
}

/// A message of the parser's in the style of ours: without a capital letter and a full stop.
fn words(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut letters = message.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

impl<'a> Interpreter<'a> {
    /// The names of the other models than this one.
    fn others(&self, model: usize, scope: &Scope<'a>) -> Vec<String> {
        let names = scope.names.borrow();
        let mut others: Vec<String> = names
            .iter()
            .filter(
                |(_, value)| matches!(value, Value::Model(other) if *other != model && !self.is_part_of(*other, model)),
            )
            .map(|(name, _)| name.clone())
            .collect();
        others.sort();
        others
    }

    /// Whether a model is one of Keras's applications, or is part of another one.
    fn is_part_of(&self, inner: usize, outer: usize) -> bool {
        let is_application = self.models.get(inner).is_some_and(|inner| inner.is_application);
        is_application || self.is_within(inner, outer)
    }

    /// Whether a model is another one, or is part of it.
    fn is_part(&self, inner: usize, outer: usize) -> bool {
        inner == outer || self.is_within(inner, outer)
    }

    /// Whether a model is part of another one: it is in it, or they share layers.
    fn is_within(&self, inner: usize, outer: usize) -> bool {
        let holds = |model: &ModelObject, wanted: usize| model.layers.contains(&Item::Model(wanted));
        let shares = || {
            let (inner, outer) = (
                self.models.get(inner)?.graph.as_ref()?,
                self.models.get(outer)?.graph.as_ref()?,
            );
            let all = self.reachable(&outer.1, &[]);
            let end = (*inner.1.first()?)?;
            Some(all.contains(&end))
        };
        self.models.get(outer).is_some_and(|outer| holds(outer, inner)) || shares().unwrap_or(false)
    }
}
