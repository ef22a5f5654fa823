//! The interface by which layers lower themselves. Nothing here knows which layers there are.

mod backward;
mod forward;
mod ports;
mod program;
mod site;

pub use backward::Backward;
pub use forward::Forward;
pub use program::Builder;
pub use site::{Place, Site};
