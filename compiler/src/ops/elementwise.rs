//! The constants of `elementwise.wgsl`, which several operations share.

use crate::launch::kernel::{Constants, unsigned};

/// The values for all constants of the file; those that the entry point does not use are 1.
pub(super) fn constants(values: &[(&'static str, usize)]) -> Constants {
    const NAMES: [&str; 9] = [
        "BLOCKS",
        "BLOCK",
        "INPUT_ELEMENTS",
        "INPUT_STRIDE",
        "INPUT_OFFSET",
        "RESULT_STRIDE",
        "RESULT_OFFSET",
        "ROWS",
        "COLUMNS",
    ];
    let value = |name: &str| {
        values
            .iter()
            .find(|(given, _)| *given == name)
            .map_or(1, |&(_, value)| value)
    };
    NAMES.iter().map(|&name| (name, unsigned(value(name)))).collect()
}
