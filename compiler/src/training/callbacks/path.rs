//! Names of files that callbacks write into the run directory, with fields to fill in such as `{epoch:02d}` and
//! `{val_loss:.2f}`: Python's format strings, as far as users of Keras need them.

use crate::call::signature::Argument;
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// The name of a file or folder within the run directory, fields included.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Path(pub String);

/// A piece of a name.
enum Part<'a> {
    Text(&'a str),
    Field { name: &'a str, format: &'a str },
}

impl Path {
    /// The name with its fields filled in: `epoch` counts from 1, all others are metrics. Fields without a value stay
    /// as they are.
    pub fn filled(&self, epoch: usize, metric: impl Fn(&str) -> Option<f64>) -> String {
        let Some(parts) = parts(&self.0) else {
            return self.0.clone();
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Field { name: "epoch", format } => {
                    let zeros = format.starts_with('0');
                    let width: usize = format.trim_end_matches('d').parse().unwrap_or(0);
                    text.push_str(&if zeros {
                        format!("{epoch:0width$}")
                    } else {
                        format!("{epoch:width$}")
                    });
                }
                Part::Field { name, format } => {
                    let digits = format.strip_prefix('.').and_then(|rest| rest.strip_suffix('f'));
                    match (metric(name), digits.and_then(|digits| digits.parse::<usize>().ok())) {
                        (Some(value), Some(digits)) => text.push_str(&format!("{value:.digits$}")),
                        (Some(value), None) => text.push_str(&format!("{value}")),
                        (None, _) => text.push_str(&format!("{{{name}}}")),
                    }
                }
            }
        }
        text
    }
}

/// Splits a name into its parts; None where a field is malformed.
fn parts(name: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some((before, field)) = rest.split_once('{') {
        let (field, after) = field.split_once('}')?;
        let (name, format) = field.split_once(':').unwrap_or((field, ""));
        let whole = |format: &str| {
            format
                .strip_suffix('d')
                .unwrap_or(format)
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        };
        let decimals = |format: &str| {
            let digits = format.strip_prefix('.').and_then(|rest| rest.strip_suffix('f'));
            digits.is_some_and(|digits| {
                !digits.is_empty() && digits.len() < 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let fits = match name {
            "epoch" => format.len() < 4 && whole(format),
            name => {
                let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                plain && (format.is_empty() || decimals(format))
            }
        };
        if !fits || before.contains('}') {
            return None;
        }
        parts.extend([Part::Text(before), Part::Field { name, format }]);
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    parts.push(Part::Text(rest));
    Some(parts)
}

/// Reads the name of a file, which must lie within the run directory. Another ending than `ending` is replaced by it,
/// with a warning.
pub(super) fn in_run_directory(
    argument: &Argument,
    value: &Value,
    ending: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Path> {
    let written = values::string(argument, value, diagnostics)?;
    let refuse = |why: &str| {
        Diagnostic::error(
            "E0425",
            format!("`{}` cannot be the name of a file in the run directory", argument.name),
        )
        .at(value.span, why.to_owned())
        .help("such as \"best.safetensors\" or \"weights/{epoch:02d}-{val_loss:.2f}.safetensors\"")
    };
    let pieces: Vec<&str> = written
        .strip_prefix("./")
        .unwrap_or(&written)
        .split(['/', '\\'])
        .collect();
    let plain = |piece: &&str| !piece.is_empty() && *piece != "." && *piece != ".." && !piece.contains([':', '\0']);
    // The format of a field contains a colon as well.
    let outside = pieces.iter().any(|piece| !plain(&strip(piece).as_str()));
    if outside {
        diagnostics.push(refuse("leads out of the run directory"));
        return None;
    }
    if parts(&written).is_none() {
        diagnostics.push(refuse("a field is written {epoch}, {epoch:02d} or {val_loss:.2f}"));
        return None;
    }
    let name = pieces.join("/");
    let Some(ending) = ending.filter(|ending| !name.ends_with(&format!(".{ending}"))) else {
        return Some(Path(name));
    };
    let endings = [".weights.h5", ".keras", ".hdf5", ".h5", ".ckpt", ".tf"];
    let stem = endings
        .iter()
        .find_map(|known| name.strip_suffix(known))
        .unwrap_or(&name);
    let made = format!("{stem}.{ending}");
    diagnostics.push(
        Diagnostic::warning(
            "W0426",
            format!("the weights are written as `{made}` in the run directory"),
        )
        .at(value.span, "Keras's own format is made by `cnnc export`")
        .help(format!("write \"{made}\""))
        .fix(value.span, format!("\"{made}\"")),
    );
    Some(Path(made))
}

/// Reads the name of a folder, which must lie within the run directory; it may end in a slash.
pub(super) fn folder_in_run_directory(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Path> {
    let mut plain = value.clone();
    if let ValueKind::String(name) = &mut plain.kind {
        let trimmed = name.trim_end_matches(['/', '\\']).len();
        if trimmed > 0 {
            name.truncate(trimmed);
        }
    }
    in_run_directory(argument, &plain, None, diagnostics)
}

/// A piece of a path without its fields.
fn strip(piece: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in piece.chars() {
        match letter {
            '{' => inside = true,
            '}' => {
                inside = false;
                text.push('x');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_in() {
        let metric = |name: &str| (name == "val_loss").then_some(0.125);
        let filled = |name: &str| Path(name.to_owned()).filled(7, metric);
        assert_eq!(
            filled("w-{epoch:02d}-{val_loss:.2f}.safetensors"),
            "w-07-0.12.safetensors"
        );
        assert_eq!(filled("{epoch}/{epoch:3d}{other:.1f}"), "7/  7{other}");
        assert!(parts("{epoch").is_none() && parts("a}b").is_none() && parts("{val_loss:e}").is_none());
    }
}
