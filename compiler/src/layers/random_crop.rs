//! `RandomCrop`: `keras/src/layers/preprocessing/image_preprocessing/random_crop.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::layers::augmenting::{self, SEED};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::{DATA_FORMAT, NAME, UNNAMED};
use crate::layers::place::Place;
use crate::ops::{FillMode, Motion, Sampling};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use serde::Serialize;

/// `RandomCrop(height, width)`: cuts out a random window of pictures while training, and otherwise the largest one in the middle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomCrop {
    /// Rows of the output.
    pub height: usize,
    /// Columns of the output.
    pub width: usize,
}

impl Class for RandomCrop {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RandomCrop",
        aliases: &[],
        doc: "In training a window of this size at a random place, the same for all pictures of a batch; otherwise the largest window of its proportions in the middle, resized",
        parameters: &[
            Argument::required("height", ArgumentKind::Count, "rows of the window"),
            Argument::required("width", ArgumentKind::Count, "columns of the window"),
            SEED,
            DATA_FORMAT,
            NAME,
        ],
        keywords: &UNNAMED,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let (height, width) = (arguments.count("height"), arguments.count("width"));
        Some(Self {
            height: height?,
            width: width?,
        })
    }
}

impl Definition for RandomCrop {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = augmenting::picture(inputs)?;
        let (height, width, channels) = input.as_map().ok_or(Refusal::NotAnImage)?;
        for (argument, wanted, given) in [("height", self.height, height), ("width", self.width, width)] {
            if wanted > given {
                return Err(Refusal::Argument {
                    argument,
                    message: format!("`{argument}` is larger than the picture"),
                    label: format!("{wanted} of {given}"),
                    help: format!("at most {argument}={given}"),
                });
            }
        }
        Ok(Shape::map(self.height, self.width, channels))
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("height", self.height.to_string()), ("width", self.width.to_string())]
    }

    fn moves_pictures(&self) -> bool {
        true
    }

    fn blocks_gradients(&self) -> bool {
        true
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let Some((height, width, _)) = at.input_shape().as_map() else {
            return at.input();
        };
        if (height, width) == (self.height, self.width) {
            return at.input();
        }
        // Keras draws a place only where there is room along both axes.
        if augmenting::acts(at) && height > self.height && width > self.width {
            return augmenting::moved(Motion::Crop, Sampling::EXACT, at);
        }
        let size = (
            (width * self.height / self.width.max(1)).clamp(1, height),
            (height * self.width / self.height.max(1)).clamp(1, width),
        );
        let sampling = Sampling {
            bilinear: true,
            fill_mode: FillMode::Nearest,
            fill_value: 0.0,
        };
        augmenting::moved(Motion::Window { size }, sampling, at)
    }

    /// Empty: the layer blocks gradients, so that no weights can stand before it.
    fn backward(&self, _: &mut Backward<'_>) {}

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let (height, width) = (self.height, self.width);
        vec![format!(
            "In each step of training a window of {height}x{width} pixels is cut out, at a random place that is the same for the \
             whole batch. Evaluation and prediction take the largest window of these proportions in the middle, and make it \
             {height}x{width}."
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("crop")
    }

    fn does(&self) -> Vec<String> {
        vec![format!("to {}x{}", self.height, self.width)]
    }
}
