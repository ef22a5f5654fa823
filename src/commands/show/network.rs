//! `cnnc show network`: the architecture.

use super::super::{Outcome, source};
use super::deliver;
use crate::cli::ShowNetworkArgs;
use crate::pictures::network::network;
use compiler::network::CheckedNetwork;
use compiler::numbers::thousands;
use compiler::verbose;

/// Draws it.
pub fn run(args: &ShowNetworkArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let checked = &description.network;
    let drawing = network(Some(&checked.network().name), &facts(checked), checked);
    deliver(&drawing, "network", &args.picture)
}

/// `8,490 parameters, 494,000 multiply-adds a sample`
pub fn facts(network: &CheckedNetwork) -> String {
    let macs = usize::try_from(verbose::costs(network).macs).unwrap_or(usize::MAX);
    format!(
        "{} parameters, {} multiply-adds a sample",
        thousands(network.total_params()),
        thousands(macs)
    )
}
