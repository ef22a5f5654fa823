//! `RandomShear`: `keras/src/layers/preprocessing/image_preprocessing/random_shear.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::layers::augmenting::{self, FILL_MODE, FILL_VALUE, IN_TRAINING, INTERPOLATION, SEED, SHARE};
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

/// `RandomShear(x_factor, y_factor, ...)`: slants pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomShear {
    /// The least and the largest shift to the side, in columns for each row.
    pub x_factor: [f64; 2],
    /// The least and the largest shift up or down, in rows for each column.
    pub y_factor: [f64; 2],
    /// How values between and beyond pixels are found.
    pub sampling: Sampling,
}

impl Class for RandomShear {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomShear",
        aliases: &[],
        doc: "In training each picture leans over",
        parameters: &[
            Argument::optional(
                "x_factor",
                ArgumentKind::Range,
                Literal::Float(0.0),
                "columns for each row: a range, or a number for as far either way",
            ),
            Argument::optional(
                "y_factor",
                ArgumentKind::Range,
                Literal::Float(0.0),
                "rows for each column",
            ),
            INTERPOLATION,
            FILL_MODE,
            FILL_VALUE,
            DATA_FORMAT,
            SEED,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let x = augmenting::factor("x_factor", SHARE, arguments);
        let y = augmenting::factor("y_factor", SHARE, arguments);
        let sampling = augmenting::sampling(arguments);
        Some(Self {
            x_factor: x?,
            y_factor: y?,
            sampling: sampling?,
        })
    }
}

impl Definition for RandomShear {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = vec![
            ("x_factor", augmenting::range(self.x_factor)),
            ("y_factor", augmenting::range(self.y_factor)),
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
        let motion = Motion::Shear {
            x: augmenting::single(self.x_factor),
            y: augmenting::single(self.y_factor),
        };
        augmenting::moved(motion, self.sampling, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let ([least_x, most_x], [least_y, most_y]) = (self.x_factor, self.y_factor);
        vec![format!(
            "In each step of training every picture leans over: each row moves by a random {least_x} to {most_x} columns more than \
             the one above it, each column by {least_y} to {most_y} rows, to one side or to the other. {IN_TRAINING}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("shear")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
