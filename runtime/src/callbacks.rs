//! What the callbacks of `fit` do at the end of an epoch, as Keras's own do (keras/src/callbacks).
//!
//! All that they remember follows from the history, so that a run that is resumed has it from there; the weights of the best
//! epoch alone are part of a run's state.

use compiler::training::callbacks::CallbackKind;
use compiler::training::compile::Compile;
use compiler::training::fit::Fit;
use compiler::training::optimizer::Optimizer;
use std::collections::BTreeMap;

/// The callbacks of a run and the state that they keep from epoch to epoch.
pub struct Callbacks<'a> {
    each: Vec<One<'a>>,
    fit: &'a Fit,
    optimizer: &'a Optimizer,
    train_samples: usize,
    /// The index of the phase of training (one call of `fit`) that these callbacks belong to.
    phase: usize,
    /// Steps of the optimizer before this phase.
    steps_before: u64,
    /// The learning rate as it stands now; `None` where the optimizer follows a schedule and no callback has set a rate.
    learning_rate: Option<f32>,
    /// Whether the learning rate may differ from the optimizer's own: a callback can set it, or one did in an earlier phase.
    sets_learning_rate: bool,
}

/// What an optimizer has done in earlier phases, for a phase that goes on with the same optimizer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Before {
    /// The number of steps that it has taken; schedules count on from here.
    pub steps: u64,
    /// The learning rate that callbacks left; `None` where it is still the optimizer's own.
    pub learning_rate: Option<f32>,
}

/// One callback with the state that it keeps.
struct One<'a> {
    kind: &'a CallbackKind,
    /// The key in the history of the metric that it monitors; `None` where it monitors nothing that the history has.
    key: Option<String>,
    best: Option<f64>,
    wait: usize,
    cooldown: usize,
    seen: bool,
    /// Whether smaller values of the monitored metric are better.
    falls: bool,
    /// The learning rate at the end of each epoch so far; kept only where it is logged.
    rates: Vec<f64>,
    /// The number of steps of the run up to the end of each of those epochs.
    steps: Vec<u64>,
}

/// What a `TensorBoard` callback logs after an epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The index of the phase of training that the logs belong to.
    pub phase: usize,
    /// The folder of the logs, relative to the run directory.
    pub folder: String,
    /// The learning rate at the end of each epoch so far.
    pub rates: Vec<f64>,
    /// The number of steps of the run up to the end of each epoch so far.
    pub steps: Vec<u64>,
}

/// What training has to do after an epoch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reactions {
    /// Training ends after this epoch.
    pub stops: bool,
    /// The weights are the best so far and have to be kept, because they may be restored at the end.
    pub is_best: bool,
    /// The files to save the weights to, relative to the run directory.
    pub checkpoints: Vec<String>,
    /// The files to write the history to as a table, relative to the run directory, each with its separator.
    pub tables: Vec<(String, char)>,
    /// What to log for each `TensorBoard` callback.
    pub boards: Vec<Board>,
}

impl<'a> Callbacks<'a> {
    /// The callbacks of a run that starts from its first epoch.
    pub fn new(fit: &'a Fit, compile: &'a Compile, train_samples: usize) -> Self {
        let (callbacks, optimizer) = (&fit.callbacks, &compile.optimizer);
        let constant = optimizer.rule.learning_rate().is_constant();
        let each = callbacks.iter().map(|callback| One {
            kind: &callback.kind,
            key: callback.kind.monitor().and_then(|monitor| monitor.key(compile)),
            best: match &callback.kind {
                CallbackKind::ModelCheckpoint(checkpoint) => checkpoint.initial_value_threshold,
                CallbackKind::EarlyStopping(_)
                | CallbackKind::ReduceLROnPlateau(_)
                | CallbackKind::LearningRateScheduler(_)
                | CallbackKind::TerminateOnNaN(_)
                | CallbackKind::CSVLogger(_)
                | CallbackKind::TensorBoard(_) => None,
            },
            wait: 0,
            cooldown: 0,
            seen: false,
            falls: callback.kind.monitor().is_some_and(|monitor| monitor.falls(compile)),
            rates: Vec::new(),
            steps: Vec::new(),
        });
        Self {
            fit,
            optimizer,
            train_samples,
            phase: 0,
            steps_before: 0,
            each: each.collect(),
            learning_rate: constant.then(|| optimizer.learning_rate(1) as f32),
            sets_learning_rate: callbacks.iter().any(|callback| callback.kind.sets_learning_rate()),
        }
    }

    /// The same callbacks in a later phase, whose optimizer goes on from where it is.
    #[must_use]
    pub fn in_phase(mut self, phase: usize, before: Before) -> Self {
        self.phase = phase;
        self.steps_before = before.steps;
        self.learning_rate = before.learning_rate.or(self.learning_rate);
        self.sets_learning_rate |= before.learning_rate.is_some();
        self
    }

    /// The learning rate as the callbacks left it; `None` where it is still the optimizer's own.
    pub fn left(&self) -> Option<f32> {
        self.learning_rate.filter(|_| self.sets_learning_rate)
    }

    /// The learning rate of the steps of an epoch, counted from 0; `None` where no callback sets it.
    pub fn learning_rate(&self, epoch: usize) -> Option<f32> {
        let begun = self.scheduled(epoch).or(self.learning_rate);
        begun.filter(|_| self.sets_learning_rate)
    }

