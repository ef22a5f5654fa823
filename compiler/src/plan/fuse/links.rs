//! A program whose operations are being merged, and who touches each of its tensors, so that no pass has to look for them.

use crate::ops::Op;
use crate::ops::operation::Access;
use crate::plan::program::Program;
use crate::plan::tensor::{Tensor, TensorId};

/// Operations keep their places until [`Links::finish`]; those that are taken out are no one's reader any more.
pub(super) struct Links {
    program: Program,
    gone: Vec<bool>,
    /// Of each tensor, in order; an operation that reads it twice is there once.
    readers: Vec<Vec<usize>>,
    writers: Vec<Vec<usize>>,
}

impl Links {
    pub(super) fn new(program: Program) -> Self {
        let mut links = Self {
            gone: vec![false; program.operations.len()],
            readers: vec![Vec::new(); program.tensors.len()],
            writers: vec![Vec::new(); program.tensors.len()],
            program,
        };
        for index in 0..links.len() {
            links.link(index);
        }
        links
    }

    /// How many places for operations there are.
    pub(super) fn len(&self) -> usize {
        self.program.operations.len()
    }

    /// The operation at a place, unless it was taken out.
    pub(super) fn op(&self, index: usize) -> Option<&Op> {
        let gone = self.gone.get(index).copied().unwrap_or(true);
        self.program
            .operations
            .get(index)
            .map(|instruction| &instruction.op)
            .filter(|_| !gone)
    }

    /// The operations that read a tensor, in order.
    pub(super) fn readers(&self, tensor: TensorId) -> &[usize] {
        self.readers.get(tensor.0).map_or(&[], Vec::as_slice)
    }

    /// The first operation that writes a tensor.
    pub(super) fn writer(&self, tensor: TensorId) -> Option<usize> {
        self.writers.get(tensor.0)?.first().copied()
    }

    /// The tensor that is the network's output.
    pub(super) const fn output(&self) -> Option<TensorId> {
        self.program.output
    }

    /// The output is in no tensor any more.
    pub(super) const fn keep_no_output(&mut self) {
        self.program.output = None;
    }

    pub(super) fn tensor(&self, id: TensorId) -> Option<&Tensor> {
        self.program.tensors.get(id.0)
    }

    pub(super) fn add(&mut self, tensor: Tensor) -> TensorId {
        self.program.tensors.push(tensor);
        self.readers.push(Vec::new());
        self.writers.push(Vec::new());
        TensorId(self.program.tensors.len() - 1)
    }

    /// Changes an operation, and with it what it touches.
    pub(super) fn change(&mut self, index: usize, change: impl FnOnce(&mut Op)) {
        self.unlink(index);
        if let Some(instruction) = self.program.operations.get_mut(index) {
            change(&mut instruction.op);
        }
        self.link(index);
    }

    /// Takes an operation out.
    pub(super) fn remove(&mut self, index: usize) {
        self.unlink(index);
        self.gone.iter_mut().skip(index).take(1).for_each(|gone| *gone = true);
    }

    /// The program without what was taken out.
    pub(super) fn finish(mut self) -> Program {
        let mut gone = self.gone.into_iter();
        self.program.operations.retain(|_| !gone.next().unwrap_or_default());
        self.program
    }

    fn link(&mut self, index: usize) {
        self.touched(index, |places| {
            if let Err(at) = places.binary_search(&index) {
                places.insert(at, index);
            }
        });
    }

    fn unlink(&mut self, index: usize) {
        self.touched(index, |places| {
            if let Ok(at) = places.binary_search(&index) {
                places.remove(at);
            }
        });
    }

    fn touched(&mut self, index: usize, mut each: impl FnMut(&mut Vec<usize>)) {
        let Some(instruction) = self.program.operations.get(index) else {
            return;
        };
        for (tensor, access) in instruction.op.accesses() {
            let places = match access {
                Access::Read => &mut self.readers,
                Access::Write => &mut self.writers,
            };
            places.get_mut(tensor.0).into_iter().for_each(&mut each);
        }
    }
}
