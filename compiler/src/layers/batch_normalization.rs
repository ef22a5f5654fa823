//! `BatchNormalization`: `keras/src/layers/normalization/batch_normalization.py`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::normalizing::{self, BETA_INITIALIZER, CENTER, EPSILON, GAMMA_INITIALIZER, SCALE};
use crate::layers::place::Place;
use crate::ops::{
    BatchMeans, BatchStatistics, Moments, Normalize, NormalizeBackward, NormalizeMoving, NormalizeMovingBackward,
    NormalizeSums, Sets,
};
use crate::plan::builder::{Backward, Forward};
use crate::plan::mode::Mode;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use serde::Serialize;

/// `BatchNormalization(axis, momentum, epsilon, center, scale, ...)`: the mean over the batch is subtracted from each
/// channel, and the rest divided by the standard deviation over the batch; evaluation and prediction use moving
/// averages of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchNormalization {
    /// The share of themselves that the moving averages keep at each step, from 0 to 1; 0.99 by default.
    pub momentum: f32,
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
    /// How the moving average of the means is initialized, with zeros by default.
    pub moving_mean_initializer: Initializer,
    /// How the moving average of the variances is initialized, with ones by default.
    pub moving_variance_initializer: Initializer,
    /// The normalized axis as the description gives it: -1, or counted from 1, as 0 is the batch.
    #[serde(skip)]
    pub axis: i64,
}

impl Class for BatchNormalization {
    const SIGNATURE: &'static Signature = &Signature {
        name: "BatchNormalization",
        aliases: &[],
        doc: "Each channel with mean 0 and deviation 1 over the batch, times gamma, plus beta; moving statistics outside of training",
        parameters: &[
            normalizing::AXIS,
            Argument::optional(
                "momentum",
                ArgumentKind::Number,
                Literal::Float(0.99),
                "what the moving statistics keep of themselves at each step",
            ),
            EPSILON,
            CENTER,
            SCALE,
            BETA_INITIALIZER,
            GAMMA_INITIALIZER,
            Argument::optional(
                "moving_mean_initializer",
                ArgumentKind::Initializer,
                Literal::Str("zeros"),
                "how the moving mean starts",
            ),
            Argument::optional(
                "moving_variance_initializer",
                ArgumentKind::Initializer,
                Literal::Str("ones"),
                "how the moving variance starts",
            ),
            Argument::regularizer("beta_regularizer"),
            Argument::regularizer("gamma_regularizer"),
            Argument::constraint("beta_constraint"),
            Argument::constraint("gamma_constraint"),
            Argument::unsupported("renorm", Literal::Bool(false)),
            Argument::unsupported("renorm_clipping", Literal::None),
            Argument::unsupported("renorm_momentum", Literal::Float(0.99)),
            Argument::unsupported("synchronized", Literal::Bool(false)),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let axis = arguments.read("axis", normalizing::axis);
        let momentum = arguments.read("momentum", |parameter, value, diagnostics| {
            values::ranged(parameter, value, diagnostics, "from 0 to 1", |momentum| {
                (0.0..=1.0).contains(&momentum)
            })
        });
        let affine = normalizing::Affine::read(arguments);
        let moving_mean = arguments.read("moving_mean_initializer", initializers::read);
        let moving_variance = arguments.read("moving_variance_initializer", initializers::read);
        let affine = affine?;
        Some(Self {
            momentum: momentum? as f32,
            epsilon: affine.epsilon,
            center: affine.center,
            scale: affine.scale,
            beta_initializer: affine.beta_initializer,
            gamma_initializer: affine.gamma_initializer,
            moving_mean_initializer: moving_mean?,
            moving_variance_initializer: moving_variance?,
            axis: axis?,
        })
    }
}

