//! `cnnc report`, and what `cnnc run` writes at its end: a page that shows all of a run.

use super::judge::judge;
use super::past::{self, PastRun};
use super::session::{Purpose, Samples};
use super::source::Description;
use super::{Failure, Outcome, show};
use crate::cli::ReportArgs;
use crate::render::terminal;
use crate::report::{Filters, Report, page};
use compiler::plan::Plan;
use runtime::data::Split;
use runtime::executor::{Executor, Set, StepTimes};
use runtime::files;
use runtime::run_directory::{History, Manifest, REPORT};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How long the steps that time layers take, about, in seconds, and at most how many there are.
const TIMED: (f64, f64) = (0.06, 50.0);

/// Writes the report of a run again.
pub fn run(args: &ReportArgs) -> Outcome {
    let past = PastRun::open(&args.past)?;
    let history = past.directory.load_history()?;
    let dataset = past.dataset(args.past.data.as_deref())?;
    let names = past::names(&dataset);
    let samples = Samples::of(
        dataset.train,
        dataset.validation,
        dataset.test,
        past.fit.validation_split,
    )?;
    let mut executor = past.executor(&args.past.device, Purpose::Train)?;
    executor.load(Set::Train, &samples.train)?;
    let subject = Subject {
        manifest: &past.manifest,
        history: &history,
        description: &past.description,
        plan: &past.plan,
        judged: &samples.judged,
        which: samples.which,
        names,
        interrupted: false,
    };
    let path = args.out.clone().unwrap_or_else(|| past.directory.path().join(REPORT));
    write(executor.as_mut(), subject, &path)?;
    terminal::say(&format!("wrote {}", path.display()));
    Ok(())
}

/// What a report is about.
pub struct Subject<'a> {
    /// What was run.
    pub manifest: &'a Manifest,
    /// Its metrics.
    pub history: &'a History,
    /// Its description.
    pub description: &'a Description,
    /// Its plan.
    pub plan: &'a Plan,
    /// The samples that it is judged by.
    pub judged: &'a Arc<Split>,
    /// What that split is called.
    pub which: &'static str,
    /// The classes.
    pub names: Vec<String>,
    /// Whether it ended before its time.
    pub interrupted: bool,
}

/// Writes the page. The executor has the trained parameters and the training samples; afterwards its parameters mean
/// nothing. What cannot be found out is said in its place on the page.
///
/// # Errors
/// When the file cannot be written.
pub fn write(executor: &mut dyn Executor, subject: Subject<'_>, path: &Path) -> Outcome {
    let network = &subject.description.network;
    let judged = judge(executor, network, subject.judged, subject.which, subject.names);
    let filters = filters(executor, network.network().nodes.as_slice(), subject.plan);
    let report = Report {
        manifest: subject.manifest,
        history: subject.history,
        source: &subject.description.source,
        network,
        plan: subject.plan,
        judged: judged.as_ref().map_err(Failure::words),
        filters,
        times: times(executor).map_err(|failure| failure.words()),
        device: executor.device(),
        interrupted: subject.interrupted,
    };
    let text = page(&report);
    Ok(files::write_atomically(path, |out| out.write_all(text.as_bytes()))?)
}

/// The kernels of the first convolution, if there is one.
fn filters(
    executor: &mut dyn Executor,
    nodes: &[compiler::network::Node],
    plan: &Plan,
) -> Result<Option<Filters>, String> {
    let Some(first) = nodes.iter().find(|node| node.layer.has_filters()) else {
        return Ok(None);
    };
    let parameters = executor.parameters().map_err(|error| error.to_string())?;
    let kernel = plan
        .parameters
        .iter()
        .find(|parameter| parameter.name == format!("{}.kernel", first.name));
    let rgb = kernel.is_some_and(|kernel| kernel.shape.get(2) == Some(&3));
    let drawing = show::filters::drawing(plan, &parameters, &first.name, rgb).map_err(|failure| failure.words())?;
    let layer = first.name.clone();
    Ok(Some(Filters { layer, drawing }))
}

/// One step says how long steps take, and so how many there is time for.
fn times(executor: &mut dyn Executor) -> Result<StepTimes, Failure> {
    let start = Instant::now();
    let first = executor.step_times(1)?;
    let steps = (TIMED.0 / start.elapsed().as_secs_f64().max(1e-6)).min(TIMED.1);
    if steps < 2.0 {
        return Ok(first);
    }
    Ok(executor.step_times(steps as usize)?)
}
