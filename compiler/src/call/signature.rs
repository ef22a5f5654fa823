//! What a call may say: its name, and its arguments in Keras's positional order, with their types, defaults and
//! meanings. One table serves the reading of calls, the messages about them and the language reference.

use grammar::ast::{Value, ValueKind};
use grammar::span::Span;

/// Something that a description may call: a layer, an optimizer, a loss, a loader, `compile`, `fit` and so on.
#[derive(Debug)]
pub struct Signature {
    /// Keras's class name, or `compile` and `fit`.
    pub name: &'static str,
    /// Other names that Keras knows it by, such as `MaxPool2D`.
    pub aliases: &'static [&'static str],
    /// What it does, in one line.
    pub doc: &'static str,
    /// Arguments that may be given by place or by name.
    pub parameters: &'static [Argument],
    /// Arguments that must be given by name.
    pub keywords: &'static [Argument],
}

/// One argument of a [`Signature`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Argument {
    /// The name that a call gives the argument by.
    pub name: &'static str,
    /// The values that the argument accepts.
    pub kind: ArgumentKind,
    /// The value that stands for an argument left out.
    pub default: Literal,
    /// The meaning in a few words for the language reference; empty for arguments that are known but not supported.
    pub doc: &'static str,
}

/// The values that an argument accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ArgumentKind {
    /// An integer of at least 1.
    Count,
    /// An integer of at least 0.
    Natural,
    /// An integer of either sign.
    Integer,
    /// An integer or a float.
    Number,
    /// The words `True` and `False`; numbers do not count as truth values.
    Bool,
    /// An integer of at least 1, or a pair of them.
    Pair,
    /// A tuple of sizes.
    Shape,
    /// A tuple of sizes of which one may be -1.
    TargetShape,
    /// An integer of at least 0, a pair of them, or a pair of pairs.
    Sides,
    /// An integer of at least 0 or a pair of them.
    Cells,
    /// Axes of a sample, counted from 1.
    Axes,
    /// A number, or a pair of them.
    Range,
    /// A pair of numbers.
    Bounds,
    /// A number or a list of them.
    NumberOrNumbers,
    /// A number, or `None`.
    NumberOrNone,
    /// `"valid"` or `"same"`: how a window treats the borders.
    Padding,
    /// The name of an activation function, or `None`.
    Activation,
    /// An initializer by name or call.
    Initializer,
    /// A regularizer by name or call.
    Regularizer,
    /// A constraint by name or call.
    Constraint,
    /// An integer or a list of them.
    IntegerOrIntegers,
    /// A name for a layer.
    Name,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// An optimizer by name or call.
    Optimizer,
    /// A loss by name or call.
    Loss,
    /// A list of metrics.
    Metrics,
    /// A number, or one for each output of the network.
    LossWeights,
    /// A list of callbacks.
    Callbacks,
    /// A number, or a learning rate schedule by call.
    LearningRate,
    /// A learning rate schedule by call.
    Schedule,
    /// A list of integers of at least 0.
    Counts,
    /// A list of numbers.
    Numbers,
    /// A dictionary of weights by the numbers of classes.
    ClassWeights,
    /// A data set by name or path.
    Data,
    /// A data set by name, path or call.
    DataSet,
    /// A data set by call.
    Loader,
    /// A list of strings.
    Strings,
    /// A string or a list of them.
    StringOrStrings,
    /// `"inferred"` or the path of a table.
    Labels,
    /// The path of a table, or `read_csv` of it.
    Table,
    /// `"auto"`, 0, 1 or 2.
    Verbosity,
    /// `None` for the batch, and `None` or 1 for each axis.
    NoiseShape,
    /// An application's `preprocess_input`, by its name.
    Preprocessing,
    /// An array of samples, which a description cannot hold; given as a name, it is refused.
    Array,
    /// What Keras has and this compiler does not: only the default and these values, which leave it off, are accepted.
    Unsupported(&'static [Literal]),
}

/// A value as it appears in a signature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// There is no default: the argument must be given.
    Required,
    /// Python's `None`, which leaves an argument out.
    None,
    /// A whole number, written without a point.
    Int(i64),
    /// A number that is written with a point.
    Float(f64),
    /// `True` or `False`, as Python writes them.
    Bool(bool),
    /// Text, without its quotes.
    Str(&'static str),
    /// A pair of integers.
    Pair(i64, i64),
    /// A pair of floats.
    Floats(f64, f64),
    /// The empty list, `[]`.
    Empty,
}

