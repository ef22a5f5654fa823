//! Commands that this build of the program lacks: they take whatever is typed, so that it can be said what is missing.

use clap::Args;

/// Draw pictures (not in this build of cnnc, which was made without the feature `pictures`)
#[cfg(not(feature = "pictures"))]
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub rest: Rest,
}

/// Write the report of a run again (not in this build of cnnc, which was made without the feature `pictures`)
#[cfg(not(feature = "pictures"))]
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub rest: Rest,
}

/// Fetch data sets (not in this build of cnnc, which was made without the feature `fetch`)
#[cfg(not(feature = "fetch"))]
#[derive(Debug, Args)]
pub struct FetchArgs {
    #[command(flatten)]
    pub rest: Rest,
}

/// What was typed behind the command.
#[derive(Debug, Args)]
pub struct Rest {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    _words: Vec<String>,
}
