//! What `compile(...)` and `fit(...)` ask for: the two calls, and optimizers, losses, metrics, regularizers,
//! constraints, schedules and callbacks, each in a file of its own.

pub mod callbacks;
mod class_weight;
pub mod compile;
pub mod constraints;
pub mod data;
mod each;
pub mod fit;
pub mod limits;
pub mod loading;
pub mod losses;
pub mod metrics;
pub mod numbers;
pub mod optimizer;
pub mod optimizers;
pub mod regularizers;
pub mod scale;
pub mod schedules;
pub mod settings;
mod sources;
