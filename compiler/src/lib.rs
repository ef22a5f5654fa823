//! The cnnc compiler: syntax tree -> [`network::Network`] -> [`network::CheckedNetwork`] -> plan. Pure: no files, no
//! clock, no threads, no device.

pub mod activation;
pub mod fuse;
pub mod initializer;
pub mod layers;
pub mod lower;
pub mod memory;
pub mod network;
pub mod plan;
pub mod shape;
pub mod window;

/// The plan of a checked network: lowered, fused, and with its memory assigned.
pub fn plan_of(checked: &network::CheckedNetwork, sharing: memory::Sharing) -> plan::Plan {
    memory::assign(fuse::fuse(lower::lower(checked)), sharing)
}
