//! `RandomErasing`: `keras/src/layers/preprocessing/image_preprocessing/random_erasing.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::call::values;
use crate::layers::augmenting::{self, IN_TRAINING, SEED, SHARE, VALUE_RANGE, WITHIN_ONE};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::Erase;
use crate::ops::draws::stream;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `RandomErasing(factor, scale, fill_value, value_range)`: overwrites a rectangle of some pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomErasing {
    /// The least and the largest probability that a picture is changed.
    pub factor: [f64; 2],
    /// The least and the largest square of the share that a rectangle has of the width and of the height.
    pub scale: [f64; 2],
    /// The numbers that fill the rectangle: one for all channels, or one for each of three; empty for normal noise.
    pub fill_value: Vec<f32>,
    /// The range that fillings are clipped to.
    pub value_range: [f64; 2],
}

impl Class for RandomErasing {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomErasing",
        aliases: &[],
        doc: "In training a rectangle of some pictures is filled with something else",
        parameters: &[
            Argument::optional(
                "factor",
                ArgumentKind::Range,
                Literal::Float(1.0),
                "the chance of a picture is drawn from this range; a number begins as far below 0, where the chance is none",
            ),
            Argument::optional(
                "scale",
                ArgumentKind::Bounds,
                Literal::Floats(0.02, 0.33),
                "a share of the width and one of the height are the roots of numbers of this range",
            ),
            Argument::optional(
                "fill_value",
                ArgumentKind::NumberOrNumbers,
                Literal::None,
                "a number, or one for each of three channels; None fills with normal noise",
            ),
            VALUE_RANGE,
            SEED,
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let factor = augmenting::factor("factor", WITHIN_ONE, arguments);
        let scale = arguments.read("scale", |parameter, value, diagnostics| {
            let scale = augmenting::bounds(parameter, value, diagnostics)?;
            if scale.into_iter().all(SHARE.holds) {
                return Some(scale);
            }
            let shown = augmenting::range(scale);
            diagnostics.push(values::out_of_range(parameter, value, "two numbers from 0 to 1", shown));
            None
        });
        let fill = arguments.read("fill_value", sizes::numbers);
        let range = arguments.read("value_range", augmenting::bounds);
        Some(Self {
            factor: factor?,
            scale: scale?,
            fill_value: fill?,
            value_range: range?,
        })
    }
}

impl Definition for RandomErasing {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = augmenting::picture(inputs)?;
        let (given, channels) = (self.fill_value.len(), input.channels());
        if given > 1 && (given != 3 || channels != 3) {
            return Err(Refusal::Argument {
                argument: "fill_value",
                message: "`fill_value` has one number, or one for each of three channels".to_owned(),
                label: format!("{} for {}", count(given, "number"), count(channels, "channel")),
                help: "give one number for all channels".to_owned(),
            });
        }
        Ok(input)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let fill = match self.fill_value.as_slice() {
            [] => "None".to_owned(),
            [only] => format!("{only:?}"),
            values => format!("{values:?}"),
        };
        vec![
            ("factor", augmenting::range(self.factor)),
            ("scale", augmenting::range(self.scale)),
            ("fill_value", fill),
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
        let Some((height, width, _)) = at.input_shape().as_map().filter(|_| augmenting::acts(at)) else {
            return input;
        };
        let output = at.output();
        let fill = match *self.fill_value.as_slice() {
            [red, green, blue] => Some([red, green, blue]),
            [only, ..] => Some([only; 3]),
            [] => None,
        };
        at.push(Erase {
            scale: augmenting::single(self.scale),
            factor: augmenting::single(self.factor),
            fill,
            normal: self.value_range[1] as f32,
            range: augmenting::single(self.value_range),
            size: (height, width),
            stream: stream(at.name()),
            input,
            output,
        });
        output
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let ([least, most], [small, large]) = (self.factor, self.scale.map(f64::sqrt));
        vec![format!(
            "In each step of training a rectangle of some pictures is filled with something else: of a random {small:.2} to \
             {large:.2} of their width and of their height, with a chance from {least} to {most}. The network has to go by what \
             is left. {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("erase")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
