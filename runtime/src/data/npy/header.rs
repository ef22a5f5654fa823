//! The header of an `.npy` file: a dictionary, as Python writes it, with three known keys.

use crate::error::{Result, RuntimeError};

/// What a header says.
pub(super) struct Header {
    /// The element type, such as `<f4`.
    pub(super) kind: String,
    /// Whether the first axis varies fastest (column-major).
    pub(super) fortran: bool,
    /// The length of each axis.
    pub(super) shape: Vec<usize>,
}

/// The most axes that an array of NumPy can have.
const MAX_AXES: usize = 64;

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
pub(super) struct Parser<'a> {
    file: &'a str,
    start: u64,
    text: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    /// A parser of a header's text, which begins at byte `start` of `file`.
    pub(super) fn new(file: &'a str, start: u64, text: &'a [u8]) -> Self {
        let at = 0;
        Self { file, start, text, at }
    }

    /// Parses the whole header: three keys in any order, once each, and nothing after them but blanks.
    pub(super) fn header(mut self) -> Result<Header> {
        let (mut kind, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.take(b'}') {
            let key = self.string("one of 'descr', 'fortran_order' and 'shape'")?;
            self.expect(b':')?;
            match key.as_str() {
                "descr" if kind.is_none() => kind = Some(self.string("an element type such as '<f4'")?),
                "fortran_order" if fortran.is_none() => fortran = Some(self.boolean()?),
                "shape" if shape.is_none() => shape = Some(self.shape()?),
                _ => return Err(self.wrong("'descr', 'fortran_order' and 'shape', once each", format!("'{key}'"))),
            }
            if !self.take(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        if self.peek().is_some() {
            return Err(self.wrong_here("the end of the header"));
        }
        match (kind, fortran, shape) {
            (Some(kind), Some(fortran), Some(shape)) => Ok(Header { kind, fortran, shape }),
            (kind, fortran, _) => {
                let missing = if kind.is_none() {
                    "descr"
                } else if fortran.is_none() {
                    "fortran_order"
                } else {
                    "shape"
                };
                Err(self.wrong(format!("the key '{missing}'"), "the end of the header"))
            }
        }
    }

    /// The next byte that is not a blank; `None` at the end.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !byte.is_ascii_whitespace() {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.wrong_here(format!("'{}'", byte as char)))
        }
    }

    fn string(&mut self, what: &str) -> Result<String> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            return Err(self.wrong_here(what));
        };
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        // No string that NumPy writes for a plain type is longer, nor has it an escape.
        let Some(length) = rest.iter().take(32).position(|&byte| byte == quote) else {
            return Err(self.wrong_here(what));
        };
        self.at += length + 2;
        Ok(rest.get(..length).unwrap_or_default().escape_ascii().to_string())
    }

    fn boolean(&mut self) -> Result<bool> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in [("True", true), ("False", false)] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong_here("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>> {
        let mut shape = Vec::new();
        self.expect(b'(')?;
        while !self.take(b')') {
            shape.push(self.size()?);
            if shape.len() > MAX_AXES {
                return Err(self.wrong(format!("at most {MAX_AXES} axes"), "more"));
            }
            if !self.take(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(shape)
    }

    fn size(&mut self) -> Result<usize> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = rest
            .get(..digits)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .unwrap_or_default();
        let size = text.parse().map_err(|_| self.wrong_here("an axis's size"))?;
        self.at += digits;
        // Python 2's long integers.
        if self.text.get(self.at) == Some(&b'L') {
            self.at += 1;
        }
        Ok(size)
    }

    fn wrong(&self, expected: impl Into<String>, found: impl Into<String>) -> RuntimeError {
        RuntimeError::malformed(self.file, self.start + self.at as u64, expected, found)
    }

    fn wrong_here(&self, expected: impl Into<String>) -> RuntimeError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = rest.get(..rest.len().min(16)).unwrap_or_default();
        self.wrong(
            expected,
            if found.is_empty() {
                "the end of the header".into()
            } else {
                format!("\"{}\"", found.escape_ascii())
            },
        )
    }
}
