//! The numbers of a layer.

use super::expression::{Expression, Function, product, sum};
use super::{Axis, Equation, Fact, Place, View, What};
use crate::call::suggest::all_of;
use crate::layers::Layer;
use crate::numbers::thousands;
use crate::variable::Variable;
use crate::verbose::{self, Reach, ReceptiveField};
use crate::window::{Padding, Sliding, Window};

/// Everything that is counted of a layer, in the order in which it is understood.
pub(super) fn facts(view: &View<'_>, place: &Place<'_>) -> Vec<Fact> {
    let mut facts = sizes(place);
    facts.extend(parameters(place, view.parameters));
    facts.extend(multiply_adds(place, view.macs));
    facts.extend(sees(view, place));
    facts.push(memory(place));
    facts
}

/// Where the output's shape comes from, if it is not plain.
fn sizes(place: &Place<'_>) -> Vec<Fact> {
    let Some(&input) = place.inputs.first() else {
        return Vec::new();
    };
    match &place.node.layer {
        Layer::Conv2D(layer) => windows(input.as_map(), &layer.window, "zeros"),
        Layer::MaxPooling2D(layer) | Layer::AveragePooling2D(layer) => {
            windows(input.as_map(), &layer.window, "cells, which do not count")
        }
        Layer::GlobalAveragePooling2D(_) | Layer::GlobalMaxPooling2D(_) => {
            let Some((height, width, _)) = input.as_map() else {
                return Vec::new();
            };
            let equation = product([height, width]).equals_of(input.positions() as u64, "numbers");
            let because = "all places of a channel: one number is left of them";
            vec![Fact::new(What::Window, vec![equation], because)]
        }
        Layer::Flatten(_) => {
            let equation = product(input.sizes().iter().copied()).equals(place.output.elements() as u64);
            vec![Fact::new(
                What::Size,
                vec![equation],
                "every number has its place in the row",
            )]
        }
        Layer::Concatenate(layer) => {
            let along = place.inputs.iter().filter_map(|shape| shape.sizes().get(layer.axis));
            let joined = place.output.sizes().get(layer.axis).copied().unwrap_or_default();
            let because = format!(
                "{}, one input after the other",
                axis_name(layer.axis, place.output.rank())
            );
            vec![Fact::new(
                What::Size,
                vec![sum(along.copied()).equals(joined as u64)],
                because,
            )]
        }
        Layer::Input(_)
        | Layer::Dense(_)
        | Layer::Activation(_)
        | Layer::ReLU(_)
        | Layer::Softmax(_)
        | Layer::Add(_) => Vec::new(),
    }
}

/// What an axis of a sample counts.
pub(super) fn axis_name(axis: usize, rank: usize) -> &'static str {
    match (axis, rank) {
        (0, 2 | 3) => "height",
        (1, 3) => "width",
        (2, 3) => "channels",
        _ => "numbers",
    }
}

/// The sizes that a window leaves, told once where height and width are alike.
fn windows(input: Option<(usize, usize, usize)>, window: &Window, filling: &str) -> Vec<Fact> {
    let Some((height, width, _)) = input else {
        return Vec::new();
    };
    let Some(grid) = window.over(height, width) else {
        return Vec::new();
    };
    if grid.vertical == grid.horizontal {
        return along(&grid.vertical, window.padding, Axis::Both, filling);
    }
    let mut facts = along(&grid.vertical, window.padding, Axis::Height, filling);
    facts.extend(along(&grid.horizontal, window.padding, Axis::Width, filling));
    facts
}

/// The size that a window leaves along an axis, and the padding if there is any.
fn along(sliding: &Sliding, padding: Padding, axis: Axis, filling: &str) -> Vec<Fact> {
    let &Sliding {
        input,
        output,
        size,
        stride,
        dilation,
        ..
    } = sliding;
    let extent = sliding.extent();
    let alike = if axis == Axis::Both {
        ", in height and width alike"
    } else {
        ""
    };
    let (equation, because) = match padding {
        Padding::Valid => valid(input, extent, stride, output),
        Padding::Same => same(sliding),
    };
    let size_fact = Fact::new(What::Size, vec![equation], because + alike).along(axis);
    let mut facts = match padding {
        Padding::Valid => vec![size_fact],
        // What keeps the size is understood before the size, else the other way round.
        Padding::Same if stride == 1 => vec![overhang(sliding, filling).along(axis), size_fact],
        Padding::Same => vec![size_fact, overhang(sliding, filling).along(axis)],
    };
    if let Some(first) = facts.first_mut().filter(|_| dilation > 1) {
        let spans = Expression::from(dilation)
            .times(Expression::from(size).minus(1_usize))
            .plus(1_usize);
        let spans = spans.equals_of(extent as u64, "cells, which the window spans with its gaps");
        first.equations.insert(0, spans);
    }
    facts
}

