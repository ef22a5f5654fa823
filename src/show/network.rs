//! Draws the architecture of a network, as papers do.

use crate::pictures::drawing::Drawing;
use crate::pictures::network;
use compiler::network::CheckedNetwork;
use compiler::numbers::thousands;
use compiler::verbose;

/// Draws the layers with their shapes.
pub fn network(checked: &CheckedNetwork) -> Drawing {
    network::network(Some(&checked.network().name), &facts(checked), checked)
}

/// The line below the title: `8,490 parameters, 494,000 multiply-adds a sample`.
pub fn facts(network: &CheckedNetwork) -> String {
    let macs = usize::try_from(verbose::costs(network).macs).unwrap_or(usize::MAX);
    format!(
        "{} parameters, {} multiply-adds a sample",
        thousands(network.total_params()),
        thousands(macs)
    )
}
