//! The launches of a program, and where its gradients lie.

use super::dispatch::Dispatch;
use crate::plan::parameter::Range;
use serde::Serialize;

/// The launches of a program, and the layout of the partial gradients they make.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Schedule {
    /// In order.
    pub dispatches: Vec<Dispatch>,
    /// One for each parameter, in order: its first vec4, the first vec4 of its gradients, how many partial gradients
    /// there are, and the vec4s of one.
    pub segments: Vec<[u32; 4]>,
    /// The segments cut for the optimizer's workgroups (see `optimizer.wgsl`); empty where nothing is updated.
    pub runs: Vec<[u32; 4]>,
    /// Where gradients are clipped: for each run the first run that is clipped together with it, and the end of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<[u32; 2]>,
    /// The length of the partial gradients, in vec4s.
    pub gradient_vec4s: usize,
}

/// Where an operation writes the partial gradients of a kernel and a bias: their first vec4s.
#[derive(Debug, Clone, Copy)]
pub struct Partial {
    /// Of the kernel.
    pub kernel_at: usize,
    /// Of the bias; 0 where there is none.
    pub bias_at: usize,
}

impl Schedule {
    /// Room for `splits` partial gradients of the variable at `range`; gives the first vec4.
    pub fn partial(&mut self, range: Range, splits: usize) -> usize {
        let start = self.gradient_vec4s;
        self.gradient_vec4s += range.floats / 4 * splits;
        if let Some(segment) = self
            .segments
            .iter_mut()
            .find(|segment| segment[0] as usize == range.offset / 4)
        {
            segment[1] = start as u32;
            segment[2] = splits as u32;
        }
        start
    }

    /// Room for the partial gradients of a kernel and, where there is one, of a bias.
    pub fn partials(&mut self, kernel: Range, bias: Option<Range>, splits: usize) -> Partial {
        let kernel_at = self.partial(kernel, splits);
        Partial {
            kernel_at,
            bias_at: bias.map_or(0, |bias| self.partial(bias, splits)),
        }
    }
}
