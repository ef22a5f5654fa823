//! Options of an import.

/// What to assume where the file leaves something open.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the script, each with a Python expression for its value, which replaces the script's.
    pub given: Vec<(String, String)>,
    /// The shape of a sample; `None` to take the file's.
    pub input: Option<Vec<usize>>,
    /// The variable or the name of the model to import; `None` for the most likely one.
    pub model: Option<String>,
}
