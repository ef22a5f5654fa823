//! Works out the numbers of a layer.

use super::expression::{Equation, Expression, product, sum};
use super::fact::{Axis, Fact, What};
use super::view::{Stop, View};
use crate::call::suggest::all_of;
use crate::numbers::thousands;
use crate::variable::Variable;
use crate::verbose::{self, ReceptiveField};
use crate::window::Reach;

/// All numbers of a layer, in the order in which they are best understood.
pub(super) fn facts(view: &View<'_>, stop: &Stop<'_>) -> Vec<Fact> {
    let mut facts = stop.node.layer.sizes(&stop.place);
    facts.extend(parameters(stop, view.parameters));
    facts.extend(multiply_adds(stop, view.macs));
    facts.extend(sees(view, stop));
    facts.push(memory(stop));
    facts
}

/// The weights and biases: `(5 * 5 * 1 + 1) * 9` for a kernel and its bias, otherwise a product for each variable.
fn parameters(stop: &Stop<'_>, total: usize) -> Option<Fact> {
    let count: usize = stop.variables.iter().map(Variable::count).sum();
    if count == 0 {
        return None;
    }
    let (left, because) = of_variables(stop);
    let mut equations = vec![left.equals(count as u64)];
    equations.extend(share(count as u64, total as u64, "% of all parameters"));
    Some(Fact::new(What::Parameters, equations, because))
}

fn of_variables(stop: &Stop<'_>) -> (Expression, String) {
    let one = stop.node.layer.unit();
    let last = stop.variables.first().and_then(|kernel| kernel.shape.split_last());
    match (stop.variables, last) {
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
            // A single number has no sizes to multiply.
            let left = sum(variables.iter().map(|variable| match variable.shape.as_slice() {
                [] => product([1_usize]),
                sizes => product(sizes.iter().copied()),
            }));
            (left, all_of(variables.iter().map(|variable| variable.name)))
        }
    }
}

fn multiply_adds(stop: &Stop<'_>, total: u64) -> Option<Fact> {
    let input = stop.place.input()?;
    if let Some((steps, because)) = stop.node.layer.steps(input, stop.place.output) {
        let steps = steps.into_iter().map(product);
        let mut equations = vec![sum(steps).equals(stop.macs)];
        equations.extend(share(stop.macs, total, "% of all multiply-adds"));
        return Some(Fact::new(What::MultiplyAdds, equations, because));
    }
    let taps = stop.node.layer.taps(input);
    if taps.is_empty() {
        return None;
    }
    let results = stop.place.output.elements();
    let each: usize = taps.iter().product();
    let mut equations = vec![Expression::from(results).times(product(taps)).equals(stop.macs)];
    equations.extend(share(stop.macs, total, "% of all multiply-adds"));
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

/// `100 * part / whole`; None where the part is all of the whole.
fn share(part: u64, whole: u64, unit: &'static str) -> Option<Equation> {
    let percent = Expression::from(100_usize).times(part).over(whole);
    // Percentages have one decimal; those below one have two significant digits.
    let decimals = (1.0 - percent.value().log10().floor()).clamp(1.0, 9.0) as usize;
    (part < whole).then(|| percent.nearly(decimals, unit))
}

/// The part of the picture that a number depends on, for layers that change it.
fn sees(view: &View<'_>, stop: &Stop<'_>) -> Vec<Fact> {
    let before = verbose::before(stop.node, &view.fields);
    let (Some(input), Some(after), Some(before)) = (stop.place.input(), stop.field, before) else {
        return Vec::new();
    };
    let reach = stop.node.layer.reach(input);
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

/// A receptive field along one axis, before and after a layer.
#[derive(PartialEq)]
struct Along {
    size: (u64, u64),
    jump: (u64, u64),
    window: usize,
    stride: usize,
    dilation: usize,
    /// The cells of the picture itself, where these are fewer than the field has.
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

/// The numbers that come out of a layer, and the memory that they take.
fn memory(stop: &Stop<'_>) -> Fact {
    let elements = stop.place.output.elements() as u64;
    let mut equations = Vec::new();
    if stop.place.output.rank() > 1 {
        equations.push(product(stop.place.output.sizes().iter().copied()).equals_of(elements, "numbers"));
    }
    equations.push(
        Expression::from(elements)
            .times(verbose::BYTES)
            .equals_of(elements * verbose::BYTES, "bytes"),
    );
    let because = if stop.place.inputs.is_empty() {
        "what comes out for one picture, 4 bytes a number"
    } else {
        ""
    };
    Fact::new(What::Memory, equations, because)
}
