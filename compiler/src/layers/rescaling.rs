//! `Rescaling`: `keras/src/layers/preprocessing/rescaling.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use crate::layers::activations;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::Rescale;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Rescaling(scale, offset)`: each number times a factor, plus an offset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rescaling {
    /// The factor.
    pub scale: f64,
    /// What is added.
    pub offset: f64,
}

impl Class for Rescaling {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Rescaling",
        aliases: &[],
        doc: "Each number times scale, plus offset",
        parameters: &[
            Parameter::required("scale", Kind::Number, "the factor"),
            Parameter::optional("offset", Kind::Number, Literal::Float(0.0), "what is added"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let scale = arguments.read("scale", values::number);
        let offset = arguments.read("offset", values::number);
        Some(Self {
            scale: scale?,
            offset: offset?,
        })
    }
}

impl Definition for Rescaling {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("scale", format!("{:?}", self.scale)),
            ("offset", format!("{:?}", self.offset)),
        ]
    }

    fn scales_values(&self) -> bool {
        true
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.affine(input, vec![self.scale as f32], vec![self.offset as f32]))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let (input, output) = (at.input(), at.output());
        at.push(Rescale {
            factors: vec![(self.scale as f32, self.offset as f32)],
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = at.doutput();
        if let Some(dinput) = at.dinput(0) {
            at.push(Rescale::by(self.scale as f32, doutput, dinput));
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let offset = if self.offset == 0.0 {
            String::new()
        } else {
            format!(", plus {}", self.offset)
        };
        vec![format!("Each number times {}{offset}. Nothing is learnt.", self.scale)]
    }

    fn form(&self) -> Form {
        Form::Chip("ax+b")
    }
}
