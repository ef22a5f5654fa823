//! A run as one page that a browser opens: no other file, no network, light and dark, on paper and on a telephone. maud
//! escapes everything that is not markup of this module or a drawing, which escapes its texts itself.

mod contents;
mod page;
mod pieces;
mod sections;
mod subject;

pub use contents::{Filters, RunReport};
pub use page::page;
pub use subject::{Subject, of_past, of_trained, write};
