//! Collects what the page of a run shows.

use super::contents::{Filters, RunReport};
use super::page::page;
use crate::session::error::Result;
use crate::session::executor::Purpose;
use crate::session::judge::judge;
use crate::session::past::PastRun;
use crate::session::samples::{self, Samples};
use crate::session::{Description, Listener, Trained};
use crate::show;
use compiler::plan::Plan;
use runtime::data::Split;
use runtime::executor::{Executor, Set, StepTimes};
use runtime::files;
use runtime::run_directory::{History, Manifest};
use runtime::train::End;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// About how many seconds the steps that measure layers may take, and how many there may be at most.
const TIMED: (f64, f64) = (0.06, 50.0);

/// Writes the report of a network that was just trained. Its parameters are meaningless afterwards.
///
/// # Errors
/// When the file cannot be written.
pub fn of_trained(trained: &mut Trained<'_>, path: &Path) -> Result<()> {
    let subject = Subject {
        manifest: &trained.manifest,
        history: &trained.history,
        description: trained.description,
        plan: &trained.plan,
        judged: &trained.judged,
        which: trained.which,
        names: trained.names.clone(),
        interrupted: trained.end == End::Stopped,
    };
    write(trained.executor.as_mut(), subject, path)
}

/// Writes the report of a past run again; `data` says where its data are now.
///
/// # Errors
/// When the data or the weights are no longer there, there is no such device, or the file cannot be written.
pub fn of_past(past: &PastRun, data: Option<&str>, device: &str, path: &Path, listener: &dyn Listener) -> Result<()> {
    let history = past.history(listener)?;
    let dataset = past.dataset(data, listener)?;
    let names = samples::class_names(&dataset);
    let samples = Samples::of(
        dataset.train,
        dataset.validation,
        dataset.test,
        past.fit.validation_split,
    )?;
    let mut executor = past.executor(device, Purpose::Train, listener)?;
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
    write(executor.as_mut(), subject, path)
}

/// What a report is about.
pub struct Subject<'a> {
    /// What was run, with which data and on which device.
    pub manifest: &'a Manifest,
    /// The metrics of the run's epochs.
    pub history: &'a History,
    /// The description that was trained.
    pub description: &'a Description,
    /// The plan of that description.
    pub plan: &'a Plan,
    /// The samples that the network is evaluated on.
    pub judged: &'a Arc<Split>,
    /// The name of that split.
    pub which: &'static str,
    /// The names of the classes, in the order of their labels.
    pub names: Vec<String>,
    /// Whether the run was interrupted before its last epoch.
    pub interrupted: bool,
}

/// Writes the page. The executor has the trained parameters and the training samples; its parameters are meaningless afterwards.
/// Where something cannot be found out, the page says so in its place.
///
/// # Errors
/// When the file cannot be written.
pub fn write(executor: &mut dyn Executor, subject: Subject<'_>, path: &Path) -> Result<()> {
    let network = &subject.description.network;
    let judged = judge(executor, network, subject.judged, subject.which, subject.names);
    let filters = filters(executor, network.network().nodes.as_slice(), subject.plan);
    let report = RunReport {
        manifest: subject.manifest,
        history: subject.history,
        source: &subject.description.source,
        network,
        plan: subject.plan,
        judged: judged.as_ref().map_err(ToString::to_string),
        filters,
        times: times(executor).map_err(|error| error.to_string()),
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
) -> std::result::Result<Option<Filters>, String> {
    let Some(first) = nodes.iter().find(|node| node.layer.has_filters()) else {
        return Ok(None);
    };
    let parameters = executor.parameters().map_err(|error| error.to_string())?;
    let kernel = plan
        .parameters
        .iter()
        .find(|parameter| parameter.name == format!("{}.kernel", first.name));
    let rgb = kernel.is_some_and(|kernel| kernel.shape.get(2) == Some(&3));
    let drawing = show::filters::drawing(plan, &parameters, &first.name, rgb).map_err(|error| error.to_string())?;
    let layer = first.name.clone();
    Ok(Some(Filters { layer, drawing }))
}

/// Measures the time of a step's operations. One step tells how long steps take, and so how many there is time for.
fn times(executor: &mut dyn Executor) -> Result<StepTimes> {
    let start = Instant::now();
    let first = executor.step_times(1)?;
    let steps = (TIMED.0 / start.elapsed().as_secs_f64().max(1e-6)).min(TIMED.1);
    if steps < 2.0 {
        return Ok(first);
    }
    Ok(executor.step_times(steps as usize)?)
}
