//! Room for guards behind the buffers that kernels without bounds checks write, see `guard`.

use super::device::Gpu;
use compiler::plan::{Program, TensorId};

/// The longest guard, in vec4s.
pub(super) const VEC4S: u64 = 16;

/// Room for a guard.
pub(super) const fn bytes(gpu: &Gpu) -> u64 {
    if gpu.guarded { VEC4S * 16 } else { 0 }
}

/// The guard of a tensor, in bytes. Kernels divide the length of what is bound by its channels, at the least, to find the
/// size of the batch: the guard is shorter than that, and of one channel there is none.
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
