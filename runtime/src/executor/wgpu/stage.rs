//! A program on a device, with its pipelines, its memory and its bindings.

use super::common::Common;
use super::launch::Launch;
use super::resident::Resident;
use super::room;
use super::texels::{Copy, Texels};
use crate::error::{Grows, Result, RuntimeError};
use crate::executor::Tally;
use compiler::host::entering::gather_for;
use compiler::host::step::StepRecord;
use compiler::host::workgroups;
use compiler::launch::{Dispatch, Resource, Schedule, schedule, schedule_in_buffers};
use compiler::ops::Access;
use compiler::plan::{Program, TensorId, TensorKind};
use std::collections::{HashMap, HashSet};

/// A program's pipelines, memory and bindings for batches of a fixed size.
pub(super) struct Stage {
    pub quads: usize,
    pub schedule: Schedule,
    pub program: Program,
    pub slots: Vec<wgpu::Buffer>,
    /// What the launches of one operation hand on to each other.
    pub scratch: Vec<wgpu::Buffer>,
    totals: wgpu::Buffer,
    /// How many words `totals` holds: those of the losses and those of the metrics' sums.
    words: usize,
    texels: HashMap<Resource, Texels>,
    pub launches: Vec<Launch>,
    /// How many steps the next submission should have.
    pub pace: usize,
}

