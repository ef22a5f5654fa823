//! Which device runs a network.

use super::error::{Error, Result};
use runtime::error::RuntimeError;
use runtime::executor::wgpu::{Adapter, adapters};
use runtime::executor::{Device, DeviceKind, cpu};

/// What was chosen, and why.
pub struct Chosen {
    /// What will run.
    pub runner: Runner,
    /// One line for people: which one, and for `auto` why it.
    pub line: String,
}

/// The executors' ways to begin.
pub enum Runner {
    /// A GPU or a software Vulkan, not yet opened.
    Wgpu(Adapter),
    /// The embedded CPU executor.
    Cpu(Device),
}

impl Runner {
    /// How the device is listed: name, kind, driver.
    pub fn device(&self) -> &Device {
        match self {
            Self::Wgpu(adapter) => &adapter.device,
            Self::Cpu(device) => device,
        }
    }
}

/// Everything that can run a network here, the best first.
///
/// # Errors
/// When `CNNC_CPU` asks for instructions that the CPU lacks.
pub fn runners() -> Result<Vec<Runner>> {
    let usable = adapters().into_iter().filter(|adapter| adapter.lacks().is_none());
    Ok(usable.map(Runner::Wgpu).chain([Runner::Cpu(cpu::device()?)]).collect())
}

/// The device of a name: `auto` a hardware GPU if there is one, else what computes on the CPU; `gpu` the best GPU, a
/// software one included; `cpu` the CPU; any other name the first device that has it in its name, in whatever case.
///
/// # Errors
/// When there is no such device, or `CNNC_CPU` asks for instructions that the CPU lacks.
pub fn choose(name: &str) -> Result<Chosen> {
    // The CPU needs no driver, and asking the drivers takes longer than a small network's first epoch.
    let runners = if name == "cpu" {
        vec![Runner::Cpu(cpu::device()?)]
    } else {
        runners()?
    };
    let wanted = match name {
        "auto" => automatic(&runners.iter().map(Runner::device).collect::<Vec<_>>()),
        "gpu" => runners
            .iter()
            .position(|runner| runner.device().kind != DeviceKind::Cpu),
        "cpu" => runners
            .iter()
            .position(|runner| runner.device().kind == DeviceKind::Cpu),
        part => {
            let part = part.to_lowercase();
            let named = |runner: &Runner| runner.device().name.to_lowercase().contains(&part);
            runners.iter().position(named)
        }
    };
    let available: Vec<String> = runners.iter().map(|runner| runner.device().name.clone()).collect();
    let chosen = wanted.and_then(|wanted| runners.into_iter().nth(wanted));
    let Some(runner) = chosen else {
        return Err(missing(name, available));
    };
    let device = runner.device();
    let mut line = format!("device: {} ({}; {})", device.name, kind(device.kind), device.driver);
    if name == "auto" {
        line = format!("{line}, {}", reason(device.kind));
    }
    Ok(Chosen { runner, line })
}

/// The device that `auto` takes.
pub fn automatic(devices: &[&Device]) -> Option<usize> {
    let rank = |device: &Device| match device.kind {
        DeviceKind::DiscreteGpu => 0,
        DeviceKind::IntegratedGpu => 1,
        DeviceKind::OtherGpu => 2,
        DeviceKind::Cpu => 3,
        DeviceKind::SoftwareGpu => 4,
    };
    let ranks = devices.iter().map(|device| rank(device)).enumerate();
    ranks.min_by_key(|&(_, rank)| rank).map(|(index, _)| index)
}

/// Why `auto` took a device of this kind.
pub const fn reason(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::DiscreteGpu | DeviceKind::IntegratedGpu | DeviceKind::OtherGpu => "the strongest GPU here",
        DeviceKind::SoftwareGpu | DeviceKind::Cpu => "since there is no GPU here",
    }
}

/// A kind in words.
pub const fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::DiscreteGpu => "GPU with its own memory",
        DeviceKind::IntegratedGpu => "GPU that shares the CPU's memory",
        DeviceKind::OtherGpu => "GPU",
        DeviceKind::SoftwareGpu => "software GPU on the CPU",
        DeviceKind::Cpu => "CPU",
    }
}

fn missing(name: &str, available: Vec<String>) -> Error {
    if available.is_empty() {
        return Error::message("no device here can run a network").with_help(NO_DRIVER);
    }
    let wanted = match name {
        "auto" | "gpu" | "cpu" => name.to_owned(),
        part => format!("with `{part}` in its name"),
    };
    Error::Runtime(RuntimeError::NoDevice { wanted, available })
}

/// What to do where nothing is found.
pub const NO_DRIVER: &str = "install a Vulkan driver; Mesa's software one (package mesa-vulkan-drivers) needs no GPU";
