//! `GaussianNoise`: `keras/src/layers/regularization/gaussian_noise.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::Noise;
use crate::ops::draws::stream;
use crate::plan::builder::{Backward, Forward};
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::training::numbers;
use serde::Serialize;

/// `GaussianNoise(stddev)`: while training, noise of a normal distribution is added.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GaussianNoise {
    /// The standard deviation of the noise, from 0 to 1.
    pub stddev: f64,
}

impl Class for GaussianNoise {
    const SIGNATURE: &'static Signature = &Signature {
        name: "GaussianNoise",
        aliases: &[],
        doc: "In training normal noise of a mean of 0 is added to every number",
        parameters: &[
            Argument::required("stddev", ArgumentKind::Number, "its standard deviation, at most 1"),
            Argument::unsupported("seed", Literal::None),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let stddev = arguments.read("stddev", numbers::share)?;
        Some(Self { stddev })
    }
}

impl Definition for GaussianNoise {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        inputs.first().map(|&shape| shape.clone()).ok_or(Refusal::NoInput)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("stddev", format!("{:?}", self.stddev))]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn differs_in_training(&self, _: bool) -> bool {
        self.stddev > 0.0
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        match at.mode() {
            Mode::Train if self.stddev > 0.0 => {}
            Mode::Train | Mode::Evaluate | Mode::Predict => return at.input(),
        }
        let (input, output) = (at.input(), at.output());
        at.push(Noise {
            stddev: self.stddev as f32,
            stream: stream(at.name()),
            input,
            output,
        });
        output
    }

    /// The noise does not depend on the values, so that the gradient passes unchanged.
    fn backward(&self, at: &mut Backward<'_>) {
        at.give(0, at.doutput());
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![format!(
            "In each step of training random noise with a standard deviation of {} is added to every number, so that the network \
             cannot rely on small differences. Evaluation and prediction leave all numbers as they are.",
            self.stddev
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("noise")
    }

    fn does(&self) -> Vec<String> {
        vec![format!("{:?} in training", self.stddev)]
    }
}
