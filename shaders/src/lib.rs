//! The hand-written WGSL kernels, and the filling in of their geometry. Pure: text to text.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod registry;
pub mod specialise;
pub mod textures;

pub use registry::File;
pub use specialise::{Constant, SpecialiseError, specialise};
