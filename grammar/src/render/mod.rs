//! Diagnostics for people and for programs, and what every text for a terminal needs: lines that fit its width and
//! characters that cannot act on it. Pure: the caller says how wide the terminal is and writes.

pub mod diagnostics;
mod located;
mod visible;
pub mod wrap;

pub use diagnostics::render;
pub use located::{Located, LocatedFix, LocatedLabel, Place, locate};
pub use visible::{acts, visible, visible_json, visible_line};