/// By how many cells the windows stick out.
fn overhang(sliding: &Sliding, filling: &str) -> Fact {
    let &Sliding {
        input,
        output,
        stride,
        pad_before,
        ..
    } = sliding;
    let (extent, overhang) = (sliding.extent(), sliding.overhang());
    let mut covered = if stride == 1 {
        Expression::from(extent).minus(1_usize)
    } else {
        let starts = Expression::from(output).minus(1_usize).times(stride);
        starts.plus(extent).minus(input)
    };
    if (output - 1) * stride + extent < input {
        covered = covered.or_zero();
    }
    let because = if overhang == 0 {
        "no window sticks out".to_owned()
    } else {
        let after = overhang - pad_before;
        format!("{filling}: {pad_before} before and {after} after the picture")
    };
    Fact::new(What::Padding, vec![covered.equals(overhang as u64)], because)
}

fn valid(input: usize, extent: usize, stride: usize, output: usize) -> (Equation, String) {
    let room = Expression::from(input).minus(extent);
    let rest = (input - extent) % stride;
    let lost = match rest {
        0 => String::new(),
        1 => "; the last cell is left out".to_owned(),
        rest => format!("; the last {rest} cells are left out"),
    };
    if stride == 1 {
        let because = format!("a window of {extent} fits into {input} cells at {output} places");
        return (room.plus(1_usize).equals(output as u64), because);
    }
    if stride == extent {
        let because = format!("windows of {extent} side by side{lost}");
        return (
            down(Expression::from(input).over(stride), rest).equals(output as u64),
            because,
        );
    }
    let because = format!("one window at the start, and one every {stride} cells as long as it fits{lost}");
    (
        down(room.over(stride), rest).plus(1_usize).equals(output as u64),
        because,
    )
}

fn same(sliding: &Sliding) -> (Equation, String) {
    let &Sliding {
        input, output, stride, ..
    } = sliding;
    if stride == 1 {
        let padded = Expression::from(input).plus(sliding.overhang());
        let equation = padded.minus(sliding.extent()).plus(1_usize).equals(output as u64);
        return (equation, "padding keeps the size: one window at every cell".to_owned());
    }
    let quotient = Expression::from(input).over(stride);
    let quotient = if input % stride == 0 {
        quotient
    } else {
        quotient.under(Function::Ceil)
    };
    let padded = if sliding.overhang() == 0 {
        ""
    } else {
        "; padding fills up what sticks out"
    };
    let because = format!("one window every {stride} cells{padded}");
    (quotient.equals(output as u64), because)
}

/// Rounded down, if there is something to round.
fn down(quotient: Expression, rest: usize) -> Expression {
    if rest == 0 {
        quotient
    } else {
        quotient.under(Function::Floor)
    }
}

/// The weights and biases: `(5 * 5 * 1 + 1) * 9` of a kernel and its bias, else one product a variable.
fn parameters(place: &Place<'_>, total: usize) -> Option<Fact> {
    let count: usize = place.variables.iter().map(Variable::count).sum();
    if count == 0 {
        return None;
    }
    let (left, because) = of_variables(place);
    let mut equations = vec![left.equals(count as u64)];
    equations.extend(share(count as u64, total as u64, "% of all parameters"));
    Some(Fact::new(What::Parameters, equations, because))
}

fn of_variables(place: &Place<'_>) -> (Expression, String) {
    let one = match &place.node.layer {
        Layer::Conv2D(_) => "filter",
        Layer::Dense(_) => "output",
        Layer::Input(_)
        | Layer::MaxPooling2D(_)
        | Layer::AveragePooling2D(_)
        | Layer::GlobalAveragePooling2D(_)
        | Layer::GlobalMaxPooling2D(_)
        | Layer::Flatten(_)
        | Layer::Activation(_)
        | Layer::ReLU(_)
        | Layer::Softmax(_)
        | Layer::Add(_)
        | Layer::Concatenate(_) => "channel",
    };
    let last = place.variables.first().and_then(|kernel| kernel.shape.split_last());
    match (place.variables, last) {
        ([_, bias], Some((&outputs, weights))) if bias.shape == [outputs] && !weights.is_empty() => {
            let left = product(weights.iter().copied()).plus(1_usize).times(outputs);
            let many = if outputs == 1 { "" } else { "s" };
            (
                left,
                format!(
                    "the weights of one {one} and its bias, for {} {one}{many}",
                    thousands(outputs)
                ),
            )
        }
        ([kernel], Some((&outputs, _))) => (
            product(kernel.shape.iter().copied()),
            format!(
                "the weights of one {one}, for {} of them; there is no bias",
                thousands(outputs)
            ),
        ),
        (variables, _) => {
            let left = sum(variables.iter().map(|variable| product(variable.shape.iter().copied())));
            (left, all_of(variables.iter().map(|variable| variable.name)))
        }
    }
}

