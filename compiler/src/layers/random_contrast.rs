//! `RandomContrast`: `keras/src/layers/preprocessing/image_preprocessing/random_contrast.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::layers::augmenting::{self, IN_TRAINING, SEED, SHARE, VALUE_RANGE};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing;
use crate::layers::place::Place;
use crate::ops::draws::stream;
use crate::ops::{Adjust, Moments, SetStatistics, Sets};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `RandomContrast(factor, value_range)`: changes the contrast of pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomContrast {
    /// Two numbers: the contrast is multiplied by at least 1 minus the first and at most 1 plus the second.
    pub factor: [f64; 2],
    /// The least and the largest value of a pixel, to which results are clipped.
    pub value_range: [f64; 2],
}

impl Class for RandomContrast {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomContrast",
        aliases: &[],
        doc: "In training what each pixel differs from the mean of its channel is multiplied by a number, drawn for each picture",
        parameters: &[
            Argument::required(
                "factor",
                ArgumentKind::Range,
                "multiplies by 1 - lower to 1 + upper of a pair; a number is the upper, and the lower is 0",
            ),
            VALUE_RANGE,
            SEED,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let factor = augmenting::factor("factor", SHARE, arguments);
        let range = arguments.read("value_range", augmenting::bounds);
        // Where a single number is given, multipliers below 0 are cut off.
        let [lower, upper] = factor?;
        Some(Self {
            factor: [lower.max(0.0), upper],
            value_range: range?,
        })
    }
}

impl Definition for RandomContrast {
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
        let sets = Sets {
            channels: at.shape().channels(),
            positions: at.shape().positions(),
            groups: Some(at.shape().channels()),
        };
        let moments = at.tensor("moments", &normalizing::chunks(&sets));
        at.push(Moments { sets, input, moments });
        let statistics = at.tensor("statistics", &normalizing::statistics(&sets));
        at.push(SetStatistics {
            sets,
            epsilon: 1.0,
            moments,
            statistics,
        });
        let output = at.output();
        let [lower, upper] = self.factor;
        at.push(Adjust {
            drawn: augmenting::single([1.0 - lower, 1.0 + upper]),
            range: augmenting::single(self.value_range),
            stream: stream(at.name()),
            input,
            statistics: Some(statistics),
            output,
        });
        output
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let [lower, upper] = self.factor;
        vec![format!(
            "In each step of training what every pixel differs from the mean of its channel is multiplied by a random number from {} \
             to {}, the same for the whole picture. {IN_TRAINING}",
            1.0 - lower,
            1.0 + upper
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("contrast")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
