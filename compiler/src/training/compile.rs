//! What `compile(...)` asks for.

use crate::ops::Counting;
use crate::training::losses::{Loss, Place};
use crate::training::metrics::Metric;
use crate::training::optimizer::Optimizer;
use serde::Serialize;

/// `compile(...)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compile {
    /// How parameters follow gradients; Keras's default is RMSprop.
    pub optimizer: Optimizer,
    /// What is minimised; of several outputs that of the first.
    pub loss: Loss,
    /// What else is reported of it, by the names they were asked for with (`acc` or `accuracy`): they head the columns.
    pub metrics: Vec<Metric>,
    /// Where the loss was written.
    #[serde(skip)]
    pub loss_place: Place,
    /// What the loss is multiplied by where it is minimised.
    #[serde(skip_serializing_if = "is_one")]
    pub loss_weight: f64,
    /// What is asked for of the other outputs, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Judgement>,
    /// The names of all outputs, in order, where there are several.
    #[serde(skip)]
    pub outputs: Vec<String>,
}

/// How an output is judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// What is minimised.
    pub loss: Loss,
    /// What else is reported of it.
    pub metrics: Vec<Metric>,
    /// Where the loss was written.
    #[serde(skip)]
    pub loss_place: Place,
    /// What the loss is multiplied by where it is minimised; it is reported without that.
    pub loss_weight: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(weight: &f64) -> bool {
    weight.to_bits() == 1.0_f64.to_bits()
}

impl Judgement {
    /// What a metric counts by itself, of an output of so many channels; nothing where it takes what the loss counts as right.
    pub fn counting(&self, metric: &Metric, channels: usize) -> Option<Counting> {
        metric.kind.counting(channels).or_else(|| {
            let hit = metric.kind.hit(channels)?;
            // A loss of overlaps counts nothing.
            self.loss.overlap(1).map(|_| Counting::Right { hit })
        })
    }
}

impl Compile {
    /// What is asked for of each output, in order.
    pub fn judgements(&self) -> impl Iterator<Item = Judgement> + '_ {
        let first = Judgement {
            loss: self.loss,
            metrics: self.metrics.clone(),
            loss_place: self.loss_place,
            loss_weight: self.loss_weight,
        };
        std::iter::once(first).chain(self.others.iter().cloned())
    }

    /// Whether the loss of an output is not simply what is minimised: it is weighted, or one of several.
    pub fn is_weighed(&self) -> bool {
        !self.others.is_empty() || !is_one(&self.loss_weight)
    }

    /// What is reported, with the names that the history gives it: `loss`, and of several outputs `a_loss`, `a_accuracy`.
    pub fn reported(&self) -> Vec<(String, Reported)> {
        let mut names = vec![("loss".to_owned(), Reported::Whole)];
        let several = !self.others.is_empty();
        let called = |output: usize| self.outputs.get(output).map_or("", String::as_str);
        if several {
            let losses =
                (0..=self.others.len()).map(|output| (format!("{}_loss", called(output)), Reported::Loss(output)));
            names.extend(losses);
        }
        for (output, judgement) in self.judgements().enumerate() {
            for (metric, of) in judgement.metrics.iter().enumerate() {
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

/// Something that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// What is minimised.
    Whole,
    /// The loss of one of several outputs, without its weight.
    Loss(usize),
    /// A metric of an output.
    Metric {
        /// Which output.
        output: usize,
        /// Which of its metrics.
        metric: usize,
    },
}
