//! Collects what is said about a script: what is left out, and what cannot be described.

use super::interpreter::Interpreter;
use super::objects::Refusal;
use super::value::{Id, Scope, Value};
use crate::import::draft::LeftOut;
use crate::import::literal::Literal;
use ruff_text_size::TextRange;

/// A name whose value the script does not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The name.
    pub name: String,
    /// What stands for its value in a description.
    pub written: String,
    /// Whether the script takes it from its command line.
    pub is_argument: bool,
}

impl Interpreter<'_> {
    /// The names whose values the script does not say.
    pub fn open_names(&self, scope: &Scope<'_>) -> Vec<Open> {
        let names = scope.names.borrow();
        let unknown = names.iter().filter_map(|(name, value)| match value {
            Value::Unknown(text) => Some(Open {
                name: name.clone(),
                written: Literal::Unknown(text.to_string()).to_string(),
                is_argument: text.contains("sys.argv"),
            }),
            _ => None,
        });
        let undefined = self.undefined.iter().map(|name| Open {
            name: name.clone(),
            written: name.clone(),
            is_argument: false,
        });
        let mut open: Vec<Open> = unknown.chain(undefined).collect();
        open.sort();
        open
    }

    /// Records that a statement is left out.
    pub fn leave_out(&mut self, range: TextRange) {
        let lines = self.source.lines(range);
        let excerpt = self.source.excerpt(range);
        self.left_out.entry(lines).or_insert(excerpt);
    }

    /// Records that the current statement is left out.
    pub fn leave_out_here(&mut self) {
        let excerpt = self.source.excerpt(self.source.range(self.lines));
        self.left_out.entry(self.lines).or_insert(excerpt);
    }

    /// Records why something in the current statement is left out.
    pub fn leave_out_because(&mut self, what: impl Into<String>) {
        let text = what.into();
        let lines = self.lines;
        match self.left_out.get_mut(&lines) {
            Some(known) if known.contains(&text) || known.len() > 1000 => {}
            Some(known) => {
                known.push_str("; ");
                known.push_str(&text);
            }
            None => {
                self.left_out.insert(lines, text);
            }
        }
    }

    /// Records that what the script does here cannot be described.
    pub fn refuse(&mut self, what: impl Into<String>) {
        self.refuse_of(None, what);
    }

    /// As `refuse`, for a model; `None` for all of them.
    pub fn refuse_of(&mut self, model: Option<Id>, what: impl Into<String>) {
        let refusal = Refusal {
            lines: self.lines,
            words: what.into(),
            model,
        };
        if self.errors.len() < 100 && !self.errors.contains(&refusal) {
            self.errors.push(refusal);
        }
    }

    /// Records that statements may have changed models, without it being known whether.
    pub fn uncertain(&mut self, names: impl IntoIterator<Item = String>, scope: &Scope<'_>) {
        for name in names {
            if let Some(Value::Model(model)) = scope.get(&name) {
                self.refuse_of(
                    Some(model),
                    format!("whether and how often this changes `{name}` depends on what is not known"),
                );
            }
        }
    }

    /// Everything that is left out, as a draft lists it, with neighbouring lines joined.
    pub fn notes(&self) -> Vec<LeftOut> {
        let mut joined: Vec<((usize, usize), String, usize)> = Vec::new();
        for (lines, what) in &self.left_out {
            match joined.last_mut() {
                // Lines within lines that are left out already say nothing more.
                Some((last, _, _)) if last.1 >= lines.1 => {}
                Some((last, _, more)) if last.1 + 1 >= lines.0 && is_plain(what) && *more > 0 => {
                    last.1 = lines.1;
                    *more += 1;
                }
                _ => joined.push((*lines, what.clone(), usize::from(is_plain(what)))),
            }
        }
        joined
            .into_iter()
            .map(|(lines, what, count)| LeftOut {
                lines,
                place: self.source.place(lines),
                what: if count > 1 {
                    format!("{what} and {} more", count - 1)
                } else {
                    what
                },
            })
            .collect()
    }
}

/// Whether a note is only the text of a statement, which can be joined with its neighbours.
fn is_plain(what: &str) -> bool {
    !what.contains(" (")
}
