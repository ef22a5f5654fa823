//! The cnnc compiler: syntax tree -> [`network::Network`] -> [`network::CheckedNetwork`] -> plan. Pure: no files, no
//! clock, no threads, no device.

pub mod activation;
pub mod initializer;
pub mod layers;
pub mod network;
pub mod plan;
pub mod shape;
pub mod window;
