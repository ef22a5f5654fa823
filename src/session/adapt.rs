//! Layers that are adapted to the training samples: their means and variances are measured before training begins.

use super::error::Result;
use compiler::network::{CheckedNetwork, Node, NodeId};
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use runtime::data::Split;
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::train;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many samples are measured at a time.
const CHUNK: usize = 1024;

/// Puts the mean and variance of each layer that is adapted into `weights`, unless it has other values than its initial ones.
/// Returns the names of the layers, each with what was measured for it.
///
/// # Errors
/// When there is not enough memory.
pub(super) fn adapt(network: &CheckedNetwork, plan: &Plan, split: &Split, weights: &mut [f32]) -> Result<Vec<String>> {
    let mut adapted = Vec::new();
    let mut adapting = network.nodes().filter(|(_, node, ..)| node.layer.adapts()).peekable();
    if adapting.peek().is_none() {
        return Ok(adapted);
    }
    let fresh = train::initial_parameters(plan, 0);
    for (_, node, ..) in adapting {
        let Some(&input) = node.inputs.first() else { continue };
        if !is_fresh(plan, node, weights, &fresh) {
            continue;
        }
        let values = measured(network, (input, node), split, weights)?;
        train::put(plan, &values, weights);
        let what = match node.layer.adapted_variance() {
            Some(_) => "mean",
            None => "mean and variance",
        };
        adapted.push(format!("{}: {what}", node.name));
    }
    Ok(adapted)
}

/// Whether a layer's variables have their initial values.
fn is_fresh(plan: &Plan, node: &Node, weights: &[f32], fresh: &[f32]) -> bool {
    ["mean", "variance"].iter().all(|variable| {
        let name = format!("{}.{variable}", node.name);
        let parameter = plan.parameters.iter().find(|parameter| parameter.name == name);
        parameter.is_some_and(|parameter| parameter.unpack(weights) == parameter.unpack(fresh))
    })
}

/// Sums over a channel's values, relative to its first value, so that large values that differ little are measured exactly.
#[derive(Clone, Copy, Default)]
struct Moments {
    first: Option<f64>,
    sum: f64,
    squares: f64,
    count: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        let off = value - *self.first.get_or_insert(value);
        self.sum += off;
        self.squares += off * off;
        self.count += 1.0;
    }

    fn mean(&self) -> f64 {
        self.first.unwrap_or(0.0) + self.sum / self.count.max(1.0)
    }

    fn variance(&self) -> f64 {
        let (count, off) = (self.count.max(1.0), self.sum / self.count.max(1.0));
        (self.squares / count - off * off).max(0.0)
    }
}

/// The mean and variance of a layer's input, by the names of its variables.
fn measured(
    network: &CheckedNetwork,
    (input, node): (NodeId, &Node),
    split: &Split,
    weights: &[f32],
) -> Result<BTreeMap<String, Vec<f32>>> {
    let plan = Arc::new(compiler::plan_until(network, input, Sharing::Shared));
    let channels = plan.output_shape.channels().max(1);
    let mut executor = CpuExecutor::new(Arc::clone(&plan), 1, CHUNK, None)?;
    executor.set_parameters(weights)?;
    let mut moments = vec![Moments::default(); channels];
    for first in (0..split.len()).step_by(CHUNK) {
        let places: Vec<u32> = (first..(first + CHUNK).min(split.len()))
            .map(|place| place as u32)
            .collect();
        let part = Arc::new(Split {
            shape: split.shape.clone(),
            pixels: split.pixels.samples(&places, split.shape.elements())?,
            labels: vec![0; places.len()],
            targets: None,
        });
        for row in executor.predict(&part)?.chunks(channels) {
            for (moments, value) in moments.iter_mut().zip(row) {
                moments.add(f64::from(*value));
            }
        }
    }
    let of = |variable: &str, value: fn(&Moments) -> f64| {
        let values: Vec<f32> = moments.iter().map(|moments| value(moments) as f32).collect();
        (format!("{}.{variable}", node.name), values)
    };
    let variance = match node.layer.adapted_variance() {
        Some(given) => (format!("{}.variance", node.name), vec![given; channels]),
        None => of("variance", Moments::variance),
    };
    Ok(BTreeMap::from([of("mean", Moments::mean), variance]))
}
