//! The sums over all layers.

use super::expression::{Equation, Expression, sum};
use super::fact::{Fact, What};
use super::section::{LayerExplanation, Section};
use crate::layers::definition::WeightUse;
use crate::network::CheckedNetwork;
use crate::numbers::thousands;
use crate::summary::memory_in_units;
use crate::verbose::{self, BYTES};

/// The lines below the summary's table, and other sums.
pub(super) fn section(network: &CheckedNetwork, layers: &[LayerExplanation]) -> Section {
    let costs = verbose::costs(network);
    let (all, trainable) = (network.total_params(), network.trainable_params());
    let counts = layers.iter().map(|layer| layer.parameters).filter(|&count| count > 0);
    let mut equations = vec![sum(counts).equals(all as u64)];
    equations.extend(bytes(all as u64));
    let mut facts = vec![Fact::new(
        What::Parameters,
        equations,
        "the layers' parameters; 4 bytes each, and 1,024 bytes are a KB",
    )];
    let rest = (all - trainable) as u64;
    let because = if rest == 0 {
        "training moves all of them"
    } else {
        "the parameters of layers with trainable=False, which training leaves as they are"
    };
    facts.push(Fact::new(
        What::Trainable,
        vec![Expression::from(all).minus(trainable).equals(rest)],
        because,
    ));
    let macs = layers.iter().map(|layer| layer.macs).filter(|&macs| macs > 0);
    let because = "for one picture, from the first layer to the last";
    facts.push(Fact::new(
        What::MultiplyAdds,
        vec![sum(macs).equals(costs.macs)],
        because,
    ));
    facts.extend(activations(network, layers, costs.activation_bytes));
    Section {
        title: "All together",
        about: heaviest(layers).into_iter().collect(),
        facts,
    }
}

/// A sentence on the layer with most parameters and the layer with most multiply-adds; None where no layer has any.
fn heaviest(layers: &[LayerExplanation]) -> Option<String> {
    let most = |count: fn(&LayerExplanation) -> u64| {
        let all: u64 = layers.iter().map(count).fold(0, u64::saturating_add);
        // The first of several with the same number.
        let layer = layers.iter().rev().max_by_key(|layer| count(layer))?;
        (all > 0).then(|| (layer, format!("{:.1} %", 100.0 * count(layer) as f64 / all as f64)))
    };
    let (large, parameters) = most(|layer| layer.parameters as u64)?;
    let (slow, macs) = most(|layer| layer.macs)?;
    if large.name == slow.name {
        return Some(format!(
            "The largest share of the parameters, {parameters}, and of the multiply-adds, {macs}, is in {}.",
            large.name
        ));
    }
    let mut text = format!(
        "The largest share of the parameters, {parameters}, is in {}; that of the multiply-adds, {macs}, in {}.",
        large.name, slow.name
    );
    if large.weight_use == Some(WeightUse::Once) && slow.weight_use == Some(WeightUse::Everywhere) {
        text.push_str(
            " A convolution uses each weight at every place of the picture, a dense layer uses each one once.",
        );
    }
    Some(text)
}

/// The outputs of all layers for one picture, and for a batch.
fn activations(network: &CheckedNetwork, layers: &[LayerExplanation], total: u64) -> [Fact; 2] {
    let numbers = layers.iter().map(|layer| layer.output.elements() as u64);
    let mut equations = vec![sum(numbers).equals_of(total / BYTES, "numbers")];
    equations.extend(bytes(total / BYTES));
    let one = Fact::new(
        What::Memory,
        equations,
        "everything that comes out of the layers, the picture included",
    );
    let batch = network.network().fit.batch_size;
    let in_batch = total.saturating_mul(batch as u64);
    let mut equations = vec![Expression::from(total).times(batch).equals_of(in_batch, "bytes")];
    equations.extend(in_units(in_batch));
    let because = format!(
        "a batch of {}, if all were kept at once; layers that share memory take less (cnnc check --verbose)",
        thousands(batch)
    );
    [one, Fact::new(What::BatchMemory, equations, because)]
}

/// So many numbers in bytes, and in the unit that the summary prints.
pub(super) fn bytes(numbers: u64) -> Vec<Equation> {
    let bytes = numbers.saturating_mul(BYTES);
    let mut equations = vec![Expression::from(numbers).times(BYTES).equals_of(bytes, "bytes")];
    equations.extend(in_units(bytes));
    equations
}

/// Bytes in the unit that the summary prints; None where that is bytes.
fn in_units(bytes: u64) -> Option<Equation> {
    let (_, divisions, unit) = memory_in_units(bytes as f64);
    let divided = |left: Expression, _| left.over(1024_usize);
    (divisions > 0).then(|| (0..divisions).fold(Expression::from(bytes), divided).nearly(2, unit))
}
