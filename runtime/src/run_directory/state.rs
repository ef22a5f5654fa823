//! The file that a resumed run continues from: `state-EPOCHS-STEP.safetensors`.
//!
//! Its tensors are the variables (`weights.LAYER.VARIABLE`), the optimizer's slots (`SLOT.LAYER.VARIABLE`), the variables after
//! the best epoch where a callback asks for them (`best.LAYER.VARIABLE`) and, for a GPU in the middle of an epoch, the sums that
//! it keeps (`on_device`); its metadata has everything else.

use super::history::{History, python};
use super::manifest::Manifest;
use crate::checkpoint::{Encoded, Lent, Tensor, Values, parse_with_metadata};
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::executor::{Executor, Memory, Tally, slices};
use crate::files;
use crate::parameters::{lent, parameters_from};
use compiler::plan::Plan;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// The format as the file's metadata names it; a later version may need another.
const FORMAT: &str = "cnnc state 1";

/// The prefix of the tensors of the best epoch.
const BEST: &str = "best.";

/// The name of the tensor of a GPU's sums.
const ON_DEVICE: &str = "on_device";

/// More bytes than the header and the sums of a device ever take.
const BESIDE_PARAMETERS: u64 = 256 << 20;

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// The index of the current or last phase, counted from 0.
    pub phase: usize,
    /// The metrics of the epochs that have been completed.
    pub history: History,
    /// The sums of the steps that have been done of the next epoch.
    pub tally: Tally,
    /// The parameters after the best epoch; `None` unless a callback restores them at the end.
    pub best: Option<Vec<f32>>,
}

/// Everything that it takes to continue a run. What is large may be lent by an executor.
#[derive(Debug, Clone, PartialEq)]
pub struct State<'a> {
    /// How far the run has come.
    pub standing: Cow<'a, Standing>,
    /// What the executor remembers.
    pub memory: Memory<'a>,
    /// How long training has taken so far, in seconds.
    pub wall_seconds: f64,
}

impl<'a> State<'a> {
    /// The state of a run that an executor is training.
    pub fn of(executor: &'a mut dyn Executor, standing: &'a Standing, wall_seconds: f64) -> Result<Self> {
        Ok(Self {
            standing: Cow::Borrowed(standing),
            memory: executor.memory()?,
            wall_seconds,
        })
    }

    /// The state, with what is lent copied.
    pub fn into_owned(self) -> State<'static> {
        State {
            standing: Cow::Owned(self.standing.into_owned()),
            memory: self.memory.into_owned(),
            wall_seconds: self.wall_seconds,
        }
    }

    /// Sets up an executor to continue from this state.
    pub fn give_to(&self, executor: &mut dyn Executor) -> Result<()> {
        executor.set_parameters(&self.memory.parameters)?;
        if self.memory.slots.is_empty() {
            return Ok(());
        }
        executor.set_slots(&slices(&self.memory.slots))
    }

    /// Writes the file, flushes it to the disk, and returns its SHA-256 in hex.
    pub(super) fn write(&self, path: &Path, plan: &Plan, manifest: &Manifest) -> Result<String> {
        let mut tensors = self.weights(plan, "weights.");
        for (name, slot) in slot_names(plan).iter().zip(&self.memory.slots) {
            tensors.extend(lent(plan, slot, &format!("{name}.")));
        }
        if let Some(best) = &self.standing.best {
            tensors.extend(lent(plan, best, BEST));
        }
        let on_device = &self.standing.tally.on_device;
        let shape = [on_device.len()];
        if !on_device.is_empty() {
            tensors.push(Lent {
                name: ON_DEVICE.to_owned(),
                shape: &shape,
                values: Values::Together(on_device),
            });
        }
        let encoded = Encoded::new(&path.display().to_string(), tensors, &self.facts(manifest)?)?;
        let mut sum = String::new();
        files::write_atomically(path, |out| {
            sum = encoded.write(out)?;
            Ok(())
        })?;
        Ok(sum)
    }

    /// The metadata: what is not a tensor. It repeats everything that `run.yaml` says of the state, so that the two can be
    /// compared.
    fn facts(&self, manifest: &Manifest) -> Result<BTreeMap<String, String>> {
        let Standing { history, tally, .. } = &*self.standing;
        let facts = [
            ("format", FORMAT.to_owned()),
            ("samples", tally.samples.to_string()),
            ("loss", python(tally.loss)),
            ("correct", python(tally.correct)),
            ("history", history.text()?),
            ("wall_seconds", python(self.wall_seconds)),
        ];
        let counters: Vec<String> = tally.counters.iter().map(|sum| python(*sum)).collect();
        let counters = (!counters.is_empty()).then(|| ("counters", counters.join(" ")));
        let said = said(manifest, history.epochs.len(), tally.steps);
        let all = facts.into_iter().chain(counters).chain(said);
        Ok(all.map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Reads the file that `run.yaml` names and no other: its SHA-256 is compared before anything in it is trusted.
    pub(super) fn read(folder: &Path, plan: &Plan, manifest: &Manifest) -> Result<State<'static>> {
        let Some(named) = &manifest.state else {
            return Err(RuntimeError::mismatch(
                folder.display().to_string(),
                "a run that keeps its state",
                "one of an earlier cnnc, which kept none",
            ));
        };
        let path = folder.join(&named.file);
        let file = path.display().to_string();
        let names = slot_names(plan);
        // The best epoch's may be there as well.
        let floats = plan.parameter_floats as u64 * (2 + names.len() as u64);
        let bytes = files::read_bounded(&path, BESIDE_PARAMETERS + 4 * floats)?;
        let found = hex(&Sha256::digest(&bytes));
        if found != named.sha256 {
            let expected = format!("the sha256 that run.yaml records, {}", named.sha256);
            return Err(RuntimeError::mismatch(
                file,
                expected,
                format!("{found}: the file is damaged"),
            ));
        }
        let (mut tensors, facts) = parse_with_metadata(&file, &bytes)?;
        drop(bytes);
        let facts = Facts {
            file: &file,
            facts: &facts,
        };
        facts.same("format", FORMAT)?;
        for (key, value) in said(manifest, manifest.epochs, manifest.step) {
            facts.same(key, &value)?;
        }
        let on_device = tensors.remove(ON_DEVICE).map(|tensor| tensor.values);
        let history = History::read(&format!("{file}: history"), facts.get("history")?.as_bytes())?;
        if history.epochs.len() != manifest.epochs {
            let expected = format!("a history of {} epochs", manifest.epochs);
            return Err(RuntimeError::mismatch(file, expected, history.epochs.len().to_string()));
        }
        let tally = Tally {
            steps: manifest.step,
            samples: facts.number("samples")?,
            loss: facts.number("loss")?,
            correct: facts.number("correct")?,
            counters: facts.numbers("counters")?,
            on_device: on_device.unwrap_or_default(),
        };
        let wall_seconds = facts.number("wall_seconds")?;
        let has_best = tensors.keys().any(|name| name.starts_with(BEST));
        let mut taken = |prefix: &str| {
            let is_meant = |name: &String, _: &mut Tensor| name.starts_with(prefix);
            let meant: BTreeMap<String, Tensor> = tensors.extract_if(.., is_meant).collect();
            parameters_from(plan, meant, prefix)
        };
        let parameters = taken("weights.")?;
        let best = has_best.then(|| taken(BEST)).transpose()?;
        let slots: Vec<_> = (names.iter())
            .map(|name| taken(&format!("{name}.")))
            .collect::<Result<_>>()?;
        Ok(State {
            standing: Cow::Owned(Standing {
                phase: manifest.phase_index(),
                history,
                tally,
                best,
            }),
            memory: Memory::owned(parameters, slots),
            wall_seconds,
        })
    }

    /// The variables as other programs read them.
    pub(super) fn weights<'b>(&'b self, plan: &'b Plan, prefix: &str) -> Vec<Lent<'b>> {
        lent(plan, &self.memory.parameters, prefix)
    }
}

