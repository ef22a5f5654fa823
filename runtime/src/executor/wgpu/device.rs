//! Adapters: finding those of this machine, and opening one.

use crate::error::{Grows, Result, RuntimeError};
use crate::executor::{Device, DeviceKind};
use compiler::launch::{DeviceClass, Tiling};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An adapter that was found but not yet opened.
pub struct Adapter {
    /// Name, kind and driver, as the device is listed.
    pub device: Device,
    adapter: wgpu::Adapter,
}

/// A device that is open, with its queue.
pub struct Gpu {
    /// Name, kind and driver, as the device is listed.
    pub info: Device,
    /// The sizes of the tiles that kernels are made with.
    pub tiling: Tiling,
    /// For tests: whether kernels that run without bounds checks are given more memory than each tensor has, and what lies beyond
    /// it is checked. Only possible where no two tensors share memory.
    pub guarded: bool,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// The first error that the driver has reported since it was last asked.
    complaint: Arc<Mutex<Option<String>>>,
}

/// Every adapter of this machine, hardware first, the strongest kind first; empty where there is no driver.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12,
        // No validation layers: wgpu validates what it is given.
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut found: Vec<Adapter> = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()))
        .into_iter()
        .map(|adapter| {
            let info = adapter.get_info();
            let kind = match info.device_type {
                wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
                wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
                wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => DeviceKind::OtherGpu,
                wgpu::DeviceType::Cpu => DeviceKind::SoftwareGpu,
            };
            let words = [info.backend.to_string(), info.driver, info.driver_info];
            let driver = words
                .iter()
                .filter(|word| !word.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" ");
            Adapter {
                device: Device {
                    name: info.name,
                    kind,
                    driver,
                },
                adapter,
            }
        })
        .collect();
    found.sort_by_key(|adapter| match adapter.device.kind {
        DeviceKind::DiscreteGpu => 0,
        DeviceKind::IntegratedGpu => 1,
        DeviceKind::OtherGpu => 2,
        DeviceKind::SoftwareGpu => 3,
        DeviceKind::Cpu => 4,
    });
    found
}

impl Adapter {
    /// The largest buffer that can be bound to a kernel, in bytes.
    pub fn largest_buffer(&self) -> u64 {
        let limits = self.adapter.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// The first of WebGPU's default limits that the device does not reach, in which case it cannot be opened; else `None`.
    pub fn lacks(&self) -> Option<String> {
        let mut lack = None;
        wgpu::Limits::default().check_limits_with_fail_fn(&self.adapter.limits(), true, |limit, needed, most| {
            lack = Some(format!("{limit} is {most}, and {needed} is needed"));
        });
        lack
    }

    /// Opens the device with WebGPU's default limits, except that buffers may be as large as the device allows.
    pub fn open(self) -> Result<Gpu> {
        let failed = |cause: String| RuntimeError::Device {
            device: self.device.name.clone(),
            cause,
        };
        let most = self.adapter.limits();
        let limits = wgpu::Limits {
            max_buffer_size: most.max_buffer_size,
            max_storage_buffer_binding_size: most.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let request = self.adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("cnnc"),
            // For the table of `bench` alone; without it, our clock measures.
            required_features: self.adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            required_limits: limits,
            ..Default::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|error| failed(error.to_string()))?;
        let complaint: Arc<Mutex<Option<String>>> = Arc::default();
        let note = |complaint: &Arc<Mutex<Option<String>>>, text: String| {
            if let Ok(mut first) = complaint.lock() {
                first.get_or_insert(text);
            }
        };
        let on_error = Arc::clone(&complaint);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&on_error, error.to_string())));
        let on_loss = Arc::clone(&complaint);
        device.set_device_lost_callback(move |reason, text| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                note(&on_loss, format!("device lost: {text}"));
            }
        });
        let tiling = tiling(&self.device).map_err(failed)?;
        Ok(Gpu {
            info: self.device,
            tiling,
            guarded: false,
            device,
            queue,
            complaint,
        })
    }
}

/// How many bytes are uploaded at a time: a queue keeps a copy of what it has not sent yet.
const UPLOAD: usize = 8 << 20;

