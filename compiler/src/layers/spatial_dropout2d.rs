//! `SpatialDropout2D`: `keras/src/layers/regularization/spatial_dropout.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::{DATA_FORMAT, NAME, UNNAMED};
use crate::layers::place::Place;
use crate::ops::Dropout as Drop;
use crate::plan::builder::{Backward, Forward};
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `SpatialDropout2D(rate)`: while training, a share of the channels becomes zero, and the others are scaled up so
/// that the mean stays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpatialDropout2D {
    /// The share that is dropped, at least 0 and below 1.
    pub rate: f64,
}

impl Class for SpatialDropout2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SpatialDropout2D",
        aliases: &[],
        doc: "In training a random share of each sample's channels becomes 0, and the others are divided by 1 - rate",
        parameters: &[
            Argument::required("rate", ArgumentKind::Number, "the share that becomes 0, below 1"),
            DATA_FORMAT,
            Argument::unsupported("seed", Literal::None),
            NAME,
        ],
        keywords: &UNNAMED,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let rate = arguments.read("rate", |parameter, value, diagnostics| {
            values::ranged(parameter, value, diagnostics, "at least 0 and below 1", |rate| {
                (0.0..1.0).contains(&rate)
            })
        })?;
        Some(Self { rate })
    }
}

impl Definition for SpatialDropout2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        input.as_map().map(|_| input.clone()).ok_or(Refusal::NotAnImage)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("rate", format!("{:?}", self.rate))]
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        if self.rate == 0.0 {
            return vec!["With a rate of 0 nothing is dropped: every channel stays as it is.".to_owned()];
        }
        vec![format!(
            "In each step of training every channel of a sample has a chance of {} to become 0 as a whole; the others are divided \
             by 1 - {}, so that the mean stays as it is. Neighbours say nearly the same, so dropping single numbers of a picture \
             would hide little. Evaluation and prediction leave all channels as they are.",
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
        at.push(Drop::new(self.rate, at.name(), input, output).of_runs(at.shape().positions()));
        output
    }

    /// The gradient is dropped where the value was, and scaled in the same way.
    fn backward(&self, at: &mut Backward<'_>) {
        if self.rate == 0.0 {
            at.give(0, at.doutput());
        } else if let Some(dinput) = at.dinput(0) {
            let drop = Drop::new(self.rate, at.name(), at.doutput(), dinput);
            at.push(drop.of_runs(at.shape().positions()));
        }
    }
}
