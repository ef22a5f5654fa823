//! What an operation has at hand to launch itself.

use super::dispatch::{Dispatch, Extent, Resource};
use super::kernel::{Constants, Kernel, unsigned};
use super::schedule::Schedule;
use super::tiling::Tiling;
use crate::plan::parameter::Parameter;
use crate::plan::tensor::{Tensor, TensorId};
use crate::shape::Shape;
use crate::training::optimizer::Optimizer;
use shaders::File;

/// A schedule in the making, and all that launches depend on.
#[derive(Debug)]
pub struct Launcher<'a> {
    /// The sizes of workgroups and tiles that suit the device.
    pub tiling: Tiling,
    /// Samples of a batch, divided by four and rounded up. Kernels do not depend on it, except for sums that would be
    /// too long for one invocation.
    pub quads: usize,
    /// The tensors of the program, in the order of their numbers.
    pub tensors: &'a [Tensor],
    /// The shape of one input sample.
    pub input_shape: &'a Shape,
    /// The update rule; None where the network is not compiled.
    pub optimizer: Option<&'a Optimizer>,
    /// The variables of the plan, in the order of their offsets.
    pub parameters: &'a [Parameter],
    /// The launches so far, and the layout of the gradients.
    pub schedule: Schedule,
    /// The name of the layer and the index of the operation that is being launched.
    pub(super) operation: (&'a str, usize),
}

impl Launcher<'_> {
    /// Adds a launch; each binding has its number in the file.
    pub fn push(&mut self, kernel: Kernel, bindings: Vec<(u32, Resource)>, work: Extent) {
        self.push_long(kernel, bindings, work, 0);
    }

    /// Adds a launch of a kernel whose loops may be long; `turns` is how many of them an invocation takes, see
    /// [`Dispatch::turns`].
    pub fn push_long(&mut self, kernel: Kernel, bindings: Vec<(u32, Resource)>, work: Extent, turns: usize) {
        let (layer, operation) = self.operation;
        self.schedule.dispatches.push(Dispatch {
            layer: layer.to_owned(),
            operation,
            kernel,
            bindings,
            work,
            turns,
        });
    }

    /// A piece of scratch memory: `vec4s` of what is at `place`, which other operations use as well.
    pub fn scratch(&mut self, place: usize, vec4s: usize) -> Resource {
        self.schedule.reserve(place, vec4s);
        Resource::Scratch { place, vec4s }
    }

    /// Makes a kernel whose first constant is the size of a workgroup.
    pub fn kernel(&self, file: File, entry: &'static str, constants: Constants) -> Kernel {
        let workgroup = ("WORKGROUP", unsigned(self.tiling.workgroup));
        Kernel::new(file, entry, std::iter::once(workgroup).chain(constants).collect())
    }

    /// `per_quad` invocations for each four samples of a batch.
    pub const fn each(&self, per_quad: usize) -> Extent {
        Extent::Invocations {
            fixed: 0,
            per_quad,
            workgroup: self.tiling.workgroup,
        }
    }

    /// `fixed` invocations, whatever the size of the batch.
    pub const fn fixed(&self, fixed: usize) -> Extent {
        Extent::Invocations {
            fixed,
            per_quad: 0,
            workgroup: self.tiling.workgroup,
        }
    }

    /// Whether updates move the variable that begins at float `offset` of the flat buffer.
    pub fn trains(&self, offset: usize) -> bool {
        let at = self
            .parameters
            .binary_search_by_key(&offset, |parameter| parameter.range.offset);
        let variable = at.ok().and_then(|at| self.parameters.get(at));
        variable.is_some_and(|parameter| parameter.trainable)
    }

    /// The number of elements in one sample of a tensor.
    pub fn elements(&self, id: TensorId) -> usize {
        self.tensors.get(id.0).map_or(0, Tensor::elements)
    }

    /// The number of channels of a tensor.
    pub fn channels(&self, id: TensorId) -> usize {
        self.tensors.get(id.0).map_or(1, |tensor| tensor.channels)
    }
}

/// Gives resources the binding numbers 0, 1, 2 and so on.
pub fn numbered(resources: &[Resource]) -> Vec<(u32, Resource)> {
    (0..).zip(resources.iter().copied()).collect()
}
