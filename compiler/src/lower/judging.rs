//! Lowers the losses that outputs are judged by, and the sums that metrics keep.

use super::graph::Graph;
use super::lowering::Lowering;
use super::target::{Compared, mixed};
use crate::activation::ActivationFunction;
use crate::ops::{
    Activation, Compare, Count, Counting, Criterion, Hit, Loss, OverlapBatch, OverlapLoss, OverlapSums, Overlapping,
    Softmax, Target,
};
use crate::plan::builder::Site;
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::training::compile::{Compile, Judgement};
use std::collections::BTreeMap;

/// A logit that no output reaches.
const FAR: f32 = 1e30;

/// An output of the network, with its loss and its metrics.
pub(super) struct End<'a> {
    /// The index of its site.
    pub output: usize,
    pub site: &'a Site,
    judgement: Judgement,
    /// The number in a sample's row of targets at which the output's own begin.
    offset: usize,
}

/// The tensors that judging an output makes.
pub(super) struct Verdict {
    /// The gradient of the output; None outside of training.
    pub dinput: Option<TensorId>,
    /// The values that the output was compared with; None where they are class numbers.
    target: Option<TensorId>,
    /// The losses of the output's rows, and the shares of them that are right; None where no tensor holds them.
    rows: Option<TensorId>,
    /// The losses of samples that have one row each; None where no tensor holds them.
    pub losses: Option<TensorId>,
}

/// The outputs of the network, in order.
pub(super) fn ends<'a>(graph: &'a Graph<'_>, compile: &Compile) -> Vec<End<'a>> {
    let mut offset = 0;
    let outputs = graph.outputs.iter().zip(compile.judgements());
    let ends = outputs.filter_map(|(&output, judgement)| {
        let site = graph.sites.get(output)?;
        offset += site.shape.elements();
        Some(End {
            output,
            site,
            judgement,
            offset: offset - site.shape.elements(),
        })
    });
    ends.collect()
}

