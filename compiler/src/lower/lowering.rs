//! A program in the making.

use super::graph::Graph;
use crate::plan::builder::Builder;
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;

/// One program in the making.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) mode: Mode,
    pub(super) builder: Builder,
    /// Of several outputs: what all of them are compared with.
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
