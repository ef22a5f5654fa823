//! The parser that pest generates from `cnn.pest`.

// The derive makes a public enum without documentation.
#![allow(missing_docs)]

#[derive(pest_derive::Parser)]
#[grammar = "../cnn.pest"]
pub struct Cnn;
