//! Between the training loop and the outside: tells the observer, asks the interrupt, and writes the run directory.

use super::interrupt::Interrupt;
use super::train::Observer;
use compiler::plan::Plan;
use compiler::training::compile::Compile;
use runtime::error::Result;
use runtime::executor::{Executor, Flow, Sums};
use runtime::run_directory::{History, Manifest, RunDirectory};
use runtime::train;
use std::collections::BTreeMap;
use std::time::Duration;

/// Tells how it goes and keeps the files.
pub(super) struct Keeper<'a> {
    pub(super) directory: Option<&'a RunDirectory>,
    pub(super) plan: &'a Plan,
    pub(super) compile: &'a Compile,
    pub(super) manifest: Manifest,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) interrupt: &'a Interrupt,
}

impl Keeper<'_> {
    /// Writes what there is; `took` is added to the time of the run.
    pub(super) fn keep(&mut self, executor: &mut dyn Executor, history: &History, took: Duration) -> Result<()> {
        self.manifest.epochs = history.epochs.len();
        self.manifest.wall_seconds += took.as_secs_f64();
        let Some(directory) = self.directory else {
            return Ok(());
        };
        let parameters = executor.parameters()?;
        let none = BTreeMap::new();
        let weights = train::tensors_of(self.plan, &parameters, "");
        self.manifest.weights_sha256 = directory.save_weights(&weights, &none)?;
        let names = self
            .plan
            .optimizer
            .as_ref()
            .map(|optimizer| optimizer.slots())
            .unwrap_or_default();
        if !names.is_empty() {
            let slots = executor.slots()?;
            let named = names.iter().zip(&slots);
            let state: Vec<_> = named
                .flat_map(|(name, slot)| train::tensors_of(self.plan, slot, &format!("{name}.")))
                .collect();
            directory.save_optimizer(&state, &none)?;
        }
        directory.save_history(history)?;
        directory.save_manifest(&self.manifest)
    }
}

impl train::Observer for Keeper<'_> {
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize) {
        self.observer.begin_epoch(epoch, n_epochs, n_steps);
    }

    fn progress(&mut self, sums: &Sums) -> Flow {
        let mut metrics = BTreeMap::new();
        train::report(&mut metrics, "", self.compile, sums);
        self.observer
            .progress(sums.steps, &metrics.into_iter().collect::<Vec<_>>());
        if self.interrupt.is_raised() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }

    fn end_epoch(&mut self, executor: &mut dyn Executor, history: &History, took: Duration) -> Result<()> {
        if let Some(epoch) = history.epochs.last() {
            // Keras sorts the names, those of validation after the others.
            let mut metrics: Vec<_> = epoch
                .metrics
                .iter()
                .map(|(name, value)| (name.clone(), *value))
                .collect();
            metrics.sort_by_key(|(name, _)| (name.starts_with("val_"), name.clone()));
            self.observer.end_epoch(&metrics);
        }
        self.keep(executor, history, took)
    }
}
