//! The memory that this process holds, as far as the system tells.

use std::fs;

/// Resets the peak, so that each measurement has its own; where that is refused, peaks only grow.
pub(super) fn forget_peak_memory() {
    // The kernel's own number for it: proc(5), /proc/pid/clear_refs.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The largest resident set of this process since the last reset, in bytes.
pub(super) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
