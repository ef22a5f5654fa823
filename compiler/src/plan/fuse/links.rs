//! A program whose operations are being merged, with the readers and writers of each tensor, so that no pass has to
//! search for them.

use crate::ops::Op;
use crate::ops::operation::Access;
use crate::plan::program::Program;
use crate::plan::tensor::{Tensor, TensorId};

/// The program and its links. Operations keep their indices until [`Links::finish`]; those that are removed read
/// nothing any more.
pub(super) struct Links {
    program: Program,
    gone: Vec<bool>,
    /// For each tensor, the operations that read it, in order; one that reads it twice is listed once.
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

    /// The number of indices of operations, removed ones included.
    pub(super) fn len(&self) -> usize {
        self.program.operations.len()
    }

    /// The operation with this index; None where it was removed.
    pub(super) fn op(&self, index: usize) -> Option<&Op> {
        let gone = self.gone.get(index).copied().unwrap_or(true);
        self.program
            .operations
            .get(index)
            .map(|instruction| &instruction.op)
            .filter(|_| !gone)
    }

    /// The indices of the operations that read a tensor, in order.
    pub(super) fn readers(&self, tensor: TensorId) -> &[usize] {
        self.readers.get(tensor.0).map_or(&[], Vec::as_slice)
    }

    /// The index of the first operation that writes a tensor.
    pub(super) fn writer(&self, tensor: TensorId) -> Option<usize> {
        self.writers.get(tensor.0)?.first().copied()
    }

    /// The tensor of the network's output; None where no tensor holds it.
    pub(super) const fn output(&self) -> Option<TensorId> {
        self.program.output
    }

    /// Records that no tensor holds the network's output any more.
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

    /// Changes an operation, and updates the links of what it touches.
    pub(super) fn change(&mut self, index: usize, change: impl FnOnce(&mut Op)) {
        self.unlink(index);
        if let Some(instruction) = self.program.operations.get_mut(index) {
            change(&mut instruction.op);
        }
        self.link(index);
    }

    /// Takes an operation out; the tensors that it touched have one reader or writer less.
    pub(super) fn remove(&mut self, index: usize) {
        self.unlink(index);
        self.gone.iter_mut().skip(index).take(1).for_each(|gone| *gone = true);
    }

    /// The program without the removed operations.
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
