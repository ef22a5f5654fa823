//! Specialisation: the values of a file's geometry constants are replaced by name.
//!
//! A geometry constant is a line `const NAME: TYPE = LITERAL;` with TYPE `u32`, `f32` or `bool`. Derived constants
//! have an expression on the right and are left alone. The result is a complete WGSL file again: no templates,
//! nothing to expand.

use serde::Serialize;
use std::fmt;

/// A value for a geometry constant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Constant {
    /// A whole number, of WGSL's type `u32`.
    Unsigned(u32),
    /// A finite number, of WGSL's type `f32`.
    Float(f32),
    /// A truth value, of WGSL's type `bool`.
    Bool(bool),
}

impl Constant {
    const fn wgsl_type(self) -> &'static str {
        match self {
            Self::Unsigned(_) => "u32",
            Self::Float(_) => "f32",
            Self::Bool(_) => "bool",
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(value) => write!(f, "{value}u"),
            // Debug prints the shortest text that reads back as the same float, always with a point or an exponent.
            Self::Float(value) => write!(f, "{value:?}f"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

/// The reason why a file cannot be specialised: the compiler and the file disagree about its constants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecialiseError {
    /// A value was given for a name that the file does not declare.
    #[error("the shader has no geometry constant `{0}`")]
    Unknown(String),
    /// A name that the file declares was given no value.
    #[error("the shader's geometry constant `{0}` was given no value")]
    Unset(String),
    /// The file declares the constant with another type than the value's.
    #[error("the shader's geometry constant `{name}` is of type {declared}, not {given}")]
    Type {
        /// The name of the constant.
        name: String,
        /// The type that the file declares.
        declared: String,
        /// The type of the value.
        given: &'static str,
    },
}

/// Sets every geometry constant in `source` to the value of its name. Errs where names or types differ.
pub fn specialise(source: &str, values: &[(&str, Constant)]) -> Result<String, SpecialiseError> {
    let mut text = String::with_capacity(source.len());
    let mut used = 0;
    for line in source.lines() {
        match geometry_constant(line) {
            None => text.push_str(line),
            Some((name, declared)) => {
                let value = values.iter().find(|(given, _)| *given == name);
                let Some(&(_, value)) = value else {
                    return Err(SpecialiseError::Unset(name.to_owned()));
                };
                if value.wgsl_type() != declared {
                    let (name, declared) = (name.to_owned(), declared.to_owned());
                    return Err(SpecialiseError::Type {
                        name,
                        declared,
                        given: value.wgsl_type(),
                    });
                }
                used += 1;
                text.extend(["const ", name, ": ", declared, " = ", &value.to_string(), ";"]);
            }
        }
        text.push('\n');
    }
    if used != values.len() {
        let declared = |name: &str| {
            source
                .lines()
                .any(|line| geometry_constant(line).is_some_and(|(n, _)| n == name))
        };
        let unknown = values
            .iter()
            .find(|(name, _)| !declared(name))
            .map_or("", |(name, _)| name);
        return Err(SpecialiseError::Unknown(unknown.to_owned()));
    }
    Ok(text)
}

/// The names of a file's geometry constants, in the order of the file.
pub fn geometry_constants(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter_map(|line| geometry_constant(line).map(|(name, _)| name))
}

/// The name and the type of the geometry constant that a line declares; None for other lines.
fn geometry_constant(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("const ")?.split_once(": ")?;
    let (declared, value) = rest.strip_suffix(';')?.split_once(" = ")?;
    let literal = match declared {
        "bool" => matches!(value, "true" | "false"),
        "u32" => value
            .strip_suffix('u')
            .is_some_and(|digits| digits.parse::<u32>().is_ok()),
        "f32" => value.strip_suffix('f').unwrap_or(value).parse::<f32>().is_ok(),
        _ => false,
    };
    literal.then_some((name, declared))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "const A: u32 = 1u;\nconst B: f32 = 0.5;\nconst C: bool = true;\nconst D: u32 = A + 1u;\n";

    #[test]
    fn values_replace_literals_and_leave_expressions() {
        let values = [
            ("C", Constant::Bool(false)),
            ("A", Constant::Unsigned(7)),
            ("B", Constant::Float(1e-7)),
        ];
        let text = specialise(SOURCE, &values).unwrap();
        assert_eq!(
            text,
            "const A: u32 = 7u;\nconst B: f32 = 1e-7f;\nconst C: bool = false;\nconst D: u32 = A + 1u;\n"
        );
    }

    #[test]
    fn unset_unknown_and_mistyped_names_are_errors() {
        let a = ("A", Constant::Unsigned(7));
        let b = ("B", Constant::Float(1.0));
        let c = ("C", Constant::Bool(true));
        assert_eq!(specialise(SOURCE, &[a, b]), Err(SpecialiseError::Unset("C".into())));
        assert_eq!(
            specialise(SOURCE, &[a, b, c, ("D", a.1)]),
            Err(SpecialiseError::Unknown("D".into()))
        );
        let mistyped = specialise(SOURCE, &[("A", b.1), b, c]);
        assert!(matches!(mistyped, Err(SpecialiseError::Type { .. })));
    }
}
