//! Escapes of `IPython` (`!pip install`, `%matplotlib inline`, `help?`), which notebooks and scripts made of them have.

use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_cells_unchecked};
use ruff_text_size::TextRange;

/// Parses the parts of a text.
///
/// The parser of `IPython` panics where brackets that do not match are followed by a line that begins with one of its rarer escapes. Python
/// has such lines only between brackets and in strings: where there are any, the text is parsed as plain Python, with a name
/// in place of each command.
pub fn parse(text: &str, parts: Vec<TextRange>) -> Parsed<ModModule> {
    if has_rare(text) {
        parse_cells_unchecked(&without_commands(text), parts, &ParseOptions::from(Mode::Module))
    } else {
        parse_cells_unchecked(text, parts, &ParseOptions::from(Mode::Ipython))
    }
}

/// Whether a line begins with an escape that is neither a command of the shell nor a magic one.
fn has_rare(text: &str) -> bool {
    text.split(['\n', '\r'])
        .any(|line| line.trim_start().starts_with(['?', '/', ';', ',']))
}

/// The text with `_` in place of each line that is a command, and of the lines that continue it; its length is the same.
fn without_commands(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut continues = false;
    for line in text.split_inclusive('\n') {
        let (begins, end) = (line.trim_start(), line.trim_end_matches(['\n', '\r']).len());
        let is_command = begins.starts_with(['!', '%']);
        if !is_command && !continues {
            plain.push_str(line);
            continue;
        }
        let indented = line.len() - begins.len();
        plain.extend(line.chars().take(if is_command { indented } else { 0 }));
        if is_command {
            plain.push('_');
        }
        let (content, ending) = line.split_at_checked(end).unwrap_or_default();
        let rest = content.len().saturating_sub(if is_command { indented + 1 } else { 0 });
        plain.extend(std::iter::repeat_n(' ', rest));
        plain.push_str(ending);
        continues = content.ends_with('\\');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{parse, without_commands};
    use ruff_text_size::{TextRange, TextSize};

    fn errors(text: &str) -> usize {
        let whole = TextRange::up_to(TextSize::of(text));
        parse(text, vec![whole]).errors().len()
    }

    #[test]
    fn brackets_that_do_not_match_before_an_escape_are_an_error() {
        for escape in [
            "?", "/", ";", ",", ", x", "??x", "/f 1", " \t,", "\u{c},", "%", "!", "!!x", "%%x",
        ] {
            for brackets in [
                "(,]",
                "[)",
                "f(a, [b)",
                "{(}",
                "x = f(]",
                "((]",
                "f\"{(]}\"",
                "(,]\r",
                "(,]\\",
            ] {
                for newline in ["\n", "\r", "\r\n", "\n\n", "\n# c\n"] {
                    assert_ne!(
                        errors(&format!("{brackets}{newline}{escape}")),
                        0,
                        "{brackets}{newline}{escape}"
                    );
                }
            }
        }
    }

    #[test]
    fn commands_are_read_beside_lines_that_begin_as_escapes_do() {
        let call = "x = f(1\n    , 2)\ny = (4\n    / 2)\n";
        for text in [
            "!pip install keras\n",
            "%matplotlib inline\n",
            "if x:\n    !ls \\\n      -l é\n    a = 1\n",
            "",
        ] {
            assert_eq!(errors(&format!("{text}{call}{text}")), 0, "{text}");
            assert_eq!(errors(text), 0, "{text}");
        }
        assert_eq!(errors("x = !ls\nmodel.summary?\n"), 0);
    }

    #[test]
    fn what_is_left_out_keeps_every_place() {
        let text = "a\n  !ls é \\\r\n  b \\\nc\n%x\nd";
        let plain = without_commands(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(plain, format!("a\n  _{}\r\n{}\n \n_ \nd", " ".repeat(7), " ".repeat(5)));
    }
}