impl Lowering<'_> {
    /// Appends the loss of an output, or of its last activation's input where the loss takes that over. `weighed`
    /// says that it is not the whole of what is minimized, `each` that the losses of single samples are needed.
    pub(super) fn judge(&mut self, end: &End<'_>, weighed: bool, dinput: Option<TensorId>, each: bool) -> Verdict {
        let (site, judgement) = (end.site, &end.judgement);
        let input = self.builder.output_of(end.output);
        let absorbed = site.absorbed.is_some();
        let (channels, positions) = (site.shape.channels(), site.shape.positions());
        let by_place = site.shape.rank() > 1;
        let loss = &judgement.loss;
        let from_logits = absorbed || loss.from_logits();
        if let Some(overlapping) = loss.overlap(site.shape.rank()) {
            return self.overlap(end, overlapping, (input, dinput));
        }
        let of_rows = Criterion::CategoricalCrossentropy {
            from_logits,
            label_smoothing: 0.0,
        };
        // Class numbers as they are serve a single loss, which is the whole of what is minimized.
        let Some(criterion) = loss.criterion(absorbed, by_place).or(weighed.then_some(of_rows)) else {
            let losses = each.then(|| self.builder.tensor("losses", 1, 1));
            self.builder.push(
                "loss",
                Loss {
                    classes: channels,
                    from_logits,
                    input,
                    dinput,
                    losses,
                },
            );
            return Verdict {
                dinput,
                target: None,
                rows: None,
                losses,
            };
        };
        let target = self.target(end, false);
        let verdict = self.builder.tensor("verdict", 2, positions);
        let mut counted = judgement.metrics.iter().filter(|metric| !metric.weighted);
        let hit = counted.find_map(|metric| metric.kind.hit(channels));
        let hit = match hit.unwrap_or(Hit::Largest) {
            // A sigmoid is above the threshold where its input is above the logit of the threshold.
            Hit::Above(threshold) if absorbed => Hit::Above(match threshold {
                // All probabilities are above 0, and none above 1.
                ..=0.0 => -FAR,
                1.0.. => FAR,
                threshold => (threshold / (1.0 - threshold)).ln(),
            }),
            hit @ (Hit::Above(_) | Hit::Largest) => hit,
        };
        self.builder.push(
            "loss",
            Compare {
                criterion,
                hit,
                weight: judgement.loss_weight as f32,
                input,
                target,
                verdict,
                dinput,
            },
        );
        Verdict {
            dinput,
            target: Some(target),
            rows: Some(verdict),
            losses: Some(verdict),
        }
    }

    /// Appends a loss of the overlap of outputs and targets.
    fn overlap(
        &mut self,
        end: &End<'_>,
        Overlapping {
            overlap,
            of_channels,
            joint,
        }: Overlapping,
        (input, dinput): (TensorId, Option<TensorId>),
    ) -> Verdict {
        let target = self.target(end, false);
        let (channels, positions) = (end.site.shape.channels(), end.site.shape.positions());
        let sets = if of_channels { channels } else { 1 };
        let chunks = OverlapSums::chunks(channels * positions / sets.max(1));
        let parts = self.builder.tensor("overlap.parts", 3 * sets * chunks, 1);
        let sums = self.builder.tensor("overlap.sums", 3 * sets, 1);
        self.builder.push(
            "loss",
            OverlapSums {
                sets,
                input,
                target,
                parts,
                sums,
            },
        );
        let sums = if joint {
            let totals = self.builder.tensor("overlap.totals", 3 * sets, 1);
            let counted = end.judgement.metrics.iter();
            let behind = counted
                .filter_map(|metric| end.judgement.counting(metric, channels))
                .map(|counting| counting.counters(channels))
                .sum();
            self.builder.push(
                "loss",
                OverlapBatch {
                    sets,
                    sums,
                    totals,
                    counters: (self.mode == Mode::Evaluate).then_some(behind),
                },
            );
            totals
        } else {
            sums
        };
        let losses = self.builder.tensor("losses", 1, 1);
        self.builder.push(
            "loss",
            OverlapLoss {
                overlap,
                sets,
                joint,
                sums,
                target,
                losses,
                dinput,
            },
        );
        Verdict {
            dinput,
            target: Some(target),
            rows: None,
            losses: Some(losses),
        }
    }

    /// The tensor that an output is compared with, for a loss of values or beside one of class numbers.
    fn target(&mut self, end: &End<'_>, beside_numbers: bool) -> TensorId {
        let graph = self.graph;
        let of_data = matches!(graph.compared, Compared::Labels | Compared::Places { .. });
        if graph.outputs.len() > 1 && of_data {
            let row = if let Some(row) = self.targets {
                row
            } else {
                let sites = graph.outputs.iter().filter_map(|&output| graph.sites.get(output));
                let all = Shape::flat(sites.map(|site| site.shape.elements()).sum());
                let output = self.builder.shaped("targets", &all);
                self.builder.push("loss", Target { output, beside_numbers });
                let output = mixed(output, &mut self.builder);
                self.targets = Some(output);
                output
            };
            let name = format!("{}.target", end.site.name);
            return self.builder.unpack("loss", &name, (row, end.offset), &end.site.shape);
        }
        graph.compared.tensor(end.site, beside_numbers, &mut self.builder)
    }

    /// Appends the sums that `Compile::reported` lists, in its order: for several outputs the losses and right
    /// answers of each, and the sums that metrics keep themselves. Weighted ones count samples by the weights of their
    /// `classes`.
    pub(super) fn count(&mut self, ends: &[End<'_>], verdicts: &[Verdict], classes: &BTreeMap<u32, f32>) {
        let mut first = 0;
        let several = ends.len() > 1;
        for (end, verdict) in ends.iter().zip(verdicts).filter(|_| several) {
            self.count_rows(end, verdict, 0, &mut first);
        }
        let mut operands = vec![None; ends.len()];
        for weighted in [false, true] {
            for ((end, verdict), operands) in ends.iter().zip(verdicts).zip(&mut operands) {
                self.count_metrics(
                    (end, verdict),
                    operands,
                    (several, weighted.then_some(classes)),
                    &mut first,
                );
            }
        }
    }

    /// Appends the sums of an output's metrics: of those of weighted samples with the weights of classes, else of the others.
    fn count_metrics(
        &mut self,
        (end, verdict): (&End<'_>, &Verdict),
        operands: &mut Option<(TensorId, TensorId)>,
        (several, classes): (bool, Option<&BTreeMap<u32, f32>>),
        first: &mut usize,
    ) {
        let (channels, positions) = (end.site.shape.channels(), end.site.shape.positions());
        let metrics = end.judgement.metrics.iter();
        for metric in metrics.filter(|metric| metric.weighted == classes.is_some()) {
            let Some(counting) = end.judgement.counting(metric, channels) else {
                if several {
                    self.count_rows(end, verdict, 1, first);
                }
                continue;
            };
            let (input, target) = *operands.get_or_insert_with(|| {
                let target = verdict.target.unwrap_or_else(|| self.target(end, true));
                (self.answer(end), target)
            });
            let classes = classes.cloned().unwrap_or_default();
            let counters = counting.counters(channels) + usize::from(!classes.is_empty());
            self.builder.push(
                "loss",
                Count {
                    counting,
                    first: *first,
                    counters,
                    classes,
                    positions,
                    input,
                    target,
                },
            );
            *first += counters;
        }
    }

    /// Appends the mean of a channel of an output's verdict.
    fn count_rows(&mut self, end: &End<'_>, verdict: &Verdict, channel: usize, first: &mut usize) {
        let Some(rows) = verdict.rows else { return };
        self.builder.push(
            "loss",
            Count {
                counting: Counting::Mean { channel },
                first: *first,
                counters: 1,
                classes: BTreeMap::new(),
                positions: end.site.shape.positions(),
                input: rows,
                target: rows,
            },
        );
        *first += 1;
    }

    /// The tensor that metrics see of an output: behind its last activation, even where the loss takes that over.
    fn answer(&mut self, end: &End<'_>) -> TensorId {
        let input = self.builder.output_of(end.output);
        let Some(function) = end.site.absorbed else {
            return input;
        };
        let output = self.builder.shaped("output", &end.site.shape);
        if function == ActivationFunction::Softmax {
            self.builder.push("loss", Softmax { input, output });
        } else {
            self.builder.push(
                "loss",
                Activation {
                    function,
                    input,
                    output,
                },
            );
        }
        output
    }
}
