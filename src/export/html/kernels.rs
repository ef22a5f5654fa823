//! The launches of a prediction for WebGPU, as data: the WGSL of the kernels and what each binds.

use compiler::host::workgroups;
use compiler::launch::{DeviceClass, Resource, Tiling, schedule};
use compiler::ops::Op;
use compiler::plan::{ParameterLayout, Plan};
use serde_json::{Value, json};

/// The launches for one sample; `None` where a kernel needs something that a page does not have. `place` gives the index of a
/// variable's piece in the weights.
pub fn program(plan: &Plan, mut place: impl FnMut(&str) -> Option<usize>) -> Option<Value> {
    let program = &plan.prediction;
    let mut gathered = program.operations.iter().filter_map(|instruction| {
        if let Op::Gather(gather) = &instruction.op {
            Some(gather.output)
        } else {
            None
        }
    });
    let input = gathered.next()?;
    let mut sources: Vec<String> = Vec::new();
    let mut launches = Vec::new();
    // The page has no scratch memory.
    let tiling = Tiling {
        winograd: 0,
        ..Tiling::of(DeviceClass::Integrated)
    };
    for dispatch in schedule(plan, program, tiling, 1).dispatches {
        // The page puts the sample into the input's tensor itself.
        if dispatch.kernel.file == shaders::File::Gather {
            continue;
        }
        let source = bare(&dispatch.kernel.source().ok()?);
        let index = sources.iter().position(|known| *known == source).unwrap_or_else(|| {
            sources.push(source);
            sources.len() - 1
        });
        let mut bindings = Vec::new();
        for &(binding, resource) in &dispatch.bindings {
            bindings.push(match resource {
                Resource::Tensor(id) => json!([binding, ["tensor", id.0]]),
                Resource::Parameters => json!([binding, ["parameters", 0]]),
                Resource::Nothing => json!([binding, ["nothing", 0]]),
                Resource::Gradients
                | Resource::Slot(_)
                | Resource::Data(_)
                | Resource::Order
                | Resource::Labels
                | Resource::Weights
                | Resource::Steps
                | Resource::State
                | Resource::Totals
                | Resource::Runs
                | Resource::Groups
                | Resource::Norms
                | Resource::Texels(_)
                | Resource::ParameterTexels
                | Resource::Scratch { .. }
                | Resource::ScratchTexels { .. }
                | Resource::NoTexels { .. } => return None,
            });
        }
        launches.push(json!({
            "source": index,
            "entry": dispatch.kernel.entry,
            "bindings": bindings,
            "workgroups": workgroups::grid(dispatch.work.workgroups(1)),
        }));
    }
    let mut parameters = Vec::new();
    for parameter in &plan.parameters {
        let layout = match parameter.layout {
            ParameterLayout::Convolution => json!({"name": "convolution"}),
            ParameterLayout::Dense { channels, positions } => {
                json!({"name": "dense", "channels": channels, "positions": positions})
            }
            ParameterLayout::Depthwise => json!({"name": "depthwise"}),
            ParameterLayout::Vector => json!({"name": "vector"}),
        };
        parameters.push(json!({
            "weight": place(&parameter.name)?,
            "offset": parameter.range.offset,
            "layout": layout,
            "shape": parameter.shape,
        }));
    }
    Some(json!({
        "slots": program.slots.iter().map(|slot| slot.bytes_per_quad).collect::<Vec<_>>(),
        "tensors": program.tensors.iter().map(|tensor| (tensor.slot, tensor.bytes(1))).collect::<Vec<_>>(),
        "input": input.0,
        "output": program.output?.0,
        "floats": plan.parameter_floats,
        "parameters": parameters,
        "sources": sources,
        "launches": launches,
    }))
}

/// A shader without comments and indentation, which a page does not need; WGSL has no strings that could contain `//`.
fn bare(source: &str) -> String {
    let lines = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
