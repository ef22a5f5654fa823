//! `cnnc run`: trains a network and writes its run directory.

use super::console::Console;
use super::{Failure, Outcome, open};
use crate::cli::run::RunArgs;
use crate::render::progress::{Progress, Style};
use crate::render::terminal;
use cnnc::session::{self, Data, Interrupt, Observer, Options, Overrides, Trained};
use compiler::training::fit::Verbosity;
use runtime::run_directory::History;
use runtime::train::End;
use std::path::Path;

/// Trains or resumes a run, in `runs/NAME` where `--out` names no other directory.
pub fn run(args: &RunArgs) -> Outcome {
    let description = open(&args.file)?;
    let directory = args.out.clone();
    let directory = directory.unwrap_or_else(|| Path::new("runs").join(&description.network.network().name));
    let options = Options {
        data: Data::given(args.data.as_deref()),
        overrides: Overrides {
            epochs: args.epochs,
            batch_size: args.batch_size,
            seed: args.seed,
        },
        weights: args.weights.clone(),
        device: args.device.clone(),
        directory: Some(directory.clone()),
        resume: args.resume,
        verify: !args.no_verify,
    };
    let prepared = session::prepare(&description, options, &Console::new(args.quiet))?;
    let interrupt = Interrupt::new();
    let raised = interrupt.clone();
    // A second Ctrl-C ends the program at once.
    let handler = move || {
        if raised.raise() {
            std::process::exit(130);
        }
    };
    // A handler that cannot be set leaves the system's own, which ends the program: then the last commit is what there is.
    let _ = ctrlc::set_handler(handler);
    let network = &description.network;
    let style = |phase: usize| match network.phase(phase).network().fit.verbose {
        _ if args.quiet => Style::Quiet,
        Verbosity::Silent => Style::Quiet,
        Verbosity::Bar => Style::of_terminal(),
        Verbosity::Lines => Style::Lines,
    };
    let styles: Vec<Style> = (0..network.phase_count()).map(style).collect();
    let mut epochs = Epochs {
        style: styles.first().copied().unwrap_or(Style::Quiet),
        styles,
        progress: None,
    };
    let mut trained = prepared.train(&mut epochs, &interrupt)?;
    // All is written but the report: from now on one Ctrl-C is enough.
    if trained.end == End::Done {
        interrupt.raise();
    }
    if let (End::Stopped, Some(progress)) = (trained.end, &epochs.progress) {
        progress.abandon();
    }
    write_report(&mut trained);
    match trained.end {
        End::Done => {
            tell_end(&trained.history, &directory, args.quiet);
            Ok(())
        }
        End::Stopped => {
            terminal::say(&format!(
                "interrupted after {} and {}; --resume continues the run in {} from there",
                count(trained.manifest.epochs, "full epoch"),
                count(trained.manifest.step, "step"),
                directory.display()
            ));
            Err(Failure::Interrupted)
        }
    }
}

/// A number with its noun: `1 step`, `2 steps`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Writes the report; a failure is only a warning, since the run is complete without it.
#[cfg(feature = "pictures")]
fn write_report(trained: &mut Trained<'_>) {
    let Some(directory) = &trained.directory else { return };
    let path = directory.path().join(runtime::run_directory::REPORT);
    if let Err(error) = cnnc::report::of_trained(trained, &path) {
        terminal::say(&format!("warning: the report could not be written: {error}"));
    }
}

/// Does nothing: this build cannot draw pictures, and so writes no report.
#[cfg(not(feature = "pictures"))]
fn write_report(_: &mut Trained<'_>) {}

fn tell_end(history: &History, directory: &Path, quiet: bool) {
    let loss = history.epochs.last().and_then(|epoch| epoch.metrics.get("loss"));
    if loss.is_some_and(|loss| !loss.is_finite()) {
        terminal::say("warning: the loss is no longer a number; a lower learning_rate may help");
    }
    if !quiet {
        let without = if cfg!(feature = "pictures") {
            ""
        } else {
            ", without a report: this build of cnnc lacks the feature `pictures`"
        };
        terminal::say(&format!("wrote {}{without}", directory.display()));
    }
}

/// Shows the progress of each epoch.
struct Epochs {
    /// The style of the current phase.
    style: Style,
    /// The style of each phase.
    styles: Vec<Style>,
    progress: Option<Progress>,
}

impl Observer for Epochs {
    fn begin_phase(&mut self, phase: usize, n_phases: usize, trained: usize, parameters: usize) {
        self.style = self.styles.get(phase).copied().unwrap_or(self.style);
        Progress::phase(self.style, (phase, n_phases), (trained, parameters));
    }

    fn features(&mut self, line: &str) {
        Progress::line(self.style, line);
    }

    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize) {
        self.progress = Some(Progress::begin(self.style, epoch, n_epochs, n_steps));
    }

    fn progress(&mut self, steps: usize, metrics: &[(String, f64)]) {
        if let Some(progress) = &mut self.progress {
            progress.update(steps, metrics);
        }
    }

    fn end_epoch(&mut self, metrics: &[(String, f64)]) {
        if let Some(progress) = &self.progress {
            progress.end(metrics);
        }
    }
}
