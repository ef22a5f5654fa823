//! One HTML page with the whole network. It works from `file://`, without a server and without WebGPU, and can go on training in
//! plain JavaScript.

mod graph;
mod kernels;

use super::model::{File, Model};
use crate::session::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compiler::network::{Answer, Port};
use grammar::render::visible_json;
use serde_json::json;
use std::collections::BTreeSet;

/// The most bytes of weights: browsers take too long to read larger pages.
const MOST: usize = 256 << 20;

/// The page.
///
/// # Errors
/// When the weights are too large for a page.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    let network = network(model)?.to_string();
    let network = visible_json(&network).replace('<', "\\u003c");
    let mut page = include_str!("page.html").to_owned();
    // The network comes last: its text may hold anything.
    for (mark, text) in [
        ("@ENGINE@", include_str!("engine.js")),
        ("@TRAINING@", include_str!("train.js")),
        ("@WEBGPU@", include_str!("webgpu.js")),
        ("@PAGE@", include_str!("page.js")),
        ("@NETWORK@", network.as_str()),
    ] {
        page = page.replacen(mark, text, 1);
    }
    Ok(vec![File::main(page)])
}

/// Everything that the page needs to know of the network.
fn network(model: &Model<'_>) -> Result<serde_json::Value> {
    let (graph, plan) = (&model.graph, model.description.plan());
    let mut numbers: Vec<f32> = Vec::new();
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut add = |values: &[f32], places: &mut Vec<(usize, usize)>| {
        places.push((numbers.len(), values.len()));
        numbers.extend(values);
        places.len() - 1
    };
    for weight in &graph.weights {
        add(&weight.values, &mut places);
    }
    // The kernels' page writes one tensor and reads one back.
    let has_one = model.description.network.outputs().len() == 1 && graph.inputs.len() == 1;
    let webgpu = has_one.then_some(&plan).and_then(|plan| {
        kernels::program(plan, |name| {
            let (_, _, values) = model.weights.iter().find(|(found, ..)| found == name)?;
            let known = graph
                .weights
                .iter()
                .position(|weight| weight.name == name && weight.values == *values);
            Some(known.unwrap_or_else(|| add(values, &mut places)))
        })
    });
    if numbers.len() * 4 > MOST {
        let message = format!(
            "a page holds at most {} MiB of weights, and this network has more",
            MOST >> 20
        );
        return Err(Error::message(message).with_help("--to onnx has no such limit"));
    }
    let network = &model.description.network;
    let outputs: Vec<_> = network
        .outputs()
        .iter()
        .zip(&graph.outputs)
        .enumerate()
        .map(|(place, (port, value)): (usize, (&Port, _))| {
            json!({"name": port.name, "value": value.0, "answer": answer(network.answer_of(place))})
        })
        .collect();
    let inputs: Vec<_> = network
        .inputs()
        .iter()
        .zip(&graph.inputs)
        .map(|(port, value): (&Port, _)| json!({"name": port.name, "value": value.0}))
        .collect();
    let shapes: Vec<&[usize]> = graph.values.iter().map(|value| value.shape.sizes()).collect();
    let layers: Vec<_> = graph
        .layers
        .iter()
        .map(|(name, value)| json!([name, value.0]))
        .collect();
    // What training moves, of the constants of the graph: not the numbers of normalisations, nor what is frozen.
    let moved: BTreeSet<String> = model
        .description
        .network
        .nodes()
        .flat_map(|(_, node, _, variables)| variables.iter().map(|variable| (&node.name, variable)))
        .filter(|(_, variable)| variable.trainable)
        .map(|(layer, variable)| format!("{layer}.{}", variable.name))
        .collect();
    let trainable: Vec<bool> = graph
        .weights
        .iter()
        .map(|weight| moved.contains(&weight.name))
        .collect();
    let bytes: Vec<u8> = model
        .samples
        .inputs
        .iter()
        .map(|input| (input * model.divisor).round() as u8)
        .collect();
    Ok(json!({
        "name": graph.name,
        "description": model.description.source.text,
        "divisor": model.divisor,
        "class_names": model.class_names,
        "answer": answer(network.answer()),
        "outputs": outputs,
        "parameters": model.description.network.total_params(),
        "values": shapes,
        "nodes": graph::nodes(graph),
        "inputs": inputs,
        "output": graph.output().0,
        "layers": layers,
        "places": places,
        "trainable": trainable,
        "weights": base64(&numbers),
        "samples": {
            "count": model.samples.count,
            "inputs": STANDARD.encode(bytes),
            "outputs": base64(&model.samples.outputs),
        },
        "webgpu": webgpu,
    }))
}

/// What the page calls the way in which an output answers.
fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Logits => "logits",
        Answer::Shares => "shares",
        Answer::Binary { is_logit: false } => "binary",
        Answer::Binary { is_logit: true } => "binary_logit",
        Answer::Values => "values",
    }
}

fn base64(values: &[f32]) -> String {
    STANDARD.encode(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}
