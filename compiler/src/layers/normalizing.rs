//! What the normalization layers share: `keras/src/layers/normalization/`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::layers::definition::Refusal;
use crate::ops::{Dgamma, Moments, Normalize, NormalizeBackward, NormalizeSums, SetMeans, SetStatistics, Sets};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{self, At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// The argument `axis`: the axis of the channels, which must be the last one.
pub(super) const AXIS: Argument = Argument::optional(
    "axis",
    ArgumentKind::Integer,
    Literal::Int(-1),
    "the channels, which are the last axis",
);

/// The argument `epsilon`: a number added to the variance, 0.001 by default.
pub(super) const EPSILON: Argument = Argument::optional(
    "epsilon",
    ArgumentKind::Number,
    Literal::Float(0.001),
    "added to the variance",
);

/// The argument `center`: whether there is a beta.
pub(super) const CENTER: Argument = Argument::optional(
    "center",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether each channel has a beta",
);

/// The argument `scale`: whether there is a gamma.
pub(super) const SCALE: Argument = Argument::optional(
    "scale",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether each channel has a gamma",
);

/// The argument `beta_initializer`, zeros by default.
pub(super) const BETA_INITIALIZER: Argument = Argument::optional(
    "beta_initializer",
    ArgumentKind::Initializer,
    Literal::Str("zeros"),
    "how beta starts",
);

/// The argument `gamma_initializer`, ones by default.
pub(super) const GAMMA_INITIALIZER: Argument = Argument::optional(
    "gamma_initializer",
    ArgumentKind::Initializer,
    Literal::Str("ones"),
    "how gamma starts",
);

/// The arguments `epsilon`, `center`, `scale`, `beta_initializer` and `gamma_initializer`.
pub(super) struct Affine {
    pub(super) epsilon: f32,
    pub(super) center: bool,
    pub(super) scale: bool,
    pub(super) beta_initializer: Initializer,
    pub(super) gamma_initializer: Initializer,
}

impl Affine {
    /// Reads all five; None where one of them was reported.
    pub(super) fn read(arguments: &mut Arguments) -> Option<Self> {
        let epsilon = arguments.read("epsilon", |parameter, value, diagnostics| {
            values::ranged(parameter, value, diagnostics, "above 0", |epsilon| epsilon > 0.0)
        });
        let (center, scale) = (arguments.bool("center"), arguments.bool("scale"));
        let beta = arguments.read("beta_initializer", initializers::read);
        let gamma = arguments.read("gamma_initializer", initializers::read);
        Some(Self {
            epsilon: epsilon? as f32,
            center: center?,
            scale: scale?,
            beta_initializer: beta?,
            gamma_initializer: gamma?,
        })
    }
}

/// Reads the axis: -1, or a number from 1 to 3 that may be the last axis of an input.
pub(super) fn axis(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    // Older descriptions give a list with one axis.
    let value = match &value.kind {
        ValueKind::List(items) | ValueKind::Tuple(items) => match items.as_slice() {
            [only] => only,
            _ => value,
        },
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => value,
    };
    match value.kind {
        ValueKind::Integer(axis @ (-1 | 1..=3)) => Some(axis),
        ValueKind::Integer(axis) => {
            diagnostics.push(
                Diagnostic::error("E0110", format!("axis {axis} is not supported"))
                    .at(value.span, "cnnc normalizes along the last axis, the channels")
                    .help("leave it out, which means axis=-1"),
            );
            None
        }
        ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            None
        }
    }
}

/// The shape of the output, which is the input's. Errs unless `axis` is the input's last one.
pub(super) fn output(class: &'static str, axis: i64, inputs: &[&Shape]) -> Result<Shape, Refusal> {
    let input = *inputs.first().ok_or(Refusal::NoInput)?;
    if axis == -1 || usize::try_from(axis).ok() == Some(input.rank()) {
        return Ok(input.clone());
    }
    Err(Refusal::Argument {
        argument: "axis",
        message: format!("{class} takes the last axis"),
        label: format!("axis {axis} of {input} is not the last"),
        help: "leave it out, which means axis=-1".to_owned(),
    })
}

