//! The errors of commands that this build of the program lacks.

use super::{Failure, Outcome};

/// The error of `cnnc show` and `cnnc report` in a build without the feature `pictures`.
#[cfg(not(feature = "pictures"))]
pub fn pictures() -> Outcome {
    Err(Failure::message("this build of cnnc cannot draw pictures or reports")
        .with_help("build it with the feature `pictures`, which is on by default: cargo build --release"))
}

/// The error of `cnnc data fetch` in a build without the feature `fetch`.
#[cfg(not(feature = "fetch"))]
pub fn fetch() -> Outcome {
    Err(Failure::message("this build of cnnc cannot fetch data sets").with_help(
        "build it with the feature `fetch`, which is on by default: cargo build --release; or `cnnc data import NAME \
         PATH...` takes files that are here already",
    ))
}
