//! Whether what outputs are compared with can go through what training makes of the samples at random.

use crate::network::{Network, Node};
use crate::numbers::tuple;
use crate::shape::Shape;
use crate::training::fit::TargetSource;
use crate::training::losses::Targets;
use grammar::diagnostic::Diagnostic;

/// Masks move with pictures, and targets mix with samples, where all pictures do: on the way from the input, before it divides.
pub(super) fn check(network: &Network, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) {
    if network.compile.is_none() {
        return;
    }
    let is_map = as_map(network, shapes).is_some();
    let moves = network.fit.targets == TargetSource::Input || is_map;
    for (index, node) in network.nodes.iter().enumerate() {
        let mixes = node.layer.mixes_samples();
        let alone = !(mixes || moves && node.layer.moves_pictures()) || sees_all(network, node);
        if !alone {
            let (cannot, does) = if mixes { ("mix", "mixes") } else { ("move", "moves") };
            diagnostics.push(
                Diagnostic::error(
                    "E0515",
                    format!("what outputs are compared with cannot {cannot} with this"),
                )
                .at(node.span, format!("{does} a part of what comes from the input"))
                .note(if mixes {
                    "what outputs are compared with is mixed as the samples are, the same for all of the network"
                } else {
                    "masks and pictures to compare with are moved as the pictures are, the same for all of the network"
                })
                .help("put it right below Input, before the network divides"),
            );
        } else if mixes {
            mixing(
                network,
                node,
                shapes.get(index).and_then(Option::as_ref),
                shapes,
                diagnostics,
            );
        }
    }
}

/// Height and width of what the first output is compared with, where that is a map.
fn as_map(network: &Network, shapes: &[Option<Shape>]) -> Option<(usize, usize)> {
    let output = shapes.get(network.output.0).and_then(Option::as_ref)?;
    output.as_map().map(|(height, width, _)| (height, width))
}

/// Whether all that the network sees goes through a layer.
fn sees_all(network: &Network, node: &Node) -> bool {
    let users = |id: usize| {
        (network.nodes.iter())
            .filter(|node| node.inputs.iter().any(|input| input.0 == id))
            .count()
    };
    let mut at = node;
    loop {
        let [before] = at.inputs.as_slice() else {
            return at.inputs.is_empty() && network.inputs() == 1;
        };
        if users(before.0) != 1 {
            return false;
        }
        let Some(next) = network.nodes.get(before.0) else {
            return true;
        };
        at = next;
    }
}

/// Whether what outputs are compared with can be mixed: as shares, and, where it is cut, at the same places.
fn mixing(
    network: &Network,
    node: &Node,
    shape: Option<&Shape>,
    shapes: &[Option<Shape>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(compile) = &network.compile else { return };
    let class = node.layer.class();
    let of_numbers = compile
        .judgements()
        .find(|judgement| judgement.loss.targets() == Targets::ClassNumber);
    if let Some(judgement) = of_numbers {
        diagnostics.push(
            Diagnostic::error(
                "E0516",
                format!("{class} makes shares of classes, the loss takes their numbers"),
            )
            .at(
                judgement.loss_place.loss,
                "compares outputs with the number of one class",
            )
            .because(node.span, "mixes samples of several classes")
            .help("CategoricalCrossentropy takes shares, and makes them of class numbers by itself"),
        );
    }
    let size = |shape: &Shape| shape.as_map().map(|(height, width, _)| (height, width));
    let (Some(here), Some(target)) = (shape.and_then(size), as_map(network, shapes)) else {
        return;
    };
    let several = network.has_several_ends();
    if node.layer.cuts_pictures() && (here != target || several) {
        let there = if several {
            "of several outputs one is a map".to_owned()
        } else {
            format!("the output is {} places", tuple(&[target.0, target.1]))
        };
        diagnostics.push(
            Diagnostic::error("E0516", format!("{class} cannot cut what outputs are compared with"))
                .at(
                    node.span,
                    format!("cuts rectangles out of {}", tuple(&[here.0, here.1])),
                )
                .note(there)
                .help("MixUp mixes samples as a whole"),
        );
    }
}