/// Checks every buffer that a stage would allocate against the device's limits.
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
        // A batch of one sample takes the memory of four.
        let grows = if quads > 1 {
            Grows::WithBatch
        } else {
            Grows::WithNetwork
        };
        common.gpu.fits(&what, (slot.bytes_per_quad * quads) as u64, grows)?;
    }
    let schedule = schedule(&common.plan, program, common.gpu.tiling, quads);
    common
        .gpu
        .fits("the gradients", schedule.gradient_vec4s as u64 * 16, Grows::WithNetwork)?;
    for &vec4s in &schedule.scratch {
        common
            .gpu
            .fits("the points of a convolution", vec4s as u64 * 16, Grows::WithBatch)?;
    }
    let most = common.gpu.tiling.most_turns;
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
        let textured = schedule(&common.plan, program, common.gpu.tiling, quads);
        let fit = Texels::fit(&common.gpu, common.plan.parameter_floats as u64 / 4)
            && program
                .tensors
                .iter()
                .all(|tensor| Texels::fit(&common.gpu, (tensor.elements() * quads) as u64))
            && textured
                .scratch
                .iter()
                .all(|&vec4s| Texels::fit(&common.gpu, vec4s as u64));
        let schedule = if fit {
            textured
        } else {
            schedule_in_buffers(&common.plan, program, common.gpu.tiling, quads)
        };
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
                Resource::ScratchTexels { place, .. } => {
                    let bytes = schedule.scratch.get(place).map_or(16, |vec4s| vec4s * 16);
                    (&mut texels, TensorKind::Floats, bytes)
                }
                Resource::NoTexels { words: false } => (&mut common.texels, TensorKind::Floats, 16),
                Resource::NoTexels { words: true } => (&mut common.texels, TensorKind::Codes, 16),
                Resource::Tensor(_)
                | Resource::Parameters
                | Resource::Gradients
                | Resource::Slot(_)
                | Resource::Data(_)
                | Resource::Order
                | Resource::Labels
                | Resource::Weights
                | Resource::Steps
                | Resource::State
                | Resource::Totals
                | Resource::Runs
                | Resource::Groups
                | Resource::Norms
                | Resource::Scratch { .. }
                | Resource::Nothing => continue,
            };
            let new = || Texels::new(gpu, kind, bytes as u64);
            place.entry(whole(resource)).or_insert_with(new);
        }
        let guard = room::bytes(gpu);
        let slot =
            |slot: &compiler::plan::Slot| gpu.buffer("activations", (slot.bytes_per_quad * quads) as u64 + guard);
        let slots = program.slots.iter().map(slot).collect::<Result<_>>()?;
        let scratch = schedule.scratch.iter();
        let scratch = scratch.map(|&vec4s| gpu.buffer("the points of a convolution", vec4s as u64 * 16 + guard));
        let scratch = scratch.collect::<Result<_>>()?;
        let words = quads * 4 * (1 + program.counters());
        let totals = gpu.buffer("the totals", words as u64 * 4)?;
        if schedule.gradient_vec4s > 0 {
            common.gradients = Some(gpu.buffer("the gradients", schedule.gradient_vec4s as u64 * 16 + guard)?);
            common.runs = Some(gpu.buffer_of("the optimizer's runs", &schedule.runs)?);
            if !schedule.groups.is_empty() {
                let norms = gpu.buffer("the squares of gradients", schedule.groups.len() as u64 * 4)?;
                common.clipping = Some((gpu.buffer_of("what is clipped together", &schedule.groups)?, norms));
            }
        }
        Ok(Self {
            quads,
            schedule,
            program: program.clone(),
            slots,
            scratch,
            totals,
            words,
            texels,
            launches: Vec::new(),
            pace: 1,
        })
    }

    /// Compiles the stage's kernels, except for the gather, which depends on the kind of the data set.
    pub fn compile(&self, common: &mut Common) -> Result<()> {
        let kernels = self.schedule.dispatches.iter().map(|dispatch| &dispatch.kernel);
        for kernel in kernels.filter(|kernel| kernel.file != shaders::File::Gather) {
            common.pipeline(kernel)?;
        }
        Ok(())
    }

    /// Binds a data set, an order (padded, step after step) and the records of its steps, and clears the totals.
    pub fn bind(&mut self, common: &mut Common, data: &Resident, order: &[u32], steps: &[StepRecord]) -> Result<()> {
        let order = common.gpu.buffer_of("the order", order)?;
        let none = [StepRecord::default()];
        let steps = if steps.is_empty() { &none } else { steps };
        let words: Vec<u32> = steps.iter().flat_map(StepRecord::words).collect();
        let steps = common.gpu.buffer_of("the step records", &words)?;
        common.gpu.queue.write_buffer(&self.totals, 0, &vec![0; self.words * 4]);
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
                    resource: if let Resource::Tensor(id) = resource
                        && dispatch.kernel.file.stays_in_bounds()
                    {
                        self.tensor(common, id, room::of_tensor(&common.gpu, &self.program, id))
                    } else {
                        self.resource(common, data, &order, &steps, resource)
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

    /// The buffers that have to be copied into textures before a launch; `filled` lists those that the step has already copied.
    fn copies(&self, common: &Common, dispatch: &Dispatch, filled: &mut HashSet<Resource>) -> Vec<Copy> {
        let mut copies = Vec::new();
        for &(_, resource) in &dispatch.bindings {
            let from = match resource {
                Resource::Texels(id) => self.tensor_of(common, id),
                Resource::ParameterTexels => Some((&common.parameters, common.plan.parameter_floats as u64 * 4)),
                Resource::ScratchTexels { place, vec4s } => {
                    self.scratch.get(place).map(|buffer| (buffer, vec4s as u64 * 16))
                }
                Resource::Tensor(_)
                | Resource::Scratch { .. }
                | Resource::NoTexels { .. }
                | Resource::Parameters
                | Resource::Gradients
                | Resource::Slot(_)
                | Resource::Data(_)
                | Resource::Order
                | Resource::Labels
                | Resource::Weights
                | Resource::Steps
                | Resource::State
                | Resource::Totals
                | Resource::Runs
                | Resource::Groups
                | Resource::Norms
                | Resource::Nothing => None,
            };
            if let Some((buffer, bytes)) = from
                && let Some(texels) = self.texels_of(common, resource)
                && (filled.insert(resource) || matches!(resource, Resource::ScratchTexels { .. }))
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

    /// The buffer of a tensor, and its length in bytes.
    fn tensor_of<'a>(&'a self, common: &'a Common, id: TensorId) -> Option<(&'a wgpu::Buffer, u64)> {
        let tensor = self.program.tensors.get(id.0)?;
        let slot = self.slots.get(tensor.slot).unwrap_or(&common.nothing);
        Some((slot, tensor.bytes(self.quads) as u64))
    }

    fn texels_of<'a>(&'a self, common: &'a Common, resource: Resource) -> Option<&'a Texels> {
        self.texels
            .get(&whole(resource))
            .or_else(|| common.texels.get(&resource))
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
            Resource::Scratch { place, vec4s } => return self.piece(common, place, vec4s),
            Resource::Parameters => &common.parameters,
            Resource::Gradients => common.gradients.as_ref().unwrap_or(&common.nothing),
            Resource::Slot(index) => common.slots.get(index).unwrap_or(&common.nothing),
            Resource::Data(index) => data.pieces.get(index).unwrap_or(&common.nothing),
            Resource::Order => order,
            Resource::Labels => &data.labels,
            Resource::Weights => data.weights.as_ref().unwrap_or(&common.nothing),
            Resource::Steps => steps,
            Resource::State => &common.state,
            Resource::Totals => &self.totals,
            Resource::Runs => common.runs.as_ref().unwrap_or(&common.nothing),
            Resource::Groups => common.clipping.as_ref().map_or(&common.nothing, |(groups, _)| groups),
            Resource::Norms => common.clipping.as_ref().map_or(&common.nothing, |(_, norms)| norms),
            Resource::Nothing
            | Resource::Texels(_)
            | Resource::ScratchTexels { .. }
            | Resource::ParameterTexels
            | Resource::NoTexels { .. } => &common.nothing,
        };
        buffer.as_entire_binding()
    }

    /// The binding of a tensor: its own part of its slot, with its guard; kernels derive the batch size from its length.
    fn tensor<'a>(&'a self, common: &'a Common, id: TensorId, guard: u64) -> wgpu::BindingResource<'a> {
        let (slot, bytes) = self.tensor_of(common, id).unwrap_or((&common.nothing, 16));
        let size = std::num::NonZeroU64::new(bytes + guard);
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: slot,
            offset: 0,
            size,
        })
    }

    /// The binding of the first `vec4s` of a piece of scratch memory, with the guard where they are all of it.
    fn piece<'a>(&'a self, common: &'a Common, place: usize, vec4s: usize) -> wgpu::BindingResource<'a> {
        let all = self.schedule.scratch.get(place) == Some(&vec4s);
        let guard = if all { room::bytes(&common.gpu) } else { 0 };
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: self.scratch.get(place).unwrap_or(&common.nothing),
            offset: 0,
            size: std::num::NonZeroU64::new(vec4s as u64 * 16 + guard),
        })
    }

    /// Submits the next `n` steps to the device, without waiting for them.
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

    /// The device's sums of losses, right answers and metrics, after everything that was submitted: see `Tally::on_device`.
    pub fn totals(&self, common: &Common) -> Result<Vec<f32>> {
        common.gpu.read(&self.totals, self.words as u64 * 4)
    }

    /// Lets the device go on with a tally's sums if they were made for batches of this size; otherwise they stay on the host.
    /// Returns the tally in the form in which the sums of the next steps are added to it.
    pub fn set_totals(&self, common: &Common, before: &Tally) -> Tally {
        let mut tally = if before.on_device.len() == self.words {
            let words = bytemuck::cast_slice(&before.on_device);
            common.gpu.queue.write_buffer(&self.totals, 0, words);
            before.clone()
        } else {
            before.sums().into()
        };
        tally.counters.resize(self.program.counters(), 0.0);
        tally
    }

    /// A tensor as it is in memory, padding included.
    pub fn read<T: bytemuck::Pod>(&self, common: &Common, id: TensorId) -> Result<Vec<T>> {
        match self.tensor_of(common, id) {
            Some((slot, bytes)) => common.gpu.read(slot, bytes),
            None => Ok(Vec::new()),
        }
    }
}

/// The texture of a piece of scratch memory is one, however much of it an operation uses.
fn whole(resource: Resource) -> Resource {
    if let Resource::ScratchTexels { place, .. } = resource {
        Resource::ScratchTexels { place, vec4s: 0 }
    } else {
        resource
    }
}
