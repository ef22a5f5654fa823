//! `RandomRotation`: `keras/src/layers/preprocessing/image_preprocessing/random_rotation.py`.

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

/// `RandomRotation(factor, ...)`: turns pictures about their middle while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomRotation {
    /// The least and the largest angle, in whole turns clockwise.
    pub factor: [f64; 2],
    /// How values between and beyond pixels are found.
    pub sampling: Sampling,
}

impl Class for RandomRotation {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomRotation",
        aliases: &[],
        doc: "In training each picture is turned about its middle",
        parameters: &[
            Argument::required(
                "factor",
                ArgumentKind::Range,
                "whole turns: a range, or a number for as far either way; 0.1 is 36 degrees",
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
        let factor = augmenting::factor("factor", WITHIN_ONE, arguments);
        let sampling = augmenting::sampling(arguments);
        Some(Self {
            factor: factor?,
            sampling: sampling?,
        })
    }
}

impl Definition for RandomRotation {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = vec![("factor", augmenting::range(self.factor))];
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
        let turns = augmenting::single(self.factor);
        augmenting::moved(Motion::Rotate { turns }, self.sampling, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let [least, most] = self.factor.map(|turns| turns * 360.0);
        vec![format!(
            "In each step of training every picture is turned about its middle by a random angle from {least:.1} to {most:.1} \
             degrees, so that the network does not rely on which way is up. {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("turn")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
