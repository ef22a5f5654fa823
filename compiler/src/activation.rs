//! Keras's activation functions: names, formulas and constants in one place.

use serde::Serialize;

/// An activation, each with Keras's own formula (`keras/src/activations/activations.py`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationFunction {
    /// `x`: the layer's numbers pass unchanged; also what `activation=None` means.
    Linear,
    /// With the defaults (no ceiling, slope 0, threshold 0): `max(x, 0)`. In full: the smaller of `x` and
    /// `ceiling` where `x > threshold`, else `negative_slope (x - threshold)`. The names `relu6` (ceiling 6) and
    /// `leaky_relu` (slope 0.2) are of this kind, and so is the layer `ReLU`.
    Relu {
        /// The factor of `x - threshold` below the threshold: `negative_slope`, 0 by default.
        negative_slope: f32,
        /// The largest output: `max_value`. None where outputs have no limit.
        ceiling: Option<f32>,
        /// Inputs up to it count as negative: `threshold`, 0 by default.
        threshold: f32,
    },
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `exp(x_i) / sum_j exp(x_j)` over the last axis.
    Softmax,
    /// `x` where positive, else `alpha (exp(x) - 1)`.
    Elu {
        /// `alpha`, 1 by name.
        alpha: f32,
    },
    /// `scale x` where positive, else `scale alpha (exp(x) - 1)`; scale 1.05070098..., alpha 1.67326324...
    Selu,
    /// `log(1 + exp(x))`
    Softplus,
    /// `x / (1 + |x|)`
    Softsign,
    /// `x sigmoid(x)`; also called swish.
    Silu,
    /// `x (1 + erf(x / sqrt 2)) / 2`, the exact form.
    Gelu,
    /// `clip(x / 6 + 1/2, 0, 1)`
    HardSigmoid,
    /// `exp(x)`
    Exponential,
}

impl ActivationFunction {
    /// `max(x, 0)`: what the name `relu` stands for.
    pub const RELU: Self = Self::Relu {
        negative_slope: 0.0,
        ceiling: None,
        threshold: 0.0,
    };

    /// Every name that Keras accepts and this compiler knows, with what it means.
    pub const NAMES: [(&'static str, Self); 16] = [
        ("linear", Self::Linear),
        ("relu", Self::RELU),
        ("sigmoid", Self::Sigmoid),
        ("tanh", Self::Tanh),
        ("softmax", Self::Softmax),
        ("elu", Self::Elu { alpha: 1.0 }),
        ("selu", Self::Selu),
        ("softplus", Self::Softplus),
        ("softsign", Self::Softsign),
        ("silu", Self::Silu),
        ("swish", Self::Silu),
        ("gelu", Self::Gelu),
        (
            "leaky_relu",
            Self::Relu {
                negative_slope: 0.2,
                ceiling: None,
                threshold: 0.0,
            },
        ),
        (
            "relu6",
            Self::Relu {
                negative_slope: 0.0,
                ceiling: Some(6.0),
                threshold: 0.0,
            },
        ),
        ("hard_sigmoid", Self::HardSigmoid),
        ("exponential", Self::Exponential),
    ];
}

impl ActivationFunction {
    /// Whether the backward pass computes the derivative from the input. Where it does not, it needs the output
    /// alone, and the input need not be kept.
    pub fn needs_input(self) -> bool {
        match self {
            Self::Silu | Self::Gelu => true,
            // An output of zero does not tell which input above or below the threshold it came from.
            Self::Relu {
                threshold,
                negative_slope,
                ceiling,
            } => threshold != 0.0 || negative_slope < 0.0 || ceiling.is_some_and(|ceiling| ceiling <= 0.0),
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Softmax
            | Self::Elu { .. }
            | Self::Selu
            | Self::Softplus
            | Self::Softsign
            | Self::HardSigmoid
            | Self::Exponential => false,
        }
    }

    /// The name and, in words for learners, what the function does to a number; None for `linear`, which does nothing.
    pub fn words(self) -> Option<String> {
        let text = match self {
            Self::Linear => return None,
            Self::Relu {
                negative_slope,
                ceiling,
                threshold,
            } => return Some(rectifier(self, negative_slope, ceiling, threshold)),
            Self::Sigmoid => {
                "1 / (1 + e^-x) presses every number between 0 and 1: far below 0 gives nearly 0, far above nearly 1"
            }
            Self::Tanh => {
                "the hyperbolic tangent presses every number between -1 and 1; small ones stay nearly as they are"
            }
            Self::Softmax => {
                "e to the power of each number, divided by the sum of all of these: positive numbers that add up to 1, as probabilities do"
            }
            Self::Elu { alpha } => {
                return Some(format!(
                    "{self}: positive numbers stay; negative ones become {alpha} * (e^x - 1), which bends smoothly down to {}.",
                    -alpha
                ));
            }
            Self::Selu => {
                "positive numbers times 1.0507; negative ones bend down to -1.7581: chosen such that mean and spread stay as they are from \
                 layer to layer"
            }
            Self::Softplus => "ln(1 + e^x), a relu with its corner rounded off",
            Self::Softsign => "x / (1 + |x|) presses every number between -1 and 1, more gently than tanh",
            Self::Silu => "x times sigmoid(x): like relu, but smooth, and a little below 0 for small negative numbers",
            Self::Gelu => {
                "x times the probability that a normally distributed number is smaller than x: like relu, but smooth"
            }
            Self::HardSigmoid => "x / 6 + 1/2, cut off below 0 and above 1: a sigmoid of straight lines",
            Self::Exponential => "e to the power of each number: always positive, and large very soon",
        };
        Some(format!("{self}: {text}."))
    }
}

fn rectifier(function: ActivationFunction, negative_slope: f32, ceiling: Option<f32>, threshold: f32) -> String {
    let mut text = if function == ActivationFunction::RELU {
        "relu: negative numbers become 0, the others stay.".to_owned()
    } else {
        let limit = if threshold == 0.0 {
            "0".to_owned()
        } else {
            threshold.to_string()
        };
        let below = match (negative_slope == 0.0, threshold == 0.0) {
            (true, _) => "become 0".to_owned(),
            (false, true) => format!("are multiplied by {negative_slope}"),
            (false, false) => format!("become {negative_slope} * (x - {threshold})"),
        };
        format!("{function}: numbers below {limit} {below}, the others stay.")
    };
    if let Some(ceiling) = ceiling {
        text.push_str(&format!(" None comes out larger than {ceiling}."));
    }
    text
}

/// The name, or, for a rectifier or an ELU that has none, the call that makes it.
impl std::fmt::Display for ActivationFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Self::NAMES.iter().find(|(_, named)| named == self) {
            Some((name, _)) => f.write_str(name),
            None => match self {
                Self::Relu {
                    negative_slope,
                    ceiling,
                    threshold,
                } => {
                    write!(f, "ReLU(negative_slope={negative_slope:?}, threshold={threshold:?}")?;
                    ceiling.map_or(Ok(()), |ceiling| write!(f, ", max_value={ceiling:?}"))?;
                    f.write_str(")")
                }
                Self::Elu { alpha } => write!(f, "ELU(alpha={alpha:?})"),
                Self::Linear
                | Self::Sigmoid
                | Self::Tanh
                | Self::Softmax
                | Self::Selu
                | Self::Softplus
                | Self::Softsign
                | Self::Silu
                | Self::Gelu
                | Self::HardSigmoid
                | Self::Exponential => Ok(()),
            },
        }
    }
}
