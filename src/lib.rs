//! `cnnc` as a library: from a description of a convolutional network to one that is trained, as any front end needs it.
//! The program `cnnc` is one of them, and only reads its arguments and prints.

pub mod session;

#[cfg(feature = "pictures")]
pub mod pictures;
#[cfg(feature = "pictures")]
pub mod report;
#[cfg(feature = "pictures")]
pub mod show;

pub use compiler;
pub use grammar;
pub use runtime;
