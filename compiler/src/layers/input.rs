//! `Input`: `keras/src/layers/core/input_layer.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::keywords::{DTYPE, NAME};
use crate::layers::place::Place;
use crate::numbers::{count, tuple};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::training::data::{DataName, KnownData};
use serde::Serialize;

/// `Input(shape)`: the layer that takes samples from the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// The shape of one sample, without the batch.
    pub shape: Shape,
}

impl Class for Input {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Input",
        aliases: &["InputLayer"],
        doc: "The shape of one sample; the first line of every model",
        parameters: &[
            Argument::required(
                "shape",
                ArgumentKind::Shape,
                "(height, width, channels), (height, width) or (size,)",
            ),
            Argument::unsupported("batch_size", Literal::None),
            DTYPE,
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Bool(false)]),
                ..Argument::unsupported("sparse", Literal::None)
            },
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Bool(false)]),
                ..Argument::unsupported("ragged", Literal::None)
            },
            Argument::unsupported("batch_shape", Literal::None),
            NAME,
            Argument::unsupported("tensor", Literal::None),
            Argument::unsupported("optional", Literal::Bool(false)),
        ],
        keywords: &[],
    };
    const ARITY: Arity = Arity::None;
    const KERAS_CLASS: &'static str = "InputLayer";
    const IS_EXPORTED_AT_TOP: bool = true;

    fn build(arguments: &mut Arguments) -> Option<Self> {
        Some(Self {
            shape: arguments.read("shape", values::shape)?,
        })
    }
}

impl Definition for Input {
    fn output(&self, _: &[&Shape]) -> Result<Shape, Refusal> {
        Ok(self.shape.clone())
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("shape", tuple(self.shape.sizes()))]
    }

    fn sample_shape(&self) -> Option<&Shape> {
        Some(&self.shape)
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let mut text = match (self.shape.as_map(), self.shape.sizes()) {
            (Some((height, width, channels)), _) => format!(
                "One picture: {}, each of {}, with {}.",
                count(height, "row"),
                count(width, "pixel"),
                match channels {
                    1 => "one number a pixel, its brightness".to_owned(),
                    3 => "three numbers a pixel: red, green and blue".to_owned(),
                    channels => format!("{} a pixel, its channels", count(channels, "number")),
                }
            ),
            (None, [height, width]) => format!(
                "One sample: {}, each of {}.",
                count(*height, "row"),
                count(*width, "number")
            ),
            (None, _) => format!("One sample: {} in a row.", count(self.shape.elements(), "number")),
        };
        if matches!(place.data, Some(DataName::Known(_))) {
            text.push_str(if place.divided {
                " The files hold whole numbers from 0 to 255; they are divided by 255, so that 0 is black and 1 is bright."
            } else {
                " The files hold whole numbers from 0, which is black, to 255; a layer of the network scales them."
            });
        }
        if let Some(files) = place.loading {
            text.push_str(&format!(
                " The pictures are files in {}; numbers stay as they are there, from 0, which is black, to 255 ({}).",
                files.directory,
                files.words()
            ));
        }
        let what = match place.data {
            Some(DataName::Known(KnownData::Mnist)) => Some("The pictures are handwritten digits, 0 to 9."),
            Some(DataName::Known(KnownData::FashionMnist)) => Some("The pictures are clothes of ten kinds."),
            Some(DataName::Known(KnownData::Cifar10)) => {
                Some("The pictures are small photographs of ten kinds of things.")
            }
            Some(DataName::Known(KnownData::Cifar100)) => {
                Some("The pictures are small photographs of a hundred kinds of things.")
            }
            Some(DataName::Path(_)) | None => None,
        };
        std::iter::once(text).chain(what.map(str::to_owned)).collect()
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.sample())
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        at.sample()
    }

    /// Does nothing: the gradient of the samples is of no use.
    fn backward(&self, _: &mut Backward<'_>) {}
}
