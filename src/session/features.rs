//! Computes the output of a frozen part of a network once for all epochs of a phase; the rest of the network is then trained on
//! that, with the same results.

use super::device;
use super::error::Result;
use super::executor::{self, Purpose};
use super::interrupt::Interrupt;
use super::phases::{Phase, Resident};
use compiler::frozen;
use compiler::host::step::StepRecord;
use compiler::network::{CheckedNetwork, NodeId};
use compiler::numbers::thousands;
use compiler::plan::Plan;
use compiler::plan::TensorId;
use compiler::plan::memory::Sharing;
use compiler::shape::Shape;
use runtime::data::{Pixels, Split};
use runtime::error::{Result as RuntimeResult, RuntimeError};
use runtime::executor::{Device, Executor, Memory, Set, StepTimes, Sums, Tally, Watch, slices};
use runtime::memory;
use runtime::train;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most bytes of features. Larger ones are computed again in each epoch.
const MOST: u64 = 1 << 30;

/// The part of the available memory that features may take: one in this many.
const SHARE: u64 = 4;

/// How many samples are computed between two checks for an interrupt.
const AT_ONCE: usize = 1024;

/// The last layer of a phase's frozen part; `None` unless it pays to compute its output once: samples are used more than once,
/// and there is enough memory.
pub(super) fn end(phase: &Phase, samples: &Resident) -> Option<NodeId> {
    let network = &phase.network;
    let cut = frozen::end(network)?;
    let (_, _, shape, _) = network.nodes().nth(cut.0)?;
    let validation = samples.validation.as_ref().map_or(0, |split| split.len());
    let numbers = (samples.train.len() + validation).checked_mul(shape.elements())?;
    let bytes = (numbers as u64).checked_mul(4)?;
    let most = memory::available().map_or(MOST, |available| MOST.min(available / SHARE));
    let fit = &phase.fit;
    let pass = fit.steps_of_a_pass(samples.train.len());
    let steps = fit.steps_per_epoch.map_or(pass, |most| most.min(pass));
    let epochs = fit.epochs.saturating_sub(fit.initial_epoch);
    (epochs.saturating_mul(steps) > pass && bytes <= most).then_some(cut)
}

/// An executor of the network after the frozen part, which continues from the state of `whole`, and a line that says so. `None`
/// where it was interrupted, or the output of the frozen part is NaN or infinite.
///
/// # Errors
/// When the device fails or has not enough memory.
pub(super) fn executor(
    phase: &Phase,
    cut: NodeId,
    whole: &mut dyn Executor,
    (samples, name): (&Resident, &str),
    interrupt: &Interrupt,
) -> Result<Option<(Featured, String)>> {
    let network = &phase.network;
    let Some((_, node, shape, _)) = network.nodes().nth(cut.0) else {
        return Ok(None);
    };
    let parameters = whole.parameters()?;
    let Some((train, validation)) = features(phase, cut, (&parameters, shape), (samples, name), interrupt)? else {
        return Ok(None);
    };
    let part: CheckedNetwork = frozen::behind(network, cut);
    let plan = Arc::new(compiler::plan_of(&part, Sharing::Shared));
    let mut executor = executor::open(device::choose(name)?.runner, &plan, &phase.fit, Purpose::Train)?;
    let count = train.len() + validation.as_ref().map_or(0, |split| split.len());
    executor.load(Set::Train, &train)?;
    if let Some(validation) = &validation {
        executor.load(Set::Test, validation)?;
    }
    let has_slots = phase.plan.optimizer.as_ref().is_some_and(|one| !one.slots().is_empty());
    let slots = if has_slots { whole.slots()? } else { Vec::new() };
    let mut featured = Featured {
        whole: Arc::clone(&phase.plan),
        part: plan,
        parameters: Vec::new(),
        slots: Vec::new(),
        executor,
    };
    featured.set_parameters(&parameters)?;
    if has_slots {
        featured.set_slots(&slices(&slots))?;
    }
    let bytes = memory::readable((count * shape.elements() * 4) as u64);
    let line = format!(
        "All up to {} is frozen: computed once, {} samples of {shape}, {bytes}",
        node.name,
        thousands(count)
    );
    Ok(Some((featured, line)))
}

type Features = (Arc<Split>, Option<Arc<Split>>);

/// The output of the layer `cut` for all samples.
fn features(
    phase: &Phase,
    cut: NodeId,
    (parameters, shape): (&[f32], &Shape),
    (samples, name): (&Resident, &str),
    interrupt: &Interrupt,
) -> Result<Option<Features>> {
    let plan = Arc::new(compiler::plan_until(&phase.network, cut, Sharing::Shared));
    let mut executor = executor::open(device::choose(name)?.runner, &plan, &phase.fit, Purpose::Infer)?;
    executor.set_parameters(parameters)?;
    let mut of = |split: &Split| -> Result<Option<Arc<Split>>> {
        let mut values = Vec::with_capacity(split.len() * shape.elements());
        for first in (0..split.len()).step_by(AT_ONCE) {
            if interrupt.is_raised() {
                return Ok(None);
            }
            let part = Arc::new(part_of(split, first, AT_ONCE)?);
            values.extend(executor.predict(&part)?);
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Ok(None);
        }
        Ok(Some(Arc::new(Split {
            shape: shape.clone(),
            pixels: Pixels::Floats(values),
            labels: split.labels.clone(),
            targets: split.targets.clone(),
        })))
    };
    let Some(train) = of(&samples.train)? else {
        return Ok(None);
    };
    match &samples.validation {
        None => Ok(Some((train, None))),
        Some(split) => Ok(of(split)?.map(|validation| (train, Some(validation)))),
    }
}

