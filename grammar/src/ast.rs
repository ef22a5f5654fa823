//! The syntax tree, which holds forms only. It knows calls and values but not layers or optimizers, which are names
//! here; `compiler::resolve` gives them meaning. `cnnc emit ast` prints it as YAML.

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
    /// Pieces outside of the models that could not be read, in order; one of them may be a model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
}

impl File {
    /// Whether all of the text could be read.
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

/// A piece of the text that could not be read, with what can be told of it. All else about it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hole {
    /// The bytes that were skipped.
    pub span: Span,
    /// The name on the left of `=`; None where there is none or it could not be told.
    pub target: Option<Spanned<String>>,
    /// The name of the call; None where it could not be told that it is one.
    pub callee: Option<Spanned<String>>,
}

/// `Call`, or `target = Call`, or outside of models `target, second = Call`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// From the target, or the call where there is none, to the last parenthesis.
    pub span: Span,
    /// The name on the left of `=`; None where the call stands alone.
    pub target: Option<Spanned<String>>,
    /// The second name on the left of `=`, of a call that gives two values; None where there is one name at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Spanned<String>>,
    /// The layer, `compile(...)` or `fit(...)` on the right of `=`, or alone.
    pub call: Call,
}

/// `keras.layers.Conv2D(10, (5, 5), activation="relu")`, with an optional second pair of parentheses, `(a)` or
/// `([a, b])`. A call of another call's result has that call as its receiver:
/// `ImageDataGenerator().flow_from_directory("train")`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// All of it, the wiring included.
    pub span: Span,
    /// The last name of the path: `Conv2D`.
    pub name: Spanned<String>,
    /// The names before it: `["keras", "layers"]`.
    pub prefix: Vec<Spanned<String>>,
    /// The call whose result this one is called on, which excludes a prefix; None for other calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Box<Call>>,
    /// The arguments in the order of the text; the parser refuses positional ones behind named ones.
    pub arguments: Vec<Argument>,
    /// The contents of the second pair of parentheses, with their place; None where there is none.
    pub wiring: Option<Spanned<Vec<Argument>>>,
}

/// An argument of a call, `value` or `name=value`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Argument {
    /// From the keyword, or the value where there is none, to the value's end.
    pub span: Span,
    /// The name before `=`; None for a positional argument.
    pub name: Option<Spanned<String>>,
    /// The value that is passed.
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
    /// Arithmetic that has not been done yet; the compiler replaces it by its result before anything else reads it.
    Arithmetic(Box<Arithmetic>),
}

/// Calculations with values that are still to be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Arithmetic {
    /// `-width`, `+width`. A sign before a number belongs to the number.
    Signed {
        /// Whether the sign is `-`.
        negative: bool,
        /// The value behind the sign.
        of: Value,
    },
    /// `a * b / c`, a chain of operators of one precedence, computed from the left, or `a ** b ** c`, computed from the right.
    Chain {
        /// The operand at the left end of the chain.
        first: Value,
        /// Each operator with the operand to its right.
        rest: Vec<(Operator, Value)>,
    },
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Operator {
    /// `+`, which also joins strings, tuples and lists.
    Add,
    /// `-` between two values; a sign is [`Arithmetic::Signed`].
    Subtract,
    /// `*`, the product of two numbers.
    Multiply,
    /// `/`, which gives a float
    Divide,
    /// `//`, the quotient rounded down.
    FloorDivide,
    /// `%`, which has the sign of the divisor
    Modulo,
    /// `**`, the power.
    Power,
}

impl Operator {
    /// The operator as it is written.
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
