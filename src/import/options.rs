//! What an import is told beside its file.

/// What to take where a file leaves it open.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the script and the Python values that they have in place of its own.
    pub given: Vec<(String, String)>,
    /// The shape of a sample.
    pub input: Option<Vec<usize>>,
    /// The variable or the name of the model that is meant.
    pub model: Option<String>,
}
