//! The cnnc language: text to syntax tree. Pure: no files, no clock, no threads.
//!
//! `decode` makes a [`source::Source`] of bytes, `parse` makes an [`ast::File`] of it, `print` writes that back.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::disallowed_methods, clippy::disallowed_types)]

pub mod ast;
mod brackets;
pub mod diagnostic;
mod explain;
mod literal;
mod parse;
mod print;
pub mod render;
mod scan;
pub mod source;
pub mod span;

pub use parse::{decode, parse};
pub use print::print;