impl Signature {
    /// All arguments, the positional ones first.
    pub fn all(&self) -> impl Iterator<Item = &'static Argument> + use<> {
        let parameters = self.parameters;
        // What every layer takes by name some take by place as well.
        let apart = move |keyword: &&Argument| parameters.iter().all(|known| known.name != keyword.name);
        parameters.iter().chain(self.keywords.iter().filter(apart))
    }

    /// Looks an argument up by its name, among positional ones and keywords.
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.all().find(|argument| argument.name == name)
    }

    /// Whether `name` is the signature's name or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

impl Argument {
    /// An argument that must be given.
    pub const fn required(name: &'static str, kind: ArgumentKind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            default: Literal::Required,
            doc,
        }
    }

    /// An argument with a default.
    pub const fn optional(name: &'static str, kind: ArgumentKind, default: Literal, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            default,
            doc,
        }
    }

    /// An argument that Keras has and this compiler does not.
    pub const fn unsupported(name: &'static str, default: Literal) -> Self {
        Self {
            name,
            kind: ArgumentKind::Unsupported(&[]),
            default,
            doc: "",
        }
    }

    /// A layer's regularizer, `None` by default.
    pub const fn regularizer(name: &'static str) -> Self {
        Self::optional(
            name,
            ArgumentKind::Regularizer,
            Literal::None,
            "what it adds to the loss",
        )
    }

    /// A layer's constraint, `None` by default.
    pub const fn constraint(name: &'static str) -> Self {
        Self::optional(
            name,
            ArgumentKind::Constraint,
            Literal::None,
            "what it is held to after each update",
        )
    }

    /// Whether the argument may be given a value other than its default.
    pub const fn is_supported(&self) -> bool {
        !matches!(self.kind, ArgumentKind::Unsupported(_) | ArgumentKind::Array)
    }
}

impl ArgumentKind {
    /// What the argument takes, as a message and the language reference say it.
    pub fn expects(self) -> String {
        let text = match self {
            Self::Count => "an integer of at least 1",
            Self::Natural => "an integer of at least 0",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Bool => "True or False",
            Self::Pair => "an integer or a pair of them",
            Self::Shape => "a tuple of sizes",
            Self::TargetShape => "a tuple of sizes, of which one may be -1",
            Self::Sides => "an integer of at least 0, a pair of them, or a pair of pairs",
            Self::Cells => "an integer of at least 0 or a pair of them",
            Self::Axes => "a tuple of axes, counted from 1",
            Self::Range => "a number or a pair of them",
            Self::Bounds => "a pair of numbers",
            Self::NumberOrNumbers => "a number or a list of numbers",
            Self::NumberOrNone => "a number or None",
            Self::Padding => "\"valid\" or \"same\"",
            Self::Activation => "the name of an activation",
            Self::Initializer => "an initializer's name or call",
            Self::Regularizer => "a regularizer's name or call, or None",
            Self::Constraint => "a constraint's name or call, or None",
            Self::IntegerOrIntegers => "an integer or a list of them",
            Self::Name => "a string",
            Self::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                return crate::call::suggest::any_of(quoted.iter().map(String::as_str));
            }
            Self::Optimizer => "an optimizer's name or call",
            Self::Loss => "a loss's name or call",
            Self::Metrics => "a list of metrics",
            Self::LossWeights => "a number, or a list or a dictionary of numbers",
            Self::Callbacks => "a list of callbacks",
            Self::LearningRate => "a number or a schedule",
            Self::Schedule => "a schedule",
            Self::Counts => "a list of integers",
            Self::Numbers => "a list of numbers",
            Self::ClassWeights => "a dictionary of numbers by class",
            Self::Data => "a data set's name or a path",
            Self::DataSet => "a data set's name, a path or a data set",
            Self::Loader => "a data set",
            Self::Strings => "a list of strings",
            Self::StringOrStrings => "a string or a list of strings",
            Self::Labels => "\"inferred\", the path of a CSV, or None",
            Self::Table => "the path of a CSV",
            Self::Verbosity => "\"auto\", 0, 1 or 2",
            Self::NoiseShape => "None, or None and a one for each axis",
            Self::Preprocessing => "None, or an application's preprocess_input",
            Self::Array => "an array",
            Self::Unsupported(_) => "its default",
        };
        text.to_owned()
    }

    /// An example of a value as a user would type it, for the help of messages.
    pub fn example(self) -> String {
        let text = match self {
            Self::Count | Self::Natural => "10",
            Self::Integer => "-1",
            Self::Number | Self::NumberOrNone => "0.5",
            Self::Bool => "True",
            Self::Pair => "(2, 2)",
            Self::Shape => "(28, 28, 1)",
            Self::TargetShape => "(7, 7, -1)",
            Self::Sides => "((1, 0), (1, 0))",
            Self::Cells => "(1, 0)",
            Self::Axes => "(2, 1, 3)",
            Self::Range => "(-0.2, 0.2)",
            Self::Bounds => "(0, 1)",
            Self::NumberOrNumbers => "[0.5, 0.5, 0.5]",
            Self::Padding => "\"same\"",
            Self::Activation => "\"relu\"",
            Self::Initializer => "\"he_normal\"",
            Self::Regularizer => "L2(0.01)",
            Self::Constraint => "MaxNorm(2)",
            Self::IntegerOrIntegers => "[0, 1, 2]",
            Self::Name => "\"first\"",
            Self::Word(words) => {
                return words
                    .first()
                    .map_or_else(|| "None".to_owned(), |word| format!("\"{word}\""));
            }
            Self::Optimizer => "\"adam\"",
            Self::Loss => "SparseCategoricalCrossentropy(from_logits=True)",
            Self::Metrics => "[\"accuracy\"]",
            Self::LossWeights => "[1.0, 0.5]",
            Self::Callbacks => "[EarlyStopping(patience=3)]",
            Self::LearningRate => "0.001",
            Self::Schedule => "ExponentialDecay(0.001, 1, 0.9)",
            Self::Counts => "[1000, 2000]",
            Self::Numbers => "[0.1, 0.01, 0.001]",
            Self::ClassWeights => "{0: 1.0, 1: 5.0}",
            Self::Data | Self::DataSet => "\"mnist\"",
            Self::Loader => "image_dataset_from_directory(\"photos/valid\")",
            Self::Strings => "[\"cat\", \"dog\"]",
            Self::StringOrStrings => "\"class\"",
            Self::Labels | Self::Table => "\"labels.csv\"",
            Self::Verbosity => "2",
            Self::NoiseShape => "(None, 1, 1, 1)",
            Self::Preprocessing => "vgg16.preprocess_input",
            Self::Array | Self::Unsupported(_) => "None",
        };
        text.to_owned()
    }
}

