//! The kernels of a network as complete WGSL files.

use super::error::{Error, Result};
use compiler::launch::{DeviceClass, Tiling};
use compiler::launch::{Dispatch, Resource, schedule};
use compiler::numbers::thousands;
use compiler::plan::Plan;
use std::collections::HashMap;
use std::fmt::Write;

/// A kernel and all launches of it.
struct Used {
    source: String,
    entry: &'static str,
    file: &'static str,
    layer: String,
    /// The lines of its header, which list the launches.
    uses: Vec<String>,
}

/// Every kernel of a plan, tiled for a class of device, in the order in which a training step, then a validation step, then a
/// prediction first launches them, without duplicates. Workgroups are counted for a batch of `batch_size`. Each has the name of
/// its file and its text.
///
/// # Errors
/// When a kernel cannot be specialised, which is a fault of the compiler.
pub fn files(plan: &Plan, class: DeviceClass, batch_size: usize) -> Result<Vec<(String, String)>> {
    let mut all: Vec<Used> = Vec::new();
    let mut met: HashMap<(&'static str, String), usize> = HashMap::new();
    for (step, program) in [
        ("training step", &plan.training),
        ("validation step", &plan.evaluation),
        ("prediction", &plan.prediction),
    ] {
        let labels = program.labels();
        for dispatch in schedule(plan, program, Tiling::of(class), batch_size.div_ceil(4)).dispatches {
            let kernel = &dispatch.kernel;
            let source = kernel.source().map_err(|error| Error::kernel(kernel, &error))?;
            let line = usage(step, &labels, &dispatch, batch_size);
            let index = *met.entry((kernel.entry, source)).or_insert(all.len());
            if let Some(used) = all.get_mut(index) {
                used.uses.push(line);
            } else {
                all.push(Used {
                    entry: kernel.entry,
                    file: kernel.file.name(),
                    layer: dispatch.layer,
                    uses: vec![line],
                    source: String::new(),
                });
            }
        }
    }
    for ((_, source), index) in met {
        if let Some(used) = all.get_mut(index) {
            used.source = source;
        }
    }
    let width = all.len().saturating_sub(1).to_string().len().max(2);
    let named = |(index, used): (usize, Used)| {
        let name = format!("{index:0width$}_{}.{}.wgsl", plain(&used.layer), used.entry);
        (name, text(plan, &used, batch_size))
    };
    Ok(all.into_iter().enumerate().map(named).collect())
}

fn text(plan: &Plan, used: &Used, batch_size: usize) -> String {
    let mut text = String::new();
    let (entry, file, model) = (used.entry, used.file, plain(&plan.model));
    let _ = writeln!(
        text,
        "// `{entry}` of {file}.wgsl with the sizes of {model}. Launched by, for a batch of {batch_size}, with these bindings:"
    );
    for line in &used.uses {
        let _ = writeln!(text, "//   {line}");
    }
    text.push('\n');
    text.push_str(&used.source);
    text
}

/// The lines about a launch: which one it is and how large, and below that what it binds.
fn usage(step: &str, labels: &[String], dispatch: &Dispatch, batch_size: usize) -> String {
    let (operation, layer) = (dispatch.operation, plain(&dispatch.layer));
    let workgroups = match dispatch.work.workgroups(batch_size.div_ceil(4)) {
        1 => "1 workgroup".to_owned(),
        workgroups => format!("{} workgroups", thousands(workgroups)),
    };
    let mut bindings = dispatch.bindings.clone();
    bindings.sort_by_key(|&(binding, _)| binding);
    let mut text = format!("{step}, operation {operation} ({layer}): {workgroups}\n//     ");
    for (index, (binding, resource)) in bindings.into_iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{separator}{binding} = {}", name(labels, resource));
    }
    text
}

fn name(labels: &[String], resource: Resource) -> String {
    let word = match resource {
        Resource::Tensor(id) => {
            return labels.get(id.0).map_or(String::new(), |label| plain(label));
        }
        Resource::Texels(id) => {
            let label = labels.get(id.0).map_or(String::new(), |label| plain(label));
            return format!("texture of {label}");
        }
        Resource::Slot(index) => return format!("optimizer's slot {index}"),
        Resource::Data(index) => return format!("data set ({} of 4)", index + 1),
        Resource::Scratch { place, .. } => return format!("scratch memory {place}"),
        Resource::ScratchTexels { place, .. } => return format!("texture of scratch memory {place}"),
        Resource::Parameters => "parameters",
        Resource::Gradients => "gradients",
        Resource::Order => "order of samples",
        Resource::Labels => "labels",
        Resource::Weights => "weights of samples",
        Resource::Steps => "step records",
        Resource::State => "step counters",
        Resource::Groups => "runs clipped together",
        Resource::Norms => "squares of gradients",
        Resource::Totals => "totals",
        Resource::Runs => "runs",
        Resource::ParameterTexels => "texture of parameters",
        Resource::Nothing | Resource::NoTexels { .. } => "nothing",
    };
    word.to_owned()
}

/// A layer's name, which may be anything, in a form for file names and comments.
fn plain(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_alphanumeric() || "_.-#".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    name.chars().take(80).map(letter).collect()
}
