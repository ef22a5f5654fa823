//! The parts of the page.

use super::{Part, Report, figure, scrolling};
use crate::pictures::confusion::{confusion, percent};
use crate::pictures::curves::{NARROW, Run, curves, metrics};
use crate::pictures::mistakes::Mistake;
use crate::pictures::network::network;
use crate::pictures::samples::{bitmap_between, levels};
use crate::pictures::text::number;
use crate::{commands::show, pictures::confusion::Confusion};
use compiler::numbers::thousands;
use compiler::plan::Kind;
use compiler::summary;
use compiler::verbose::{self, LayerCosts};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The most mistakes that are shown.
const MISTAKES: usize = 24;

/// The most kinds of confusion that are listed.
const CONFUSIONS: usize = 8;

/// The most epochs whose numbers are listed.
const EPOCHS: usize = 500;

/// All of them, in order.
pub fn all(report: &Report<'_>) -> Vec<Part> {
    let part = |id, short, heading, body| Part {
        id,
        short,
        heading,
        body,
    };
    let mut parts = vec![
        part("network", "Network", "The network", architecture(report)),
        part("description", "Description", "The description", description(report)),
        part("curves", "Curves", "How training went", training(report)),
    ];
    match &report.filters {
        Ok(None) => {}
        Ok(Some(filters)) => {
            let caption = format!(
                "What each filter of {} looks for: the weights it has learnt.",
                filters.layer
            );
            let body = figure(&filters.drawing, &caption, "Learnt filters");
            parts.push(part("filters", "Filters", "Learnt filters", body));
        }
        Err(why) => parts.push(part("filters", "Filters", "Learnt filters", missing(why))),
    }
    parts.push(part("confusion", "Confusion", "What is taken for what", matrix(report)));
    parts.push(part("mistakes", "Mistakes", "The worst mistakes", mistakes(report)));
    parts.push(part("timing", "Timing", "Where the time goes", timing(report)));
    parts.push(part("manifest", "Manifest", "What was run", manifest(report)));
    parts
}

fn missing(why: &str) -> Markup {
    html! { p.missing { "Not here: " (why) "." } }
}

