//! Values as a description writes them.

use compiler::call::signature;
use std::fmt;

/// A value as a description writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An integer, written in decimal.
    Int(i64),
    /// A float, written as Python does.
    Float(f64),
    /// A string, written in quotes.
    Str(String),
    /// `(1, 2)`
    Tuple(Vec<Self>),
    /// `[1, 2]`
    List(Vec<Self>),
    /// `{0: 1.0}`
    Dictionary(Vec<(Self, Self)>),
    /// `HeNormal(seed=1)`
    Call(String, Vec<Argument>),
    /// A value that has a name in the description.
    Name(String),
    /// An unknown value: the description has a name in its place, which has no meaning there, so that a person fills it in.
    Unknown(String),
}

/// An argument of a call, by position or by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name; `None` for an argument by position.
    pub name: Option<String>,
    /// The value that is passed.
    pub value: Literal,
}

impl Argument {
    /// An argument that is passed by name.
    pub fn named(name: &str, value: Literal) -> Self {
        Self {
            name: Some(name.to_owned()),
            value,
        }
    }

    /// An argument that is passed by position.
    pub const fn placed(value: Literal) -> Self {
        Self { name: None, value }
    }

    /// Whether it is passed by this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }
}

impl Literal {
    /// The elements of a tuple or a list; `None` for anything else.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(items) | Self::List(items) => Some(items),
            Self::None
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Str(_)
            | Self::Dictionary(_)
            | Self::Call(..)
            | Self::Name(_)
            | Self::Unknown(_) => None,
        }
    }

    /// Whether it equals the default value of an argument.
    pub fn is_default(&self, default: signature::Literal) -> bool {
        let same = |value: f64| match self {
            Self::Int(own) => *own as f64 == value,
            Self::Float(own) => *own == value,
            _ => false,
        };
        match default {
            signature::Literal::Required => false,
            signature::Literal::None => *self == Self::None,
            signature::Literal::Int(value) => same(value as f64),
            signature::Literal::Float(value) => same(value),
            signature::Literal::Bool(value) => *self == Self::Bool(value),
            signature::Literal::Str(text) => *self == Self::Str(text.to_owned()),
            signature::Literal::Pair(first, second) => self.items() == Some(&[Self::Int(first), Self::Int(second)]),
            signature::Literal::Floats(first, second) => {
                self.items() == Some(&[Self::Float(first), Self::Float(second)])
            }
            signature::Literal::Empty => self.items().is_some_and(<[Self]>::is_empty),
        }
    }
}

/// A float as Python writes it: the shortest decimal that gives the same number, always with a point or an exponent.
pub fn float(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        return "not_a_number".to_owned();
    }
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        return format!("{value:e}");
    }
    let text = value.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A string in quotes; an unknown name where a description cannot hold the string.
fn quoted(text: &str) -> String {
    if text.chars().any(|letter| letter.is_control() || letter == '\\') {
        return unknown("a string with control characters or backslashes");
    }
    match (text.contains('"'), text.contains('\'')) {
        (false, _) => format!("\"{text}\""),
        (true, false) => format!("'{text}'"),
        (true, true) => unknown("a string with both quotes"),
    }
}

/// A valid name without a meaning that resembles an unknown value: `np.unique(y)` gives `np_unique_y`.
fn unknown(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars().take(40) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            name.push(letter);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    let reads = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    match name {
        "True" | "true" | "False" | "false" | "None" | "" => "unknown".to_owned(),
        _ if reads => name.to_owned(),
        _ => format!("unknown_{name}"),
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&float(*value)),
            Self::Str(text) => f.write_str(&quoted(text)),
            Self::Tuple(items) if items.len() == 1 => write!(f, "({},)", joined(items)),
            Self::Tuple(items) => write!(f, "({})", joined(items)),
            Self::List(items) => write!(f, "[{}]", joined(items)),
            Self::Dictionary(entries) => {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
            Self::Call(class, arguments) => write!(f, "{class}({})", joined(arguments)),
            Self::Name(name) => f.write_str(name),
            Self::Unknown(text) => f.write_str(&unknown(text)),
        }
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}={}", self.value),
            None => self.value.fmt(f),
        }
    }
}

fn joined<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_a_description_reads_them() {
        let text = |literal: Literal| literal.to_string();
        assert_eq!(text(Literal::Float(1e-7)), "1e-7");
        assert_eq!(text(Literal::Float(0.001)), "0.001");
        assert_eq!(text(Literal::Float(2.0)), "2.0");
        assert_eq!(text(Literal::Tuple(vec![Literal::Int(784)])), "(784,)");
        assert_eq!(text(Literal::Str("say \"no\"".to_owned())), "'say \"no\"'");
        assert_eq!(
            text(Literal::Str("a\nb".to_owned())),
            "a_string_with_control_characters_or_back"
        );
        assert_eq!(
            text(Literal::Unknown("len(np.unique(y))".to_owned())),
            "len_np_unique_y"
        );
        assert_eq!(text(Literal::Unknown("3 + n".to_owned())), "unknown_3_n");
        let call = Literal::Call("L2".to_owned(), vec![Argument::placed(Literal::Float(0.5))]);
        assert_eq!(text(call), "L2(0.5)");
    }
}
