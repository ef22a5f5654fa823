//! The intermediate representation as text, which `cnnc emit ir` prints. Every default is filled in, and inputs go by name.

use crate::network::{CheckedNetwork, Network, Node, Phase};
use crate::training::compile::Compile;
use crate::training::data::DataName;
use crate::training::fit::Fit;
use crate::training::loading::Loading;
use crate::training::metrics::Metric;
use crate::training::optimizer::Optimizer;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Ir<'a> {
    model: &'a str,
    layers: Vec<IrLayer<'a>>,
    output: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_outputs: Vec<&'a str>,
    parameters: usize,
    compile: Option<IrCompile<'a>>,
    fit: IrFit<'a>,
    /// The phases of training after the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phases: Vec<IrPhase<'a>>,
}

#[derive(Serialize)]
struct IrPhase<'a> {
    compile: Option<IrCompile<'a>>,
    frozen: Vec<&'a str>,
    fit: IrFit<'a>,
}

#[derive(Serialize)]
struct IrCompile<'a> {
    optimizer: &'a Optimizer,
    loss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss_weight: Option<f64>,
    metrics: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weighted_metrics: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_outputs: Vec<IrJudgement>,
}

/// The loss and metrics of an output after the first.
#[derive(Serialize)]
struct IrJudgement {
    loss: String,
    loss_weight: f64,
    metrics: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weighted_metrics: Vec<String>,
}

/// The metrics as they are printed, of all samples alike or of those that count by their weights.
fn metrics(of: &[Metric], weighted: bool) -> Vec<String> {
    let of = of.iter().filter(|metric| metric.weighted == weighted);
    of.map(Metric::printed).collect()
}

#[derive(Serialize)]
struct IrFit<'a> {
    data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loading: Option<&'a Loading>,
    epochs: usize,
    initial_epoch: usize,
    batch_size: usize,
    shuffle: bool,
    validation_split: f64,
    validation_batch_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps_per_epoch: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_steps: Option<usize>,
    validation_freq: usize,
    seed: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    class_weight: &'a BTreeMap<u32, f32>,
    #[serde(skip_serializing_if = "Clone::clone")]
    validates: bool,
}

impl<'a> From<&'a Compile> for IrCompile<'a> {
    fn from(compile: &'a Compile) -> Self {
        Self {
            optimizer: &compile.optimizer,
            loss: compile.loss.printed(),
            loss_weight: compile.is_weighed().then_some(compile.loss_weight),
            metrics: metrics(&compile.metrics, false),
            weighted_metrics: metrics(&compile.metrics, true),
            other_outputs: compile
                .others
                .iter()
                .map(|other| IrJudgement {
                    loss: other.loss.printed(),
                    loss_weight: other.loss_weight,
                    metrics: metrics(&other.metrics, false),
                    weighted_metrics: metrics(&other.metrics, true),
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a Fit> for IrFit<'a> {
    fn from(fit: &'a Fit) -> Self {
        Self {
            data: fit.data.as_ref().map(|data| match data {
                DataName::Known(data) => data.name(),
                DataName::Path(path) => path,
            }),
            loading: fit.loading.as_deref(),
            epochs: fit.epochs,
            initial_epoch: fit.initial_epoch,
            batch_size: fit.batch_size,
            shuffle: fit.shuffle,
            validation_split: fit.validation_split,
            validation_batch_size: fit.validation_batch_size.unwrap_or(fit.batch_size),
            steps_per_epoch: fit.steps_per_epoch,
            validation_steps: fit.validation_steps,
            validation_freq: fit.validation_freq,
            seed: fit.seed,
            class_weight: &fit.class_weight,
            validates: fit.validates,
        }
    }
}

#[derive(Serialize)]
struct IrLayer<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    class: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<&'a str>,
    /// The layer whose variables it uses; None where it has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<&'a str>,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    arguments: Pairs,
    output_shape: String,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    variables: Pairs,
}

/// Names and values in order, the values as a description would give them.
struct Pairs(Vec<(&'static str, String)>);

impl Pairs {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            // Numbers and truth values keep their types; everything else is text.
            if let Ok(number) = value.parse::<i64>() {
                map.serialize_entry(name, &number)?;
            } else if let Ok(number) = value.parse::<f64>() {
                map.serialize_entry(name, &number)?;
            } else if let Ok(truth) = value.parse::<bool>() {
                map.serialize_entry(name, &truth)?;
            } else if value == "None" {
                map.serialize_entry(name, &())?;
            } else {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// A layer's arguments and rules, with `trainable` where it is false.
fn arguments(node: &Node) -> Vec<(&'static str, String)> {
    let trainable = (!node.trainable).then(|| ("trainable", false.to_string()));
    let rules = node.rules.printed();
    node.layer
        .arguments()
        .into_iter()
        .chain(rules)
        .chain(trainable)
        .collect()
}

/// A phase after the first, with the names of the layers that it freezes.
fn phase<'a>(phase: &'a Phase, network: &'a Network) -> IrPhase<'a> {
    let frozen = network
        .nodes
        .iter()
        .zip(&phase.trainable)
        .filter(|(_, trainable)| !**trainable);
    IrPhase {
        compile: phase.compile.as_ref().map(IrCompile::from),
        frozen: frozen.map(|(node, _)| node.name.as_str()).collect(),
        fit: IrFit::from(&phase.fit),
    }
}

/// The network as YAML.
pub fn yaml(network: &CheckedNetwork) -> Result<String, serde_yaml::Error> {
    let graph = network.network();
    let name = |id: &crate::network::NodeId| graph.nodes.get(id.0).map_or("", |node| node.name.as_str());
    let layers = network
        .nodes()
        .map(|(_, node, shape, variables)| IrLayer {
            name: &node.name,
            class: node.layer.class(),
            inputs: node.inputs.iter().map(name).collect(),
            shares: node.shares.as_ref().map(name),
            arguments: Pairs(arguments(node)),
            output_shape: crate::summary::batched(shape),
            variables: Pairs(
                variables
                    .iter()
                    .map(|variable| {
                        (
                            variable.name,
                            format!("{} {}", crate::numbers::tuple(&variable.shape), variable.initializer),
                        )
                    })
                    .collect(),
            ),
        })
        .collect();
    serde_yaml::to_string(&Ir {
        model: &graph.name,
        layers,
        output: name(&graph.output),
        other_outputs: graph.other_outputs.iter().map(name).collect(),
        parameters: network.total_params(),
        compile: graph.compile.as_ref().map(IrCompile::from),
        fit: IrFit::from(&graph.fit),
        phases: graph.later.iter().map(|phase| self::phase(phase, graph)).collect(),
    })
}
