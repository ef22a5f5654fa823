//! `RandomTranslation`: `keras/src/layers/preprocessing/image_preprocessing/random_translation.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::layers::augmenting::{self, FILL_MODE, FILL_VALUE, IN_TRAINING, INTERPOLATION, SEED, WITHIN_ONE};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::ops::{Motion, Sampling};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `RandomTranslation(height_factor, width_factor, ...)`: moves pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomTranslation {
    /// The least and the largest distance down, as shares of the height; negative ones go up.
    pub height_factor: [f64; 2],
    /// The least and the largest distance to the right, as shares of the width; negative ones go left.
    pub width_factor: [f64; 2],
    /// How values between and beyond pixels are found.
    pub sampling: Sampling,
}

impl Class for RandomTranslation {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomTranslation",
        aliases: &[],
        doc: "In training each picture is moved up or down and left or right",
        parameters: &[
            Argument::required(
                "height_factor",
                ArgumentKind::Range,
                "how far down, as a share of the height: a range, or a number for as far either way",
            ),
            Argument::required(
                "width_factor",
                ArgumentKind::Range,
                "how far to the right, as a share of the width",
            ),
            FILL_MODE,
            INTERPOLATION,
            SEED,
            FILL_VALUE,
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let height = augmenting::factor("height_factor", WITHIN_ONE, arguments);
        let width = augmenting::factor("width_factor", WITHIN_ONE, arguments);
        let sampling = augmenting::sampling(arguments);
        Some(Self {
            height_factor: height?,
            width_factor: width?,
            sampling: sampling?,
        })
    }
}

impl Definition for RandomTranslation {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = vec![
            ("height_factor", augmenting::range(self.height_factor)),
            ("width_factor", augmenting::range(self.width_factor)),
        ];
        arguments.extend(augmenting::printed(self.sampling));
        arguments
    }

    fn moves_pictures(&self) -> bool {
        true
    }

    fn blocks_gradients(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        if !augmenting::acts(at) {
            return at.input();
        }
        let motion = Motion::Translate {
            height: augmenting::single(self.height_factor),
            width: augmenting::single(self.width_factor),
        };
        augmenting::moved(motion, self.sampling, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let ([up, down], [left, right]) = (self.height_factor, self.width_factor);
        vec![format!(
            "In each step of training every picture is moved by a random share of its height ({up} to {down}, down is positive) \
             and of its width ({left} to {right}, right is positive), so that the network does not rely on where things are. \
             {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("move")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
