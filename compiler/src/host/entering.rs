//! How samples enter the network.

use crate::launch::{Dispatch, Extent};
use crate::ops::Op;
use crate::plan::{Plan, Program};
use std::collections::BTreeMap;

/// How a data set lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// As bytes, which are scaled by 1/255.
    Bytes,
    /// As bytes, which are taken as they are.
    Levels,
    /// As floats.
    Floats,
}

/// The launch for a data set that is stored so: plans have the gather of bytes, which makes four elements an invocation; that
/// of floats copies, one element an invocation. Other launches stay as they are.
pub fn gather_for(dispatch: &Dispatch, plan: &Plan, stored: Stored) -> Dispatch {
    let mut dispatch = dispatch.clone();
    if dispatch.kernel.file == shaders::File::Gather
        && let Extent::Invocations { per_quad, .. } = &mut dispatch.work
    {
        match stored {
            Stored::Bytes => {}
            Stored::Levels => dispatch.kernel.entry = "levels",
            Stored::Floats => {
                dispatch.kernel.entry = "floats";
                *per_quad = plan.input_shape.elements();
            }
        }
    }
    dispatch
}

/// Channels and positions of what a program compares the network's outputs with, where it takes that from the data set as
/// values; nothing where it takes class numbers as they are, or the samples themselves.
pub fn target_of(program: &Program) -> Option<(usize, usize)> {
    let output = program.operations.iter().find_map(|instruction| {
        let Op::Target(target) = &instruction.op else {
            return None;
        };
        (!target.beside_numbers).then_some(target.output)
    })?;
    let tensor = program.tensors.get(output.0)?;
    Some((tensor.channels, tensor.positions))
}

/// What a program takes samples to weigh by their classes; nothing where all weigh the same.
pub fn weights_of(program: &Program) -> Option<&BTreeMap<u32, f32>> {
    program.operations.iter().find_map(|instruction| {
        let Op::Weigh(weigh) = &instruction.op else {
            return None;
        };
        Some(&weigh.classes)
    })
}
