//! `Dropout`: `keras/src/layers/regularization/dropout.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::Dropout as Drop;
use crate::plan::builder::{Backward, Forward};
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Dropout(rate)`: while training, a share of the values becomes zero, and the others are scaled up so that the mean stays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dropout {
    /// The share that is dropped, at least 0 and below 1.
    pub rate: f64,
    /// Whether all values of a sample are dropped or kept together: a `noise_shape` of ones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Class for Dropout {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Dropout",
        aliases: &[],
        doc: "In training a random share of the values becomes 0, and the others are divided by 1 - rate",
        parameters: &[
            Argument::required("rate", ArgumentKind::Number, "the share that becomes 0, below 1"),
            Argument::optional(
                "noise_shape",
                ArgumentKind::NoiseShape,
                Literal::None,
                "(None, 1, 1, 1), a one for each axis: all values of a sample are dropped or kept together; None: each by itself",
            ),
            Argument::unsupported("seed", Literal::None),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let rate = arguments.read("rate", |parameter, value, diagnostics| {
            values::ranged(parameter, value, diagnostics, "at least 0 and below 1", |rate| {
                (0.0..1.0).contains(&rate)
            })
        });
        let ones = arguments.read("noise_shape", noise_shape);
        let whole = ones?.is_some();
        Some(Self { rate: rate?, whole })
    }
}

/// The number of axes of ones that follow the batch's axis in a `noise_shape`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn noise_shape(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    let items = match &value.kind {
        ValueKind::None => return Some(None),
        ValueKind::Tuple(items) | ValueKind::List(items) => items.as_slice(),
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            return None;
        }
    };
    if let [batch, ones @ ..] = items
        && batch.kind == ValueKind::None
        && !ones.is_empty()
        && ones.iter().all(|one| one.kind == ValueKind::Integer(1))
    {
        return Some(Some(ones.len()));
    }
    diagnostics.push(
        Diagnostic::error("E0110", "a `noise_shape` of other sizes is not supported")
            .at(value.span, "drops some values of a sample together")
            .help("(None, 1, 1, 1) drops all values of a sample together; SpatialDropout2D all of a channel"),
    );
    None
}

impl Dropout {
    /// How many values in a row are dropped or kept together.
    fn together(&self, shape: &Shape) -> usize {
        if self.whole { shape.elements().max(1) } else { 1 }
    }
}

impl Definition for Dropout {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        inputs.first().map(|&shape| shape.clone()).ok_or(Refusal::NoInput)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let rate = ("rate", format!("{:?}", self.rate));
        let whole = self.whole.then(|| ("noise_shape", "(None, 1, ...)".to_owned()));
        std::iter::once(rate).chain(whole).collect()
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        if self.rate == 0.0 {
            return vec!["With a rate of 0 nothing is dropped: every number stays as it is.".to_owned()];
        }
        if self.whole {
            return vec![format!(
                "In each step of training every sample has a chance of {} to become 0 as a whole here; the others are divided by \
                 1 - {}, so that the mean stays as it is. Where that is added to what went another way, the layers before are \
                 left out for that sample. Evaluation and prediction leave all numbers as they are.",
                self.rate, self.rate
            )];
        }
        vec![format!(
            "In each step of training every number has a chance of {} to become 0; the others are divided by 1 - {}, so that \
             the mean stays as it is. No number can rely on another one being there, which keeps the network from learning \
             the training samples by heart. Evaluation and prediction leave all numbers as they are.",
            self.rate, self.rate
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("drop")
    }

    fn does(&self) -> Vec<String> {
        vec![format!("{:?} in training", self.rate)]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn differs_in_training(&self, _: bool) -> bool {
        self.rate > 0.0
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        match at.mode() {
            Mode::Train if self.rate > 0.0 => {}
            Mode::Train | Mode::Evaluate | Mode::Predict => return at.input(),
        }
        let (input, output) = (at.input(), at.output());
        at.push(Drop::new(self.rate, at.name(), input, output).of_runs(self.together(at.shape())));
        output
    }

    /// The gradient is dropped where the value was, and scaled in the same way.
    fn backward(&self, at: &mut Backward<'_>) {
        if self.rate == 0.0 {
            at.give(0, at.doutput());
        } else if let Some(dinput) = at.dinput(0) {
            let drop = Drop::new(self.rate, at.name(), at.doutput(), dinput);
            at.push(drop.of_runs(self.together(at.shape())));
        }
    }
}
