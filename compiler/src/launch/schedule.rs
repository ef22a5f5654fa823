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
    /// Where the variables begin whose regularizers make a partial gradient of their own, in vec4s.
    #[serde(skip)]
    pub regularized: Vec<u32>,
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
    /// Room for `splits` partial gradients of the variable at `range`, and behind them for that of its regularizer, where it
    /// has one; gives the first vec4.
    pub fn partial(&mut self, range: Range, splits: usize) -> usize {
        let start = self.gradient_vec4s;
        let own = self.regularized.contains(&((range.offset / 4) as u32));
        let splits = splits + usize::from(own);
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

    /// The first vec4 of the last partial gradient of the variable at `range`: its regularizer's, where it has one.
    pub fn last_partial(&self, range: Range) -> usize {
        let mut segments = self.segments.iter();
        let segment = segments.find(|segment| segment[0] as usize == range.offset / 4);
        segment.map_or(0, |&[_, at, splits, vec4s]| {
            (at + splits.saturating_sub(1) * vec4s) as usize
        })
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
