//! The cnnc language: text to syntax tree. Pure: no files, no clock, no threads.

pub mod ast;
pub mod diagnostic;
pub mod source;
pub mod span;
