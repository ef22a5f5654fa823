//! The terms of the field that an explanation uses.

use super::fact::What;
use super::section::LayerExplanation;

/// The terms that these layers, and training where the network is compiled, make use of, each with its meaning.
pub(super) fn glossary(layers: &[LayerExplanation], compiled: bool) -> Vec<(&'static str, &'static str)> {
    let used = |what: What| {
        layers
            .iter()
            .flat_map(|layer| &layer.facts)
            .any(|fact| fact.what == what)
    };
    let rounds = |text: &str| {
        let facts = layers.iter().flat_map(|layer| &layer.facts);
        facts
            .flat_map(|fact| &fact.equations)
            .any(|equation| equation.to_string().contains(text))
    };
    let words = [
        (
            true,
            "channel",
            "one number a pixel or place; a colour picture has three, and a convolution makes one of each filter",
        ),
        (
            used(What::Parameters),
            "parameter",
            "a number that training changes: a weight or a bias",
        ),
        (
            used(What::Parameters),
            "weight",
            "what a number is multiplied by before it is added up",
        ),
        (used(What::Parameters), "kernel", "all weights of a layer together"),
        (
            used(What::Parameters),
            "bias",
            "what is added to the sum, whatever comes in",
        ),
        (
            used(What::MultiplyAdds),
            "multiply-add",
            "one multiplication and one addition, the work that a network is made of",
        ),
        (
            used(What::Sees),
            "sees",
            "the receptive field: how many pixels of the picture can change a number",
        ),
        (
            compiled,
            "gradient",
            "how much the loss grows if a number grows a little, for every number of the network",
        ),
        (
            compiled,
            "batch",
            "the pictures of one step: their gradients are averaged",
        ),
        (compiled, "epoch", "one pass over all training pictures"),
        (rounds("floor("), "floor(x)", "x rounded down to a whole number"),
        (rounds("ceil("), "ceil(x)", "x rounded up to a whole number"),
        (rounds("max("), "max(a, b)", "the larger of the two"),
        (
            compiled,
            "ln(x)",
            "the power that e = 2.718... must be raised to to give x",
        ),
        (
            compiled,
            "sqrt(x)",
            "the square root: what gives x when multiplied by itself",
        ),
        (true, "≈", "rounded; = is exact"),
    ];
    words
        .into_iter()
        .filter(|(used, ..)| *used)
        .map(|(_, word, meaning)| (word, meaning))
        .collect()
}