fn slot_names(plan: &Plan) -> Vec<&'static str> {
    plan.optimizer
        .as_ref()
        .map(compiler::training::optimizer::Optimizer::slots)
        .unwrap_or_default()
}

/// What both `run.yaml` and the state say.
fn said(manifest: &Manifest, epochs: usize, step: usize) -> Vec<(&'static str, String)> {
    let phase = manifest.phase.map(|phase| ("phase", phase.to_string()));
    let facts = [
        ("epochs", epochs.to_string()),
        ("step", step.to_string()),
        ("seed", manifest.seed.to_string()),
        ("batch_size", manifest.batch_size.to_string()),
        ("data_sha256", manifest.data_sha256.clone()),
        (
            "description_sha256",
            manifest.description_sha256.clone().unwrap_or_default(),
        ),
        ("weights_sha256", manifest.weights_sha256.clone()),
    ];
    facts.into_iter().chain(phase).collect()
}

/// The metadata of a state file that is being read.
struct Facts<'a> {
    file: &'a str,
    facts: &'a BTreeMap<String, String>,
}

impl Facts<'_> {
    fn get(&self, key: &str) -> Result<&str> {
        let value = self.facts.get(key).map(String::as_str);
        value.ok_or_else(|| RuntimeError::mismatch(self.file, format!("the {key} of a run"), "none"))
    }

    /// An error unless the metadata have `value` under `key`, as `run.yaml` does.
    fn same(&self, key: &str, value: &str) -> Result<()> {
        let found = self.get(key)?;
        if found == value {
            return Ok(());
        }
        let expected = format!("{key} {value}, as run.yaml says");
        Err(RuntimeError::mismatch(self.file, expected, found))
    }

    /// The numbers under `key`, separated by blanks; none where the key is missing.
    fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let text = self.facts.get(key).map(String::as_str).unwrap_or_default();
        let wrong = |_| RuntimeError::mismatch(self.file, format!("numbers for {key}"), format!("\"{text}\""));
        text.split_whitespace()
            .map(|number| number.parse().map_err(wrong))
            .collect()
    }

    /// The number under `key`, in a form that Python and Rust both read.
    fn number<T: std::str::FromStr>(&self, key: &str) -> Result<T> {
        let text = self.get(key)?;
        let wrong = |_| RuntimeError::mismatch(self.file, format!("a number for {key}"), format!("\"{text}\""));
        text.parse().map_err(wrong)
    }
}
