//! What every operation says of itself. Each implements these two traits in a file of its own; the list of these files is in
//! `ops/mod.rs`.

use crate::launch::launcher::Launcher;
use crate::plan::cycles::Cycles;
use crate::plan::parameter::Range;
use crate::plan::tensor::{Tensor, TensorId, TensorLayout};
use crate::plan::words::{Words, Written};
use std::fmt::Debug;

/// What an operation does with a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads the elements and leaves them as they are.
    Read,
    /// Writes every element or, where several operations write a tensor, its own part of them.
    Write,
}

/// The tensors and parameters that an operation touches. [`touches!`] writes this from the names of the operation's fields.
pub trait Touches {
    /// The layouts that its tensors may have, all of them the same.
    fn layouts(&self) -> &'static [TensorLayout];

    /// Each of its tensors with what it does to it, those that it reads first.
    fn accesses(&self) -> Vec<(TensorId, Access)>;

    /// The same tensors in the same order, to be renumbered.
    fn tensors_mut(&mut self) -> Vec<&mut TensorId>;

    /// The parameters that it reads.
    fn parameters(&self) -> Vec<Range>;

    /// The parameters whose gradients it writes.
    fn gradients(&self) -> Vec<Range>;

    /// The parameters that it writes itself because no optimizer moves them, such as moving means.
    fn states(&self) -> Vec<Range>;

    /// Whether it reads this tensor.
    fn reads(&self, tensor: TensorId) -> bool {
        self.accesses().contains(&(tensor, Access::Read))
    }

    /// Whether it writes this tensor.
    fn writes(&self, tensor: TensorId) -> bool {
        self.accesses().contains(&(tensor, Access::Write))
    }
}

/// The results that an operation's multiply-adds serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The output of a layer.
    Forward,
    /// The gradient of a kernel.
    Dkernel,
    /// The gradient of a layer's input.
    Dinput,
}

/// An operation of a program: what it costs, how it is printed and launched.
pub trait Operation: Touches + Debug {
    /// The operation's name in printed plans and measurements.
    fn name(&self) -> &'static str;

    /// Multiply-adds of one sample.
    ///
    /// These are counted from the definition of an operation, not from what a kernel does: taps that fall on padding
    /// count, and so do the zeros that a maximum pool leaves in a gradient. Additions, comparisons and functions do
    /// not count.
    fn macs(&self) -> u64 {
        0
    }

    /// The result that its multiply-adds serve.
    fn purpose(&self) -> Purpose {
        Purpose::Forward
    }

    /// Whether it joins the samples of a batch: it needs what all of them have made so far, and all of them wait for it.
    fn joins(&self) -> bool {
        false
    }

    /// The estimated cycles on the CPU, given the program's tensors. Operations that compute more than they move override it.
    fn cycles(&self, tensors: &[Tensor]) -> Cycles {
        self.passes(tensors)
    }

    /// The channels and positions that it sees in one of its tensors, which may be a view of what another operation has made;
    /// None where it takes the tensor as it is. By default all tensors have those of its output.
    fn view(&self, tensor: TensorId, tensors: &[Tensor]) -> Option<(usize, usize)> {
        let _ = tensor;
        let accesses = self.accesses();
        let written = accesses.iter().find(|(_, access)| *access == Access::Write);
        let made = written.and_then(|(id, _)| tensors.get(id.0))?;
        Some((made.channels, made.positions))
    }

    /// The estimated cycles of passing once over each of its tensors.
    fn passes(&self, tensors: &[Tensor]) -> Cycles {
        let touched: Vec<TensorId> = self.accesses().into_iter().map(|(tensor, _)| tensor).collect();
        Cycles::passing(&touched, tensors, self.layouts())
    }

    /// The operation as printed plans show it.
    fn written(&self, words: &Words<'_>) -> Written;

    /// Adds its launches, one or more.
    fn launch(&self, at: &mut Launcher<'_>);
}

/// A field of an operation that holds any number of tensors.
pub trait Tensors {
    /// Appends the tensors to `found`.
    fn tensors(&self, found: &mut Vec<TensorId>);

    /// Appends the tensors to `found`, to be renumbered.
    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>);
}

impl Tensors for TensorId {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        found.push(*self);
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        found.push(self);
    }
}

impl<T: Tensors> Tensors for Option<T> {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        self.iter().for_each(|one| one.tensors(found));
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        self.iter_mut().for_each(|one| one.tensors_mut(found));
    }
}

impl<T: Tensors> Tensors for Vec<T> {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        self.iter().for_each(|one| one.tensors(found));
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        self.iter_mut().for_each(|one| one.tensors_mut(found));
    }
}

/// Implements [`Touches`] for an operation. `reads` and `writes` name fields that hold tensors ([`Tensors`]);
/// `parameters`, `gradients` and `states` name fields that are a [`Range`] or an option of one. Empty sections are
/// left out; the others come in this order.
macro_rules! touches {
    ($operation:ident in $($layout:ident)|+ {
        $(reads: $($read:ident),+;)?
        $(writes: $($write:ident),+;)?
        $(parameters: $($parameter:ident),+;)?
        $(gradients: $($gradient:ident),+;)?
        $(states: $($state:ident),+;)?
    }) => {
        impl $crate::ops::operation::Touches for $operation {
            fn layouts(&self) -> &'static [$crate::plan::tensor::TensorLayout] {
                &[$($crate::plan::tensor::TensorLayout::$layout),+]
            }

            fn accesses(&self) -> Vec<($crate::plan::tensor::TensorId, $crate::ops::operation::Access)> {
                #[allow(unused_imports)]
                use $crate::ops::operation::{Access, Tensors};
                #[allow(unused_mut)]
                let (mut reads, mut writes) = (Vec::new(), Vec::new());
                $($(self.$read.tensors(&mut reads);)+)?
                $($(self.$write.tensors(&mut writes);)+)?
                let reads = reads.into_iter().map(|tensor| (tensor, Access::Read));
                reads.chain(writes.into_iter().map(|tensor| (tensor, Access::Write))).collect()
            }

            fn tensors_mut(&mut self) -> Vec<&mut $crate::plan::tensor::TensorId> {
                #[allow(unused_imports)]
                use $crate::ops::operation::Tensors;
                #[allow(unused_mut)]
                let mut found = Vec::new();
                $($(self.$read.tensors_mut(&mut found);)+)?
                $($(self.$write.tensors_mut(&mut found);)+)?
                found
            }

            fn parameters(&self) -> Vec<$crate::plan::parameter::Range> {
                let found: Vec<Option<$crate::plan::parameter::Range>> = vec![$($(self.$parameter.into()),+)?];
                found.into_iter().flatten().collect()
            }

            fn gradients(&self) -> Vec<$crate::plan::parameter::Range> {
                let found: Vec<Option<$crate::plan::parameter::Range>> = vec![$($(self.$gradient.into()),+)?];
                found.into_iter().flatten().collect()
            }

            fn states(&self) -> Vec<$crate::plan::parameter::Range> {
                let found: Vec<Option<$crate::plan::parameter::Range>> = vec![$($(self.$state.into()),+)?];
                found.into_iter().flatten().collect()
            }
        }
    };
}

pub(crate) use touches;
