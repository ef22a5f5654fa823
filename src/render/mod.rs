//! What is drawn for people: diagnostics.

pub mod diagnostics;
