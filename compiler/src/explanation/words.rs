//! What layers and functions do, in plain sentences.

use super::arithmetic::axis_name;
use super::{LayerExplanation, Place, View, What};
use crate::activation::Activation;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::suggest::all_of;
use crate::layers::Layer;
use crate::network::CheckedNetwork;
use crate::numbers::thousands;
use crate::shape::Shape;
use crate::training::data::{DataName, KnownData};
use crate::window::Padding;

/// What the network makes of what.
pub(super) fn network(network: &CheckedNetwork) -> Vec<String> {
    let layers = network.network().nodes.len() - 1;
    let output = network.output_shape();
    let mut about = vec![format!(
        "{} goes in, {} come out. Between them are {} with {}: numbers that nobody writes down and that training finds.",
        capital(&numbers(network.input_shape())),
        numbers(output),
        count(layers, "layer"),
        count(network.total_params(), "parameter"),
    )];
    if output.rank() == 1 && network.network().compile.is_some() {
        about.push(
            "Each number that comes out belongs to one class; the class of the largest is the network's answer."
                .to_owned(),
        );
    }
    about
}

/// `a picture of 28x28 pixels`, `10 numbers`
fn numbers(shape: &Shape) -> String {
    match (shape.as_map(), shape.sizes()) {
        (Some((height, width, 1)), _) => format!("a picture of {height}x{width} grey pixels"),
        (Some((height, width, 3)), _) => format!("a picture of {height}x{width} coloured pixels"),
        (Some((height, width, channels)), _) => format!(
            "a block of {height}x{width} places with {} each",
            count(channels, "number")
        ),
        (None, [height, width]) => format!("a table of {height}x{width} numbers"),
        (None, _) => count(shape.elements(), "number"),
    }
}