impl Literal {
    /// The value that the parser would make of the literal, placed at `span`; None where the argument has no default.
    pub fn value(self, span: Span) -> Option<Value> {
        let kind = match self {
            Self::Required => return None,
            Self::None => ValueKind::None,
            Self::Int(value) => ValueKind::Integer(value),
            Self::Float(value) => ValueKind::Float(value),
            Self::Bool(value) => ValueKind::Bool(value),
            Self::Str(value) => ValueKind::String(value.to_owned()),
            Self::Pair(first, second) => {
                let item = |value| Value {
                    span,
                    kind: ValueKind::Integer(value),
                };
                ValueKind::Tuple(vec![item(first), item(second)])
            }
            Self::Floats(first, second) => {
                let item = |value| Value {
                    span,
                    kind: ValueKind::Float(value),
                };
                ValueKind::Tuple(vec![item(first), item(second)])
            }
            Self::Empty => ValueKind::List(Vec::new()),
        };
        Some(Value { span, kind })
    }

    /// Whether the literal and a given value say the same: numbers compare by value, strings in any case, and an
    /// integer stands for a pair of equal ones.
    pub fn is(self, value: &ValueKind) -> bool {
        match (self, value) {
            (Self::None, ValueKind::None) => true,
            (Self::Int(mine), ValueKind::Integer(given)) => mine == *given,
            (Self::Float(mine), ValueKind::Float(given)) => mine.total_cmp(given).is_eq(),
            (Self::Int(mine), ValueKind::Float(given)) => (mine as f64).total_cmp(given).is_eq(),
            (Self::Float(mine), ValueKind::Integer(given)) => mine.total_cmp(&(*given as f64)).is_eq(),
            (Self::Bool(mine), ValueKind::Bool(given)) => mine == *given,
            (Self::Str(mine), ValueKind::String(given)) => mine.eq_ignore_ascii_case(given),
            (Self::Empty, ValueKind::List(items) | ValueKind::Tuple(items)) => items.is_empty(),
            (Self::Pair(first, second), ValueKind::Tuple(items) | ValueKind::List(items)) => {
                matches!(items.as_slice(), [a, b] if Self::Int(first).is(&a.kind) && Self::Int(second).is(&b.kind))
            }
            (Self::Floats(first, second), ValueKind::Tuple(items) | ValueKind::List(items)) => {
                matches!(items.as_slice(), [a, b] if Self::Float(first).is(&a.kind) && Self::Float(second).is(&b.kind))
            }
            (Self::Pair(first, second), ValueKind::Integer(given)) => first == *given && second == *given,
            _ => false,
        }
    }
}

/// The literal as a user would type it; "required" where there is no default.
impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Required => f.write_str("required"),
            Self::None => f.write_str("None"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Str(value) => write!(f, "\"{value}\""),
            Self::Pair(first, second) => write!(f, "({first}, {second})"),
            Self::Floats(first, second) => write!(f, "({first:?}, {second:?})"),
            Self::Empty => f.write_str("[]"),
        }
    }
}
