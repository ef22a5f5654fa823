//! What each code of a diagnostic means. A code has one meaning for good: one that is given up is not used again, and a
//! new meaning gets a new code. `specs/ERRORS.md` is printed from here, and so is `cnnc explain E0301`.

mod data;
mod names;
mod shapes;
mod structure;
mod text;
mod training;

use crate::render::wrap::hang;
use std::fmt::Write as _;

/// A code and its one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E0301`: E for errors, W for warnings.
    pub code: &'static str,
    /// Its meaning: one phrase without a full stop.
    pub title: &'static str,
    /// The same in a few sentences: when it is said, and why.
    pub explanation: &'static str,
    /// What yields it.
    pub example: Example,
    /// What to write instead; empty where the explanation says it.
    pub instead: &'static str,
}

/// What yields a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// A whole description, of which `cnnc check` says this code and no other.
    Description(&'static str),
    /// Something that no text can show: data, a file, a command. The test that shows it, as `file: function`.
    Elsewhere(&'static str),
}

const fn shown(
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
    description: &'static str,
    instead: &'static str,
) -> Code {
    Code {
        code,
        title,
        explanation,
        example: Example::Description(description),
        instead,
    }
}

const fn told(code: &'static str, title: &'static str, explanation: &'static str, test: &'static str) -> Code {
    Code {
        code,
        title,
        explanation,
        example: Example::Elsewhere(test),
        instead: "",
    }
}

/// The families of codes, by the number after the letter: what each is about, and its codes in order.
pub const FAMILIES: [(&str, &[Code]); 6] = [
    ("The text: 00", &text::CODES),
    ("Names, arguments and values: 01", &names::CODES),
    ("The structure of a description: 02", &structure::CODES),
    ("Shapes: 03", &shapes::CODES),
    ("compile and fit: 04", &training::CODES),
    ("Data sets: 05", &data::CODES),
];

/// Every code, in order of the families.
pub fn all() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().flat_map(|(_, codes)| codes.iter())
}

/// The code of that name, in any case.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.code.eq_ignore_ascii_case(name))
}

/// Whether a word has the form of a code, `E0301`: a letter, E or W, and four digits.
pub fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix(['E', 'W', 'e', 'w']);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Code {
    /// All about it as Markdown, under a heading of this level.
    pub fn markdown(&self, level: usize) -> String {
        let heading = "#".repeat(level);
        let mut text = format!("{heading} {}: {}\n\n{}\n", self.code, self.title, self.explanation);
        if let Example::Description(description) = self.example {
            // Writing to a String cannot fail.
            _ = write!(text, "\n```\n{}\n```\n", description.trim_end());
        }
        if !self.instead.is_empty() {
            _ = write!(text, "\nInstead:\n\n```\n{}\n```\n", self.instead.trim_end());
        }
        text
    }

    /// All about it for a terminal of so many columns: the same without the marks of Markdown, examples set in.
    pub fn plain(&self, columns: usize) -> String {
        let mut text = hang("", &format!("{}: {}", self.code, self.title), columns);
        text.push('\n');
        text.push_str(&hang("", self.explanation, columns));
        if let Example::Description(description) = self.example {
            text.push_str("\nAn example:\n\n");
            set_in(&mut text, description);
        }
        if !self.instead.is_empty() {
            text.push_str("\nInstead:\n\n");
            set_in(&mut text, self.instead);
        }
        text
    }
}

fn set_in(text: &mut String, lines: &str) {
    for line in lines.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        _ = writeln!(text, "{indent}{line}");
    }
}

/// The reference of all codes as Markdown: `specs/ERRORS.md`.
pub fn reference() -> String {
    let mut text = String::from(
        "# Errors and warnings\n\n<!-- Printed from grammar/src/codes; `UPDATE_DOCS=1 cargo test --test codes` writes it anew. -->\n\n\
        Every error (E) and warning (W) of a description has a code with one meaning. `cnnc explain E0301` prints what is\n\
        here.\n",
    );
    for (family, codes) in FAMILIES {
        _ = write!(text, "\n## {family}\n");
        for code in codes {
            text.push('\n');
            text.push_str(&code.markdown(3));
        }
    }
    text
}
