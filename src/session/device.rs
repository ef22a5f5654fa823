//! Chooses the device that runs a network.

use super::error::{Error, Result};
use runtime::error::RuntimeError;
use runtime::executor::wgpu::{Adapter, adapters};
use runtime::executor::{Device, DeviceKind, cpu};

/// The device that was chosen, and why.
pub struct Chosen {
    /// The device, ready to be opened.
    pub runner: Runner,
    /// A line for people that names the device and, for `auto`, says why it was chosen.
    pub line: String,
}

/// A device that an executor can be made for.
pub enum Runner {
    /// A GPU or a software Vulkan, which has not been opened yet.
    Wgpu(Adapter),
    /// The CPU itself, by the executor that is built in.
    Cpu(Device),
}

impl Runner {
    /// Name, kind and driver, as the device is listed.
    pub fn device(&self) -> &Device {
        match self {
            Self::Wgpu(adapter) => &adapter.device,
            Self::Cpu(device) => device,
        }
    }
}

/// Everything on this machine that can run a network, the best first.
///
/// # Errors
/// When `CNNC_CPU` asks for instructions that the CPU lacks.
pub fn runners() -> Result<Vec<Runner>> {
    let usable = adapters().into_iter().filter(|adapter| adapter.lacks().is_none());
    Ok(usable.map(Runner::Wgpu).chain([Runner::Cpu(cpu::device()?)]).collect())
}

/// The device with this name. `auto` means a hardware GPU if there is one, else the best way to compute on the CPU; `gpu` the
/// best GPU, including software ones; `cpu` the CPU; any other name the first device whose name contains it, in whatever case.
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

/// The index of the device that `auto` means; `None` without devices.
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

/// Why `auto` chose a device of this kind, for messages.
pub const fn reason(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::DiscreteGpu | DeviceKind::IntegratedGpu | DeviceKind::OtherGpu => "the strongest GPU here",
        DeviceKind::SoftwareGpu | DeviceKind::Cpu => "because there is no GPU here",
    }
}

/// A kind of device in words.
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

/// Advice for when no device is found.
pub const NO_DRIVER: &str = "install a Vulkan driver; Mesa's software one (package mesa-vulkan-drivers) needs no GPU";
