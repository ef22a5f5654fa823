//! The CPU as a device to run on.

use super::simd::Instructions;
use crate::error::{Result, RuntimeError};
use crate::executor::{Device, DeviceKind};

/// The environment variable that chooses the instruction set by its [key](Instructions::key).
const VARIABLE: &str = "CNNC_CPU";

/// The device where nothing else is asked for: this machine's CPU with the instructions that [`instructions`] gives and all
/// cores.
///
/// # Errors
/// As for [`instructions`].
pub fn device() -> Result<Device> {
    Ok(device_of(instructions()?, all_cores()))
}

/// The instruction set that `CNNC_CPU` names or, where it is unset or empty, the best that this CPU has.
///
/// # Errors
/// When this CPU lacks instructions of that name.
pub fn instructions() -> Result<Instructions> {
    let wanted = std::env::var_os(VARIABLE).unwrap_or_default();
    chosen(&wanted.to_string_lossy(), &Instructions::available())
}

fn chosen(wanted: &str, available: &[Instructions]) -> Result<Instructions> {
    let found = if wanted.is_empty() {
        available.first()
    } else {
        available.iter().find(|one| one.key() == wanted)
    };
    found.copied().ok_or_else(|| RuntimeError::Instructions {
        wanted: wanted.to_owned(),
        available: available.iter().map(|one| one.key()).collect(),
    })
}

/// How many threads the machine can run at once.
pub(super) fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The CPU with these instructions and this many threads, as a device.
pub(super) fn device_of(instructions: Instructions, threads: usize) -> Device {
    let plural = if threads == 1 { "thread" } else { "threads" };
    Device {
        name: processor_name(),
        kind: DeviceKind::Cpu,
        driver: format!("{}, {threads} {plural}", instructions.name()),
    }
}

/// The name of the processor, where the system tells it.
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

#[cfg(test)]
mod tests {
    use super::chosen;
    use crate::executor::cpu::Instructions::{Avx2, Avx512, Portable};

    #[test]
    fn instructions_are_chosen_by_name() {
        let all = [Avx512, Avx2, Portable];
        assert_eq!(chosen("", &all).unwrap(), Avx512);
        assert_eq!(chosen("avx2", &all).unwrap(), Avx2);
        assert_eq!(chosen("portable", &all).unwrap(), Portable);
        for (wanted, available) in [("neon", &all[..]), ("AVX2", &all), ("avx512", &all[1..])] {
            let error = chosen(wanted, available).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("CNNC_CPU={wanted}: this CPU has no such instructions")
            );
            assert!(error.help().unwrap().ends_with("avx2 and portable"));
        }
    }
}
