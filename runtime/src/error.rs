//! Errors.

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A device cannot do what is asked.
    #[error("{0}")]
    Device(String),
}

/// A result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;
