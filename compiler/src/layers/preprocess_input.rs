//! `preprocess_input`: brings pixels from 0 to 255 into the range that an application of Keras was trained with
//! (`preprocess_input` in `keras/src/applications/imagenet_utils.py`).

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::values;
use crate::layers::definition::{Class, Definition, InKeras, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::{Copy, Rescale};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::window::{Grid, Padding, Sliding};
use serde::Serialize;

/// `vgg16.preprocess_input()` or `preprocess_input(mode="caffe")`: brings pixels into the range of a network's training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreprocessInput {
    /// The convention: `caffe` (blue first, means subtracted), `tf` (-1 to 1) or `torch` (means subtracted, divided
    /// by deviations).
    pub mode: &'static str,
}

/// The means of blue, green and red over `ImageNet`, of pixels from 0 to 255.
const CAFFE_MEANS: [f32; 3] = [103.939, 116.779, 123.68];
/// The means of red, green and blue over `ImageNet`, of pixels from 0 to 1.
const TORCH_MEANS: [f32; 3] = [0.485, 0.456, 0.406];
/// The standard deviations of red, green and blue over `ImageNet`, of pixels from 0 to 1.
const TORCH_DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];

impl Class for PreprocessInput {
    const SIGNATURE: &'static Signature = &Signature {
        name: "preprocess_input",
        aliases: &[],
        doc: "Pixels of 0 to 255 as an application of Keras takes them; `vgg16.preprocess_input()` knows its own mode",
        parameters: &[Argument::required(
            "mode",
            ArgumentKind::Word(&["caffe", "tf", "torch"]),
            "\"caffe\": blue first, less ImageNet's means; \"tf\": -1 to 1; \"torch\": 0 to 1, less the means, divided by the deviations",
        )],
        keywords: &KEYWORDS,
    };

    const KERAS_CLASS: &'static str = "PreprocessInput";

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let mode = arguments.read("mode", values::word)?;
        Some(Self { mode })
    }
}

impl Definition for PreprocessInput {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let &[input] = inputs else {
            return Err(Refusal::NoInput);
        };
        let Some((_, _, channels)) = input.as_map() else {
            return Err(Refusal::NotAnImage);
        };
        if self.mode != "tf" && channels != 3 {
            return Err(Refusal::Argument {
                argument: "mode",
                message: format!("mode=\"{}\" is for red, green and blue", self.mode),
                label: format!("the input has {channels} channels"),
                help: "Input(shape=(..., 3)) reads pictures in colour; mode=\"tf\" takes any number of channels"
                    .to_owned(),
            });
        }
        Ok(input.clone())
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("mode", format!("\"{}\"", self.mode))]
    }

    fn in_keras(&self) -> InKeras {
        if self.reverses() {
            return InKeras::Nothing;
        }
        let (scales, offsets): (Vec<f32>, Vec<f32>) = self.factors().into_iter().unzip();
        let list = |values: &[f32]| match values {
            [only] => format!("{only:?}"),
            values => format!("{values:?}"),
        };
        InKeras::Other("Rescaling", vec![("scale", list(&scales)), ("offset", list(&offsets))])
    }

    fn scales_values(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let mut value = at.input();
        if self.reverses() {
            let (height, width, _) = at.input_shape().as_map()?;
            let cell = |size| Sliding::along(size, 1, 1, 1, Padding::Valid);
            let grid = Grid {
                vertical: cell(height)?,
                horizontal: cell(width)?,
            };
            let swap = vec![0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
            let kernel = at.constant("channels", vec![1, 1, 3, 3], swap);
            value = at.convolved(value, kernel, None, grid, 1);
        }
        let (scales, shifts) = self.factors().into_iter().unzip();
        Some(at.affine(value, scales, shifts))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let mut input = at.input();
        if self.reverses() {
            let shape = at.input_shape().clone();
            let reversed = at.tensor("reversed", &shape);
            for copy in reversal(&shape, input, reversed) {
                at.push(copy);
            }
            input = reversed;
        }
        let output = at.output();
        at.push(Rescale {
            factors: self.factors(),
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        let Some(dinput) = at.dinput(0) else { return };
        let factors = self.factors().into_iter().map(|(scale, _)| (scale, 0.0)).collect();
        if !self.reverses() {
            at.push(Rescale {
                factors,
                input: doutput,
                output: dinput,
            });
            return;
        }
        let shape = at.input_shape().clone();
        let scaled = at.tensor("scaled", &shape);
        at.push(Rescale {
            factors,
            input: doutput,
            output: scaled,
        });
        for copy in reversal(&shape, scaled, dinput) {
            at.push(copy);
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let text = match self.mode {
            "caffe" => {
                "Blue, green and red, in this order, each less its mean over ImageNet: the pixels, from 0 to 255, that the weights \
                 behind it were trained with."
            }
            "torch" => {
                "The pixels, from 0 to 255, are divided by 255; then each of red, green and blue is taken less its mean over \
                 ImageNet and divided by its standard deviation there, as the weights behind it were trained with."
            }
            _ => "The pixels, from 0 to 255, become numbers from -1 to 1, as the weights behind it were trained with.",
        };
        vec![format!("{text} Nothing is learnt.")]
    }

    fn form(&self) -> Form {
        Form::Chip("pixels")
    }
}

impl PreprocessInput {
    /// Whether it reverses the order of the channels, so that blue comes first.
    fn reverses(&self) -> bool {
        self.mode == "caffe"
    }

    /// Scale and offset, so that the output is `x scale + offset`: one pair for all channels, or one for each.
    fn factors(&self) -> Vec<(f32, f32)> {
        match self.mode {
            "caffe" => CAFFE_MEANS.iter().map(|mean| (1.0, -mean)).collect(),
            "torch" => {
                let channels = TORCH_MEANS.iter().zip(TORCH_DEVIATIONS);
                channels
                    .map(|(mean, deviation)| (1.0 / (255.0 * deviation), -mean / deviation))
                    .collect()
            }
            _ => vec![(1.0 / 127.5, -1.0)],
        }
    }
}

/// The copies that put the three channels into the reverse order.
fn reversal(shape: &Shape, input: TensorId, output: TensorId) -> Vec<Copy> {
    let block = shape.positions();
    let copy = |channel: usize| Copy {
        blocks: 1,
        block,
        input_stride: block,
        input_offset: (2 - channel) * block,
        output_stride: block,
        output_offset: channel * block,
        input,
        output,
    };
    (0..3).map(copy).collect()
}
