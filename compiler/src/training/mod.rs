//! What `compile(...)` and `fit(...)` ask for.

pub mod compile;
pub mod data;
pub mod fit;
pub mod loss;
pub mod losses;
pub mod optimizer;
pub mod optimizers;
pub mod settings;
