//! What all executors must do in the same way: the record of a step, the padding of a batch, the layout of
//! workgroups, and the kernel that the data enter by. These are pure functions, for a new executor to use rather than
//! to write again.

pub mod entering;
pub mod padding;
pub mod penalty;
pub mod step;
pub mod workgroups;
