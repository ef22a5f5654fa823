//! The contents of a report.

use crate::pictures::drawing::Drawing;
use crate::session::judge::Judged;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use grammar::source::Source;
use runtime::executor::{Device, StepTimes};
use runtime::run_directory::{History, Manifest};

/// Everything that the page shows; where something is missing, the reason.
pub struct RunReport<'a> {
    /// What was run, with which data and on which device.
    pub manifest: &'a Manifest,
    /// The metrics of the run's epochs.
    pub history: &'a History,
    /// The text of the run's description.
    pub source: &'a Source,
    /// The network that the text describes.
    pub network: &'a CheckedNetwork,
    /// The plan of that network.
    pub plan: &'a Plan,
    /// The network's answers to the samples that it is evaluated on, or why they are not known.
    pub judged: Result<&'a Judged, String>,
    /// The kernels of the first convolution, `None` where there is no convolution, or why they are not known.
    pub filters: Result<Option<Filters>, String>,
    /// Where the time of a step goes, or why it is not known.
    pub times: Result<StepTimes, String>,
    /// The device that the times were measured on.
    pub device: &'a Device,
    /// Whether the run was interrupted before its last epoch.
    pub interrupted: bool,
}

/// The learnt kernels of a convolution, drawn.
pub struct Filters {
    /// The name of the convolution.
    pub layer: String,
    /// A panel for each filter.
    pub drawing: Drawing,
}
