//! The network: drawn, as a table, and as its description.

use super::super::contents::RunReport;
use super::super::pieces::{count, figure, scrolling};
use crate::pictures::network::network;
use crate::show;
use compiler::numbers::thousands;
use compiler::summary;
use compiler::verbose::{self, LayerCosts};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The drawing, and Keras's summary with what each layer costs.
pub(super) fn architecture(report: &RunReport<'_>) -> Markup {
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
                th.number scope="col" { "Receptive field" }
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

/// The text of the description, with the shape of each layer's output beside it.
pub(super) fn description(report: &RunReport<'_>) -> Markup {
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
