//! The workers' loops: through the steps of an epoch, and through the blocks of an evaluation or a prediction.

mod few;
mod first;
mod forward;
mod training;

pub use few::FewSamples;
pub use first::First;
pub use forward::{Forward, ForwardWorker};
pub use training::{Training, TrainingWorker, blocks_of};
