//! A trained network as a small graph for prediction, in Keras's layouts: what every export is written from.
//!
//! About sixteen operations are enough for all layers. A layer lowers itself to them in its own room
//! ([`crate::layers::definition::Definition::portable`]); what acts in training alone, as `Dropout` does, leaves nothing.
//! Tensors are those of one sample, channels last; weights are in Keras's order.

mod at;
mod fold;
mod graph;
mod ids;
pub mod lower;
mod op;

pub use at::At;
pub use fold::fold;
pub use graph::{Graph, Node, Value, Weight};
pub use ids::{ValueId, WeightId};
pub use op::{Convolution, ConvolutionTranspose, Dense, Merge, Op, Pool, Resize, Sets};
