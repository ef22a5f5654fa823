//! Diagnostics for people and for programs, and what every text for a terminal needs: lines that fit its width, and
//! no characters that act on it. Pure: the caller knows the terminal's width, and writes.

pub mod diagnostics;
mod located;
mod visible;
pub mod wrap;

pub use diagnostics::render;
pub use located::{Located, LocatedFix, LocatedLabel, Place, locate};
pub use visible::{acts, visible, visible_json, visible_line};
