//! `RandomBrightness`: `keras/src/layers/preprocessing/image_preprocessing/random_brightness.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::layers::augmenting::{self, IN_TRAINING, SEED, VALUE_RANGE, WITHIN_ONE};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::Adjust;
use crate::ops::draws::stream;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `RandomBrightness(factor, value_range)`: makes pictures lighter or darker while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomBrightness {
    /// The least and the largest number that is added to pixels, as shares of the value range.
    pub factor: [f64; 2],
    /// The least and the largest value of a pixel, to which results are clipped.
    pub value_range: [f64; 2],
}

impl Class for RandomBrightness {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomBrightness",
        aliases: &[],
        doc: "In training a number, drawn for each picture, is added to all its pixels",
        parameters: &[
            Argument::required(
                "factor",
                ArgumentKind::Range,
                "what is added, as a share of the value range: a range, or a number for as far either way",
            ),
            VALUE_RANGE,
            SEED,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let factor = augmenting::factor("factor", WITHIN_ONE, arguments);
        let range = arguments.read("value_range", augmenting::bounds);
        Some(Self {
            factor: factor?,
            value_range: range?,
        })
    }
}

impl Definition for RandomBrightness {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("factor", augmenting::range(self.factor)),
            ("value_range", augmenting::range(self.value_range)),
        ]
    }

    fn blocks_gradients(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        if !augmenting::acts(at) {
            return input;
        }
        let output = at.output();
        let [least, most] = self.value_range;
        at.push(Adjust {
            drawn: augmenting::single(self.factor.map(|factor| factor * (most - least))),
            range: augmenting::single(self.value_range),
            stream: stream(at.name()),
            input,
            statistics: None,
            output,
        });
        output
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let ([least, most], [dark, light]) = (self.factor, self.value_range);
        vec![format!(
            "In each step of training a random number, the same for the whole picture, is added to all its pixels: {least} to {most} \
             of the way from {dark} to {light}. {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("light")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
