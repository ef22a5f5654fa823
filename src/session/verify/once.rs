//! The short check of a driver, once before it first trains.

use super::{catalogue, table};
use crate::session::device::{self, Runner};
use crate::session::error::Result;
use runtime::data::cache_folder;
use runtime::executor::{Device, DeviceKind};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

/// The result of checking the driver of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was checked before, or does not belong to a GPU.
    Known,
    /// It was checked now and computes correctly; a line that says so.
    Right(String),
    /// It was checked now and computes wrongly; what is wrong, in a phrase.
    Wrong(String),
}

/// Checks the kernels of a small network on the device of this name (see [`device::choose`]), if it is a GPU whose driver has not
/// been found correct before. A correct driver is remembered in the user's cache folder, by device, driver and this program's
/// version; where that cannot be written, the next run checks again.
///
/// # Errors
/// When the device fails.
pub fn once_for_driver(running: &Device, name: &str) -> Result<Verdict> {
    if running.kind == DeviceKind::Cpu {
        return Ok(Verdict::Known);
    }
    let known = remembered(running);
    if known.as_ref().is_some_and(|path| path.is_file()) {
        return Ok(Verdict::Known);
    }
    let runner: Runner = device::choose(name)?.runner;
    let begun = Instant::now();
    let short = catalogue::short()?;
    let verified = table::on(runner, name, &[&short], &())?;
    if verified.off() > 0 {
        return Ok(Verdict::Wrong(format!(
            "{} computes wrong: {} operations were checked, of which {} are wrong",
            running.name,
            verified.operations.len(),
            verified.off()
        )));
    }
    if let Some(path) = known {
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        let _ = written.and_then(|()| fs::write(&path, identity(running)));
    }
    Ok(Verdict::Right(format!(
        "verified: {} agrees with the float64 reference ({} operations, {:.1} s; once for each driver)",
        running.name,
        verified.operations.len(),
        begun.elapsed().as_secs_f64()
    )))
}

/// What a driver is identified by.
fn identity(device: &Device) -> String {
    format!(
        "cnnc {}\n{}\n{}\n",
        env!("CARGO_PKG_VERSION"),
        device.name,
        device.driver
    )
}

/// The file that records that a driver is correct.
fn remembered(device: &Device) -> Option<PathBuf> {
    let sum = Sha256::digest(identity(device).as_bytes());
    let name: String = sum.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Some(cache_folder()?.join("verified").join(name))
}