fn count(number: usize, thing: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {thing}{many}", thousands(number))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a layer does.
pub(super) fn layer(view: &View<'_>, place: &Place<'_>) -> Vec<String> {
    let mut about = match &place.node.layer {
        Layer::Input(_) => input(view),
        Layer::Conv2D(layer) => convolution(place, layer.filters, layer.window.size, layer.use_bias),
        Layer::MaxPooling2D(layer) => vec![format!(
            "Of each window of {} only the largest number is kept, channel by channel. That a pattern was found matters more than \
             at which pixel, and all that follows has less to compute.",
            sizes(layer.window.size)
        )],
        Layer::AveragePooling2D(layer) => {
            let mut text = format!(
                "Each window of {} becomes the mean of its numbers, channel by channel: the picture gets smaller and smoother, and \
                 all that follows has less to compute.",
                sizes(layer.window.size)
            );
            if layer.window.padding == Padding::Same {
                text.push_str(" Cells of the padding do not count in the mean.");
            }
            vec![text]
        }
        Layer::GlobalAveragePooling2D(_) => vec![
            "Each channel becomes one number, the mean over all its places: how much of a pattern there is in the whole picture."
                .to_owned(),
        ],
        Layer::GlobalMaxPooling2D(_) => vec![
            "Each channel becomes one number, the largest of all its places: whether a pattern is anywhere in the picture.".to_owned(),
        ],
        Layer::Flatten(_) => vec![
            "Puts all numbers in one row, height, then width, then channels, as a dense layer needs them. Nothing is computed."
                .to_owned(),
        ],
        Layer::Dense(layer) => dense(view, place, layer.units, layer.use_bias),
        Layer::Activation(layer) | Layer::ReLU(layer) | Layer::Softmax(layer) => {
            let nothing = || "linear: every number stays as it is.".to_owned();
            vec![function(layer.function).unwrap_or_else(nothing)]
        }
        Layer::Add(_) => vec![format!(
            "Adds up {}, number by number. What was there before the layers between them takes a short way past them, and so does \
             the gradient on its way back.",
            inputs(view, place)
        )],
        Layer::Concatenate(layer) => vec![format!(
            "Puts {} one after the other along the {}. Nothing is computed.",
            inputs(view, place),
            axis_name(layer.axis, place.output.rank())
        )],
    };
    if let Layer::Conv2D(_) | Layer::Dense(_) = &place.node.layer {
        let function = place.node.layer.activation().and_then(function);
        about.extend(function.map(|text| format!("Then {text}")));
    }
    if view.first_bend.is_some_and(|node| std::ptr::eq(node, place.node)) {
        about.push("Without a function that bends, many layers in a row could do no more than one.".to_owned());
    }
    about.extend(start(place));
    about
}

fn input(view: &View<'_>) -> Vec<String> {
    let shape = view.network.input_shape();
    let mut text = match (shape.as_map(), shape.sizes()) {
        (Some((height, width, channels)), _) => format!(
            "One picture: {}, each of {}, with {}.",
            count(height, "row"),
            count(width, "pixel"),
            match channels {
                1 => "one number a pixel, its brightness".to_owned(),
                3 => "three numbers a pixel: red, green and blue".to_owned(),
                channels => format!("{} a pixel, its channels", count(channels, "number")),
            }
        ),
        (None, [height, width]) => format!(
            "One sample: {}, each of {}.",
            count(*height, "row"),
            count(*width, "number")
        ),
        (None, _) => format!("One sample: {} in a row.", count(shape.elements(), "number")),
    };
    if matches!(view.network.network().fit.data, Some(DataName::Known(_))) {
        text.push_str(
            " The files hold whole numbers from 0 to 255; they are divided by 255, so that 0 is black and 1 is bright.",
        );
    }
    let what = match view.network.network().fit.data {
        Some(DataName::Known(KnownData::Mnist)) => Some("The pictures are handwritten digits, 0 to 9."),
        Some(DataName::Known(KnownData::FashionMnist)) => Some("The pictures are clothes of ten kinds."),
        Some(DataName::Known(KnownData::Cifar10)) => Some("The pictures are small photographs of ten kinds of things."),
        Some(DataName::Path(_)) | None => None,
    };
    std::iter::once(text).chain(what.map(str::to_owned)).collect()
}

/// `2x2`
fn sizes(size: (usize, usize)) -> String {
    format!("{}x{}", size.0, size.1)
}

fn convolution(place: &Place<'_>, filters: usize, size: (usize, usize), use_bias: bool) -> Vec<String> {
    let channels = place.inputs.first().map_or(1, |input| input.channels());
    let deep = if channels == 1 {
        String::new()
    } else {
        format!(", with weights for each of the {channels} channels,")
    };
    let verb = if filters == 1 { "slides" } else { "slide" };
    let slides = format!(
        "{} of {}{deep} {verb} over the picture",
        count(filters, "filter"),
        sizes(size)
    );
    if size == (1, 1) {
        let bias = if use_bias { ", and adds its bias" } else { "" };
        return vec![format!(
            "{slides}. At each place a filter mixes the channels: it adds them up, each times a weight{bias}."
        )];
    }
    let bias = if use_bias { " and its bias" } else { "" };
    vec![format!(
        "{slides}. At each place a filter multiplies the numbers below it by its weights and adds up the products{bias}: a large \
         result says that its pattern is there. Each filter's results are one channel of what comes out."
    )]
}

fn dense(view: &View<'_>, place: &Place<'_>, units: usize, use_bias: bool) -> Vec<String> {
    let inputs = place.inputs.first().map_or(1, |input| input.channels());
    let bias = if use_bias { ", plus a bias" } else { "" };
    let places = place.output.rank() > 1;
    let mut text = count(units, "output");
    if places {
        text.push_str(" at each place");
    }
    text.push_str(if units == 1 {
        ", the sum of "
    } else {
        ", each the sum of "
    });
    text.push_str(&match inputs {
        1 => "the one input".to_owned(),
        inputs => format!("all {}", count(inputs, "input")),
    });
    text.push_str(if places { " there" } else { "" });
    text.push_str(&format!(" times weights of its own{bias}"));
    text.push_str(if places {
        "; the weights are the same everywhere."
    } else {
        ": every output looks at everything that comes in."
    });
    let network = view.network.network();
    let last = network
        .nodes
        .get(network.output.0)
        .is_some_and(|node| std::ptr::eq(node, place.node));
    if last && network.compile.is_some() {
        text.push_str(" It is the last layer: one output a class.");
    }
    vec![text]
}

/// `entry and tail`
fn inputs(view: &View<'_>, place: &Place<'_>) -> String {
    let nodes = &view.network.network().nodes;
    let names = place.node.inputs.iter().filter_map(|id| nodes.get(id.0));
    let names: Vec<&str> = names.map(|node| node.name.as_str()).collect();
    all_of(names.iter().copied())
}

/// What a function makes of a number, behind its name; nothing of one that does nothing.
fn function(function: Activation) -> Option<String> {
    let text = match function {
        Activation::Linear => return None,
        Activation::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => return Some(rectifier(function, negative_slope, ceiling, threshold)),
        Activation::Sigmoid => {
            "1 / (1 + e^-x) presses every number between 0 and 1: far below 0 gives nearly 0, far above nearly 1"
        }
        Activation::Tanh => {
            "the hyperbolic tangent presses every number between -1 and 1; small ones stay nearly as they are"
        }
        Activation::Softmax => {
            "e to the power of each number, divided by the sum of all of these: positive numbers that add up to 1, as probabilities do"
        }
        Activation::Elu { alpha } => {
            return Some(format!(
                "{function}: positive numbers stay; negative ones become {alpha} * (e^x - 1), which bends smoothly down to {}.",
                -alpha
            ));
        }
        Activation::Selu => {
            "positive numbers times 1.0507; negative ones bend down to -1.7581: chosen such that mean and spread stay as they are from \
             layer to layer"
        }
        Activation::Softplus => "ln(1 + e^x), a relu with its corner rounded off",
        Activation::Softsign => "x / (1 + |x|) presses every number between -1 and 1, more gently than tanh",
        Activation::Silu => {
            "x times sigmoid(x): like relu, but smooth, and a little below 0 for small negative numbers"
        }
        Activation::Gelu => {
            "x times the probability that a normally distributed number is smaller than x: like relu, but smooth"
        }
        Activation::HardSigmoid => "x / 6 + 1/2, cut off below 0 and above 1: a sigmoid of straight lines",
        Activation::Exponential => "e to the power of each number: always positive, and large very soon",
    };
    Some(format!("{function}: {text}."))
}

fn rectifier(function: Activation, negative_slope: f32, ceiling: Option<f32>, threshold: f32) -> String {
    let mut text = if function == Activation::RELU {
        "relu: negative numbers become 0, the others stay.".to_owned()
    } else {
        let limit = if threshold == 0.0 {
            "0".to_owned()
        } else {
            threshold.to_string()
        };
        let below = match (negative_slope == 0.0, threshold == 0.0) {
            (true, _) => "become 0".to_owned(),
            (false, true) => format!("are multiplied by {negative_slope}"),
            (false, false) => format!("become {negative_slope} * (x - {threshold})"),
        };
        format!("{function}: numbers below {limit} {below}, the others stay.")
    };
    if let Some(ceiling) = ceiling {
        text.push_str(&format!(" None comes out larger than {ceiling}."));
    }
    text
}

/// How a layer's variables begin.
fn start(place: &Place<'_>) -> Option<String> {
    let begins = place.variables.iter().map(|variable| {
        let name = variable.name;
        match variable.initializer {
            Initializer::Zeros => format!("its {name} is all 0"),
            Initializer::Ones => format!("its {name} is all 1"),
            Initializer::Constant { value } => format!("its {name} is all {value}"),
            initializer @ (Initializer::RandomUniform { .. }
            | Initializer::RandomNormal { .. }
            | Initializer::TruncatedNormal { .. }
            | Initializer::VarianceScaling { .. }) => {
                format!("its {name} is drawn at random, {initializer}{}", how(&initializer))
            }
        }
    });
    let begins: Vec<String> = begins.collect();
    (!begins.is_empty()).then(|| format!("Before training {}.", begins.join("; ")))
}

/// What the signature of an initializer with a name says of it.
fn how(initializer: &Initializer) -> String {
    let class: String = initializer.to_string().split('_').map(capital).collect();
    let signature = initializers::SIGNATURES
        .iter()
        .find(|signature| signature.name == class);
    signature.map_or_else(String::new, |signature| {
        let mut letters = signature.doc.chars();
        let first = letters
            .next()
            .map_or_else(String::new, |letter| letter.to_lowercase().to_string());
        format!(" ({first}{})", letters.as_str())
    })
}

/// The words that were used.
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
