//! A program on a device: its pipelines, its memory, its bindings; and what all programs share.

// The one place of the crate's wgpu side with `unsafe`: modules without naga's loop counters.
#![allow(unsafe_code)]

use super::device::Gpu;
use super::guard;
use super::texels::{Copy, Texels};
use crate::data::{Pixels, Split};
use crate::error::{Result, RuntimeError};
use crate::executor::Tally;
use crate::executor::refusal::Refusal;
use compiler::host::entering::{Stored, gather_for};
use compiler::host::step::StepRecord;
use compiler::host::workgroups;
use compiler::launch::{Dispatch, Kernel, Resource, Schedule, Tiling, schedule, schedule_in_buffers};
use compiler::ops::Access;
use compiler::plan::{Plan, Program, TensorId, TensorKind};
use compiler::training::optimizer::Optimizer;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What every stage of an executor shares.
pub(super) struct Common {
    pub gpu: Gpu,
    pub plan: Arc<Plan>,
    parameters: wgpu::Buffer,
    slots: Vec<wgpu::Buffer>,
    /// [0] the step under way, [1] the next one, [2] samples in each piece of the data set.
    state: wgpu::Buffer,
    nothing: wgpu::Buffer,
    pub gradients: Option<wgpu::Buffer>,
    runs: Option<wgpu::Buffer>,
    /// Where gradients are clipped: which runs belong together, and what the squares of each come to.
    clipping: Option<(wgpu::Buffer, wgpu::Buffer)>,
    /// Textures that are no stage's own, where one reads any.
    texels: HashMap<Resource, Texels>,
    pipelines: HashMap<(String, &'static str), wgpu::ComputePipeline>,
}

/// A split of a data set in the device's memory.
pub(super) struct Resident {
    pieces: Vec<wgpu::Buffer>,
    labels: wgpu::Buffer,
    stored: Stored,
    /// Samples of each piece but the last.
    pub per_piece: u32,
    /// All samples.
    pub samples: usize,
}

/// A program's pipelines, memory and bindings for batches of a fixed size.
pub(super) struct Stage {
    pub quads: usize,
    pub schedule: Schedule,
    pub program: Program,
    pub slots: Vec<wgpu::Buffer>,
    totals: wgpu::Buffer,
    texels: HashMap<Resource, Texels>,
    pub launches: Vec<Launch>,
    /// Steps that the next submission should have.
    pub pace: usize,
}

/// A pipeline with what it binds, ready to run.
pub(super) struct Launch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 2],
    /// What goes from buffers to textures before it.
    copies: Vec<Copy>,
}

impl Launch {
    /// Fills the textures that it is the first of a step to read.
    pub fn copy(&self, encoder: &mut wgpu::CommandEncoder) {
        for copy in &self.copies {
            copy.record(encoder);
        }
    }

    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.workgroups[0], self.workgroups[1], 1);
    }
}