fn multiply_adds(place: &Place<'_>, total: u64) -> Option<Fact> {
    let taps = verbose::taps(&place.node.layer, place.inputs.first()?);
    if taps.is_empty() {
        return None;
    }
    let results = place.output.elements();
    let each: usize = taps.iter().product();
    let mut equations = vec![Expression::from(results).times(product(taps)).equals(place.macs)];
    equations.extend(share(place.macs, total, "% of all multiply-adds"));
    let products = if each == 1 {
        "1 product".to_owned()
    } else {
        format!("{} products", thousands(each))
    };
    let because = match results {
        1 => format!("the result adds up {products}"),
        results => format!("each of the {} results adds up {products}", thousands(results)),
    };
    Some(Fact::new(What::MultiplyAdds, equations, because))
}

/// `100 * part / whole`, unless it is all of it.
fn share(part: u64, whole: u64, unit: &'static str) -> Option<Equation> {
    let percent = Expression::from(100_usize).times(part).over(whole);
    // One decimal, below one percent two digits.
    let decimals = (1.0 - percent.value().log10().floor()).clamp(1.0, 9.0) as usize;
    (part < whole).then(|| percent.nearly(decimals, unit))
}

/// How much of the picture a number depends on, where the layer changes that.
fn sees(view: &View<'_>, place: &Place<'_>) -> Vec<Fact> {
    let before = verbose::before(place.node, &view.fields);
    let (Some(&input), Some(after), Some(before)) = (place.inputs.first(), place.field, before) else {
        return Vec::new();
    };
    let reach = verbose::reach(&place.node.layer, input);
    let at = |index: usize| {
        let picture = view.network.input_shape().sizes().get(index).copied();
        Along::of(before, after, reach, index, picture?)
    };
    let (Some(vertical), Some(horizontal)) = (at(0), at(1)) else {
        return Vec::new();
    };
    if vertical == horizontal {
        return vertical.facts(Axis::Both);
    }
    let mut facts = vertical.facts(Axis::Height);
    facts.extend(horizontal.facts(Axis::Width));
    facts
}

/// A receptive field before and after a layer, along one axis.
#[derive(PartialEq)]
struct Along {
    size: (u64, u64),
    jump: (u64, u64),
    window: usize,
    stride: usize,
    dilation: usize,
    /// The picture's own cells, if that is less than is seen.
    picture: Option<usize>,
}

impl Along {
    fn of(before: ReceptiveField, after: ReceptiveField, reach: Reach, index: usize, picture: usize) -> Option<Self> {
        let pick = |pair: (usize, usize)| if index == 0 { pair.0 } else { pair.1 };
        Some(Self {
            size: (*before.size.get(index)?, *after.size.get(index)?),
            jump: (*before.jump.get(index)?, *after.jump.get(index)?),
            window: pick(reach.size),
            stride: pick(reach.strides),
            dilation: pick(reach.dilation),
            picture: Some(picture).filter(|&cells| cells < *after.size.get(index).unwrap_or(&0) as usize),
        })
    }

    fn facts(&self, axis: Axis) -> Vec<Fact> {
        let &Self {
            size,
            jump,
            window,
            stride,
            dilation,
            picture,
        } = self;
        let mut facts = Vec::new();
        if window > 1 {
            let mut factors = vec![Expression::from(window).minus(1_usize)];
            if dilation > 1 {
                factors.push(dilation.into());
            }
            factors.push(jump.0.into());
            let equation = Expression::from(size.0)
                .plus(product(factors))
                .equals_of(size.1, "pixels of the picture");
            let alike = if axis == Axis::Both {
                ", in height and width alike"
            } else {
                ""
            };
            let because = if size.0 == 1 {
                format!("its window, laid on the picture itself{alike}")
            } else {
                format!(
                    "its window's numbers see {} pixels each and stand {} apart{alike}",
                    size.0,
                    jump.0.saturating_mul(dilation as u64)
                )
            };
            let beyond = picture.map_or_else(String::new, |picture| {
                format!("; the picture has {picture}, so the rest is padding around it")
            });
            facts.push(Fact::new(What::Sees, vec![equation], because + &beyond).along(axis));
        }
        if stride > 1 {
            let equation = Expression::from(jump.0)
                .times(stride)
                .equals_of(jump.1, "pixels of the picture");
            let because = "from what one number sees to what the next one sees";
            facts.push(Fact::new(What::Step, vec![equation], because).along(axis));
        }
        facts
    }
}

/// The numbers that come out, and what they take.
fn memory(place: &Place<'_>) -> Fact {
    let elements = place.output.elements() as u64;
    let mut equations = Vec::new();
    if place.output.rank() > 1 {
        equations.push(product(place.output.sizes().iter().copied()).equals_of(elements, "numbers"));
    }
    equations.push(
        Expression::from(elements)
            .times(verbose::BYTES)
            .equals_of(elements * verbose::BYTES, "bytes"),
    );
    let because = if place.inputs.is_empty() {
        "what comes out for one picture, 4 bytes a number"
    } else {
        ""
    };
    Fact::new(What::Memory, equations, because)
}
