//! A mirror that was tried in vain.

/// What one mirror did for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its address.
    pub mirror: String,
    /// The file.
    pub file: String,
    /// Why it did not give it.
    pub reason: String,
}
