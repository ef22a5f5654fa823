//! Keras's initializers, as data. `runtime::random` draws them.

use serde::Serialize;

/// How the values of a variable are drawn before training (`keras/src/initializers`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Initializer {
    /// Every value is 0.
    Zeros,
    /// Every value is 1.
    Ones,
    /// Every value is the same.
    Constant {
        /// `value`, 0 by default.
        value: f32,
    },
    /// Uniform from `minval` to `maxval`, which is left out.
    RandomUniform {
        /// The least value, -0.05 by default.
        minval: f32,
        /// The end of the range, 0.05 by default.
        maxval: f32,
    },
    /// A normal distribution with nothing cut off.
    RandomNormal {
        /// 0 by default.
        mean: f32,
        /// 0.05 by default.
        stddev: f32,
    },
    /// A normal distribution; values more than two standard deviations from the mean are drawn again.
    TruncatedNormal {
        /// 0 by default.
        mean: f32,
        /// 0.05 by default.
        stddev: f32,
    },
    /// The family of glorot, he and lecun: a distribution around 0 with a variance of `scale / fan`.
    VarianceScaling {
        /// The numerator: 1 for glorot and lecun, 2 for he.
        scale: f32,
        /// What the denominator counts.
        mode: FanMode,
        /// The shape of the distribution.
        distribution: Distribution,
    },
}

/// What `VarianceScaling` divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FanMode {
    /// The inputs of one output.
    FanIn,
    /// The outputs of one input.
    FanOut,
    /// The mean of the inputs and the outputs.
    FanAvg,
}

/// What `VarianceScaling` draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Uniform over +-sqrt(3 scale / fan).
    Uniform,
    /// Normal with a standard deviation of sqrt(scale / fan), drawn again beyond two of them, scaled by
    /// 1 / 0.87962566103423978 so that the variance holds after the cut.
    TruncatedNormal,
    /// Normal with a standard deviation of sqrt(scale / fan).
    UntruncatedNormal,
}

impl Initializer {
    const fn scaling(scale: f32, mode: FanMode, distribution: Distribution) -> Self {
        Self::VarianceScaling {
            scale,
            mode,
            distribution,
        }
    }

    /// Keras's default for kernels.
    pub const GLOROT_UNIFORM: Self = Self::scaling(1.0, FanMode::FanAvg, Distribution::Uniform);

    /// Every name that Keras accepts as a string and that this compiler knows.
    pub const NAMES: [(&'static str, Self); 11] = [
        ("glorot_uniform", Self::GLOROT_UNIFORM),
        (
            "glorot_normal",
            Self::scaling(1.0, FanMode::FanAvg, Distribution::TruncatedNormal),
        ),
        ("he_uniform", Self::scaling(2.0, FanMode::FanIn, Distribution::Uniform)),
        (
            "he_normal",
            Self::scaling(2.0, FanMode::FanIn, Distribution::TruncatedNormal),
        ),
        (
            "lecun_uniform",
            Self::scaling(1.0, FanMode::FanIn, Distribution::Uniform),
        ),
        (
            "lecun_normal",
            Self::scaling(1.0, FanMode::FanIn, Distribution::TruncatedNormal),
        ),
        ("zeros", Self::Zeros),
        ("ones", Self::Ones),
        (
            "random_uniform",
            Self::RandomUniform {
                minval: -0.05,
                maxval: 0.05,
            },
        ),
        (
            "random_normal",
            Self::RandomNormal {
                mean: 0.0,
                stddev: 0.05,
            },
        ),
        (
            "truncated_normal",
            Self::TruncatedNormal {
                mean: 0.0,
                stddev: 0.05,
            },
        ),
    ];
}

/// The name, or the call that makes it where its constants are not those that a name stands for.
impl std::fmt::Display for Initializer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((name, _)) = Self::NAMES.iter().find(|(_, named)| named == self) {
            return f.write_str(name);
        }
        match self {
            Self::Zeros => f.write_str("zeros"),
            Self::Ones => f.write_str("ones"),
            Self::Constant { value } => write!(f, "Constant(value={value:?})"),
            Self::RandomUniform { minval, maxval } => write!(f, "RandomUniform(minval={minval:?}, maxval={maxval:?})"),
            Self::RandomNormal { mean, stddev } => write!(f, "RandomNormal(mean={mean:?}, stddev={stddev:?})"),
            Self::TruncatedNormal { mean, stddev } => write!(f, "TruncatedNormal(mean={mean:?}, stddev={stddev:?})"),
            Self::VarianceScaling {
                scale,
                mode,
                distribution,
            } => {
                let (mode, distribution) = (mode.name(), distribution.name());
                write!(
                    f,
                    "VarianceScaling(scale={scale:?}, mode=\"{mode}\", distribution=\"{distribution}\")"
                )
            }
        }
    }
}

impl FanMode {
    /// Keras's word for the mode.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FanAvg => "fan_avg",
        }
    }
}

impl Distribution {
    /// Keras's word for the distribution.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::TruncatedNormal => "truncated_normal",
            Self::UntruncatedNormal => "untruncated_normal",
        }
    }
}
