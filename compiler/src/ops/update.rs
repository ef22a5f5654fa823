//! An optimizer's step over all parameters that train.

use crate::launch::dispatch::Resource;
use crate::launch::kernel::{Kernel, unsigned};
use crate::launch::launcher::{Launcher, numbered};
use crate::numbers::thousands;
use crate::ops::operation::{Operation, touches};
use crate::plan::words::{Words, Written};
use crate::training::optimizer::Optimizer;
use crate::training::optimizers::Clipping;
use serde::Serialize;
use shaders::{Constant, File};

/// One step of the plan's optimizer over all parameters that train; it reads all their gradients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Update {}

touches!(Update in BatchInnermost {});

impl Operation for Update {
    fn name(&self) -> &'static str {
        "update"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: "parameters = optimizer(parameters, gradients)".to_owned(),
            sizes: format!("{} floats", thousands(words.parameter_floats)),
        }
    }

    /// Launches the clipping of the gradients, the update of the parameters and their averaging, the first and the
    /// last only where the description asks for them.
    fn launch(&self, launcher: &mut Launcher<'_>) {
        let most = launcher.tiling.workgroup * launcher.tiling.update_vec4s;
        let segments: Vec<[u32; 4]> = (launcher.schedule.segments.iter())
            .map(|&[first, gradient, splits, vec4s]| {
                let trains = launcher.trains(first as usize * 4);
                [first, gradient, if trains { splits } else { 0 }, vec4s]
            })
            .collect();
        launcher.schedule.runs = runs(&segments, most);
        let Some(optimizer) = launcher.optimizer else { return };
        if let Some(clipping) = optimizer.options.clipping {
            clip(launcher, clipping, &segments, most);
        }
        update(launcher, optimizer);
        if optimizer.options.ema.is_some() {
            let bindings = vec![
                (0, Resource::Parameters),
                (2, Resource::Runs),
                (3, Resource::Steps),
                (4, Resource::State),
                (5, Resource::Slot(optimizer.rule.slots().len())),
            ];
            let kernel = Kernel::new(File::Optimizer, "average", neutral(launcher));
            launcher.push(kernel, bindings, for_each_run(launcher));
        }
    }
}

/// A workgroup for each run; the last entry only marks the end.
fn for_each_run(launcher: &Launcher<'_>) -> crate::launch::dispatch::Extent {
    launcher.fixed(launcher.schedule.runs.len().saturating_sub(1) * launcher.tiling.workgroup)
}

/// Launches the update rule over all runs.
fn update(launcher: &mut Launcher<'_>, optimizer: &Optimizer) {
    let rule = optimizer.rule.kernel();
    let decay = ("WEIGHT_DECAY", Constant::Float(optimizer.weight_decay() as f32));
    let mut constants = neutral(launcher);
    for (name, value) in rule.constants.into_iter().chain([decay]) {
        if let Some((_, constant)) = constants.iter_mut().find(|(known, _)| *known == name) {
            *constant = value;
        }
    }
    let common = [
        Resource::Parameters,
        Resource::Gradients,
        Resource::Runs,
        Resource::Steps,
        Resource::State,
    ];
    let mut bindings = numbered(&common);
    let slots = optimizer.rule.slots().len();
    bindings.extend((0..slots).map(|slot| (5 + slot as u32, Resource::Slot(slot))));
    let kernel = Kernel::new(File::Optimizer, rule.entry, constants);
    launcher.push(kernel, bindings, for_each_run(launcher));
}

/// Launches the clipping: twice for a norm, since the second launch needs the sums of all workgroups of the first;
/// once for values.
fn clip(launcher: &mut Launcher<'_>, clipping: Clipping, segments: &[[u32; 4]], most: usize) {
    let (limit, each) = match clipping {
        Clipping::Norm(limit) | Clipping::Value(limit) => (limit, true),
        Clipping::GlobalNorm(limit) => (limit, false),
    };
    launcher.schedule.groups = groups(segments, most, each);
    let kernel = |entry| {
        let constants = vec![
            ("WORKGROUP", unsigned(launcher.tiling.workgroup)),
            ("TILE", unsigned(launcher.tiling.update_vec4s)),
            ("LIMIT", Constant::Float(limit as f32)),
        ];
        Kernel::new(File::Clip, entry, constants)
    };
    let (gradients, runs) = ((0, Resource::Gradients), (1, Resource::Runs));
    let (groups, norms) = ((2, Resource::Groups), (3, Resource::Norms));
    let launches = match clipping {
        Clipping::Norm(_) | Clipping::GlobalNorm(_) => vec![
            (kernel("squares"), vec![gradients, runs, norms]),
            (kernel("clip"), vec![gradients, runs, groups, norms]),
        ],
        Clipping::Value(_) => vec![(kernel("clip_value"), vec![gradients, runs])],
    };
    for (kernel, bindings) in launches {
        let extent = for_each_run(launcher);
        launcher.push(kernel, bindings, extent);
    }
}

