//! `cnnc show filters`: the learnt kernels of a convolution.

use super::super::source::Description;
use super::super::{Failure, Outcome, session, source};
use super::deliver;
use crate::cli::ShowFiltersArgs;
use crate::pictures::drawing::Drawing;
use crate::pictures::filters::{self, Channels, Kernel};
use compiler::call::suggest;
use compiler::layers::Layer;
use compiler::plan::{Parameter, Plan};

/// Draws them.
pub fn run(args: &ShowFiltersArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let layer = convolution(&description, args.layer.as_deref())?;
    let plan = session::plan(&description);
    let weights = session::weights(&plan, &args.weights)?;
    let drawing = drawing(&plan, &weights, layer, args.rgb)?;
    deliver(&drawing, "filters", &args.picture)
}

/// The kernels of a convolution, given all parameters; three channels as colours, or a row each.
pub fn drawing(plan: &Plan, weights: &[f32], layer: &str, rgb: bool) -> Result<Drawing, Failure> {
    let wanted = format!("{layer}.kernel");
    let kernel = plan.parameters.iter().find(|parameter| parameter.name == wanted);
    let Some((kernel, &[height, width, inputs, filters])) = kernel.map(|kernel| (kernel, kernel.shape.as_slice()))
    else {
        return Err(Failure::message(format!("{layer} has no kernel to draw")));
    };
    let values = Parameter::unpack(kernel, weights);
    let kernel = Kernel {
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
            return Err(Failure::message(message).with_help("leave --rgb out: there is a row for each channel then"));
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
fn convolution<'a>(description: &'a Description, wanted: Option<&'a str>) -> Result<&'a str, Failure> {
    let nodes = &description.network.network().nodes;
    let convolutions = nodes.iter().filter(|node| matches!(node.layer, Layer::Conv2D(_)));
    let names: Vec<&str> = convolutions.map(|node| node.name.as_str()).collect();
    let Some(first) = names.first() else {
        return Err(Failure::message(
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
    Err(Failure::message(message).with_help(help))
}
