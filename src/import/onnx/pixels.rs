//! Which pixels a graph takes, from 0 to 1 or to 255. A description says that by its first layer: what begins with a scaling gets them
//! as they are, all else divided by 255.

use super::layers::{Weight, float};
use super::model::Graph;
use crate::import::draft::{Draft, Layer};
use crate::import::literal::{Argument, Literal};

/// A factor that brings pixels of 0 to 255 down is not above this.
const SMALL: f32 = 0.02;
/// A mean of pixels of 0 to 1 is not above this.
const LARGE: f32 = 2.0;

/// What a graph begins with.
struct First {
    /// The layer's place in the draft.
    place: usize,
    /// What pixels are multiplied by, a number or one for each channel.
    factors: Vec<f32>,
    /// What is taken away before.
    means: Vec<f32>,
    /// Whether it is a scaling to the language.
    is_scaling: bool,
    /// What a scaling would be that does the same.
    rescaling: Option<(f32, f32)>,
}

/// Lets the draft begin so that it gets the pixels which the graph takes; says so where that is a guess.
pub fn settle(draft: &mut Draft, weights: &mut Vec<Weight>, graph: &Graph) -> Option<&'static str> {
    let first = first(draft, weights);
    // The exports of this program say it.
    let said = if graph.about.contains("bytes stay 0 to 255") {
        Some(true)
    } else if graph.about.contains("bytes are divided by 255") {
        Some(false)
    } else {
        None
    };
    let looks = first.as_ref().is_some_and(|first| {
        let small = first.factors.iter().all(|factor| factor.abs() <= SMALL) && !first.factors.is_empty();
        small || first.means.iter().any(|mean| mean.abs() > LARGE)
    });
    let as_they_are = said.unwrap_or(looks);
    match first {
        Some(first) if as_they_are && !first.is_scaling => match first.rescaling {
            Some((scale, offset)) => {
                let layer = draft.layers.get_mut(first.place)?;
                "Rescaling".clone_into(&mut layer.class);
                layer.arguments = vec![Argument::placed(float(scale))];
                if offset != 0.0 {
                    layer.arguments.push(Argument::named("offset", float(offset)));
                }
                weights.retain(|weight| weight.layer != first.place);
            }
            None => begin_with(draft, weights, "Rescaling", Literal::Float(1.0)),
        },
        None if as_they_are => begin_with(draft, weights, "Rescaling", Literal::Float(1.0)),
        // A layer that does nothing: what it hands on is scaled for a reason of its own.
        Some(first) if first.is_scaling && !as_they_are => {
            begin_with(draft, weights, "Activation", Literal::Str("linear".to_owned()));
        }
        Some(_) | None => {}
    }
    (said.is_none() && looks).then_some(
        "the graph does not say which pixels it takes; its first numbers scale those from 0 to 255, which are not divided by 255 before",
    )
}

/// What the input goes through first, where that is one layer of it alone.
fn first(draft: &Draft, weights: &[Weight]) -> Option<First> {
    let mut users = draft
        .layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| layer.inputs.contains(&0));
    let (place, layer) = users.next()?;
    if users.next().is_some() || layer.inputs.len() != 1 {
        return None;
    }
    let values = |variable: &str| -> &[f32] {
        let own = weights
            .iter()
            .find(|weight| weight.layer == place && weight.variable == variable);
        own.map_or(&[], |weight| weight.values.as_slice())
    };
    match layer.class.as_str() {
        "Rescaling" => {
            let number = |wanted: &dyn Fn(&&Argument) -> bool| match layer.arguments.iter().find(wanted)?.value {
                Literal::Float(value) => Some(value as f32),
                _ => None,
            };
            let factor = number(&|argument| argument.name.is_none()).unwrap_or(1.0);
            let offset = number(&|argument| argument.is("offset")).unwrap_or(0.0);
            Some(First {
                place,
                factors: vec![factor],
                means: vec![-offset / factor],
                is_scaling: true,
                rescaling: None,
            })
        }
        "BatchNormalization" => {
            let (gamma, beta) = (values("gamma"), values("beta"));
            let (mean, variance) = (values("moving_mean"), values("moving_variance"));
            // That of a graph's own factors has no arguments and moves nothing.
            let is_plain = layer.arguments.is_empty()
                && mean.iter().all(|&mean| mean == 0.0)
                && variance.iter().all(|&variance| variance == 0.999);
            let one = |values: &[f32]| {
                let first = values.first().copied()?;
                values.iter().all(|&value| value == first).then_some(first)
            };
            let factors = gamma
                .iter()
                .zip(variance)
                .map(|(gamma, variance)| gamma / variance.max(1e-12).sqrt());
            let means = if is_plain {
                beta.iter().zip(gamma).map(|(beta, gamma)| -beta / gamma).collect()
            } else {
                mean.to_vec()
            };
            Some(First {
                place,
                factors: factors.collect(),
                means,
                is_scaling: false,
                rescaling: is_plain.then(|| one(gamma).zip(one(beta))).flatten(),
            })
        }
        _ => None,
    }
}

/// Puts a layer of one argument behind the input.
fn begin_with(draft: &mut Draft, weights: &mut [Weight], class: &str, argument: Literal) {
    draft.put_in_front(vec![Layer::new(class, vec![Argument::placed(argument)])]);
    for weight in weights {
        weight.layer += 1;
    }
}