/// The constants of `optimizer.wgsl`, with values that have no effect.
fn neutral(launcher: &Launcher<'_>) -> Vec<(&'static str, Constant)> {
    let zero = |name| (name, Constant::Float(0.0));
    vec![
        ("WORKGROUP", unsigned(launcher.tiling.workgroup)),
        ("TILE", unsigned(launcher.tiling.update_vec4s)),
        zero("MOMENTUM"),
        ("NESTEROV", Constant::Bool(false)),
        zero("RHO"),
        zero("EPSILON"),
        ("CENTERED", Constant::Bool(false)),
        zero("BETA_1"),
        zero("BETA_2"),
        zero("WEIGHT_DECAY"),
        zero("POWER"),
        zero("L1"),
        zero("L2"),
        zero("L2_SHRINKAGE"),
        zero("BETA"),
    ]
}

/// The first vec4s of a segment's runs, each of at most `most` vec4s. A segment that does not train, and so has no
/// gradients, is one run, which kernels skip.
fn starts([_, _, splits, vec4s]: [u32; 4], most: usize) -> impl Iterator<Item = u32> {
    let most = if splits == 0 { vec4s } else { most as u32 };
    (0..vec4s).step_by(most.max(1) as usize)
}

/// Cuts every segment (see [`Schedule::segments`]) into runs of at most `most` vec4s. A run is its first vec4, the
/// first of its gradient, the number of partial gradients, and the vec4s from one of these to the next. One more
/// entry marks the end.
///
/// [`Schedule::segments`]: crate::launch::Schedule::segments
fn runs(segments: &[[u32; 4]], most: usize) -> Vec<[u32; 4]> {
    let mut runs = Vec::new();
    let mut end = 0;
    for &[first, gradient, splits, vec4s] in segments {
        for start in starts([first, gradient, splits, vec4s], most) {
            runs.push([first + start, gradient + start, splits, vec4s]);
        }
        end = first + vec4s;
    }
    runs.push([end, 0, 0, 0]);
    runs
}

/// For each run, the runs that are clipped together with it: those of its variable, or all.
fn groups(segments: &[[u32; 4]], most: usize, each: bool) -> Vec<[u32; 2]> {
    let counts: Vec<u32> = segments
        .iter()
        .map(|&segment| starts(segment, most).count() as u32)
        .collect();
    let all = counts.iter().sum();
    let mut groups = Vec::new();
    let mut first = 0;
    for count in counts {
        let group = if each { [first, first + count] } else { [0, all] };
        groups.extend((0..count).map(|_| group));
        first += count;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::{groups, runs};

    #[test]
    fn runs_lie_within_one_variable() {
        assert_eq!(
            runs(&[[0, 100, 2, 5], [5, 40, 1, 1], [6, 200, 3, 4]], 4),
            [
                [0, 100, 2, 5],
                [4, 104, 2, 5],
                [5, 40, 1, 1],
                [6, 200, 3, 4],
                [10, 0, 0, 0]
            ]
        );
        assert_eq!(runs(&[], 4), [[0; 4]]);
    }

    #[test]
    fn what_does_not_train_is_one_run() {
        let segments = [[0, 0, 0, 9], [9, 100, 1, 2]];
        assert_eq!(runs(&segments, 4), [[0, 0, 0, 9], [9, 100, 1, 2], [11, 0, 0, 0]]);
    }

    #[test]
    fn runs_are_clipped_with_those_of_their_variable_or_with_all() {
        let segments = [[0, 100, 2, 5], [5, 0, 0, 9], [14, 200, 3, 4]];
        assert_eq!(groups(&segments, 4, true), [[0, 2], [0, 2], [2, 3], [3, 4]]);
        assert_eq!(groups(&segments, 4, false), [[0, 4]; 4]);
    }
}