/// The title, the most important numbers, and the button for the colours.
pub fn head(report: &Report<'_>) -> Markup {
    let manifest = report.manifest;
    let epochs = manifest.epochs;
    let last = report.history.epochs.last();
    let mut facts: Vec<(String, String)> = Vec::new();
    for (name, value) in last.iter().flat_map(|epoch| &epoch.metrics) {
        if let Some(metric) = name.strip_prefix("val_") {
            facts.push((format!("validation {metric}"), shown(metric, *value)));
        }
    }
    if facts.is_empty() {
        let metrics = last.iter().flat_map(|epoch| &epoch.metrics);
        facts.extend(metrics.map(|(name, value)| (format!("training {name}"), shown(name, *value))));
    }
    facts.push(("parameters".to_owned(), thousands(report.network.total_params())));
    let macs = verbose::costs(report.network).macs;
    facts.push(("multiply-adds a sample".to_owned(), count(macs)));
    if epochs > 0 {
        let seconds = manifest.wall_seconds / epochs as f64;
        facts.push(("an epoch, with validation".to_owned(), duration(seconds)));
    }
    let plural = if epochs == 1 { "" } else { "s" };
    html! {
        header {
            div.title {
                h1 { (manifest.model) }
                button #theme type="button" hidden { "Dark" }
            }
            p { "Trained on " b { (manifest.data) } " for " (epochs) " epoch" (plural) " on " (manifest.device) "." }
            @if report.interrupted {
                p.note role="note" { "The run was interrupted: this is how far it came." }
            }
            dl.facts {
                @for (name, value) in &facts {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}

/// `97.15 %` of an accuracy.
fn shown(metric: &str, value: f64) -> String {
    if metric.starts_with("acc") && value.is_finite() {
        format!("{:.2} %", value * 100.0)
    } else {
        number(value)
    }
}

fn count(value: u64) -> String {
    thousands(usize::try_from(value).unwrap_or(usize::MAX))
}

/// `1.5 s`, `12 ms`, `8.1 µs`
fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        seconds if seconds >= 120.0 => (seconds / 60.0, "min"),
        seconds if seconds >= 1.0 => (seconds, "s"),
        seconds if seconds >= 1e-3 => (seconds * 1e3, "ms"),
        seconds => (seconds * 1e6, "\u{b5}s"),
    };
    format!("{} {unit}", number(value))
}

fn architecture(report: &Report<'_>) -> Markup {
    let facts = show::network::facts(report.network);
    let drawing = network(None, &facts, report.network);
    let costs: BTreeMap<String, LayerCosts> = verbose::costs(report.network)
        .layers
        .into_iter()
        .map(|layer| (layer.name.clone(), layer))
        .collect();
    let nodes: Vec<_> = report.network.nodes().collect();
    let order = summary::order(report.network);
    let total = verbose::costs(report.network).macs;
    let rows = html! {
        table {
            thead { tr {
                th scope="col" { "Layer" } th scope="col" { "Type" } th.number scope="col" { "Output" }
                th.number scope="col" { "Parameters" } th.number scope="col" { "Multiply-adds" }
                th.number scope="col" { "Sees of the input" }
            } }
            tbody {
                @for &(_, node, shape, variables) in order.iter().filter_map(|id| nodes.get(id.0)) {
                    @let costs = costs.get(&node.name);
                    tr {
                        th scope="row" { (node.name) }
                        td { (node.layer.class()) }
                        td.number { (shape.to_string().replace('x', "\u{d7}")) }
                        td.number { (thousands(variables.iter().map(compiler::variable::Variable::count).sum())) }
                        td.number { (costs.map_or_else(String::new, |costs| count(costs.macs))) }
                        td.number {
                            @if let Some(field) = costs.and_then(|costs| costs.receptive_field) {
                                (field.size[0]) "\u{d7}" (field.size[1])
                            }
                        }
                    }
                }
            }
            tfoot { tr {
                th scope="row" colspan="3" { "all" }
                td.number { (thousands(report.network.total_params())) }
                td.number { (count(total)) }
                td {}
            } }
        }
    };
    html! {
        (figure(&drawing, &facts, "The architecture"))
        (scrolling("Summary of the layers", &rows))
    }
}

/// The text with the shape that each layer gives beside it.
fn description(report: &Report<'_>) -> Markup {
    let mut shapes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (_, node, shape, _) in report.network.nodes() {
        let line = report.source.position(node.span.start).line;
        shapes
            .entry(line)
            .or_default()
            .push(shape.to_string().replace('x', "\u{d7}"));
    }
    let table = html! {
        table.code {
            thead { tr { th scope="col" { "Line" } th.number scope="col" { "Gives" } th scope="col" { "Text" } } }
            tbody {
                @for (index, text) in report.source.text.lines().enumerate() {
                    tr {
                        td.line { (index + 1) }
                        td.number { (shapes.get(&(index + 1)).map(|shapes| shapes.join(", ")).unwrap_or_default()) }
                        td { code { (text) } }
                    }
                }
            }
        }
    };
    scrolling("The description with shapes", &table)
}

fn training(report: &Report<'_>) -> Markup {
    let history = report.history;
    if history.epochs.is_empty() {
        return missing("the run has no whole epoch");
    }
    let runs = [Run {
        name: &report.manifest.model,
        history,
    }];
    let metrics = metrics(&runs);
    let mut columns: Vec<&String> = history.epochs.iter().flat_map(|epoch| epoch.metrics.keys()).collect();
    columns.sort_by_key(|name| (name.starts_with("val_"), name.as_str()));
    columns.dedup();
    let table = html! {
        table {
            thead { tr {
                th.number scope="col" { "Epoch" }
                @for name in &columns { th.number scope="col" { (name) } }
            } }
            tbody {
                @for epoch in history.epochs.iter().take(EPOCHS) {
                    tr {
                        th.number scope="row" { (epoch.epoch + 1) }
                        @for name in &columns {
                            td.number { (epoch.metrics.get(*name).map_or_else(|| "\u{2013}".to_owned(), |value| number(*value))) }
                        }
                    }
                }
            }
        }
    };
    html! {
        div.curves {
            @for metric in &metrics {
                (figure(&curves(None, metric, NARROW, &runs, std::slice::from_ref(metric)), metric, metric))
            }
        }
        details {
            summary { "The numbers" }
            (scrolling("Metrics of each epoch", &table))
            @if history.epochs.len() > EPOCHS {
                p { "The first " (EPOCHS) " epochs; history.csv has all " (history.epochs.len()) "." }
            }
        }
    }
}

fn matrix(report: &Report<'_>) -> Markup {
    let judged = match &report.judged {
        Ok(judged) => judged,
        Err(why) => return missing(why),
    };
    let matrix = match judged.confusion() {
        Ok(matrix) => matrix,
        Err(failure) => return missing(&failure.words()),
    };
    let caption = format!("The {} split: {}.", judged.which, matrix.accuracy());
    html! {
        (figure(&confusion(None, &caption, &matrix), &caption, "Confusion matrix"))
        (frequent(&matrix))
    }
}

/// The pairs that are confused most.
fn frequent(matrix: &Confusion) -> Markup {
    let errors = matrix.frequent_errors();
    let name = |class: usize| matrix.names.get(class).cloned().unwrap_or_default();
    let share = |label: usize, count: usize| percent(Some(count as f64 / matrix.samples_of(label).max(1) as f64), 1);
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Is" } th scope="col" { "Taken for" } th.number scope="col" { "How often" }
                th.number scope="col" { "Of its class" }
            } }
            tbody {
                @for &(label, predicted, count) in errors.iter().take(CONFUSIONS) {
                    tr {
                        td { (name(label)) } td { (name(predicted)) } td.number { (thousands(count)) }
                        td.number { (share(label, count)) }
                    }
                }
            }
        }
    };
    html! {
        @if !errors.is_empty() {
            h3 { "Confused most often" }
            (scrolling("Confused most often", &table))
        }
    }
}