/// The variables gamma and beta, as far as they have an initializer.
pub(super) fn variables(shape: &[usize], gamma: Option<Initializer>, beta: Option<Initializer>) -> Vec<Variable> {
    let both = [("gamma", gamma), ("beta", beta)].into_iter();
    let there = both.filter_map(|(name, initializer)| Some(Variable::new(name, shape.to_vec(), initializer?)));
    there.collect()
}

/// The end of a sentence for learners: "; then it is multiplied by a gamma of its own", and so on.
pub(super) fn then(scale: bool, center: bool) -> &'static str {
    match (scale, center) {
        (true, true) => {
            "; then it is multiplied by a gamma of its own and moved by a beta of its own, which are learnt"
        }
        (true, false) => "; then it is multiplied by a gamma of its own, which is learnt",
        (false, true) => "; then it is moved by a beta of its own, which is learnt",
        (false, false) => "",
    }
}

/// The shape of a tensor with two numbers for each chunk of each set.
pub(super) fn chunks(sets: &Sets) -> Shape {
    Shape::new(vec![sets.chunks() * 2, sets.sets()])
}

/// The shape of a tensor with two numbers for each set.
pub(super) fn statistics(sets: &Sets) -> Shape {
    Shape::new(vec![2, sets.sets()])
}

/// The name under which the forward pass keeps means and deviations for the backward pass.
const STATISTICS: &str = "statistics";

/// Lowers a normalization within each sample; returns the output.
pub(super) fn forward(sets: Sets, epsilon: f32, at: &mut Forward<'_>) -> TensorId {
    let input = at.input();
    let (gamma, beta) = (at.variable("gamma"), at.variable("beta"));
    let moments = at.tensor("moments", &chunks(&sets));
    at.push(Moments { sets, input, moments });
    let statistics = at.tensor(STATISTICS, &self::statistics(&sets));
    at.push(SetStatistics {
        sets,
        epsilon,
        moments,
        statistics,
    });
    at.remember(STATISTICS, statistics);
    let output = at.output();
    at.push(Normalize {
        sets,
        input,
        statistics,
        gamma,
        beta,
        output,
    });
    output
}

/// Lowers the backward pass of a normalization within each sample.
pub(super) fn backward(sets: Sets, at: &mut Backward<'_>) {
    let (input, doutput, gamma) = (at.input(), at.doutput(), at.variable("gamma"));
    let Some(statistics) = at.recall(STATISTICS) else {
        return;
    };
    dgamma(sets, statistics, at);
    if !at.needs(0) {
        return;
    }
    let sums = at.tensor("sums", &chunks(&sets));
    at.push(NormalizeSums {
        sets,
        input,
        statistics,
        gamma,
        doutput,
        sums,
    });
    let means = at.tensor("means", &self::statistics(&sets));
    at.push(SetMeans { sets, sums, means });
    if let Some(dinput) = at.dinput(0) {
        at.push(NormalizeBackward {
            sets,
            input,
            statistics,
            gamma,
            means,
            doutput,
            dinput,
        });
    }
}

/// Appends the gradients of gamma and beta, as far as they exist and train.
pub(super) fn dgamma(sets: Sets, statistics: TensorId, at: &mut Backward<'_>) {
    let trained = |name: &str, at: &Backward<'_>| at.variable(name).filter(|_| at.trains(name));
    let (gamma, beta) = (trained("gamma", at), trained("beta", at));
    if gamma.is_none() && beta.is_none() {
        return;
    }
    let (input, doutput) = (at.input(), at.doutput());
    at.push(Dgamma {
        sets,
        input,
        statistics,
        doutput,
        gamma,
        beta,
    });
}

/// The portable form, with factors of 1 where there is no gamma and summands of 0 where there is no beta.
pub(super) fn portable(sets: portable::Sets, epsilon: f32, at: &mut At<'_>) -> ValueId {
    let channels = at.input_shape().channels();
    let gamma = at.variable("gamma");
    let gamma = gamma.unwrap_or_else(|| at.constant("gamma", vec![channels], vec![1.0; channels]));
    let beta = at.variable("beta");
    let beta = beta.unwrap_or_else(|| at.constant("beta", vec![channels], vec![0.0; channels]));
    let op = portable::Op::Normalize {
        sets,
        epsilon,
        gamma,
        beta,
    };
    at.push(op, vec![at.input()], at.shape())
}
