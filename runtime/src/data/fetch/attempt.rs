//! A mirror that failed to serve a file.

/// Why one mirror did not give one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The mirror's address, without the user name and password that it may contain.
    pub mirror: String,
    /// The name of the file that was asked for.
    pub file: String,
    /// What went wrong, in a line.
    pub reason: String,
}