impl Definition for BatchNormalization {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        normalizing::output("BatchNormalization", self.axis, inputs)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        let channels = vec![input.channels()];
        let mut variables = normalizing::variables(
            &channels,
            self.scale.then_some(self.gamma_initializer),
            self.center.then_some(self.beta_initializer),
        );
        for (name, initializer) in [
            ("moving_mean", self.moving_mean_initializer),
            ("moving_variance", self.moving_variance_initializer),
        ] {
            variables.push(Variable {
                trainable: false,
                ..Variable::new(name, channels.clone(), initializer)
            });
        }
        variables
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("axis", self.axis.to_string()),
            ("momentum", format!("{:?}", self.momentum)),
            ("epsilon", format!("{:?}", self.epsilon)),
            ("center", self.center.to_string()),
            ("scale", self.scale.to_string()),
            ("beta_initializer", self.beta_initializer.to_string()),
            ("gamma_initializer", self.gamma_initializer.to_string()),
            ("moving_mean_initializer", self.moving_mean_initializer.to_string()),
            (
                "moving_variance_initializer",
                self.moving_variance_initializer.to_string(),
            ),
        ]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let (_, mean) = at.values("moving_mean")?;
        let (_, variance) = at.values("moving_variance")?;
        let gamma = at
            .values("gamma")
            .map_or_else(|| vec![1.0; mean.len()], |(_, gamma)| gamma);
        let beta = at
            .values("beta")
            .map_or_else(|| vec![0.0; mean.len()], |(_, beta)| beta);
        let scales = gamma.iter().zip(&variance);
        let scales: Vec<f64> = scales
            .map(|(&gamma, &variance)| f64::from(gamma) / (f64::from(variance) + f64::from(self.epsilon)).sqrt())
            .collect();
        let shifts = beta.iter().zip(mean.iter().zip(&scales));
        let shifts = shifts.map(|(&beta, (&mean, scale))| (f64::from(beta) - f64::from(mean) * scale) as f32);
        let shifts = shifts.collect();
        let input = at.input();
        Some(at.affine(input, scales.iter().map(|&scale| scale as f32).collect(), shifts))
    }

    fn differs_in_training(&self, frozen: bool) -> bool {
        !frozen
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let (input, sets) = (at.input(), Self::sets(at.input_shape()));
        let (gamma, beta) = (at.variable("gamma"), at.variable("beta"));
        let (Some(moving_mean), Some(moving_variance)) = (at.variable("moving_mean"), at.variable("moving_variance"))
        else {
            return input;
        };
        let trains = at.mode() == Mode::Train;
        if !trains || at.is_frozen() {
            let output = at.output();
            at.push(NormalizeMoving {
                sets,
                epsilon: self.epsilon,
                input,
                gamma,
                beta,
                moving_mean,
                moving_variance,
                output,
            });
            return output;
        }
        let moments = at.tensor("moments", &normalizing::chunks(&sets));
        at.push(Moments { sets, input, moments });
        let statistics = at.tensor(STATISTICS, &normalizing::statistics(&sets));
        at.push(BatchStatistics {
            sets,
            momentum: self.momentum,
            epsilon: self.epsilon,
            moments,
            statistics,
            moving_mean,
            moving_variance,
        });
        at.remember(STATISTICS, statistics);
        let output = at.output();
        at.push(Normalize {
            sets,
            input,
            statistics,
            gamma,
            beta,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let (input, doutput, sets) = (at.input(), at.doutput(), Self::sets(at.input_shape()));
        let gamma = at.variable("gamma");
        let Some(statistics) = at.recall(STATISTICS) else {
            if let (Some(moving_variance), Some(dinput)) = (at.variable("moving_variance"), at.dinput(0)) {
                at.push(NormalizeMovingBackward {
                    sets,
                    epsilon: self.epsilon,
                    gamma,
                    moving_variance,
                    doutput,
                    dinput,
                });
            }
            return;
        };
        normalizing::dgamma(sets, statistics, at);
        if !at.needs(0) {
            return;
        }
        let sums = at.tensor("sums", &normalizing::chunks(&sets));
        at.push(NormalizeSums {
            sets,
            input,
            statistics,
            gamma,
            doutput,
            sums,
        });
        let means = at.tensor("means", &normalizing::statistics(&sets));
        at.push(BatchMeans { sets, sums, means });
        if let Some(dinput) = at.dinput(0) {
            at.push(NormalizeBackward {
                sets,
                input,
                statistics,
                gamma,
                means,
                doutput,
                dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![
            format!(
                "Each channel is moved and scaled so that over the samples of a batch its mean is 0 and its standard deviation \
                 1{}. The layers behind it then always meet numbers of the same size, which lets them learn faster.",
                normalizing::then(self.scale, self.center)
            ),
            format!(
                "Outside of training, moving averages of mean and variance stand in for the batch's: each step keeps {} of \
                 them and takes the rest from its batch.",
                self.momentum
            ),
        ]
    }

    fn form(&self) -> Form {
        Form::Chip("norm")
    }
}

/// The name under which the forward pass keeps means and deviations for the backward pass.
const STATISTICS: &str = "statistics";

impl BatchNormalization {
    fn sets(input: &Shape) -> Sets {
        Sets {
            channels: input.channels(),
            positions: input.positions(),
            groups: Some(input.channels()),
        }
    }
}
