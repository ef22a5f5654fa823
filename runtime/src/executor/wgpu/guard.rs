//! Guards, for tests: poison past the end of every buffer that a kernel without bounds checks writes, bound with it.
//!
//! A driver that checks bounds itself would hide an overrun at the end of the binding, so the binding goes on past the buffer. A
//! write past the end is then found by the trace that it leaves, and a read by what it does to the results: the poison is far
//! from all other values, but finite, since what a tile reads beyond the end may be multiplied by zero.

use super::common::Common;
use super::room::{VEC4S, of_tensor};
use super::stage::Stage;
use crate::error::Result;
use compiler::plan::TensorId;

/// The value that fills a guard, as the bits of an `f32`.
const POISON: u32 = 0x7149_f2ca; // 1e30

/// For each guard its buffer with a name, and where it begins and how long it is, in bytes.
fn guards<'a>(common: &'a Common, stage: &'a Stage) -> Vec<(&'a str, &'a wgpu::Buffer, u64, u64)> {
    if !common.gpu.guarded {
        return Vec::new();
    }
    let mut guards = Vec::new();
    for (index, tensor) in stage.program.tensors.iter().enumerate() {
        if let Some(slot) = stage.slots.get(tensor.slot) {
            let guard = of_tensor(&common.gpu, &stage.program, TensorId(index));
            guards.push((tensor.name.as_str(), slot, tensor.bytes(stage.quads) as u64, guard));
        }
    }
    if let Some(gradients) = &common.gradients {
        let end = stage.schedule.gradient_vec4s as u64 * 16;
        guards.push(("the gradients", gradients, end, VEC4S * 16));
    }
    for (piece, vec4s) in stage.scratch.iter().zip(&stage.schedule.scratch) {
        guards.push(("scratch memory", piece, *vec4s as u64 * 16, VEC4S * 16));
    }
    guards
}

/// Fills all guards with the poison.
pub(super) fn set(common: &Common, stage: &Stage) {
    for (_, buffer, at, bytes) in guards(common, stage) {
        let poison = vec![POISON; (bytes / 4) as usize];
        common.gpu.queue.write_buffer(buffer, at, bytemuck::cast_slice(&poison));
    }
}

/// An error where a guard no longer holds the poison.
pub(super) fn check(common: &Common, stage: &Stage) -> Result<()> {
    for (name, buffer, at, bytes) in guards(common, stage) {
        let all: Vec<u32> = common.gpu.read(buffer, at + bytes)?;
        let guard = all.get((at / 4) as usize..).unwrap_or_default();
        if guard.iter().any(|&word| word != POISON) {
            return Err(common.gpu.failed(format!("{name} was written past its end")));
        }
    }
    Ok(())
}
