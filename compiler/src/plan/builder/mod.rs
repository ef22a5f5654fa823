//! What layers lower themselves with. Nothing here knows what layers there are.

mod backward;
mod forward;
mod ports;
mod program;
mod site;

pub use backward::Backward;
pub use forward::Forward;
pub use program::Builder;
pub use site::{Place, Site};
