//! `GroupNormalization`: `keras/src/layers/normalization/group_normalization.py`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing::{self, BETA_INITIALIZER, CENTER, EPSILON, GAMMA_INITIALIZER, SCALE};
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::Sets;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::Sets as PortableSets;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `GroupNormalization(groups, axis, epsilon, center, scale, ...)`: the mean of each group of a sample's channels is
/// subtracted, and the rest divided by the group's standard deviation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupNormalization {
    /// The number of groups; None for a group of each channel, which the argument -1 means.
    pub groups: Option<usize>,
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

impl Class for GroupNormalization {
    const SIGNATURE: &'static Signature = &Signature {
        name: "GroupNormalization",
        aliases: &[],
        doc: "Groups of a sample's channels with mean 0 and deviation 1, times gamma, plus beta",
        parameters: &[
            Argument::optional(
                "groups",
                ArgumentKind::Integer,
                Literal::Int(32),
                "how many groups of channels; -1 means one a channel",
            ),
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
        let groups = arguments.read("groups", groups);
        let axis = arguments.read("axis", normalizing::axis);
        let affine = normalizing::Affine::read(arguments)?;
        Some(Self {
            groups: groups?,
            epsilon: affine.epsilon,
            center: affine.center,
            scale: affine.scale,
            beta_initializer: affine.beta_initializer,
            gamma_initializer: affine.gamma_initializer,
            axis: axis?,
        })
    }
}

impl Definition for GroupNormalization {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let output = normalizing::output("GroupNormalization", self.axis, inputs)?;
        let channels = output.channels();
        match self.groups {
            Some(groups) if !channels.is_multiple_of(groups) => Err(Refusal::Argument {
                argument: "groups",
                message: "the groups must divide the channels evenly".to_owned(),
                label: format!("{groups} groups of {}", count(channels, "channel")),
                help: format!(
                    "groups={} would, or groups=-1 for one a channel",
                    (1..=groups.min(channels))
                        .rev()
                        .find(|groups| channels.is_multiple_of(*groups))
                        .unwrap_or(1)
                ),
            }),
            Some(_) | None => Ok(output),
        }
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
            (
                "groups",
                self.groups.map_or_else(|| "-1".to_owned(), |groups| groups.to_string()),
            ),
            ("axis", self.axis.to_string()),
            ("epsilon", format!("{:?}", self.epsilon)),
            ("center", self.center.to_string()),
            ("scale", self.scale.to_string()),
            ("beta_initializer", self.beta_initializer.to_string()),
            ("gamma_initializer", self.gamma_initializer.to_string()),
        ]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let groups = self.groups.unwrap_or(at.input_shape().channels());
        Some(normalizing::portable(PortableSets::Groups(groups), self.epsilon, at))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        normalizing::forward(self.sets(at.input_shape()), self.epsilon, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        normalizing::backward(self.sets(at.input_shape()), at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let groups = self.groups.unwrap_or(place.output.channels());
        vec![format!(
            "The channels of a sample in {}: each group is moved and scaled so that its mean is 0 and its standard deviation \
             1; samples do not matter to each other{}.",
            count(groups, "group"),
            normalizing::then(self.scale, self.center).replace("; then it is", "; then each channel is")
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("norm")
    }
}

impl GroupNormalization {
    fn sets(&self, input: &Shape) -> Sets {
        Sets {
            channels: input.channels(),
            positions: input.positions(),
            groups: Some(self.groups.unwrap_or(input.channels())),
        }
    }
}

#[expect(
    clippy::option_option,
    reason = "unreadable, one a channel and given are three things"
)]
fn groups(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::Integer(-1) {
        return Some(None);
    }
    values::count(parameter, value, diagnostics).map(Some)
}
