//! `Rescaling`: `keras/src/layers/preprocessing/rescaling.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::activations;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::Rescale;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::{Serialize, Serializer};

/// `Rescaling(scale, offset)`: `x scale + offset`, number by number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rescaling {
    /// The factors: one for all channels, or one for each.
    #[serde(serialize_with = "one_or_all")]
    pub scale: Vec<f64>,
    /// The summands: one for all channels, or one for each.
    #[serde(serialize_with = "one_or_all")]
    pub offset: Vec<f64>,
}

impl Class for Rescaling {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Rescaling",
        aliases: &[],
        doc: "Each number times scale, plus offset",
        parameters: &[
            Argument::required(
                "scale",
                ArgumentKind::NumberOrNumbers,
                "the factor; a list of one for each channel",
            ),
            Argument::optional(
                "offset",
                ArgumentKind::NumberOrNumbers,
                Literal::Float(0.0),
                "what is added; a list of one for each channel",
            ),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let scale = arguments.read("scale", numbers);
        let offset = arguments.read("offset", numbers);
        Some(Self {
            scale: scale?,
            offset: offset?,
        })
    }
}

impl Definition for Rescaling {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let output = activations::output(inputs)?;
        for (values, argument) in [(&self.scale, "scale"), (&self.offset, "offset")] {
            if values.len() != 1 && values.len() != output.channels() {
                return Err(Refusal::Argument {
                    argument,
                    message: format!("`{argument}` has one number for each channel, or one for all"),
                    label: format!(
                        "{} for {}",
                        count(values.len(), "number"),
                        count(output.channels(), "channel")
                    ),
                    help: "give one number for all channels, or a list of one each".to_owned(),
                });
            }
        }
        Ok(output)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("scale", printed(&self.scale)), ("offset", printed(&self.offset))]
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
        let shown = |values: &[f64]| match values {
            [only] => only.to_string(),
            _ => "a number of its channel".to_owned(),
        };
        let offset = match self.offset.as_slice() {
            [0.0] => String::new(),
            offset => format!(", plus {}", shown(offset)),
        };
        vec![format!(
            "Each number times {}{offset}. Nothing is learnt.",
            shown(&self.scale)
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("ax+b")
    }
}

impl Rescaling {
    /// Scale and offset: one pair for all channels, or one for each.
    fn factors(&self) -> Vec<(f32, f32)> {
        let of = |values: &[f64], channel: usize| match values {
            [only] => *only as f32,
            values => values.get(channel).copied().unwrap_or(0.0) as f32,
        };
        let channels = self.scale.len().max(self.offset.len());
        (0..channels)
            .map(|channel| (of(&self.scale, channel), of(&self.offset, channel)))
            .collect()
    }
}

/// Reads a number, or a list with one for each channel.
fn numbers(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
    match &value.kind {
        ValueKind::Tuple(items) | ValueKind::List(items) if !items.is_empty() => items
            .iter()
            .map(|item| values::number(parameter, item, diagnostics))
            .collect(),
        ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => values::number(parameter, value, diagnostics).map(|only| vec![only]),
    }
}

fn printed(values: &[f64]) -> String {
    match values {
        [only] => format!("{only:?}"),
        values => format!("{values:?}"),
    }
}

fn one_or_all<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    match values {
        [only] => only.serialize(serializer),
        values => values.serialize(serializer),
    }
}
