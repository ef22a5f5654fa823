//! What is called like a layer and is none: names that are misspelt, functions of Keras, and layers that cnnc has not.

use crate::call::names;
use crate::call::suggest::nearest;
use crate::layers::CATALOGUE;
use grammar::ast::{Argument, Call, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// Keras's functions that put layers together, and the layers that do the same.
const FUNCTIONS: [(&str, &str); 7] = [
    ("add", "Add"),
    ("average", "Average"),
    ("concatenate", "Concatenate"),
    ("maximum", "Maximum"),
    ("minimum", "Minimum"),
    ("multiply", "Multiply"),
    ("subtract", "Subtract"),
];

/// Layers that Keras had once, and those of today that something else stands in for: what that is.
const INSTEAD: [(&str, &str); 12] = [
    ("AlphaDropout", "Dropout drops values without regard to their spread"),
    (
        "CenterCrop",
        "Cropping2D cuts rows and columns off; RandomCrop takes the middle outside of training",
    ),
    (
        "GaussianDropout",
        "Dropout(rate) drops values, GaussianNoise(stddev) adds noise to them",
    ),
    ("Identity", "leave it out: it does nothing"),
    (
        "Lambda",
        "x / 255 is Rescaling(1. / 255), x / 127.5 - 1 is Rescaling(1. / 127.5, offset=-1); functions of single values are \
         Activation(\"tanh\") and the like, and layers are put together with Add, Multiply and Concatenate",
    ),
    (
        "RandAugment",
        "RandomRotation, RandomShear, RandomTranslation, RandomContrast and RandomBrightness do parts of it",
    ),
    ("RandomHeight", RESIZED),
    ("RandomWidth", RESIZED),
    (
        "Resizing",
        "pictures are brought to the size of Input as they are read, or by image_size=(height, width) of a loader",
    ),
    ("SpatialDropout1D", "Dropout drops values one by one"),
    ("ThresholdedReLU", "ReLU(threshold=1.0)"),
    (
        "ZeroPadding1D",
        "Conv1D(..., padding=\"same\") or padding=\"causal\" pads by itself",
    ),
];

const RESIZED: &str = "pictures keep their size: RandomZoom(0.2, 0) draws them out or presses them together in height alone, \
                       RandomZoom(0, 0.2) in width alone";

/// Layers of Keras 2 that Keras 3 has not any more.
const GONE: [&str; 3] = ["RandomHeight", "RandomWidth", "ThresholdedReLU"];

/// The error about a call of no layer.
pub(super) fn layer(call: &Call) -> Diagnostic {
    let (written, span) = (call.name.node.as_str(), call.name.span);
    let gone = GONE.contains(&written);
    if gone || names::KERAS_LAYERS.contains(&written) {
        let label = if gone {
            "a layer of Keras 2 that neither Keras 3 nor cnnc has"
        } else {
            "Keras has this layer, cnnc does not"
        };
        let diagnostic = Diagnostic::error("E0102", format!("{written} is not supported")).at(span, label);
        return match INSTEAD.iter().find(|(name, _)| *name == written) {
            Some((_, help)) => diagnostic.help(*help),
            None => diagnostic,
        };
    }
    let diagnostic =
        Diagnostic::error("E0101", format!("unknown layer `{written}`")).at(span, "no layer has this name");
    if let Some((_, class)) = FUNCTIONS.iter().find(|(function, _)| *function == written)
        && let Some(text) = as_layer(class, call)
    {
        let whole = Span::new(span.start as usize, call.span.end as usize);
        return diagnostic
            .help(format!(
                "Keras has a function of this name; the layer is {class}()([...])"
            ))
            .fix(whole, text);
    }
    let known = CATALOGUE
        .iter()
        .flat_map(|entry| std::iter::once(entry.signature.name).chain(entry.signature.aliases.iter().copied()));
    if let Some(meant) = nearest(written, known) {
        return diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant);
    }
    let all = CATALOGUE.iter().map(|entry| entry.signature.name);
    diagnostic.help(format!("there are {}", crate::call::suggest::all_of(all)))
}

/// `Concatenate(axis=1)([a, b])` for `concatenate([a, b], axis=1)`, where it is called of a list of names and what is beside that
/// has a name or is a number.
fn as_layer(class: &str, call: &Call) -> Option<String> {
    let (layers, rest) = call.arguments.split_first()?;
    let is_list = layers.name.as_ref().is_none_or(|name| name.node == "inputs");
    let ValueKind::List(items) = &layers.value.kind else {
        return None;
    };
    let names = items.iter().map(|item| match &item.kind {
        ValueKind::Name(name) => Some(name.as_str()),
        ValueKind::None
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_)
        | ValueKind::Call(_) => None,
    });
    let names: Option<Vec<&str>> = names.collect();
    let arguments: Option<Vec<String>> = rest.iter().map(argument).collect();
    (is_list && call.wiring.is_none())
        .then(|| Some(format!("{class}({})([{}])", arguments?.join(", "), names?.join(", "))))
        .flatten()
}

fn argument(argument: &Argument) -> Option<String> {
    let value = match &argument.value.kind {
        ValueKind::Integer(number) => number.to_string(),
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_)
        | ValueKind::Call(_) => return None,
    };
    Some(match &argument.name {
        Some(name) => format!("{}={value}", name.node),
        None => value,
    })
}
