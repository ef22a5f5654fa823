//! Programs in the making.

use super::graph::Graph;
use crate::plan::builder::Builder;
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;

/// A program in the making.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) mode: Mode,
    pub(super) builder: Builder,
    /// With several outputs: the row of all their targets; None before it is read.
    pub(super) targets: Option<TensorId>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(graph: &'a Graph<'a>, mode: Mode) -> Self {
        Self {
            graph,
            mode,
            builder: Builder::new(),
            targets: None,
        }
    }
}