/// A part of a split's samples, without labels or targets.
fn part_of(split: &Split, first: usize, most: usize) -> Result<Split> {
    let last = (first + most).min(split.len());
    let places: Vec<u32> = (first as u32..last as u32).collect();
    Ok(Split {
        shape: split.shape.clone(),
        pixels: split.pixels.samples(&places, split.shape.elements())?,
        labels: split.labels.get(first..last).unwrap_or_default().to_vec(),
        targets: None,
    })
}

/// Runs the part of a network after a frozen one, but presents itself as the whole: parameters and slots are those of the whole
/// plan.
pub(super) struct Featured {
    whole: Arc<Plan>,
    part: Arc<Plan>,
    /// The parameters of the whole network, of which only the frozen ones are current.
    parameters: Vec<f32>,
    /// The slots of the whole network, of which those of frozen parameters are meaningless.
    slots: Vec<Vec<f32>>,
    executor: Box<dyn Executor>,
}

impl Featured {
    /// A buffer in the layout of the part, from one in that of the whole.
    fn narrowed(&self, buffer: &[f32]) -> Vec<f32> {
        let mut narrow = vec![0.0; self.part.parameter_floats];
        moved((&self.whole, buffer), (&self.part, &mut narrow));
        narrow
    }

    /// The error for what only an executor of the whole network can do.
    fn refused<T>(&self, what: &str) -> RuntimeResult<T> {
        Err(RuntimeError::Mismatch {
            file: self.whole.model.clone(),
            expected: format!("an executor that {what}"),
            found: "one of a part of the network".to_owned(),
        })
    }
}

/// Copies the values of the parameters that both plans have.
fn moved((from, buffer): (&Plan, &[f32]), (to, place): (&Plan, &mut [f32])) {
    let values = train::tensors_of(from, buffer, "").into_iter();
    let values: BTreeMap<String, Vec<f32>> = values.map(|(name, _, values)| (name, values)).collect();
    train::put(to, &values, place);
}

impl Executor for Featured {
    fn device(&self) -> &Device {
        self.executor.device()
    }

    fn load(&mut self, _: Set, _: &Arc<Split>) -> RuntimeResult<()> {
        self.refused("takes samples")
    }

    fn set_parameters(&mut self, parameters: &[f32]) -> RuntimeResult<()> {
        self.executor.set_parameters(&self.narrowed(parameters))?;
        self.parameters = parameters.to_vec();
        Ok(())
    }

    fn parameters(&mut self) -> RuntimeResult<Vec<f32>> {
        Ok(self.memory()?.parameters.into_owned())
    }

    fn set_slots(&mut self, slots: &[&[f32]]) -> RuntimeResult<()> {
        let narrow: Vec<Vec<f32>> = slots.iter().map(|slot| self.narrowed(slot)).collect();
        self.executor.set_slots(&slices(&narrow))?;
        self.slots = slots.iter().map(|slot| slot.to_vec()).collect();
        Ok(())
    }

    fn slots(&mut self) -> RuntimeResult<Vec<Vec<f32>>> {
        let slots = self.memory()?.slots.into_iter();
        Ok(slots.map(Cow::into_owned).collect())
    }

    fn memory(&mut self) -> RuntimeResult<Memory<'_>> {
        let narrow = self.executor.memory()?;
        moved((&self.part, &narrow.parameters), (&self.whole, &mut self.parameters));
        self.slots
            .resize(narrow.slots.len(), vec![0.0; self.whole.parameter_floats]);
        for (slot, narrow) in self.slots.iter_mut().zip(&narrow.slots) {
            moved((&self.part, narrow), (&self.whole, slot));
        }
        Ok(Memory {
            parameters: Cow::Borrowed(&self.parameters),
            slots: self.slots.iter().map(|slot| Cow::Borrowed(slot.as_slice())).collect(),
        })
    }

    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> RuntimeResult<Tally> {
        self.executor.train_from(before, order, steps, watch)
    }

    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> RuntimeResult<Sums> {
        self.executor.evaluate(set, order, watch)
    }

    fn predict(&mut self, _: &Arc<Split>) -> RuntimeResult<Vec<f32>> {
        self.refused("predicts")
    }

    fn tensor(&mut self, _: TensorId) -> RuntimeResult<Vec<f32>> {
        self.refused("shows tensors")
    }

    fn gradients(&mut self) -> RuntimeResult<Vec<f32>> {
        self.refused("shows gradients")
    }

    fn step_times(&mut self, _: usize) -> RuntimeResult<StepTimes> {
        self.refused("times its steps")
    }
}
