//! Where the time of a training step goes, layer by layer.

use super::super::contents::RunReport;
use super::super::pieces::{duration, missing, scrolling};
use crate::session::confusion::percent;
use compiler::ops::Op;
use maud::{Markup, html};

/// The seconds that a layer takes in a step.
#[derive(Default)]
struct LayerTime {
    forward: f64,
    backward: f64,
}

/// A row for each layer: its share of a step, forward and backward.
pub(super) fn timing(report: &RunReport<'_>) -> Markup {
    let times = match &report.times {
        Ok(times) if times.operations.is_empty() => return missing("this device does not tell its times"),
        Ok(times) => times,
        Err(why) => return missing(why),
    };
    let operations = &report.plan.training.operations;
    let loss = operations.iter().position(|operation| {
        matches!(
            operation.op,
            Op::Loss(_) | Op::Head(_) | Op::Compare(_) | Op::OverlapLoss(_)
        )
    });
    let mut layers: Vec<(&str, LayerTime)> = Vec::new();
    for &(index, seconds) in &times.operations {
        let Some(operation) = operations.get(index) else {
            continue;
        };
        let at = layers
            .iter()
            .position(|(name, _)| *name == operation.layer)
            .unwrap_or_else(|| {
                layers.push((&operation.layer, LayerTime::default()));
                layers.len() - 1
            });
        if loss.is_some_and(|loss| index > loss) {
            layers[at].1.backward += seconds;
        } else {
            layers[at].1.forward += seconds;
        }
    }
    let sum = |time: &LayerTime| time.forward + time.backward;
    let all: f64 = layers.iter().map(|(_, time)| sum(time)).sum();
    let most = layers
        .iter()
        .map(|(_, time)| sum(time))
        .fold(f64::MIN_POSITIVE, f64::max);
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Layer" } th.number scope="col" { "Forward" } th.number scope="col" { "Backward" }
                th.number scope="col" { "Share" } th scope="col" { span.hidden { "Share as a bar" } }
            } }
            tbody {
                @for (name, time) in &layers {
                    tr {
                        th scope="row" { (name) }
                        td.number { (part_of(time.forward)) }
                        td.number { (part_of(time.backward)) }
                        td.number { (percent(Some(sum(time) / all.max(f64::MIN_POSITIVE)), 1)) }
                        td.bar { div style={ "width:" (format!("{:.1}", 100.0 * sum(time) / most)) "%" } {} }
                    }
                }
            }
            tfoot { tr { th scope="row" { "a step" } td.number colspan="2" { (duration(all)) } td {} td {} } }
        }
    };
    html! {
        p {
            "A training step of " (report.manifest.batch_size) " samples on " (report.device.name)
            ". What is computed together with the layer before it has no row of its own."
        }
        (scrolling("Time of each layer", &table))
        @if times.waiting > 0.0 { p { "Waiting for the other threads: " (duration(times.waiting)) " a step." } }
    }
}

/// Seconds, or a dash where nothing is done.
fn part_of(seconds: f64) -> String {
    if seconds > 0.0 {
        duration(seconds)
    } else {
        "\u{2013}".to_owned()
    }
}
