//! How samples pass from a data set in memory into the network.

use crate::launch::{Dispatch, Extent};
use crate::ops::Op;
use crate::plan::{Plan, Program};
use std::collections::BTreeMap;

/// The type in which a data set lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Bytes, which are divided by 255 on their way.
    Bytes,
    /// Bytes, which keep their values.
    Levels,
    /// 32-bit floats, which keep their values.
    Floats,
}

/// Changes the launch that gathers samples for the data set's type; other launches stay as they are. Plans gather
/// bytes, four elements an invocation; floats are copied, one element an invocation.
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

/// Channels and positions of the values from the data set that a program compares the network's outputs with; None
/// where it compares with class numbers or with the samples themselves.
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

/// The weights of classes that a program multiplies samples' losses by; None where all samples weigh the same.
pub fn weights_of(program: &Program) -> Option<&BTreeMap<u32, f32>> {
    program.operations.iter().find_map(|instruction| {
        let Op::Weigh(weigh) = &instruction.op else {
            return None;
        };
        Some(&weigh.classes)
    })
}