impl Gpu {
    pub(super) fn failed(&self, cause: impl Into<String>) -> RuntimeError {
        RuntimeError::Device {
            device: self.info.name.clone(),
            cause: cause.into(),
        }
    }

    /// An error if the driver has reported one since the last call.
    pub(super) fn check(&self) -> Result<()> {
        let complaint = self.complaint.lock().ok().and_then(|mut complaint| complaint.take());
        complaint.map_or(Ok(()), |cause| Err(self.failed(cause)))
    }

    /// Waits for everything that was submitted. A device that is lost, or that has made no progress for two minutes, is an error
    /// and never hangs: no submission takes more than a fraction of a second.
    pub(super) fn wait(&self) -> Result<()> {
        let timeout = Some(Duration::from_mins(2));
        let waited = self.device.poll(wgpu::PollType::Wait {
            submission_index: None,
            timeout,
        });
        self.check()?;
        waited.map(|_| ()).map_err(|error| self.failed(error.to_string()))
    }

    /// An error where a buffer of this size exceeds the device's limits.
    pub(super) fn fits(&self, what: &str, bytes: u64, grows: Grows) -> Result<()> {
        let limits = self.device.limits();
        let too_large = |limit: &'static str, most: u64| RuntimeError::TooLarge {
            what: what.to_owned(),
            bytes,
            limit,
            most,
            device: self.info.name.clone(),
            grows,
        };
        if bytes > limits.max_storage_buffer_binding_size {
            return Err(too_large(
                "maxStorageBufferBindingSize",
                limits.max_storage_buffer_binding_size,
            ));
        }
        if bytes > limits.max_buffer_size {
            return Err(too_large("maxBufferSize", limits.max_buffer_size));
        }
        Ok(())
    }

    /// A storage buffer of `bytes` zeros, whose size has been checked. Running out of memory is an error here and not later.
    pub(super) fn buffer(&self, label: &str, bytes: u64) -> Result<wgpu::Buffer> {
        self.fits(label, bytes, Grows::WithNetwork)?;
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes.next_multiple_of(16).max(16),
            usage,
            mapped_at_creation: false,
        });
        match pollster::block_on(scope.pop()) {
            None => Ok(buffer),
            Some(_) => Err(self.failed(format!("out of memory for {label} ({bytes} bytes)"))),
        }
    }

    /// A storage buffer that holds `contents`.
    pub(super) fn buffer_of<T: bytemuck::Pod>(&self, label: &str, contents: &[T]) -> Result<wgpu::Buffer> {
        let buffer = self.buffer(label, size_of_val(contents) as u64)?;
        let pieces = bytemuck::cast_slice::<T, u8>(contents).chunks(UPLOAD);
        for (at, piece) in (0..).step_by(UPLOAD).zip(pieces) {
            self.queue.write_buffer(&buffer, at, piece);
            if piece.len() == UPLOAD {
                self.queue.submit([]);
                self.wait()?;
            }
        }
        Ok(buffer)
    }

    /// Reads the first `bytes` of a buffer back, after everything that was submitted.
    pub(super) fn read<T: bytemuck::Pod>(&self, buffer: &wgpu::Buffer, bytes: u64) -> Result<Vec<T>> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, bytes);
        self.queue.submit([encoder.finish()]);
        staging.map_async(wgpu::MapMode::Read, .., |_| ());
        self.wait()?;
        let view = staging
            .get_mapped_range(..)
            .map_err(|error| self.failed(error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }
}

/// The tiles for the device's kind, with the changes that `CNNC_TILES` asks for: `bench/gpu.sh` tries many of them.
fn tiling(device: &Device) -> std::result::Result<Tiling, String> {
    let class = match device.kind {
        DeviceKind::DiscreteGpu => DeviceClass::Discrete,
        DeviceKind::IntegratedGpu | DeviceKind::OtherGpu => DeviceClass::Integrated,
        DeviceKind::SoftwareGpu | DeviceKind::Cpu => DeviceClass::Software,
    };
    let tiling = Tiling::of(class);
    match std::env::var("CNNC_TILES") {
        Ok(changes) if !changes.is_empty() => tiling.with(&changes).map_err(|error| format!("CNNC_TILES: {error}")),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(tiling),
        Err(std::env::VarError::NotUnicode(_)) => Err("CNNC_TILES is not UTF-8".to_owned()),
    }
}
