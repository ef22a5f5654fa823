//! The syntax tree: forms only. It knows calls and values, not layers or optimizers; those are names here, and
//! `compiler::resolve` gives them meaning. `cnnc emit ast` prints it as YAML.

use crate::span::{Span, Spanned};
use serde::Serialize;

/// A whole description.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct File {
    /// Every `model NAME { ... }`, in order.
    pub models: Vec<Model>,
    /// Every statement outside a model, in order: `compile(...)`, `fit(...)`.
    pub statements: Vec<Statement>,
    /// What could not be read outside of the models, in order; perhaps a model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
}

impl File {
    /// Whether everything could be read.
    pub fn is_whole(&self) -> bool {
        let whole = |model: &Model| model.holes.is_empty() && model.closed;
        self.holes.is_empty() && self.models.iter().all(whole)
    }
}

/// `model NAME { ... }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// From `model` to the closing brace.
    pub span: Span,
    /// Its name.
    pub name: Spanned<String>,
    /// The layers.
    pub statements: Vec<Statement>,
    /// What could not be read between the braces, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// Whether its last brace was found. If not, it ends at a guess, and its last statements may not belong to it.
    #[serde(skip_serializing_if = "is_true")]
    pub closed: bool,
}

fn is_true(value: &bool) -> bool {
    *value
}

/// Where a statement stands that could not be read, and what could be told of it. What follows from it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hole {
    /// All that was skipped.
    pub span: Span,
    /// The name on the left of `=`, if it is told.
    pub target: Option<Spanned<String>>,
    /// The name of the call, if it is told that it is one.
    pub callee: Option<Spanned<String>>,
}

/// `Call`, or `target = Call`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// All of it.
    pub span: Span,
    /// The name on the left of `=`.
    pub target: Option<Spanned<String>>,
    /// The call.
    pub call: Call,
}

/// `keras.layers.Conv2D(10, (5, 5), activation="relu")`, and optionally a second pair of parentheses: `(a)`, `([a, b])`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// All of it, the wiring included.
    pub span: Span,
    /// The last name of the path: `Conv2D`.
    pub name: Spanned<String>,
    /// The names before it: `["keras", "layers"]`.
    pub prefix: Vec<Spanned<String>>,
    /// The arguments in the order written; a positional one after a named one is refused by the parser.
    pub arguments: Vec<Argument>,
    /// What the second pair of parentheses holds, with the parentheses' span.
    pub wiring: Option<Spanned<Vec<Argument>>>,
}

/// `value` or `name=value`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Argument {
    /// All of it.
    pub span: Span,
    /// The keyword, if there is one.
    pub name: Option<Spanned<String>>,
    /// The value.
    pub value: Value,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// The kinds of value that can be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ValueKind {
    /// `5`, `-1`, `60_000`.
    Integer(i64),
    /// `0.5`, `1e-3`.
    Float(f64),
    /// `"relu"` or `'relu'`, without its quotes and with escapes undone.
    String(String),
    /// `True`, `true`, `False`, `false`.
    Bool(bool),
    /// `None`.
    None,
    /// A bare or dotted name: `a`, `x_train`, `keras.activations.relu`.
    Name(String),
    /// `(5, 5)`.
    Tuple(Vec<Value>),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `RMSprop(learning_rate=1e-3)`.
    Call(Call),
}
