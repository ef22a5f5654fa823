//! The meanings of the codes of diagnostics. A code has one meaning for good: one that is given up is not used again,
//! and a new meaning gets a new code. `specs/ERRORS.md` and `cnnc explain E0301` are printed from here.

mod code;
mod data;
mod metrics;
mod names;
mod shapes;
mod structure;
mod text;
mod training;

pub use code::{Code, Example};

use std::fmt::Write as _;

/// The families of codes, by the second digit: the subject of each, and its codes in order.
pub const FAMILIES: [(&str, &[Code]); 7] = [
    ("The text: 00", &text::CODES),
    ("Names, arguments and values: 01", &names::CODES),
    ("The structure of a description: 02", &structure::CODES),
    ("Shapes: 03", &shapes::CODES),
    ("compile and fit: 04", &training::CODES),
    ("What is measured, and what samples count: 044", &metrics::CODES),
    ("Data sets: 05", &data::CODES),
];

/// All codes, in the order of the families.
pub fn all() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().flat_map(|(_, codes)| codes.iter())
}

/// The code of that name, in upper or lower case.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.code.eq_ignore_ascii_case(name))
}

/// Whether a word has the form of a code such as `E0301`: the letter E or W, and four digits.
pub fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix(['E', 'W', 'e', 'w']);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
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
