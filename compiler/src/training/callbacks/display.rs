//! Callbacks of Keras and of other packages that only show or record what a run shows and records by itself. They are left out,
//! with a warning.

use grammar::ast::Call;
use grammar::diagnostic::Diagnostic;

/// Where a run has what such a callback would show.
#[derive(Clone, Copy)]
enum Instead {
    /// The metrics of the epochs, as curves or as a table.
    Curves,
    /// How far training has got.
    Progress,
    /// The state of training, to go on with.
    State,
}

impl Instead {
    const fn help(self) -> &'static str {
        match self {
            Self::Curves => "report.html and history.csv in the run directory have the metrics of every epoch",
            Self::Progress => "progress is shown by itself",
            Self::State => "a run keeps its state by itself: cnnc run --resume goes on with it",
        }
    }
}

/// The names of these callbacks: of Keras, livelossplot, tqdm, TensorFlow's documentation and services that record experiments.
const NAMES: [(&str, Instead); 18] = [
    ("AimCallback", Instead::Curves),
    ("BackupAndRestore", Instead::State),
    ("DVCLiveCallback", Instead::Curves),
    ("EpochDots", Instead::Progress),
    ("History", Instead::Curves),
    ("MLflowCallback", Instead::Curves),
    ("MlflowCallback", Instead::Curves),
    ("NeptuneCallback", Instead::Curves),
    ("PlotLossesCallback", Instead::Curves),
    ("PlotLossesKeras", Instead::Curves),
    ("PlotLossesKerasTF", Instead::Curves),
    ("ProgbarLogger", Instead::Progress),
    ("TQDMCallback", Instead::Progress),
    ("TQDMNotebookCallback", Instead::Progress),
    ("TQDMProgressBar", Instead::Progress),
    ("TqdmCallback", Instead::Progress),
    ("WandbCallback", Instead::Curves),
    ("WandbMetricsLogger", Instead::Curves),
];

/// The warning (W0433) for a call of such a callback, whatever its arguments; None for every other call.
pub(super) fn left_out(call: &Call) -> Option<Diagnostic> {
    let name = call.name.node.as_str();
    let (_, instead) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(
        Diagnostic::warning("W0433", format!("`{name}` is left out"))
            .at(call.name.span, "of no effect here")
            .help(instead.help()),
    )
}
