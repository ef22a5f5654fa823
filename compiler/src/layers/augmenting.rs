//! What the layers share that change pictures at random while training: `keras/src/layers/preprocessing/image_preprocessing`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values::{self, number, out_of_range, wrong_type};
use crate::layers::definition::Refusal;
use crate::ops::draws::stream;
use crate::ops::{Affine, FillMode, Motion, Sampling, Transforms};
use crate::plan::builder::Forward;
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// The argument `fill_mode`: which pixels continue a picture beyond its edges.
pub(super) const FILL_MODE: Argument = Argument::optional(
    "fill_mode",
    ArgumentKind::Word(&["reflect", "wrap", "constant", "nearest"]),
    Literal::Str("reflect"),
    "what lies beyond the edges",
);

/// The argument `interpolation`: how values between pixels are found.
pub(super) const INTERPOLATION: Argument = Argument::optional(
    "interpolation",
    ArgumentKind::Word(&["nearest", "bilinear"]),
    Literal::Str("bilinear"),
    "what a place between pixels is made of",
);

/// The argument `fill_value`: the value beyond the edges where `fill_mode` is `constant`.
pub(super) const FILL_VALUE: Argument = Argument::optional(
    "fill_value",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "the value beyond the edges with fill_mode=\"constant\"",
);

/// The argument `value_range`: the least and the largest value that a pixel may have.
pub(super) const VALUE_RANGE: Argument = Argument::optional(
    "value_range",
    ArgumentKind::Bounds,
    Literal::Pair(0, 255),
    "the least and the largest value of a pixel; (0, 1) where pixels are scaled before",
);

/// The argument `seed`, which is refused: the seed of `fit` determines all random numbers.
pub(super) const SEED: Argument = Argument::unsupported("seed", Literal::None);

/// The last sentence of each of these layers' explanations.
pub(super) const IN_TRAINING: &str = "Evaluation and prediction leave pictures as they are.";

/// The numbers that a factor may be, and the words for them in messages.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    /// Whether a number is allowed.
    pub holds: fn(f64) -> bool,
    /// The rule in words, behind "must be" in a message: `from 0 to 1`.
    pub rule: &'static str,
}

/// Any number from -1 to 1.
pub(super) const WITHIN_ONE: Allowed = Allowed {
    holds: |factor| (-1.0..=1.0).contains(&factor),
    rule: "from -1 to 1",
};

/// Any number from 0 to 1.
pub(super) const SHARE: Allowed = Allowed {
    holds: |factor| (0.0..=1.0).contains(&factor),
    rule: "from 0 to 1",
};

fn pair(value: &Value) -> Option<[&Value; 2]> {
    match &value.kind {
        ValueKind::Tuple(items) | ValueKind::List(items) => match items.as_slice() {
            [first, second] => Some([first, second]),
            _ => None,
        },
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_)
        | ValueKind::Call(_) => None,
    }
}

fn allowed(parameter: &Argument, value: &Value, allowed: Allowed, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(parameter, value, diagnostics, allowed.rule, allowed.holds)
}

/// Reads a factor as the least and the largest value of a range. A single number is the largest; the least is then as
/// far below 0.
pub(super) fn factor(name: &str, range: Allowed, arguments: &mut Arguments) -> Option<[f64; 2]> {
    arguments.read(name, |parameter, value, diagnostics| match pair(value) {
        Some([first, second]) => {
            let (first, second) = (
                allowed(parameter, first, range, diagnostics),
                allowed(parameter, second, range, diagnostics),
            );
            let (first, second) = (first?, second?);
            Some([first.min(second), first.max(second)])
        }
        None => allowed(parameter, value, range, diagnostics).map(|factor| [-factor.abs(), factor.abs()]),
    })
}

/// Reads a factor like [`factor`]; Some(None) where the value is `None` or left out.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn optional_factor(name: &str, range: Allowed, arguments: &mut Arguments) -> Option<Option<[f64; 2]>> {
    let none = arguments
        .written(name)
        .is_none_or(|argument| argument.value.kind == ValueKind::None);
    if none {
        return Some(None);
    }
    factor(name, range, arguments).map(Some)
}

/// Reads a pair of numbers that differ, and puts the smaller one first.
pub(super) fn bounds(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<[f64; 2]> {
    let Some([first, second]) = pair(value) else {
        diagnostics.push(wrong_type(parameter, value));
        return None;
    };
    let (first, second) = (
        number(parameter, first, diagnostics)?,
        number(parameter, second, diagnostics)?,
    );
    if first.total_cmp(&second).is_eq() {
        diagnostics.push(out_of_range(parameter, value, "two numbers that differ", first));
        return None;
    }
    Some([first.min(second), first.max(second)])
}

/// Reads `fill_mode`, `interpolation` and `fill_value`.
pub(super) fn sampling(arguments: &mut Arguments) -> Option<Sampling> {
    let mode = arguments.read("fill_mode", values::word);
    let interpolation = arguments.read("interpolation", values::word);
    let value = arguments.read("fill_value", number);
    let mode = mode?;
    let fill_mode = FillMode::NAMES.iter().find(|(name, _)| *name == mode)?.1;
    Some(Sampling {
        bilinear: interpolation? == "bilinear",
        fill_mode,
        fill_value: value? as f32,
    })
}

/// The arguments of [`sampling`], as the description would give them.
pub(super) fn printed(sampling: Sampling) -> Vec<(&'static str, String)> {
    let interpolation = if sampling.bilinear { "bilinear" } else { "nearest" };
    vec![
        ("fill_mode", sampling.fill_mode.name().to_owned()),
        ("interpolation", interpolation.to_owned()),
        ("fill_value", format!("{:?}", sampling.fill_value)),
    ]
}

/// A range as the description would give it: `(-0.2, 0.2)`.
pub(super) fn range([least, most]: [f64; 2]) -> String {
    format!("({least:?}, {most:?})")
}

/// A range in single precision, as kernels take it.
pub(super) fn single([least, most]: [f64; 2]) -> [f32; 2] {
    [least as f32, most as f32]
}

/// The shape of a picture that keeps its size. Errs for inputs without rows and columns.
pub(super) fn picture(inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let input = *inputs.first().ok_or(Refusal::NoInput)?;
    input.as_map().map(|_| input.clone()).ok_or(Refusal::NotAnImage)
}

/// Whether the program trains; in others these layers do nothing.
pub(super) fn acts(at: &Forward<'_>) -> bool {
    match at.mode() {
        Mode::Train => true,
        Mode::Evaluate | Mode::Predict => false,
    }
}

/// Appends the operations that move a picture; returns the output.
pub(super) fn moved(motion: Motion, sampling: Sampling, at: &mut Forward<'_>) -> TensorId {
    let input = at.input();
    let (Some((height, width, channels)), Some((rows, columns, _))) = (at.input_shape().as_map(), at.shape().as_map())
    else {
        return input;
    };
    let (from, to) = ((height, width), (rows, columns));
    let transforms = at.tensor("transforms", &Shape::flat(6));
    at.push(Transforms {
        motion,
        from,
        to,
        stream: stream(at.name()),
        output: transforms,
    });
    let output = at.output();
    at.push(Affine {
        sampling,
        from,
        to,
        channels,
        input,
        transforms,
        output,
    });
    output
}
