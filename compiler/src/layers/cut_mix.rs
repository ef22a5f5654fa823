//! `CutMix`: `keras/src/layers/preprocessing/image_preprocessing/cut_mix.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
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

/// `CutMix(factor)`: in training a rectangle of each sample is another sample's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutMix {
    /// What both parameters of the beta distribution that shares are drawn from are drawn from themselves, once a batch.
    pub factor: [f64; 2],
}

impl Class for CutMix {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CutMix",
        aliases: &[],
        doc: "In training a rectangle of each picture is taken from another one of its batch, and what its output is compared \
              with is mixed by their areas",
        parameters: &[
            Argument::optional(
                "factor",
                ArgumentKind::Range,
                Literal::Float(1.0),
                "the parameters of the beta distribution of shares are drawn from this range, once a batch; a number is the largest, \
                 the least is 0 then",
            ),
            SEED,
            DATA_FORMAT,
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let factor = mixing::shares("factor", arguments);
        Some(Self { factor: factor? })
    }
}

impl Definition for CutMix {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("factor", augmenting::range(self.factor))]
    }

    fn mixes_samples(&self) -> bool {
        true
    }

    fn cuts_pictures(&self) -> bool {
        true
    }

    fn blocks_gradients(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.input())
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let factor = augmenting::single(self.factor);
        mixing::mixed(Mixture::CutMix { factor }, at)
    }

    /// Nothing behind weights: `blocks_gradients`.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![format!(
            "In each step of training a rectangle of every picture, of a random size and at a random place, shows what another \
             picture of its batch has there. The shares are those of the areas. {TARGETS}"
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("cut")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
