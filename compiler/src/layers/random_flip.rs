//! `RandomFlip`: `keras/src/layers/preprocessing/image_preprocessing/random_flip.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::augmenting::{self, IN_TRAINING, SEED};
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

/// `RandomFlip(mode)`: mirrors half of the pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomFlip {
    /// Whether left and right may change places.
    pub horizontal: bool,
    /// Whether top and bottom may change places.
    pub vertical: bool,
}

impl Class for RandomFlip {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomFlip",
        aliases: &[],
        doc: "In training each picture is turned round, or left as it is, with the same chance",
        parameters: &[
            Argument::optional(
                "mode",
                ArgumentKind::Word(&["horizontal", "vertical", "horizontal_and_vertical"]),
                Literal::Str("horizontal_and_vertical"),
                "which sides change places; with both, they do so together",
            ),
            SEED,
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let mode = arguments.read("mode", values::word)?;
        Some(Self {
            horizontal: mode != "vertical",
            vertical: mode != "horizontal",
        })
    }
}

impl Definition for RandomFlip {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("mode", self.mode().to_owned())]
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
        let motion = Motion::Flip {
            horizontal: self.horizontal,
            vertical: self.vertical,
        };
        augmenting::moved(motion, Sampling::EXACT, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let sides = match (self.horizontal, self.vertical) {
            (true, false) => "left and right",
            (false, true) => "above and below",
            (true, true) | (false, false) => "left and right, and above and below at the same time,",
        };
        vec![format!(
            "In each step of training {sides} change places in half of the pictures: the network sees twice as many pictures as \
             there are. {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("flip")
    }

    fn does(&self) -> Vec<String> {
        vec![format!("{} in training", self.mode())]
    }
}

impl RandomFlip {
    /// Keras's word for the mode.
    const fn mode(&self) -> &'static str {
        match (self.horizontal, self.vertical) {
            (true, false) => "horizontal",
            (false, true) => "vertical",
            (true, true) | (false, false) => "horizontal_and_vertical",
        }
    }
}
