//! Draws the learnt kernels of a convolution.

use crate::pictures::drawing::Drawing;
use crate::pictures::filters::{self, Channels, Filter};
use crate::session::error::{Error, Result};
use crate::session::{Description, executor};
use compiler::call::suggest;
use compiler::plan::{Parameter, Plan};
use std::path::Path;

/// Draws the kernels of the convolution with this name, or of the first one, with the weights in a file. With `rgb`, kernels over
/// three channels are drawn as colours.
///
/// # Errors
/// When there is no such convolution, or the weights are not the network's.
pub fn filters(description: &Description, weights: &Path, layer: Option<&str>, rgb: bool) -> Result<Drawing> {
    let layer = convolution(description, layer)?;
    let plan = description.plan();
    let weights = executor::weights(&description.network, &plan, weights)?;
    drawing(&plan, &weights, layer, rgb)
}

/// Draws the kernels of a convolution, given all parameters; with `rgb`, three channels as colours, else each in a row.
///
/// # Errors
/// When the layer has no kernel, or not one over three channels where colours are asked for.
pub fn drawing(plan: &Plan, weights: &[f32], layer: &str, rgb: bool) -> Result<Drawing> {
    let wanted = format!("{layer}.kernel");
    let kernel = plan.parameters.iter().find(|parameter| parameter.name == wanted);
    let Some((kernel, &[height, width, inputs, filters])) = kernel.map(|kernel| (kernel, kernel.shape.as_slice()))
    else {
        return Err(Error::message(format!("{layer} has no kernel to draw")));
    };
    let values = Parameter::unpack(kernel, weights);
    let kernel = Filter {
        height,
        width,
        inputs,
        filters,
        values: &values,
    };
    let channels = match (rgb, inputs) {
        (false, _) => Channels::Rows,
        (true, 3) => Channels::Composite,
        (true, _) => {
            let message = format!("--rgb needs a convolution over 3 channels, and {layer} takes {inputs}");
            return Err(Error::message(message).with_help("leave --rgb out: there is a row for each channel then"));
        }
    };
    let title = format!("{}: filters of {layer}", plan.model);
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let line = format!(
        "{filters} filter{} of {height}\u{d7}{width} over {inputs} channel{}{}",
        plural(filters),
        plural(inputs),
        kernel.left_out()
    );
    Ok(filters::filters(&title, &line, &kernel, channels))
}

/// The convolution of this name, or else the first.
fn convolution<'a>(description: &'a Description, wanted: Option<&'a str>) -> Result<&'a str> {
    let nodes = &description.network.network().nodes;
    let convolutions = nodes.iter().filter(|node| node.layer.has_filters());
    let names: Vec<&str> = convolutions.map(|node| node.name.as_str()).collect();
    let Some(first) = names.first() else {
        return Err(Error::message(
            "the network has no convolution, and only those have filters",
        ));
    };
    let Some(wanted) = wanted else { return Ok(first) };
    if names.contains(&wanted) {
        return Ok(wanted);
    }
    let message = match nodes.iter().find(|node| node.name == wanted) {
        Some(node) => format!(
            "{wanted} is a {}, and only convolutions have filters",
            node.layer.class()
        ),
        None => format!("the network has no layer {wanted}"),
    };
    let help = suggest::nearest(wanted, names.iter().copied()).map_or_else(
        || format!("its convolutions: {}", names.join(", ")),
        |near| format!("did you mean {near}?"),
    );
    Err(Error::message(message).with_help(help))
}
