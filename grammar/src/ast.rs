//! The syntax tree: forms only. It knows calls and values, not layers or optimizers; those are names here, and
//! `compiler::resolve` gives them meaning. `cnnc emit ast` prints it as YAML.

use crate::span::{Span, Spanned};
use serde::Serialize;

/// A whole description, in the order of the text within each list.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct File {
    /// Every `model NAME { ... }`, in order.
    pub models: Vec<Model>,
    /// Every value with a name, in order: `let width = 16`, or without `let`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// Every statement outside a model, in order: `compile(...)`, `fit(...)`, `train = load(...)`.
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

/// `let NAME = VALUE`, or the same without `let`. A call with a name is a [`Statement`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constant {
    /// From `let`, or the name where there is none, to the value's end.
    pub span: Span,
    /// What the value is called below this line.
    pub name: Spanned<String>,
    /// The value, as it was written.
    pub value: Value,
}

/// `model NAME { ... }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// From `model` to the closing brace.
    pub span: Span,
    /// The name after `model`; the first model's names the network.
    pub name: Spanned<String>,
    /// What could be read between the braces, in order: the layers, if the description is right.
    pub statements: Vec<Statement>,
    /// What could not be read between the braces, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// Whether its last brace was found. If not, it ends at a guess, and its last statements may not belong to it.
    #[serde(skip_serializing_if = "is_true")]
    pub closed: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
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
    /// From the target, or the call where there is none, to the last parenthesis.
    pub span: Span,
    /// The name on the left of `=`.
    pub target: Option<Spanned<String>>,
    /// The layer, `compile(...)` or `fit(...)` on the right of `=`, or alone.
    pub call: Call,
}

/// `keras.layers.Conv2D(10, (5, 5), activation="relu")`, and optionally a second pair of parentheses: `(a)`, `([a, b])`. What is
/// called of a call's result has that as its receiver: `ImageDataGenerator().flow_from_directory("train")`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// All of it, the wiring included.
    pub span: Span,
    /// The last name of the path: `Conv2D`.
    pub name: Spanned<String>,
    /// The names before it: `["keras", "layers"]`.
    pub prefix: Vec<Spanned<String>>,
    /// The call whose result this is called of; there is no prefix then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Box<Call>>,
    /// The arguments in the order written; a positional one after a named one is refused by the parser.
    pub arguments: Vec<Argument>,
    /// What the second pair of parentheses holds, with the parentheses' span.
    pub wiring: Option<Spanned<Vec<Argument>>>,
}

/// `value` or `name=value`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Argument {
    /// From the keyword, or the value where there is none, to the value's end.
    pub span: Span,
    /// The keyword, if there is one.
    pub name: Option<Spanned<String>>,
    /// What the argument is set to.
    pub value: Value,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// From its first character to its last, quotes and brackets included.
    pub span: Span,
    /// Which kind of value it is, and the value itself.
    pub kind: ValueKind,
}

/// The kinds of value that can be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ValueKind {
    /// `5`, `-1`, `60_000`: what fits 64 bits.
    Integer(i64),
    /// `0.5`, `1e-3`: always finite.
    Float(f64),
    /// `"relu"` or `'relu'`, without its quotes and with escapes undone.
    String(String),
    /// `True` or `true`, `False` or `false`: Python's spelling and JSON's.
    Bool(bool),
    /// `None`, which means an argument's absence.
    None,
    /// A bare or dotted name: `a`, `x_train`, `keras.activations.relu`.
    Name(String),
    /// `(5, 5)`, `(5,)`, `()`. A value in parentheses without a comma is that value.
    Tuple(Vec<Value>),
    /// `[a, b]`, also empty.
    List(Vec<Value>),
    /// A call as a value: `RMSprop(learning_rate=1e-3)`.
    Call(Call),
    /// `{0: 1.0, 1: 5.0}`: keys and values in the order written, also none.
    Dictionary(Vec<(Value, Value)>),
    /// Arithmetic that is still to be done: the compiler replaces it by its result before anything else reads it.
    Arithmetic(Box<Arithmetic>),
}

/// What can be done with values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Arithmetic {
    /// `-width`, `+width`. A sign before a number belongs to the number.
    Signed {
        /// Whether the sign is `-`.
        negative: bool,
        /// What the sign stands before.
        of: Value,
    },
    /// `a * b / c`: operators that bind alike, done from the left; or `a ** b ** c`, done from the right.
    Chain {
        /// The leftmost operand.
        first: Value,
        /// Each operator, with the operand on its right.
        rest: Vec<(Operator, Value)>,
    },
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, which gives a float
    Divide,
    /// `//`, rounded down
    FloorDivide,
    /// `%`, which has the sign of the divisor
    Modulo,
    /// `**`
    Power,
}

impl Operator {
    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Modulo => "%",
            Self::Power => "**",
        }
    }
}
