//! The phases of a run, each with its plan and its settings, and how an executor passes from one to the next.

use super::device;
use super::error::{Error, Result};
use super::examine::Description;
use super::executor::{self, Purpose};
use super::overrides::Overrides;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::training::compile::Compile;
use compiler::training::fit::Fit;
use runtime::callbacks::Before;
use runtime::data::Split;
use runtime::executor::{DeviceKind, Executor, Set, slices};
use runtime::run_directory::{History, Manifest, PhaseSettings};
use runtime::train::after_phase;
use std::sync::Arc;

/// A phase of a run: one call of `fit`.
pub(super) struct Phase {
    /// The network as the phase trains it.
    pub network: CheckedNetwork,
    /// The plan that this network compiles to.
    pub plan: Arc<Plan>,
    /// The optimizer, the loss and the metrics of the phase.
    pub compile: Compile,
    /// The settings of the phase, including those of the command line.
    pub fit: Fit,
    /// Whether the phase goes on with the optimizer of the one before.
    pub goes_on: bool,
}

/// The phases of a description; there is at least one.
///
/// # Errors
/// When the description does not compile, or a setting of the command line does not suit a phase.
pub(super) fn of(description: &Description, overrides: &Overrides) -> Result<Vec<Phase>> {
    let network = &description.network;
    let later = &network.network().later;
    let count = network.phase_count();
    let mut phases: Vec<Phase> = Vec::with_capacity(count);
    for index in 0..count {
        let own = network.phase(index);
        let compile = own.training().map_err(|error| description.reject(*error))?.clone();
        let fit = overrides.apply(&own.network().fit)?;
        if count > 1 && fit.epochs <= fit.initial_epoch {
            return Err(Error::message(format!(
                "epochs={}: phase {} of {count} begins at epoch {}",
                fit.epochs,
                index + 1,
                fit.initial_epoch
            ))
            .with_help("--epochs is of each fit(...); epochs before its initial_epoch count"));
        }
        let plan = Arc::new(compiler::plan_of(&own, Sharing::Shared));
        let compiled = index.checked_sub(1).and_then(|before| later.get(before));
        phases.push(Phase {
            network: own,
            plan,
            compile,
            fit,
            goes_on: compiled.is_some_and(|phase| phase.compile.is_none()),
        });
    }
    Ok(phases)
}

/// What `run.yaml` records of the phases; empty where there is only one.
pub(super) fn settings(phases: &[Phase]) -> Vec<PhaseSettings> {
    if phases.len() < 2 {
        return Vec::new();
    }
    let settings = |phase: &Phase| PhaseSettings {
        epochs: phase.fit.epochs,
        batch_size: phase.fit.batch_size,
        seed: phase.fit.seed,
    };
    phases.iter().map(settings).collect()
}

/// The settings of each phase of a description as a past run had them.
pub fn recorded(network: &CheckedNetwork, manifest: &Manifest) -> Vec<Fit> {
    let count = network.phase_count();
    let mut fits: Vec<Fit> = (0..count)
        .map(|index| network.phase(index).network().fit.clone())
        .collect();
    for (index, fit) in fits.iter_mut().enumerate() {
        match manifest.phases.get(index) {
            Some(settings) => {
                fit.epochs = settings.epochs;
                fit.batch_size = settings.batch_size;
                fit.seed = settings.seed;
            }
            None if index == 0 => {
                fit.batch_size = manifest.batch_size;
                fit.seed = manifest.seed;
            }
            None => {}
        }
    }
    fits
}

/// What the optimizer of a phase has done in the phases before it whose optimizer it goes on with.
pub(super) fn before(phases: &[Phase], index: usize, train_samples: usize, history: &History) -> Before {
    let until = phases.get(..=index).unwrap_or_default();
    let begun = until.iter().rposition(|phase| !phase.goes_on).unwrap_or(0);
    let earlier = until.iter().enumerate().take(index).skip(begun);
    earlier.fold(Before::default(), |before, (number, phase)| {
        after_phase(before, number, (&phase.fit, &phase.compile), train_samples, history)
    })
}

/// An error where a phase does not fit the device, so that this is known before the first one is trained.
pub(super) fn check_limits(phases: &[Phase], executor: &dyn Executor, name: &str) -> Result<()> {
    if executor.device().kind == DeviceKind::Cpu {
        return Ok(());
    }
    for phase in phases {
        executor::open(device::choose(name)?.runner, &phase.plan, &phase.fit, Purpose::Train)?;
    }
    Ok(())
}

/// The samples of a run, for the executors of later phases.
pub(super) struct Resident {
    /// The samples to train on.
    pub train: Arc<Split>,
    /// The samples to validate on; `None` where there are none.
    pub validation: Option<Arc<Split>>,
}

/// An executor for the next phase, with the parameters of the one before and, where its optimizer goes on, the optimizer's state.
pub(super) fn next(
    mut before: Box<dyn Executor>,
    (last, phase): (&Phase, &Phase),
    device: &str,
    samples: &Resident,
) -> Result<Box<dyn Executor>> {
    let batches = |fit: &Fit| (fit.batch_size, fit.validation_batch_size.unwrap_or(fit.batch_size));
    if phase.goes_on && batches(&last.fit) == batches(&phase.fit) {
        return Ok(before);
    }
    let parameters = before.parameters()?;
    let has_slots = phase.goes_on && phase.plan.optimizer.as_ref().is_some_and(|one| !one.slots().is_empty());
    let slots = if has_slots { Some(before.slots()?) } else { None };
    drop(before);
    let mut executor = executor::open(device::choose(device)?.runner, &phase.plan, &phase.fit, Purpose::Train)?;
    executor.load(Set::Train, &samples.train)?;
    if let Some(validation) = &samples.validation {
        executor.load(Set::Test, validation)?;
    }
    executor.set_parameters(&parameters)?;
    if let Some(slots) = slots {
        executor.set_slots(&slices(&slots))?;
    }
    Ok(executor)
}

/// A warning about a `steps_per_epoch` that does not divide a pass over the training samples into equal epochs; else `None`.
pub(super) fn uneven(fit: &Fit, samples: usize) -> Option<String> {
    let (asked, pass) = (fit.steps_per_epoch?, fit.steps_of_a_pass(samples));
    if asked > pass {
        return Some(format!(
            "steps_per_epoch={asked}, but the training samples make {pass} batches: an epoch ends after {pass} steps"
        ));
    }
    match (pass.div_ceil(asked), pass % asked) {
        (_, 0) => None,
        (epochs, rest) => Some(format!(
            "steps_per_epoch={asked} does not divide the {pass} batches of the training samples: of {epochs} epochs the last has {rest}"
        )),
    }
}
