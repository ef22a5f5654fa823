//! A network's kernels as files: `cnnc emit wgsl`.

use crate::commands::Failure;
use compiler::dispatch::{Dispatch, Resource, Work, schedule};
use compiler::plan::{Plan, Program};
use compiler::tiling::DeviceClass;
use std::fmt::Write;

/// One kernel and everything that launches it.
struct Used {
    source: String,
    entry: &'static str,
    file: &'static str,
    layer: String,
    /// Lines of the header.
    uses: Vec<String>,
}

/// Every kernel of a plan, tiled for a class of device, in the order in which a training step, then a validation step,
/// then a prediction first launches them; equal ones once. Workgroups are counted for a batch of `batch_size`.
pub fn files(plan: &Plan, class: DeviceClass, batch_size: usize) -> Result<Vec<(String, String)>, Failure> {
    let mut all: Vec<Used> = Vec::new();
    for (step, program) in [
        ("training", &plan.training),
        ("validation", &plan.evaluation),
        ("prediction", &plan.prediction),
    ] {
        for dispatch in schedule(plan, program, class).dispatches {
            let kernel = &dispatch.kernel;
            let source = kernel.source().map_err(|error| Failure::kernel(kernel, &error))?;
            let line = usage(step, program, &dispatch, batch_size);
            match all
                .iter_mut()
                .find(|used| used.entry == kernel.entry && used.source == source)
            {
                Some(used) => used.uses.push(line),
                None => all.push(Used {
                    source,
                    entry: kernel.entry,
                    file: kernel.file.name(),
                    layer: dispatch.layer,
                    uses: vec![line],
                }),
            }
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
        "// `{entry}` of {file}.wgsl with the sizes of {model}, for a batch of {batch_size}."
    );
    for line in &used.uses {
        let _ = writeln!(text, "//   {line}");
    }
    text.push('\n');
    text.push_str(&used.source);
    text
}

/// `training 3, conv2d: 12 workgroups; 0 = input, 1 = parameters, 2 = conv2d`
fn usage(step: &str, program: &Program, dispatch: &Dispatch, batch_size: usize) -> String {
    let workgroups = dispatch.work.workgroups(batch_size.div_ceil(4));
    let bindings: Vec<String> = dispatch
        .bindings
        .iter()
        .map(|&(binding, resource)| format!("{binding} = {}", name(program, resource)))
        .collect();
    let what = match dispatch.work {
        Work::Invocations { workgroup, .. } => format!("{workgroups} workgroups of {workgroup}"),
        Work::Strips { .. } => format!("{workgroups} workgroups"),
    };
    let (operation, layer) = (dispatch.operation, plain(&dispatch.layer));
    format!(
        "{step} step, operation {operation}, {layer}: {what}; bindings {}",
        bindings.join(", ")
    )
}

fn name(program: &Program, resource: Resource) -> String {
    let word = match resource {
        Resource::Tensor(id) => {
            return program
                .tensors
                .get(id.0)
                .map_or(String::new(), |tensor| plain(&tensor.name));
        }
        Resource::Slot(index) => return format!("optimizer slot {index}"),
        Resource::Data(index) => return format!("data set, piece {index}"),
        Resource::Parameters => "parameters",
        Resource::Gradients => "gradients",
        Resource::Order => "order of samples",
        Resource::Labels => "labels",
        Resource::Steps => "rates",
        Resource::State => "step counters",
        Resource::Totals => "totals",
        Resource::Segments => "segments",
        Resource::Nothing => "nothing",
    };
    word.to_owned()
}

/// A name as part of a file's name and of a comment: a layer may be called anything.
fn plain(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_alphanumeric() || "_.-".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    name.chars().take(80).map(letter).collect()
}
