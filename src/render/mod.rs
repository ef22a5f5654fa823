//! Output for people: diagnostics, tables, messages.

pub mod bench;
pub mod costs;
pub mod downloads;
pub mod explain;
pub mod hint;
#[cfg(feature = "pictures")]
pub mod inline;
pub mod loading;
pub mod progress;
pub mod table;
pub mod terminal;

pub use grammar::render::wrap;

/// A size in bytes as Keras's summary has it, in units of 1024: `1.5 MB`.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KB", "MB", "GB", "TB", "PB", "EB"] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    format!("{size:.1} {unit}")
}
