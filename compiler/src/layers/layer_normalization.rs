//! `LayerNormalization`: `keras/src/layers/normalization/layer_normalization.py`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, Signature};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing::{self, BETA_INITIALIZER, CENTER, EPSILON, GAMMA_INITIALIZER, SCALE};
use crate::layers::place::Place;
use crate::ops::Sets;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::Sets as PortableSets;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use serde::Serialize;

/// `LayerNormalization(axis, epsilon, center, scale, ...)`: the mean over the channels of each place is subtracted
/// from them, and the rest divided by their standard deviation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerNormalization {
    /// A number above 0 that is added to the variance before its root is taken; 0.001 by default.
    pub epsilon: f32,
    /// Whether each channel has a beta, which is added at the end.
    pub center: bool,
    /// Whether each channel has a gamma, which is multiplied before beta is added.
    pub scale: bool,
    /// How beta is initialized, with zeros by default.
    pub beta_initializer: Initializer,
    /// How gamma is initialized, with ones by default.
    pub gamma_initializer: Initializer,
    /// The normalized axis as the description gives it: -1, or counted from 1, as 0 is the batch.
    #[serde(skip)]
    pub axis: i64,
}

impl Class for LayerNormalization {
    const SIGNATURE: &'static Signature = &Signature {
        name: "LayerNormalization",
        aliases: &[],
        doc: "The channels of each place with mean 0 and deviation 1, times gamma, plus beta",
        parameters: &[
            normalizing::AXIS,
            EPSILON,
            CENTER,
            SCALE,
            BETA_INITIALIZER,
            GAMMA_INITIALIZER,
            Argument::regularizer("beta_regularizer"),
            Argument::regularizer("gamma_regularizer"),
            Argument::constraint("beta_constraint"),
            Argument::constraint("gamma_constraint"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let axis = arguments.read("axis", normalizing::axis);
        let affine = normalizing::Affine::read(arguments)?;
        Some(Self {
            epsilon: affine.epsilon,
            center: affine.center,
            scale: affine.scale,
            beta_initializer: affine.beta_initializer,
            gamma_initializer: affine.gamma_initializer,
            axis: axis?,
        })
    }
}

impl Definition for LayerNormalization {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        normalizing::output("LayerNormalization", self.axis, inputs)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        normalizing::variables(
            &[input.channels()],
            self.scale.then_some(self.gamma_initializer),
            self.center.then_some(self.beta_initializer),
        )
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("axis", self.axis.to_string()),
            ("epsilon", format!("{:?}", self.epsilon)),
            ("center", self.center.to_string()),
            ("scale", self.scale.to_string()),
            ("beta_initializer", self.beta_initializer.to_string()),
            ("gamma_initializer", self.gamma_initializer.to_string()),
        ]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(normalizing::portable(PortableSets::Positions, self.epsilon, at))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        normalizing::forward(Self::sets(at.input_shape()), self.epsilon, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        normalizing::backward(Self::sets(at.input_shape()), at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let what = if place.output.positions() == 1 {
            "The numbers of a sample are"
        } else {
            "The channels of each place are"
        };
        vec![format!(
            "{what} moved and scaled so that their mean is 0 and their standard deviation 1; samples do not matter to each \
             other{}.",
            normalizing::then(self.scale, self.center).replace("; then it is", "; then each channel is")
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("norm")
    }
}

impl LayerNormalization {
    fn sets(input: &Shape) -> Sets {
        let positions = input.positions();
        Sets {
            channels: input.channels(),
            positions,
            groups: (positions == 1).then_some(1),
        }
    }
}
