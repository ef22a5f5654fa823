//! Checks that a device computes correctly: its kernels against a float64 reference, on the user's own machine and driver.

mod catalogue;
mod once;
mod table;

pub use catalogue::all as networks;
pub use once::{Verdict, once_for_driver};
pub use table::{Row, Verified};

use super::device;
use super::error::Result;
use super::examine::Description;
use super::listener::{Listener, Notice};

/// Checks every kernel that a description uses on a device (see [`device::choose`]); where the description does not train, those
/// of predictions. Without a description, it checks those of all layers, losses and optimizers.
///
/// # Errors
/// When there is no such device, or it fails or cannot hold the network.
pub fn verify(description: Option<&Description>, device: &str, listener: &dyn Listener) -> Result<Verified> {
    let chosen = device::choose(device)?;
    listener.notice(&Notice::Device(chosen.line));
    let own;
    let descriptions = if let Some(description) = description {
        vec![description]
    } else {
        own = catalogue::all().collect::<Result<Vec<Description>>>()?;
        own.iter().collect()
    };
    table::on(chosen.runner, device, &descriptions, listener)
}
