//! The arguments of `compile(...)`.

use crate::ops::Counting;
use crate::training::losses::{Loss, Place};
use crate::training::metrics::Metric;
use crate::training::optimizer::Optimizer;
use serde::Serialize;

/// What `compile(...)` asks for: how parameters are updated, what is minimized and what is reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compile {
    /// The rule by which parameters follow gradients; RMSprop by default, as in Keras.
    pub optimizer: Optimizer,
    /// The loss of the only or the first output.
    pub loss: Loss,
    /// The metrics of that output, by the names that the description uses (`acc` or `accuracy`): they head the columns.
    pub metrics: Vec<Metric>,
    /// The place of the loss in the description.
    #[serde(skip)]
    pub loss_place: Place,
    /// The factor of the loss in what is minimized; 1 by default.
    #[serde(skip_serializing_if = "is_one")]
    pub loss_weight: f64,
    /// The losses and metrics of the other outputs, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Judgement>,
    /// The names of all outputs, in order; empty where there is only one.
    #[serde(skip)]
    pub outputs: Vec<String>,
}

/// The loss and the metrics of one output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// The loss that the output adds to what is minimized.
    pub loss: Loss,
    /// The metrics that are reported of the output.
    pub metrics: Vec<Metric>,
    /// The place of the loss in the description.
    #[serde(skip)]
    pub loss_place: Place,
    /// The factor of the loss in what is minimized; the loss is reported without it.
    pub loss_weight: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(weight: &f64) -> bool {
    weight.to_bits() == 1.0_f64.to_bits()
}

impl Judgement {
    /// The sums that a metric keeps of an output with so many channels; None where the loss counts right answers for it.
    pub fn counting(&self, metric: &Metric, channels: usize) -> Option<Counting> {
        metric.kind.counting(channels).or_else(|| {
            let hit = metric.kind.hit(channels)?;
            // A loss of overlaps counts no right answers, and no loss weighs them.
            let counts_itself = metric.weighted || self.loss.overlap(1).is_some();
            counts_itself.then_some(Counting::Right { hit })
        })
    }
}

impl Compile {
    /// The loss and the metrics of each output, in order.
    pub fn judgements(&self) -> impl Iterator<Item = Judgement> + '_ {
        let first = Judgement {
            loss: self.loss,
            metrics: self.metrics.clone(),
            loss_place: self.loss_place,
            loss_weight: self.loss_weight,
        };
        std::iter::once(first).chain(self.others.iter().cloned())
    }

    /// Whether the loss of an output is not the whole of what is minimized, because it is weighted or one of several.
    pub fn is_weighed(&self) -> bool {
        !self.others.is_empty() || !is_one(&self.loss_weight)
    }

    /// All that is reported, with the names that the history gives it: `loss`, and for several outputs `a_loss`, `a_accuracy`;
    /// the metrics of weighted samples last.
    pub fn reported(&self) -> Vec<(String, Reported)> {
        let mut names = vec![("loss".to_owned(), Reported::Whole)];
        let several = !self.others.is_empty();
        let called = |output: usize| self.outputs.get(output).map_or("", String::as_str);
        if several {
            let losses =
                (0..=self.others.len()).map(|output| (format!("{}_loss", called(output)), Reported::Loss(output)));
            names.extend(losses);
        }
        for (weighted, output, judgement) in [false, true].into_iter().flat_map(|weighted| {
            let each = self.judgements().enumerate();
            each.map(move |(output, judgement)| (weighted, output, judgement))
        }) {
            let metrics = judgement.metrics.iter().enumerate();
            for (metric, of) in metrics.filter(|(_, of)| of.weighted == weighted) {
                let name = if several {
                    format!("{}_{}", called(output), of.name)
                } else {
                    of.name.clone()
                };
                names.push((name, Reported::Metric { output, metric }));
            }
        }
        names
    }
}

/// A quantity that the history reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// The sum of all losses with their weights, which is minimized.
    Whole,
    /// The loss of one of several outputs, counted from 0, without its weight.
    Loss(usize),
    /// A metric of one output.
    Metric {
        /// The index of the output.
        output: usize,
        /// The index of the metric among those of the output.
        metric: usize,
    },
}
