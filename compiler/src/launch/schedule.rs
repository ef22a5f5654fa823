//! The launches of a program, and where its gradients lie.

use super::dispatch::Dispatch;
use crate::plan::parameter::Range;
use serde::Serialize;
use std::collections::BTreeMap;

/// The launches of a program, and the layout of the partial gradients that they make.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Schedule {
    /// The launches of one step, in the order in which they run.
    pub dispatches: Vec<Dispatch>,
    /// For each parameter, in order: its first vec4, the first vec4 of its gradients, the number of partial
    /// gradients, and the vec4s of one of them.
    pub segments: Vec<[u32; 4]>,
    /// The segments, cut into pieces for the optimizer's workgroups (see `optimizer.wgsl`); empty where nothing is updated.
    pub runs: Vec<[u32; 4]>,
    /// Where gradients are clipped by their norm: for each run the first run that is clipped together with it, and
    /// the index behind the last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<[u32; 2]>,
    /// The variables whose regularizers make a partial gradient of their own, by the vec4 at which they begin.
    #[serde(skip)]
    pub regularized: Vec<u32>,
    /// The number of partial gradients in all for each variable that several operations make gradients of, by the
    /// vec4 at which the variable begins. Empty in a first round.
    #[serde(skip)]
    pub shared: BTreeMap<u32, u32>,
    /// For each variable, how many operations have made gradients of it, and how many partial ones in all.
    #[serde(skip)]
    pub placed: BTreeMap<u32, (usize, u32)>,
    /// The lengths of the pieces of scratch memory, in vec4s: what an operation's launches hand on to each other. Nothing in
    /// them outlives an operation, so that all operations share them; empty where none needs any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scratch: Vec<usize>,
    /// The length of the partial gradients, in vec4s.
    pub gradient_vec4s: usize,
}

/// The first vec4s at which an operation writes the partial gradients of a kernel and of a bias.
#[derive(Debug, Clone, Copy)]
pub struct Partial {
    /// The first vec4 of the kernel's gradient.
    pub kernel_at: usize,
    /// The first vec4 of the bias's gradient; 0 where there is no bias.
    pub bias_at: usize,
}

impl Schedule {
    /// Makes the piece of scratch memory at `place` at least so many vec4s long.
    pub fn reserve(&mut self, place: usize, vec4s: usize) {
        if self.scratch.len() <= place {
            self.scratch.resize(place + 1, 0);
        }
        if let Some(piece) = self.scratch.get_mut(place) {
            *piece = vec4s.max(*piece);
        }
    }

    /// Makes room for `splits` partial gradients of the variable at `range` and, behind them, for that of its
    /// regularizer, where it has one. Returns the first vec4. Where several operations make gradients of the
    /// variable, theirs lie one after another in the order of the operations; how many there are is known from a
    /// first round ([`Schedule::again`]).
    pub fn partial(&mut self, range: Range, splits: usize) -> usize {
        let at = (range.offset / 4) as u32;
        let vec4s = range.floats / 4;
        let (operations, placed) = self.placed.entry(at).or_default();
        let before = *placed as usize;
        *operations += 1;
        *placed += splits as u32;
        let segment = self.segments.iter_mut().find(|segment| segment[0] == at);
        if before > 0 && self.shared.contains_key(&at) {
            return segment.map_or(0, |segment| segment[1] as usize) + before * vec4s;
        }
        let start = self.gradient_vec4s;
        let own = self.regularized.contains(&at);
        let splits = self.shared.get(&at).map_or(splits, |&all| all as usize) + usize::from(own);
        self.gradient_vec4s += vec4s * splits;
        if let Some(segment) = segment {
            segment[1] = start as u32;
            segment[2] = splits as u32;
        }
        start
    }

    /// The value of [`Schedule::shared`] for a second round: the variables that several operations have made
    /// gradients of. None where the first round needs no second.
    pub fn again(&self) -> Option<BTreeMap<u32, u32>> {
        let several = self.placed.iter().filter(|(_, (operations, _))| *operations > 1);
        let shared: BTreeMap<u32, u32> = several.map(|(&at, &(_, placed))| (at, placed)).collect();
        (!shared.is_empty() && self.shared.is_empty()).then_some(shared)
    }

    /// The first vec4 of the last partial gradient of the variable at `range`, which is the regularizer's where it has one.
    pub fn last_partial(&self, range: Range) -> usize {
        let mut segments = self.segments.iter();
        let segment = segments.find(|segment| segment[0] as usize == range.offset / 4);
        segment.map_or(0, |&[_, at, splits, vec4s]| {
            (at + splits.saturating_sub(1) * vec4s) as usize
        })
    }

    /// Makes room for the partial gradients of a kernel and, where there is one, of a bias.
    pub fn partials(&mut self, kernel: Range, bias: Option<Range>, splits: usize) -> Partial {
        let kernel_at = self.partial(kernel, splits);
        Partial {
            kernel_at,
            bias_at: bias.map_or(0, |bias| self.partial(bias, splits)),
        }
    }
}
