//! A run as one page for browsers, without other files and without the network; it is made for light and dark screens, paper and
//! telephones. maud escapes everything that is not markup of this module or a drawing, which escapes its own texts.

mod contents;
mod page;
mod pieces;
mod sections;
mod subject;

pub use contents::{Filters, RunReport};
pub use page::page;
pub use subject::{Subject, of_past, of_trained, write};
