//! The memory of guards behind the buffers that kernels without bounds checks write: see `guard`.

use super::device::Gpu;
use compiler::plan::{Program, TensorId};

/// The length of the longest guard, in vec4s.
pub(super) const VEC4S: u64 = 16;

/// How many bytes a guard may take: none unless buffers are guarded.
pub(super) const fn bytes(gpu: &Gpu) -> u64 {
    if gpu.guarded { VEC4S * 16 } else { 0 }
}

/// The length of a tensor's guard, in bytes. Kernels divide the length of a binding by at least the number of channels to find
/// the batch size: the guard has to be shorter than that, so that a tensor of one channel has none.
pub(super) fn of_tensor(gpu: &Gpu, program: &Program, id: TensorId) -> u64 {
    if !gpu.guarded {
        return 0;
    }
    let Some(tensor) = program.tensors.get(id.0) else {
        return 0;
    };
    let elements = (tensor.channels as u64).saturating_sub(1).min(VEC4S);
    elements * tensor.kind.bytes_per_quad() as u64
}
