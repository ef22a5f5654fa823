//! What every executor must do alike: the record of a step, how a batch is padded, how workgroups are laid out, and which
//! kernel enters the data. Pure functions, so that a new executor takes them over in place of writing them again.

pub mod entering;
pub mod padding;
pub mod penalty;
pub mod step;
pub mod workgroups;
