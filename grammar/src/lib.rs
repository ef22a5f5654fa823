//! The cnnc language: text to syntax tree. Pure: no files, no clock, no threads.
//!
//! `decode` makes a [`source::Source`] of bytes, `read` makes an [`ast::File`] of it as far as it can be read, `print` writes
//! that back. `render` draws diagnostics, `codes` says what each code means.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::disallowed_methods, clippy::disallowed_types)]

pub mod ast;
mod brackets;
pub mod codes;
pub mod diagnostic;
mod explain;
mod literal;
mod mend;
mod parse;
mod print;
pub mod render;
mod scan;
pub mod source;
pub mod span;

pub use parse::{Parsed, decode, parse, read};
pub use print::print;