/// The pieces that `gather.wgsl` binds.
const MAX_PIECES: u64 = 4;

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

    pub fn set_parameters(&mut self, parameters: &[f32]) -> Result<()> {
        self.gpu
            .queue
            .write_buffer(&self.parameters, 0, bytemuck::cast_slice(parameters));
        self.gpu.check()
    }

    pub fn parameters(&self) -> Result<Vec<f32>> {
        self.gpu.read(&self.parameters, self.plan.parameter_floats as u64 * 4)
    }

    pub fn set_slots(&mut self, slots: &[Vec<f32>]) -> Result<()> {
        for (buffer, slot) in self.slots.iter().zip(slots) {
            self.gpu.queue.write_buffer(buffer, 0, bytemuck::cast_slice(slot));
        }
        self.gpu.check()
    }

    pub fn slots(&self) -> Result<Vec<Vec<f32>>> {
        let bytes = self.plan.parameter_floats as u64 * 4;
        self.slots.iter().map(|slot| self.gpu.read(slot, bytes)).collect()
    }

    /// The next step is `step`, over data in pieces of `per_piece` samples.
    pub fn begin(&self, step: u32, per_piece: u32) {
        self.gpu
            .queue
            .write_buffer(&self.state, 0, bytemuck::cast_slice(&[step, step, per_piece, 0]));
    }

    /// The partial gradients, added in the optimizer's order, in the parameters' layout.
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

    fn pipeline(&mut self, kernel: &Kernel) -> Result<wgpu::ComputePipeline> {
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

impl Resident {
    /// `target`: channels and positions of what outputs are compared with, where the program takes that as values.
    pub fn new(gpu: &Gpu, split: &Split, target: Option<(usize, usize)>) -> Result<Self> {
        let elements = split.shape.elements();
        let samples = split.len();
        let stride = match &split.pixels {
            Pixels::Bytes(_) | Pixels::Levels(_) => elements.next_multiple_of(4) as u64,
            Pixels::Floats(_) => elements as u64 * 4,
        };
        let limits = gpu.device.limits();
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let per_piece = (most / stride.max(1)).min(samples as u64).max(1);
        if per_piece * MAX_PIECES < samples as u64 {
            gpu.fits(
                "a quarter of the data set",
                (samples as u64).div_ceil(MAX_PIECES) * stride,
            )?;
        }
        let per = per_piece as usize;
        let mut pieces = Vec::new();
        for piece in 0..samples.div_ceil(per) {
            let range = piece * per * elements..((piece + 1) * per).min(samples) * elements;
            pieces.push(match &split.pixels {
                Pixels::Bytes(bytes) | Pixels::Levels(bytes) => {
                    let bytes = bytes.get(range).unwrap_or_default();
                    if elements.is_multiple_of(4) {
                        gpu.buffer_of("the data set", bytes)?
                    } else {
                        // Each sample begins at a word.
                        let padded = bytes.chunks(elements).flat_map(|sample| {
                            sample
                                .iter()
                                .copied()
                                .chain(std::iter::repeat_n(0, stride as usize - elements))
                        });
                        gpu.buffer_of("the data set", &padded.collect::<Vec<u8>>())?
                    }
                }
                Pixels::Floats(floats) => gpu.buffer_of("the data set", floats.get(range).unwrap_or_default())?,
            });
        }
        let labels = match target {
            Some((channels, positions)) => {
                let values = split.dense_targets(channels, positions);
                gpu.fits("what the outputs are compared with", values.len() as u64 * 4)?;
                gpu.buffer_of("the targets", &values)?
            }
            // Predictions have no labels.
            None if split.labels.is_empty() => gpu.buffer_of("the labels", &[0_u32])?,
            None => gpu.buffer_of("the labels", &split.labels)?,
        };
        let stored = match split.pixels {
            Pixels::Bytes(_) => Stored::Bytes,
            Pixels::Levels(_) => Stored::Levels,
            Pixels::Floats(_) => Stored::Floats,
        };
        Ok(Self {
            pieces,
            labels,
            stored,
            per_piece: per_piece as u32,
            samples,
        })
    }
}

/// Checks every buffer that a stage would make.
pub(super) fn check_limits(common: &Common, program: &Program, quads: usize) -> Result<()> {
    let largest = |slot: &compiler::plan::Slot| {
        let tensors = slot
            .tenants
            .iter()
            .filter_map(|tenant| program.tensors.get(tenant.tensor.0));
        tensors
            .max_by_key(|tensor| tensor.bytes(1))
            .map_or(String::new(), |tensor| tensor.name.clone())
    };
    for slot in &program.slots {
        let what = format!("the tensor `{}` of a batch of {}", largest(slot), quads * 4);
        common.gpu.fits(&what, (slot.bytes_per_quad * quads) as u64)?;
    }
    let schedule = schedule(&common.plan, program, common.gpu.class, quads);
    common.gpu.fits("the gradients", schedule.gradient_vec4s as u64 * 16)?;
    let most = Tiling::of(common.gpu.class).most_turns;
    match schedule.dispatches.iter().find(|dispatch| dispatch.turns > most) {
        Some(dispatch) => Err(RuntimeError::Device {
            device: common.gpu.info.name.clone(),
            cause: format!(
                "this driver ends the loops of a kernel after 65,535 turns, and {} would need {}",
                dispatch.layer, dispatch.turns
            ),
        }),
        None => Ok(()),
    }
}

impl Stage {
    pub fn new(common: &mut Common, program: &Program, quads: usize) -> Result<Self> {
        check_limits(common, program, quads)?;
        let fit = Texels::fit(&common.gpu, common.plan.parameter_floats as u64 / 4)
            && program
                .tensors
                .iter()
                .all(|tensor| Texels::fit(&common.gpu, (tensor.elements() * quads) as u64));
        let schedule = if fit { schedule } else { schedule_in_buffers };
        let schedule = schedule(&common.plan, program, common.gpu.class, quads);
        let gpu = &common.gpu;
        let mut texels = HashMap::new();
        for &(_, resource) in schedule.dispatches.iter().flat_map(|dispatch| &dispatch.bindings) {
            let (place, kind, bytes) = match resource {
                Resource::Texels(id) => match program.tensors.get(id.0) {
                    Some(tensor) => (&mut texels, tensor.kind, tensor.bytes(quads)),
                    None => continue,
                },
                Resource::ParameterTexels => {
                    let bytes = common.plan.parameter_floats * 4;
                    (&mut common.texels, TensorKind::Floats, bytes)
                }
                Resource::NoTexels { words: false } => (&mut common.texels, TensorKind::Floats, 16),
                Resource::NoTexels { words: true } => (&mut common.texels, TensorKind::Codes, 16),
                _ => continue,
            };
            let new = || Texels::new(gpu, kind, bytes as u64);
            place.entry(resource).or_insert_with(new);
        }
        let guard = guard::bytes(gpu);
        let slot =
            |slot: &compiler::plan::Slot| gpu.buffer("activations", (slot.bytes_per_quad * quads) as u64 + guard);
        let slots = program.slots.iter().map(slot).collect::<Result<_>>()?;
        let totals = gpu.buffer("the totals", quads as u64 * 16)?;
        if schedule.gradient_vec4s > 0 {
            common.gradients = Some(gpu.buffer("the gradients", schedule.gradient_vec4s as u64 * 16 + guard)?);
            common.runs = Some(gpu.buffer_of("the optimizer's runs", &schedule.runs)?);
            if !schedule.groups.is_empty() {
                let norms = gpu.buffer("the squares of gradients", schedule.groups.len() as u64 * 4)?;
                common.clipping = Some((gpu.buffer_of("what is clipped together", &schedule.groups)?, norms));
            }
        }
        let stage = Self {
            quads,
            schedule,
            program: program.clone(),
            slots,
            totals,
            texels,
            launches: Vec::new(),
            pace: 1,
        };
        guard::set(common, &stage);
        Ok(stage)
    }

    /// Compiles its kernels, but for the gather, which the data set's kind decides.
    pub fn compile(&self, common: &mut Common) -> Result<()> {
        let kernels = self.schedule.dispatches.iter().map(|dispatch| &dispatch.kernel);
        for kernel in kernels.filter(|kernel| kernel.file != shaders::File::Gather) {
            common.pipeline(kernel)?;
        }
        Ok(())
    }

    /// Binds a data set, an order (padded, step after step) and the records of its steps; clears the totals.
    pub fn bind(&mut self, common: &mut Common, data: &Resident, order: &[u32], steps: &[StepRecord]) -> Result<()> {
        let order = common.gpu.buffer_of("the order", order)?;
        let none = [StepRecord::default()];
        let steps = if steps.is_empty() { &none } else { steps };
        let words: Vec<u32> = steps.iter().flat_map(StepRecord::words).collect();
        let steps = common.gpu.buffer_of("the step records", &words)?;
        common
            .gpu
            .queue
            .write_buffer(&self.totals, 0, &vec![0; self.quads * 16]);
        let mut launches = Vec::with_capacity(self.schedule.dispatches.len());
        let mut filled = HashSet::new();
        for dispatch in &self.schedule.dispatches {
            let copies = self.copies(common, dispatch, &mut filled);
            let dispatch = gather_for(dispatch, &common.plan, data.stored);
            let pipeline = common.pipeline(&dispatch.kernel)?;
            let entries: Vec<_> = dispatch
                .bindings
                .iter()
                .map(|&(binding, resource)| wgpu::BindGroupEntry {
                    binding,
                    resource: match resource {
                        Resource::Tensor(id) if dispatch.kernel.file.stays_in_bounds() => {
                            self.tensor(common, id, guard::of_tensor(common, self, id))
                        }
                        _ => self.resource(common, data, &order, &steps, resource),
                    },
                })
                .collect();
            let bindings = common.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(&dispatch.layer),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            });
            let workgroups = workgroups::grid(dispatch.work.workgroups(self.quads));
            launches.push(Launch {
                pipeline,
                bindings,
                workgroups,
                copies,
            });
        }
        self.launches = launches;
        common.gpu.check()
    }

    /// What must go into textures before a launch, in a step that has filled some.
    fn copies(&self, common: &Common, dispatch: &Dispatch, filled: &mut HashSet<Resource>) -> Vec<Copy> {
        let mut copies = Vec::new();
        for &(_, resource) in &dispatch.bindings {
            let from = match resource {
                Resource::Texels(id) => self.tensor_of(common, id),
                Resource::ParameterTexels => Some((&common.parameters, common.plan.parameter_floats as u64 * 4)),
                _ => None,
            };
            if let Some((buffer, bytes)) = from
                && let Some(texels) = self.texels_of(common, resource)
                && filled.insert(resource)
            {
                copies.push(texels.copy(buffer, bytes));
            }
        }
        // What is written now is filled anew before it is read again.
        if let Some(operation) = self.program.operations.get(dispatch.operation) {
            for (id, access) in operation.op.accesses() {
                if access == Access::Write {
                    filled.remove(&Resource::Texels(id));
                }
            }
        }
        copies
    }

    /// A tensor's memory, and its bytes.
    fn tensor_of<'a>(&'a self, common: &'a Common, id: TensorId) -> Option<(&'a wgpu::Buffer, u64)> {
        let tensor = self.program.tensors.get(id.0)?;
        let slot = self.slots.get(tensor.slot).unwrap_or(&common.nothing);
        Some((slot, tensor.bytes(self.quads) as u64))
    }

    fn texels_of<'a>(&'a self, common: &'a Common, resource: Resource) -> Option<&'a Texels> {
        self.texels.get(&resource).or_else(|| common.texels.get(&resource))
    }

    fn resource<'a>(
        &'a self,
        common: &'a Common,
        data: &'a Resident,
        order: &'a wgpu::Buffer,
        steps: &'a wgpu::Buffer,
        resource: Resource,
    ) -> wgpu::BindingResource<'a> {
        if let Some(texels) = self.texels_of(common, resource) {
            return wgpu::BindingResource::TextureView(&texels.view);
        }
        let buffer = match resource {
            Resource::Tensor(id) => return self.tensor(common, id, 0),
            Resource::Parameters => &common.parameters,
            Resource::Gradients => common.gradients.as_ref().unwrap_or(&common.nothing),
            Resource::Slot(index) => common.slots.get(index).unwrap_or(&common.nothing),
            Resource::Data(index) => data.pieces.get(index).unwrap_or(&common.nothing),
            Resource::Order => order,
            Resource::Labels => &data.labels,
            Resource::Steps => steps,
            Resource::State => &common.state,
            Resource::Totals => &self.totals,
            Resource::Runs => common.runs.as_ref().unwrap_or(&common.nothing),
            Resource::Groups => common.clipping.as_ref().map_or(&common.nothing, |(groups, _)| groups),
            Resource::Norms => common.clipping.as_ref().map_or(&common.nothing, |(_, norms)| norms),
            Resource::Nothing | Resource::Texels(_) | Resource::ParameterTexels | Resource::NoTexels { .. } => {
                &common.nothing
            }
        };
        buffer.as_entire_binding()
    }

    /// A tensor's own part of its slot, with its guard: kernels take the size of the batch from it.
    fn tensor<'a>(&'a self, common: &'a Common, id: TensorId, guard: u64) -> wgpu::BindingResource<'a> {
        let (slot, bytes) = self.tensor_of(common, id).unwrap_or((&common.nothing, 16));
        let size = std::num::NonZeroU64::new(bytes + guard);
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: slot,
            offset: 0,
            size,
        })
    }

    /// Submits `n` steps.
    pub fn submit(&self, common: &Common, n: usize) {
        let mut encoder = common
            .gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if self.launches.iter().all(|launch| launch.copies.is_empty()) {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for launch in (0..n).flat_map(|_| &self.launches) {
                launch.record(&mut pass);
            }
        } else {
            // Copies stand between passes.
            for _ in 0..n {
                for launches in self.launches.chunk_by(|_, next| next.copies.is_empty()) {
                    for launch in launches {
                        launch.copy(&mut encoder);
                    }
                    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                    for launch in launches {
                        launch.record(&mut pass);
                    }
                }
            }
        }
        common.gpu.queue.submit([encoder.finish()]);
    }

    /// The device's sums of losses and right answers, after all that was submitted: four words for each quad of a batch.
    pub fn totals(&self, common: &Common) -> Result<Vec<f32>> {
        common.gpu.read(&self.totals, self.quads as u64 * 16)
    }

    /// Lets the device go on with a tally's sums, where they were made for batches of this size; others stay on the host.
    pub fn set_totals(&self, common: &Common, before: &Tally) -> Tally {
        if before.on_device.len() != self.quads * 4 {
            return before.sums().into();
        }
        let words = bytemuck::cast_slice(&before.on_device);
        common.gpu.queue.write_buffer(&self.totals, 0, words);
        before.clone()
    }

    /// A tensor as it lies, padding included.
    pub fn read<T: bytemuck::Pod>(&self, common: &Common, id: TensorId) -> Result<Vec<T>> {
        match self.tensor_of(common, id) {
            Some((slot, bytes)) => common.gpu.read(slot, bytes),
            None => Ok(Vec::new()),
        }
    }
}
