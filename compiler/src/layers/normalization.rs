//! `Normalization`: `keras/src/layers/preprocessing/normalization.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::sizes;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing;
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::Rescale;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Normalization(axis, mean, variance, invert)`: each channel less a given mean, divided by a given deviation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Normalization {
    /// One for all channels, or one each.
    pub mean: Vec<f32>,
    /// One for all channels, or one each.
    pub variance: Vec<f32>,
    /// Whether it goes the other way: times the deviation, plus the mean.
    pub invert: bool,
    /// The axis as it was written: negative from the end, else from 1, as 0 is the batch.
    #[serde(skip)]
    pub axis: i64,
}

/// The least deviation (`keras/src/backend/config.py`, `epsilon`).
const LEAST: f32 = 1e-7;

impl Class for Normalization {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Normalization",
        aliases: &[],
        doc: "Each channel less a given mean, divided by the root of a given variance",
        parameters: &[
            normalizing::AXIS,
            Parameter::optional(
                "mean",
                Kind::NumberOrNumbers,
                Literal::None,
                "one number for all channels, or a list of one each; must be given",
            ),
            Parameter::optional(
                "variance",
                Kind::NumberOrNumbers,
                Literal::None,
                "one number for all channels, or a list of one each; must be given",
            ),
            Parameter::optional(
                "invert",
                Kind::Bool,
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
        for (values, name) in [(&mean, "mean"), (&variance, "variance")] {
            if values.is_empty() {
                let span = arguments.span_of(name);
                arguments.diagnostics().push(
                    Diagnostic::error("E0110", format!("Normalization without `{name}` is not supported"))
                        .at(span, "Keras adapts it to the data, cnnc does not")
                        .help("give both: Normalization(mean=[0.49, 0.48, 0.45], variance=[0.06, 0.06, 0.07])"),
                );
                return None;
            }
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
            invert: invert?,
            axis: axis?,
        })
    }
}

impl Definition for Normalization {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let output = normalizing::output("Normalization", self.axis, inputs)?;
        let channels = output.channels();
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

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let list = |values: &[f32]| match values {
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
        let (scales, shifts) = self.factors().into_iter().unzip();
        Some(at.affine(input, scales, shifts))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let (input, output) = (at.input(), at.output());
        at.push(Rescale {
            factors: self.factors(),
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        if let Some(dinput) = at.dinput(0) {
            at.push(Rescale {
                factors: self.factors().into_iter().map(|(scale, _)| (scale, 0.0)).collect(),
                input: doutput,
                output: dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let text = if self.invert {
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
    /// Scale and offset: one pair for all channels, or one each.
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
