//! `TensorBoard`: writes the history as event files. Source: `keras/src/callbacks/tensorboard.py`.

use super::path::{Path, folder_in_run_directory};
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Writes the metrics of each epoch and its learning rate into event files in the run directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TensorBoard {
    /// The folder within the run directory, which contains one for training and one for validation.
    pub log_dir: Path,
}

const NO_EFFECT: &str = "of no effect: the metrics of an epoch are what is written";

impl Reaction for TensorBoard {
    const SIGNATURE: &'static Signature = &Signature {
        name: "TensorBoard",
        aliases: &[],
        doc: "Writes the metrics of each epoch into files that TensorBoard reads, in the run directory",
        parameters: &[
            Argument::optional("log_dir", ArgumentKind::Name, Literal::Str("logs"), "the folder"),
            Argument::optional("histogram_freq", ArgumentKind::Natural, Literal::Int(0), NO_EFFECT),
            Argument::optional("write_graph", ArgumentKind::Bool, Literal::Bool(true), NO_EFFECT),
            Argument::optional("write_images", ArgumentKind::Bool, Literal::Bool(false), NO_EFFECT),
            Argument::unsupported("write_steps_per_second", Literal::Bool(false)),
            Argument::unsupported("update_freq", Literal::Str("epoch")),
            Argument::unsupported("profile_batch", Literal::Int(0)),
            Argument::unsupported("embeddings_freq", Literal::Int(0)),
            Argument::unsupported("embeddings_metadata", Literal::None),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let log_dir = given.read("log_dir", folder_in_run_directory);
        let histograms = given.read("histogram_freq", values::natural)?;
        given.bool("write_graph")?;
        let images = given.bool("write_images")?;
        for (name, wanted) in [("histogram_freq", histograms > 0), ("write_images", images)] {
            if wanted {
                let span = given.span_of(name);
                given.diagnostics().push(
                    Diagnostic::warning("W0432", "the weights are not written for TensorBoard")
                        .at(span, "of no effect")
                        .help("cnnc show draws a network's weights"),
                );
            }
        }
        Some(Self { log_dir: log_dir? })
    }
}
