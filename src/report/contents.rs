//! What a report shows.

use crate::pictures::drawing::Drawing;
use crate::session::judge::Judged;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use grammar::source::Source;
use runtime::executor::{Device, StepTimes};
use runtime::run_directory::{History, Manifest};

/// Everything that the page shows; where something is missing, why.
pub struct RunReport<'a> {
    /// What was run, on which data and device.
    pub manifest: &'a Manifest,
    /// The metrics of its epochs.
    pub history: &'a History,
    /// The text of its description.
    pub source: &'a Source,
    /// The network that the text describes.
    pub network: &'a CheckedNetwork,
    /// The plan of that network.
    pub plan: &'a Plan,
    /// What the trained network says of the samples that it is judged by; else why that is not known.
    pub judged: Result<&'a Judged, String>,
    /// Its first convolution; none where it has no convolution.
    pub filters: Result<Option<Filters>, String>,
    /// Where the time of a step goes.
    pub times: Result<StepTimes, String>,
    /// What the times were measured on.
    pub device: &'a Device,
    /// Whether the run ended before its time.
    pub interrupted: bool,
}

/// The learnt kernels of a convolution, drawn.
pub struct Filters {
    /// The name of the convolution.
    pub layer: String,
    /// A panel for each filter.
    pub drawing: Drawing,
}
