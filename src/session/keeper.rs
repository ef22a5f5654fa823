//! Connects the training loop with the outside: reports to the observer, asks the interrupt, and commits to the run directory.

use super::interrupt::Interrupt;
use super::observer::Observer;
use super::phases::Phase;
use compiler::plan::Plan;
use compiler::training::compile::Compile;
use runtime::callbacks::Board;
use runtime::error::Result;
use runtime::executor::{Executor, Sums};
use runtime::run_directory::{History, Manifest, OpenRun, Pace, Standing, State};
use runtime::train;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Reports the progress of a run and saves it.
pub(super) struct Keeper<'a> {
    directory: Option<&'a mut OpenRun>,
    plan: &'a Plan,
    compile: &'a Compile,
    manifest: Manifest,
    observer: &'a mut dyn Observer,
    interrupt: &'a Interrupt,
    pace: Pace,
    started: Instant,
    /// The seconds that the run took before it was resumed.
    seconds_before: f64,
}

impl<'a> Keeper<'a> {
    /// Starts now. `directory` is `None` where nothing is to be written.
    pub(super) fn new(
        directory: Option<&'a mut OpenRun>,
        phase: &'a Phase,
        manifest: Manifest,
        observer: &'a mut dyn Observer,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self {
            directory,
            plan: &phase.plan,
            compile: &phase.compile,
            seconds_before: manifest.wall_seconds,
            manifest,
            observer,
            interrupt,
            pace: Pace::start(),
            started: Instant::now(),
        }
    }

    /// Begins the next phase.
    pub(super) fn enter(&mut self, phase: &'a Phase) {
        (self.plan, self.compile) = (&phase.plan, &phase.compile);
    }

    /// The observer that progress is reported to.
    pub(super) fn observer(&mut self) -> &mut dyn Observer {
        self.observer
    }

    /// The manifest, as it was last committed.
    pub(super) fn into_manifest(self) -> Manifest {
        self.manifest
    }
}

impl train::Observer for Keeper<'_> {
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize) {
        self.observer.begin_epoch(epoch, n_epochs, n_steps);
    }

    fn progress(&mut self, sums: &Sums) {
        let mut metrics = BTreeMap::new();
        train::report(&mut metrics, "", (&self.plan.training, self.compile), sums);
        self.observer
            .progress(sums.steps, &metrics.into_iter().collect::<Vec<_>>());
    }

    fn is_interrupted(&mut self) -> bool {
        self.interrupt.is_raised()
    }

    fn is_due(&mut self) -> bool {
        self.directory.is_some() && self.pace.is_due()
    }

    fn end_epoch(&mut self, history: &History, _: Duration) {
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
    }

    fn checkpoint(&mut self, executor: &mut dyn Executor, name: &str) -> Result<()> {
        let Some(directory) = &mut self.directory else {
            return Ok(());
        };
        let parameters = executor.parameters()?;
        directory.write_weights(self.plan, &parameters, name)
    }

    fn table(&mut self, history: &History, name: &str, separator: char) -> Result<()> {
        let Some(directory) = &mut self.directory else {
            return Ok(());
        };
        directory.write_table(history, name, separator)
    }

    fn board(&mut self, history: &History, board: &Board) -> Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        directory.write_board(history, board)
    }

    fn keep(&mut self, executor: &mut dyn Executor, standing: &Standing, last: bool) -> Result<()> {
        let start = Instant::now();
        let seconds = self.seconds_before + self.started.elapsed().as_secs_f64();
        if let Some(directory) = &mut self.directory {
            let state = State::of(executor, standing, seconds)?;
            directory.commit(self.plan, &state, &mut self.manifest, last)?;
        } else {
            self.manifest.epochs = standing.history.epochs.len();
            self.manifest.step = standing.tally.steps;
            self.manifest.phase = (!self.manifest.phases.is_empty()).then_some(standing.phase + 1);
            self.manifest.wall_seconds = seconds;
        }
        self.pace.kept(start.elapsed());
        Ok(())
    }
}
