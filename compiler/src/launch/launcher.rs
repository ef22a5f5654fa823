//! What an operation launches itself with.

use super::dispatch::{Dispatch, Extent, Resource};
use super::kernel::{Constants, Kernel, unsigned};
use super::schedule::Schedule;
use super::tiling::Tiling;
use crate::plan::parameter::Parameter;
use crate::plan::tensor::{Tensor, TensorId};
use crate::shape::Shape;
use crate::training::optimizer::Optimizer;
use shaders::File;

/// A schedule under construction, and what the launches depend on.
#[derive(Debug)]
pub struct Launcher<'a> {
    /// The device's numbers.
    pub tiling: Tiling,
    /// Quads of a batch. Kernels do not depend on it, but for sums that would be too long for one invocation.
    pub quads: usize,
    /// The program's tensors.
    pub tensors: &'a [Tensor],
    /// The shape of one input sample.
    pub input_shape: &'a Shape,
    /// The update rule, where the network was compiled.
    pub optimizer: Option<&'a Optimizer>,
    /// The plan's parameters.
    pub parameters: &'a [Parameter],
    /// What has been launched so far.
    pub schedule: Schedule,
    /// The layer and the index of the operation that launches now.
    pub(super) operation: (&'a str, usize),
}

impl Launcher<'_> {
    /// Adds a launch of a kernel; `bindings` are by the binding's number in the file.
    pub fn push(&mut self, kernel: Kernel, bindings: Vec<(u32, Resource)>, work: Extent) {
        self.push_long(kernel, bindings, work, 0);
    }

    /// The same for a kernel whose loops may be long: `turns` is how many an invocation takes, see [`Dispatch::turns`].
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

    /// A kernel whose first constant is the size of a workgroup.
    pub fn kernel(&self, file: File, entry: &'static str, constants: Constants) -> Kernel {
        let workgroup = ("WORKGROUP", unsigned(self.tiling.workgroup));
        Kernel::new(file, entry, std::iter::once(workgroup).chain(constants).collect())
    }

    /// So many invocations for each quad.
    pub const fn each(&self, per_quad: usize) -> Extent {
        Extent::Invocations {
            fixed: 0,
            per_quad,
            workgroup: self.tiling.workgroup,
        }
    }

    /// So many invocations, whatever the batch.
    pub const fn fixed(&self, fixed: usize) -> Extent {
        Extent::Invocations {
            fixed,
            per_quad: 0,
            workgroup: self.tiling.workgroup,
        }
    }

    /// Whether updates move the variable that begins at that float.
    pub fn trains(&self, offset: usize) -> bool {
        let at = self
            .parameters
            .binary_search_by_key(&offset, |parameter| parameter.range.offset);
        let variable = at.ok().and_then(|at| self.parameters.get(at));
        variable.is_some_and(|parameter| parameter.trainable)
    }

    /// Elements of one sample of a tensor.
    pub fn elements(&self, id: TensorId) -> usize {
        self.tensors.get(id.0).map_or(0, Tensor::elements)
    }

    /// Channels of a tensor.
    pub fn channels(&self, id: TensorId) -> usize {
        self.tensors.get(id.0).map_or(1, |tensor| tensor.channels)
    }
}

/// The resources bound as 0, 1, 2 and so on.
pub fn numbered(resources: &[Resource]) -> Vec<(u32, Resource)> {
    (0..).zip(resources.iter().copied()).collect()
}
