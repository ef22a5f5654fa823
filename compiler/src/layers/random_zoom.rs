//! `RandomZoom`: `keras/src/layers/preprocessing/image_preprocessing/random_zoom.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::layers::augmenting::{self, Allowed, FILL_MODE, FILL_VALUE, IN_TRAINING, INTERPOLATION, SEED};
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

/// `RandomZoom(height_factor, width_factor, ...)`: enlarges or shrinks pictures while training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomZoom {
    /// The least and the largest share of the height that comes into view; a negative one enlarges the picture.
    pub height_factor: [f64; 2],
    /// The same for the width; None where height and width are zoomed by the same number.
    pub width_factor: Option<[f64; 2]>,
    /// How values between and beyond pixels are found.
    pub sampling: Sampling,
}

/// Any number above -1, at which nothing would be left to see.
const ZOOM: Allowed = Allowed {
    holds: |factor| factor > -1.0 && factor <= 1.0,
    rule: "above -1 and at most 1",
};

impl Class for RandomZoom {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomZoom",
        aliases: &[],
        doc: "In training each picture is made smaller or larger about its middle",
        parameters: &[
            Argument::required(
                "height_factor",
                ArgumentKind::Range,
                "by what share more of the height is seen, which makes things smaller: a range, or a number for as far either way",
            ),
            Argument::optional(
                "width_factor",
                ArgumentKind::Range,
                Literal::None,
                "the same of the width; None keeps things in proportion",
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
        let height = augmenting::factor("height_factor", ZOOM, arguments);
        let width = augmenting::optional_factor("width_factor", ZOOM, arguments);
        let sampling = augmenting::sampling(arguments);
        Some(Self {
            height_factor: height?,
            width_factor: width?,
            sampling: sampling?,
        })
    }
}

impl Definition for RandomZoom {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        augmenting::picture(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let width = self.width_factor.map_or_else(|| "None".to_owned(), augmenting::range);
        let mut arguments = vec![
            ("height_factor", augmenting::range(self.height_factor)),
            ("width_factor", width),
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
        let zoomed = |factor: [f64; 2]| augmenting::single(factor.map(|factor| 1.0 + factor));
        let motion = Motion::Zoom {
            height: zoomed(self.height_factor),
            width: self.width_factor.map(zoomed),
        };
        augmenting::moved(motion, self.sampling, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let [least, most] = self.height_factor;
        vec![format!(
            "In each step of training a random share of {least} to {most} more of every picture's height is seen (less where that \
             is negative), {}, so that the network does not rely on how large things are. {IN_TRAINING}",
            match self.width_factor {
                Some([least, most]) => format!("and of its width of {least} to {most}"),
                None => "and of its width the same".to_owned(),
            }
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("zoom")
    }

    fn does(&self) -> Vec<String> {
        vec!["in training".to_owned()]
    }
}
