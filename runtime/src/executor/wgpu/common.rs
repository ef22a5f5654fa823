//! What all programs on a device share: the parameters, the optimizer's state, compiled kernels.

// The one place of the crate's wgpu side with `unsafe`: modules without naga's loop counters.
#![allow(unsafe_code)]

use super::device::Gpu;
use super::texels::Texels;
use crate::error::Result;
use crate::executor::refusal::Refusal;
use compiler::launch::{Kernel, Resource, Schedule};
use compiler::plan::Plan;
use compiler::training::optimizer::Optimizer;
use std::collections::HashMap;
use std::sync::Arc;

/// What every stage of an executor shares.
pub(super) struct Common {
    pub gpu: Gpu,
    pub plan: Arc<Plan>,
    pub parameters: wgpu::Buffer,
    pub slots: Vec<wgpu::Buffer>,
    /// Three words: the index of the current step, that of the next one, and the number of samples in each piece of the data set.
    pub state: wgpu::Buffer,
    pub nothing: wgpu::Buffer,
    pub gradients: Option<wgpu::Buffer>,
    pub runs: Option<wgpu::Buffer>,
    /// For clipped gradients: which runs belong together, and the sum of the squares of each; `None` without clipping.
    pub clipping: Option<(wgpu::Buffer, wgpu::Buffer)>,
    /// The textures that belong to no single stage; empty where no kernel reads any.
    pub texels: HashMap<Resource, Texels>,
    pub pipelines: HashMap<(String, &'static str), wgpu::ComputePipeline>,
}

impl Common {
    pub fn new(gpu: Gpu, plan: Arc<Plan>) -> Result<Self> {
        let bytes = plan.parameter_floats as u64 * 4;
        let parameters = gpu.buffer("the parameters", bytes)?;
        let kept = plan.optimizer.as_ref().map(Optimizer::kept).unwrap_or_default();
        let slots = kept
            .iter()
            .map(|slot| {
                let buffer = gpu.buffer(&format!("the optimizer's {}", slot.name), bytes)?;
                // Buffers begin as zeros.
                if slot.start != 0.0 {
                    let start = vec![slot.start; plan.parameter_floats];
                    gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&start));
                }
                Ok(buffer)
            })
            .collect::<Result<_>>()?;
        let state = gpu.buffer("the step counters", 16)?;
        let nothing = gpu.buffer("nothing", 16)?;
        let pipelines = HashMap::new();
        Ok(Self {
            gpu,
            plan,
            parameters,
            slots,
            state,
            nothing,
            gradients: None,
            runs: None,
            clipping: None,
            texels: HashMap::new(),
            pipelines,
        })
    }

    pub fn refusal(&self) -> Refusal<'_> {
        Refusal {
            device: &self.gpu.info.name,
            plan: &self.plan,
        }
    }

    pub fn set_parameters(&self, parameters: &[f32]) -> Result<()> {
        self.gpu
            .queue
            .write_buffer(&self.parameters, 0, bytemuck::cast_slice(parameters));
        self.gpu.check()
    }

    pub fn parameters(&self) -> Result<Vec<f32>> {
        self.gpu.read(&self.parameters, self.plan.parameter_floats as u64 * 4)
    }

    pub fn set_slots(&mut self, slots: &[&[f32]]) -> Result<()> {
        for (buffer, slot) in self.slots.iter().zip(slots) {
            self.gpu.queue.write_buffer(buffer, 0, bytemuck::cast_slice(slot));
        }
        self.gpu.check()
    }

    pub fn slots(&self) -> Result<Vec<Vec<f32>>> {
        let bytes = self.plan.parameter_floats as u64 * 4;
        self.slots.iter().map(|slot| self.gpu.read(slot, bytes)).collect()
    }

    /// Makes `step` the next step, over data in pieces of `per_piece` samples.
    pub fn begin(&self, step: u32, per_piece: u32) {
        self.gpu
            .queue
            .write_buffer(&self.state, 0, bytemuck::cast_slice(&[step, step, per_piece, 0]));
    }

    /// The gradients in the layout of the parameters: the partial ones, added in the optimizer's order.
    pub fn gradients(&self, schedule: &Schedule) -> Result<Vec<f32>> {
        let mut whole = vec![0.0_f32; self.plan.parameter_floats];
        let Some(buffer) = &self.gradients else {
            return Ok(whole);
        };
        let partial: Vec<f32> = self.gpu.read(buffer, schedule.gradient_vec4s as u64 * 16)?;
        for &[start, at, splits, len] in &schedule.segments {
            for split in 0..splits {
                let from = ((at + split * len) * 4) as usize;
                let piece = partial.iter().skip(from);
                let sums = whole.iter_mut().skip(start as usize * 4).take(len as usize * 4);
                sums.zip(piece).for_each(|(sum, value)| *sum += value);
            }
        }
        Ok(whole)
    }

    /// The pipeline of a kernel, which is compiled once.
    ///
    /// # Errors
    /// When the driver refuses it.
    pub fn pipeline(&mut self, kernel: &Kernel) -> Result<wgpu::ComputePipeline> {
        let source = kernel.source().map_err(|error| self.gpu.failed(error.to_string()))?;
        let key = (source, kernel.entry);
        if let Some(pipeline) = self.pipelines.get(&key) {
            return Ok(pipeline.clone());
        }
        let device = &self.gpu.device;
        let label = format!("{}.{}", kernel.file.name(), kernel.entry);
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(&label),
            source: wgpu::ShaderSource::Wgsl(key.0.as_str().into()),
        };
        // Naga's own loop counters keep drivers from unrolling and from keeping small arrays in registers (twice to three
        // times slower, measured), and so does its `min` on the indices of those arrays (four times, where loops are large).
        let checks = wgpu::ShaderRuntimeChecks {
            force_loop_bounding: false,
            bounds_checks: !kernel.file.stays_in_bounds(),
            ..wgpu::ShaderRuntimeChecks::checked()
        };
        // SAFETY: the text is one of our own files with literals replaced. Every loop of those files counts up to a bound
        // with a counter that its body does not set; `shaders/tests/shaders.rs` proves that of each. A file that stays in
        // bounds clamps or guards what it does in buffers, and indexes its arrays by such counters below their lengths.
        let module = unsafe { device.create_shader_module_trusted(descriptor, checks) };
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label),
            layout: None,
            module: &module,
            entry_point: Some(kernel.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Who uses workgroup memory writes it before it reads.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        self.gpu.check()?;
        self.pipelines.insert(key, pipeline.clone());
        Ok(pipeline)
    }
}
