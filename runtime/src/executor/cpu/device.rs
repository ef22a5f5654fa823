//! The CPU as a device.

use super::simd::Instructions;
use crate::executor::{Device, DeviceKind};

/// What the executor runs on when nothing else is chosen: this machine's CPU, its best instructions, all its cores.
pub fn device() -> Device {
    let best = Instructions::available()
        .first()
        .copied()
        .unwrap_or(Instructions::Portable);
    device_of(best, all_cores())
}

/// How many threads the machine runs at once.
pub(super) fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The CPU with those instructions on so many threads.
pub(super) fn device_of(instructions: Instructions, threads: usize) -> Device {
    let plural = if threads == 1 { "thread" } else { "threads" };
    Device {
        name: processor_name(),
        kind: DeviceKind::Cpu,
        driver: format!("{}, {threads} {plural}", instructions.name()),
    }
}

/// The processor's own name where the system tells it.
fn processor_name() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(
        || format!("{} CPU", std::env::consts::ARCH),
        |(_, name)| name.trim().to_owned(),
    )
}
