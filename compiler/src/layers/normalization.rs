//! `Normalization`: `keras/src/layers/preprocessing/normalization.py`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::layers::definition::{Class, Definition, InKeras, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing;
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::{NormalizeMoving, NormalizeMovingBackward, Rescale, Sets};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Normalization(axis, mean, variance, invert)`: a given or measured mean is subtracted from each channel, and the
/// rest divided by the root of the variance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Normalization {
    /// One mean for all channels, or one for each; empty where means are variables.
    pub mean: Vec<f32>,
    /// One variance for all channels, or one for each; empty where variances are variables. Beside a measured mean, the one
    /// that its variables have.
    pub variance: Vec<f32>,
    /// Whether variables are measured on the training samples. They are not where the description gives both as
    /// `None`, as the applications do, whose layers Keras does not adapt.
    pub measured: bool,
    /// Whether the layer goes the other way: it multiplies by the deviation, then adds the mean.
    pub invert: bool,
    /// The normalized axis as the description gives it: -1, or counted from 1, as 0 is the batch.
    #[serde(skip)]
    pub axis: i64,
}

/// The smallest deviation that is divided by (`epsilon` in `keras/src/backend/config.py`).
const LEAST: f32 = 1e-7;

impl Class for Normalization {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Normalization",
        aliases: &[],
        doc: "Each channel less a mean, divided by the root of a variance, which are given or measured on the training samples",
        parameters: &[
            normalizing::AXIS,
            Argument::optional(
                "mean",
                ArgumentKind::NumberOrNumbers,
                Literal::None,
                "one number for all channels, or a list of one each; None means that of the training samples",
            ),
            Argument::optional(
                "variance",
                ArgumentKind::NumberOrNumbers,
                Literal::None,
                "one number for all channels, or a list of one each; None means that of the training samples; one number can be given alone, and the mean is then measured",
            ),
            Argument::optional(
                "invert",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether to go back: times the deviation, plus the mean",
            ),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let axis = arguments.read("axis", normalizing::axis);
        let mean = arguments.read("mean", sizes::numbers);
        let variance = arguments.read("variance", sizes::numbers);
        let invert = arguments.bool("invert");
        let (mean, variance) = (mean?, variance?);
        let measured = mean.is_empty() && arguments.written("mean").is_none();
        if variance.is_empty() && !mean.is_empty() {
            let span = arguments.span_of("mean");
            arguments.diagnostics().push(
                Diagnostic::error("E0104", "`mean` without `variance`")
                    .at(span, "one of the two")
                    .help("give both, or neither: then both are measured on the training samples"),
            );
            return None;
        }
        if mean.is_empty() && (variance.len() > 1 || (!variance.is_empty() && !measured)) {
            let span = arguments.span_of("variance");
            arguments.diagnostics().push(
                Diagnostic::error("E0104", "`variance` without `mean`")
                    .at(span, "for each channel")
                    .help("give both, or neither; with variance=1.0 alone, the mean of the training samples is taken away"),
            );
            return None;
        }
        if mean.is_empty() && invert == Some(true) {
            let span = arguments.span_of("invert");
            arguments.diagnostics().push(
                Diagnostic::error("E0110", "`invert` without `mean` and `variance` is not supported")
                    .at(span, "goes back from what is measured")
                    .help("give both numbers: Normalization(mean=0.13, variance=0.095, invert=True)"),
            );
            return None;
        }
        if let Some(variance) = variance.iter().find(|&&variance| variance < 0.0) {
            let span = arguments.span_of("variance");
            arguments.diagnostics().push(
                Diagnostic::error("E0109", "`variance` must be at least 0").at(span, format!("this is {variance}")),
            );
            return None;
        }
        Some(Self {
            mean,
            variance,
            measured,
            invert: invert?,
            axis: axis?,
        })
    }
}

impl Definition for Normalization {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let output = normalizing::output("Normalization", self.axis, inputs)?;
        let channels = output.channels();
        if self.is_adapted() {
            return Ok(output);
        }
        for (values, argument) in [(&self.mean, "mean"), (&self.variance, "variance")] {
            if values.len() != 1 && values.len() != channels {
                return Err(Refusal::Argument {
                    argument,
                    message: format!("`{argument}` has one number for each channel, or one for all"),
                    label: format!("{} for {}", count(values.len(), "number"), count(channels, "channel")),
                    help: "give one number for all channels, or a list of one each".to_owned(),
                });
            }
        }
        Ok(output)
    }

    /// The statistics that Keras adapts to data, and the number of samples they come from. Training moves none of them.
    fn variables(&self, input: &Shape) -> Vec<Variable> {
        if !self.is_adapted() {
            return Vec::new();
        }
        let channels = vec![input.channels()];
        let fixed = |name, shape, initializer| Variable {
            trainable: false,
            ..Variable::new(name, shape, initializer)
        };
        vec![
            fixed("mean", channels.clone(), Initializer::Zeros),
            fixed(
                "variance",
                channels,
                match self.variance.first() {
                    Some(&value) => Initializer::Constant { value },
                    None => Initializer::Ones,
                },
            ),
            fixed("count", Vec::new(), Initializer::Zeros),
        ]
    }

    fn adapts(&self) -> bool {
        self.measured
    }

    fn adapted_variance(&self) -> Option<f32> {
        self.variance.first().copied().filter(|_| self.measured)
    }

    /// Keras measures both or neither; the variables say the rest.
    fn in_keras(&self) -> InKeras {
        if self.adapted_variance().is_none() {
            return InKeras::Itself;
        }
        let both = Self {
            variance: Vec::new(),
            ..self.clone()
        };
        InKeras::Other("Normalization", both.arguments())
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let list = |values: &[f32]| match values {
            [] => "None".to_owned(),
            [only] => format!("{only:?}"),
            values => format!("{values:?}"),
        };
        vec![
            ("axis", self.axis.to_string()),
            ("mean", list(&self.mean)),
            ("variance", list(&self.variance)),
            ("invert", self.invert.to_string()),
        ]
    }

    fn scales_values(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        if let (Some((_, mean)), Some((_, variance))) = (at.values("mean"), at.values("variance")) {
            let own = Self {
                mean,
                variance,
                ..self.clone()
            };
            let (scales, shifts) = own.factors().into_iter().unzip();
            return Some(at.affine(input, scales, shifts));
        }
        let (scales, shifts) = self.factors().into_iter().unzip();
        Some(at.affine(input, scales, shifts))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let (input, output) = (at.input(), at.output());
        if let (Some(moving_mean), Some(moving_variance)) = (at.variable("mean"), at.variable("variance")) {
            at.push(NormalizeMoving {
                sets: Self::sets(at.input_shape()),
                epsilon: LEAST * LEAST,
                input,
                gamma: None,
                beta: None,
                moving_mean,
                moving_variance,
                output,
            });
            return output;
        }
        at.push(Rescale {
            factors: self.factors(),
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        let (sets, variance) = (Self::sets(at.input_shape()), at.variable("variance"));
        if let Some(dinput) = at.dinput(0) {
            if let Some(moving_variance) = variance {
                at.push(NormalizeMovingBackward {
                    sets,
                    epsilon: LEAST * LEAST,
                    gamma: None,
                    moving_variance,
                    doutput,
                    dinput,
                });
                return;
            }
            at.push(Rescale {
                factors: self.factors().into_iter().map(|(scale, _)| (scale, 0.0)).collect(),
                input: doutput,
                output: dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let text = if self
            .adapted_variance()
            .is_some_and(|variance| variance.to_bits() == 1.0_f32.to_bits())
        {
            "The mean over all training samples is taken away from each channel. It is measured once, before training begins, and \
             stays as it is."
        } else if self.adapted_variance().is_some() {
            "The mean over all training samples is taken away from each channel, and the rest is divided by a fixed standard \
             deviation. The mean is measured once, before training begins, and stays as it is."
        } else if self.measured {
            "The mean over all training samples is taken away from each channel, and the rest is divided by the standard deviation \
             over them. Both are measured once, before training begins, and stay as they are."
        } else if self.invert {
            "Each channel times a fixed standard deviation, plus a fixed mean. Nothing is learnt."
        } else {
            "A fixed mean is taken away from each channel, and the rest is divided by a fixed standard deviation. Nothing is \
             learnt."
        };
        vec![text.to_owned()]
    }

    fn form(&self) -> Form {
        Form::Chip("norm")
    }
}

impl Normalization {
    /// Whether mean and variance are variables, which files of weights contain.
    fn is_adapted(&self) -> bool {
        self.mean.is_empty()
    }

    /// Each channel over all its positions is a set with statistics of its own.
    fn sets(input: &Shape) -> Sets {
        Sets {
            channels: input.channels(),
            positions: input.positions(),
            groups: Some(input.channels()),
        }
    }

    /// Scale and offset, so that the output is `x scale + offset`: one pair for all channels, or one for each.
    fn factors(&self) -> Vec<(f32, f32)> {
        let of = |values: &[f32], channel: usize| match values {
            [only] => *only,
            values => values.get(channel).copied().unwrap_or(0.0),
        };
        let factors = (0..self.mean.len().max(self.variance.len())).map(|channel| {
            let mean = of(&self.mean, channel);
            let deviation = of(&self.variance, channel).sqrt().max(LEAST);
            if self.invert {
                (deviation, mean)
            } else {
                (1.0 / deviation, -mean / deviation)
            }
        });
        factors.collect()
    }
}