    /// What the last scheduler in the list sets the rate to as an epoch begins; `None` without a scheduler.
    fn scheduled(&self, epoch: usize) -> Option<f32> {
        let mut schedulers = self.each.iter().filter_map(|one| match one.kind {
            CallbackKind::LearningRateScheduler(scheduler) => Some(scheduler.schedule.at(epoch as u64)),
            CallbackKind::EarlyStopping(_)
            | CallbackKind::ReduceLROnPlateau(_)
            | CallbackKind::ModelCheckpoint(_)
            | CallbackKind::TerminateOnNaN(_)
            | CallbackKind::CSVLogger(_)
            | CallbackKind::TensorBoard(_) => None,
        });
        schedulers.next_back()
    }

    /// Whether training ends at a loss that is NaN or infinite.
    pub fn end_at_nan(&self) -> bool {
        self.each
            .iter()
            .any(|one| matches!(one.kind, CallbackKind::TerminateOnNaN(_)))
    }

    /// Whether the weights of the best epoch are restored at the end.
    pub fn restore(&self) -> bool {
        let restores =
            |one: &One<'_>| matches!(one.kind, CallbackKind::EarlyStopping(stopping) if stopping.restore_best_weights);
        self.each.iter().any(restores)
    }

    /// Passes an epoch, counted from 0, to the callbacks in the order of the list. Where a callback sets the learning rate, it is
    /// added to the metrics.
    pub fn after(&mut self, epoch: usize, metrics: &mut BTreeMap<String, f64>) -> Reactions {
        let mut reactions = Reactions::default();
        self.learning_rate = self.scheduled(epoch).or(self.learning_rate);
        let stretch = self.fit.stretch(epoch, self.train_samples);
        let steps = self.steps_before + stretch.steps_before + stretch.steps as u64;
        for one in &mut self.each {
            let current = one.key.as_ref().and_then(|key| metrics.get(key)).copied();
            match one.kind {
                CallbackKind::EarlyStopping(stopping) => {
                    let Some(current) = current.filter(|_| epoch >= stopping.start_from_epoch) else {
                        continue;
                    };
                    reactions.is_best |= stopping.restore_best_weights && !one.seen;
                    one.seen = true;
                    one.wait += 1;
                    if stopping.monitor.improves(current, one.best, one.falls) {
                        one.best = Some(current);
                        reactions.is_best |= stopping.restore_best_weights;
                        if stopping.baseline.is_none()
                            || stopping.monitor.improves(current, stopping.baseline, one.falls)
                        {
                            one.wait = 0;
                        }
                    } else if one.wait >= stopping.patience && epoch > 0 {
                        reactions.stops = true;
                    }
                }
                CallbackKind::ReduceLROnPlateau(plateau) => {
                    let Some(rate) = self.learning_rate else { continue };
                    metrics.insert("learning_rate".to_owned(), f64::from(rate));
                    let Some(current) = current else { continue };
                    if one.cooldown > 0 {
                        one.cooldown -= 1;
                        one.wait = 0;
                    }
                    if plateau.monitor.improves(current, one.best, one.falls) {
                        one.best = Some(current);
                        one.wait = 0;
                    } else if one.cooldown == 0 {
                        one.wait += 1;
                        if one.wait >= plateau.patience && rate > plateau.min_lr as f32 {
                            let reduced = (f64::from(rate) * plateau.factor).max(plateau.min_lr);
                            self.learning_rate = Some(reduced as f32);
                            one.cooldown = plateau.cooldown;
                            one.wait = 0;
                        }
                    }
                }
                CallbackKind::ModelCheckpoint(checkpoint) => {
                    // Without the metric every epoch is kept, as Keras does.
                    let improves = match current.filter(|_| checkpoint.save_best_only) {
                        Some(current) => checkpoint.monitor.improves(current, one.best, one.falls),
                        None => true,
                    };
                    if improves {
                        one.best = current.or(one.best);
                        let name = checkpoint.filepath.filled(epoch + 1, |name| metrics.get(name).copied());
                        reactions.checkpoints.push(name);
                    }
                }
                CallbackKind::TerminateOnNaN(_) => {
                    reactions.stops |= metrics.get("loss").is_some_and(|loss| !loss.is_finite());
                }
                CallbackKind::LearningRateScheduler(_) => {
                    if let Some(rate) = self.learning_rate {
                        metrics.insert("learning_rate".to_owned(), f64::from(rate));
                    }
                }
                CallbackKind::TensorBoard(board) => {
                    // A schedule of the optimizer's is asked for the step that comes next.
                    let rate = self.learning_rate.map(f64::from);
                    one.rates
                        .push(rate.unwrap_or_else(|| self.optimizer.learning_rate(steps + 1)));
                    one.steps.push(steps);
                    reactions.boards.push(Board {
                        phase: self.phase,
                        folder: board.log_dir.0.clone(),
                        rates: one.rates.clone(),
                        steps: one.steps.clone(),
                    });
                }
                CallbackKind::CSVLogger(logger) => reactions.tables.push((logger.filename.0.clone(), logger.separator)),
            }
        }
        reactions
    }
}
