//! `MixUp`: `keras/src/layers/preprocessing/image_preprocessing/mix_up.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::augmenting::{self, SEED};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::mixing::{self, TARGETS};
use crate::layers::place::Place;
use crate::ops::Mixture;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `MixUp(alpha)`: in training each sample is a mean of two.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MixUp {
    /// Both parameters of the beta distribution that shares are drawn from.
    pub alpha: f64,
}

impl Class for MixUp {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MixUp",
        aliases: &[],
        doc: "In training each picture is laid over another one of its batch, and so is what its output is compared with",
        parameters: &[
            Argument::optional(
                "alpha",
                ArgumentKind::Number,
                Literal::Float(0.2),
                "above 0, at most 1: a picture's share is of a beta distribution with this for both parameters; with 1 all shares \
                 are as likely, with less most are near 0 or 1",
            ),
            DATA_FORMAT,
            SEED,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let alpha = arguments.read("alpha", |parameter, value, diagnostics| {
            values::ranged(parameter, value, diagnostics, "above 0 and at most 1", |alpha| {
                alpha > 0.0 && alpha <= 1.0
            })
        });
        Some(Self { alpha: alpha? })
    }
}

impl Definition for MixUp {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("alpha", format!("{:?}", self.alpha))]
    }

    fn mixes_samples(&self) -> bool {
        true
    }

    fn blocks_gradients(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let alpha = self.alpha as f32;
        mixing::mixed(Mixture::MixUp { alpha }, at)
    }

    /// Nothing behind weights: `blocks_gradients`.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let likely = if self.alpha < 1.0 {
            "Shares near 0 and 1 are more likely than others."
        } else {
            "All shares are as likely."
        };
        vec![format!(
            "In each step of training every picture is mixed with another one of its batch, pixel by pixel, in shares that are \
             drawn at random. {likely} {TARGETS}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("mix")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
