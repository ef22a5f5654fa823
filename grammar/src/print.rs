//! Prints a tree as canonical text, which parses back to the same tree.

use crate::ast::{Argument, Arithmetic, Call, Constant, File, Model, Statement, Value, ValueKind};
use crate::literal;
use crate::span::Spanned;
use std::fmt::{self, Display, Formatter, Write as _};

/// The canonical text of a file.
pub fn print(file: &File) -> String {
    file.to_string()
}

/// Constants come first, since they are known only below their line.
impl Display for File {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for constant in &self.constants {
            writeln!(f, "{constant}")?;
        }
        let others = !self.models.is_empty() || !self.statements.is_empty();
        if others && !self.constants.is_empty() {
            f.write_char('\n')?;
        }
        for (index, model) in self.models.iter().enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            write!(f, "{model}")?;
        }
        if !self.models.is_empty() && !self.statements.is_empty() {
            f.write_char('\n')?;
        }
        for statement in &self.statements {
            writeln!(f, "{statement}")?;
        }
        Ok(())
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "let {} = {}", self.name.node, self.value)
    }
}

impl Display for Model {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "model {} {{", self.name.node)?;
        for statement in &self.statements {
            writeln!(f, "    {statement}")?;
        }
        f.write_str("}\n")
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(target) = &self.target {
            write!(f, "{}", target.node)?;
            if let Some(second) = &self.second {
                write!(f, ", {}", second.node)?;
            }
            f.write_str(" = ")?;
        }
        write!(f, "{}", self.call)
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(receiver) = &self.receiver {
            write!(f, "{receiver}.")?;
        }
        for name in &self.prefix {
            write!(f, "{}.", name.node)?;
        }
        write!(f, "{}(", self.name.node)?;
        separated(f, &self.arguments)?;
        f.write_char(')')?;
        if let Some(Spanned { node, .. }) = &self.wiring {
            f.write_char('(')?;
            separated(f, node)?;
            f.write_char(')')?;
        }
        Ok(())
    }
}

impl Display for Argument {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{}=", name.node)?;
        }
        write!(f, "{}", self.value)
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ValueKind::Integer(value) => write!(f, "{value}"),
            // `Display` would print 1e300 with 300 digits, and 1.0 as an integer.
            ValueKind::Float(value) => write!(f, "{value:?}"),
            ValueKind::String(value) => f.write_str(&literal::quote(value)),
            ValueKind::Bool(true) => f.write_str("True"),
            ValueKind::Bool(false) => f.write_str("False"),
            ValueKind::None => f.write_str("None"),
            ValueKind::Name(name) => f.write_str(name),
            ValueKind::Tuple(elements) => {
                f.write_char('(')?;
                separated(f, elements)?;
                f.write_str(if elements.len() == 1 { ",)" } else { ")" })
            }
            ValueKind::List(elements) => {
                f.write_char('[')?;
                separated(f, elements)?;
                f.write_char(']')
            }
            ValueKind::Call(call) => write!(f, "{call}"),
            ValueKind::Dictionary(entries) => {
                f.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if index > 0 { ", " } else { "" })?;
                }
                f.write_char('}')
            }
            ValueKind::Arithmetic(arithmetic) => write!(f, "{arithmetic}"),
        }
    }
}

impl Display for Arithmetic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { negative, of } => {
                f.write_char(if *negative { '-' } else { '+' })?;
                operand(f, of)
            }
            Self::Chain { first, rest } => {
                operand(f, first)?;
                for (operator, value) in rest {
                    write!(f, " {} ", operator.symbol())?;
                    operand(f, value)?;
                }
                Ok(())
            }
        }
    }
}

/// A value between operators: in parentheses where it has operators or a sign of its own.
fn operand(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    let bare = match &value.kind {
        ValueKind::Integer(number) => *number >= 0,
        ValueKind::Float(number) => number.is_sign_positive(),
        ValueKind::Arithmetic(_) => false,
        ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_) => true,
    };
    if bare {
        write!(f, "{value}")
    } else {
        write!(f, "({value})")
    }
}

fn separated(f: &mut Formatter<'_>, items: &[impl Display]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