fn mistakes(report: &Report<'_>) -> Markup {
    let judged = match &report.judged {
        Ok(judged) => judged,
        Err(why) => return missing(why),
    };
    let worst = judged.mistakes(MISTAKES);
    if worst.is_empty() {
        return html! { p { "All " (thousands(judged.answers.len())) " answers are right." } };
    }
    let levels = levels(worst.iter().flat_map(|mistake| &mistake.values));
    html! {
        p {
            (thousands(judged.wrong())) " of " (thousands(judged.answers.len())) " are wrong on the " (judged.which)
            " split. These have the highest loss."
        }
        ul.mistakes { @for mistake in &worst { (one_mistake(mistake, levels, report)) } }
    }
}

fn one_mistake(mistake: &Mistake, levels: [f32; 2], report: &Report<'_>) -> Markup {
    let shape = show::data::image_shape(report.network.input_shape()).ok();
    let picture = shape.filter(|_| !mistake.values.is_empty());
    let address = picture.and_then(|shape| bitmap_between(shape, &mistake.values, levels).address());
    let size = picture.map_or([0, 0], |[height, width, _]| [height, width]);
    html! {
        li {
            @if let Some(address) = address {
                img src=(address) width=(size[1]) height=(size[0])
                    alt={ "Sample " (mistake.index) ": a " (mistake.label) " taken for a " (mistake.predicted) };
            }
            p { b { (mistake.taken_for()) } br; (mistake.is()) br; span.soft { "sample " (mistake.index) } }
        }
    }
}

/// What a layer takes of a step, in seconds.
#[derive(Default)]
struct LayerTime {
    forward: f64,
    backward: f64,
}

fn timing(report: &Report<'_>) -> Markup {
    let times = match &report.times {
        Ok(times) if times.operations.is_empty() => return missing("this device does not tell its times"),
        Ok(times) => times,
        Err(why) => return missing(why),
    };
    let operations = &report.plan.training.operations;
    let loss = operations
        .iter()
        .position(|operation| matches!(operation.kind, Kind::Loss { .. } | Kind::Head { .. }));
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

/// A dash where nothing is done.
fn part_of(seconds: f64) -> String {
    if seconds > 0.0 {
        duration(seconds)
    } else {
        "\u{2013}".to_owned()
    }
}

fn manifest(report: &Report<'_>) -> Markup {
    let manifest = report.manifest;
    let batch = manifest.batch_size.to_string();
    let seconds = format!("{} s", number(manifest.wall_seconds));
    let (seed, epochs) = (manifest.seed.to_string(), manifest.epochs.to_string());
    let rows = [
        ("cnnc", manifest.cnnc.as_str()),
        ("model", &manifest.model),
        ("data", &manifest.data),
        ("data from", &manifest.data_origin),
        ("sha256 of the data", &manifest.data_sha256),
        ("seed", &seed),
        ("batch size", &batch),
        ("epochs", &epochs),
        ("device", &manifest.device),
        ("driver", manifest.driver.as_deref().unwrap_or("\u{2013}")),
        ("training took", &seconds),
        ("sha256 of the weights", &manifest.weights_sha256),
    ];
    html! {
        dl.manifest {
            @for (name, value) in rows {
                dt { (name) } dd { (value) }
            }
        }
    }
}
