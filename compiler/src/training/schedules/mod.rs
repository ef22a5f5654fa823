//! Learning rates: numbers, or schedules that are functions of the step, each in a file of its own.

mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod one_cycle;
mod piecewise_constant_decay;
mod polynomial_decay;
mod schedule;

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use one_cycle::OneCycle;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use schedule::Schedule as _;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// The list of schedules: each line is a variant, and names a structure of the module of that name.
macro_rules! schedules {
    ($($name:ident),+ $(,)?) => {
        /// A learning rate schedule with its arguments.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Schedule {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl Schedule {
            /// The calls that make a schedule, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// The learning rate of a step, counted from 0.
            pub fn at(&self, step: u64) -> f32 {
                match self {
                    $(Self::$name(schedule) => schedule.at(step),)+
                }
            }

            fn printed(&self) -> (&'static str, Vec<(&'static str, String)>) {
                match self {
                    $(Self::$name(schedule) => ($name::SIGNATURE.name, schedule.printed()),)+
                }
            }

            /// Reads the schedule of a signature; None where its arguments could not be used, which has been reported.
            fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
            }
        }
    };
}

schedules! {
    ExponentialDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
    InverseTimeDecay,
    CosineDecay,
    CosineDecayRestarts,
    OneCycle,
}

/// A learning rate as `learning_rate=` gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LearningRate {
    /// The same number above 0 in every step.
    Constant(f64),
    /// A function of the step.
    Schedule(Schedule),
}

impl LearningRate {
    /// The rate of a step, counted from 0. A schedule computes it in float32, as Keras does.
    pub fn at(&self, step: u64) -> f64 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Schedule(schedule) => f64::from(schedule.at(step)),
        }
    }

    /// Whether it is the same in every step.
    pub const fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

/// The learning rate as a description gives it.
impl Display for LearningRate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(rate) => write!(f, "{rate}"),
            Self::Schedule(schedule) => {
                let (name, arguments) = schedule.printed();
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                write!(f, "{name}({})", arguments.join(", "))
            }
        }
    }
}

/// Reads a learning rate: a number above 0, or the call of a schedule.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<LearningRate> {
    let ValueKind::Call(call) = &value.kind else {
        let rate = values::ranged(argument, value, diagnostics, "above 0", |rate| rate > 0.0)?;
        return Some(LearningRate::Constant(rate));
    };
    names::check_prefix(call, "optimizers.schedules", &["schedules"], diagnostics);
    not_wired(call, "a learning rate schedule", diagnostics);
    let name = &call.name.node;
    let known = || Schedule::SIGNATURES.iter().map(|signature| signature.name);
    let Some(signature) = Schedule::SIGNATURES.iter().find(|signature| signature.name == *name) else {
        let diagnostic = Diagnostic::error("E0401", format!("unknown learning rate schedule `{name}`"))
            .at(call.name.span, "no schedule has this name");
        diagnostics.push(match nearest(name, known()) {
            Some(meant) => diagnostic
                .help(format!("did you mean {meant}?"))
                .fix(call.name.span, meant),
            None => diagnostic.help(format!("there is {}", any_of(known()))),
        });
        return None;
    };
    let mut arguments = Arguments::bind(signature, call, diagnostics);
    Schedule::read(signature, &mut arguments).map(LearningRate::Schedule)
}
