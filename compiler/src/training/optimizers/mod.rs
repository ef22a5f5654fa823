//! Optimizers: a rule, one room each, and what all of them can be asked for besides. Source: keras/src/optimizers.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
pub(crate) mod arguments;
mod ftrl;
mod lion;
mod nadam;
mod options;
mod rmsprop;
pub(crate) mod rule;
mod sgd;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use ftrl::Ftrl;
pub use lion::Lion;
pub use nadam::Nadam;
pub use options::{Clipping, Ema, Options};
pub use rmsprop::RMSprop;
pub use rule::{GRADIENT, Rates, Slot, UpdateKernel, UpdateRule, WEIGHT};
pub use sgd::SGD;

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::{Equation, Expression};
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// The list of optimizers: each line is a variant, and names the structure of its room.
macro_rules! optimizers {
    ($($name:ident),+ $(,)?) => {
        /// An optimizer's update rule with its constants.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum Rule {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        $(
            impl From<$name> for Rule {
                fn from(rule: $name) -> Self {
                    Self::$name(rule)
                }
            }
        )+

        impl Rule {
            /// What can be called, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// The rule of a signature; `None` as well where its arguments cannot be read, which is reported.
            pub(crate) fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
            }

            /// Keras's name.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $name::SIGNATURE.name,)+
                }
            }

            /// See [`UpdateRule::learning_rate`].
            pub fn learning_rate(&self) -> &LearningRate {
                match self {
                    $(Self::$name(rule) => rule.learning_rate(),)+
                }
            }

            /// Puts another learning rate in its place.
            pub(crate) fn set_learning_rate(&mut self, learning_rate: LearningRate) {
                match self {
                    $(Self::$name(rule) => rule.learning_rate = learning_rate,)+
                }
            }

            /// See [`UpdateRule::weight_decay`].
            pub fn weight_decay(&self) -> Option<f64> {
                match self {
                    $(Self::$name(rule) => rule.weight_decay(),)+
                }
            }

            /// See [`UpdateRule::slots`].
            pub fn slots(&self) -> Vec<Slot> {
                match self {
                    $(Self::$name(rule) => rule.slots(),)+
                }
            }

            /// See [`UpdateRule::rates`].
            pub fn rates(&self, learning_rate: f64, step: u64) -> Rates {
                match self {
                    $(Self::$name(rule) => rule.rates(learning_rate, step),)+
                }
            }

            /// See [`UpdateRule::kernel`].
            pub fn kernel(&self) -> UpdateKernel {
                match self {
                    $(Self::$name(rule) => rule.kernel(),)+
                }
            }

            /// See [`UpdateRule::printed`].
            pub(crate) fn printed(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name(rule) => rule.printed(),)+
                }
            }

            /// The title of its section in `cnnc explain`.
            pub(crate) const fn title(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => concat!("Optimizer: ", stringify!($name)),)+
                }
            }

            /// See [`UpdateRule::words`].
            pub(crate) fn words(&self) -> String {
                match self {
                    $(Self::$name(rule) => rule.words(),)+
                }
            }

            /// See [`UpdateRule::by_hand`].
            pub(crate) fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
                match self {
                    $(Self::$name(rule) => rule.by_hand(weight, learning_rate),)+
                }
            }
        }
    };
}

optimizers! {
    SGD,
    RMSprop,
    Adam,
    AdamW,
    Nadam,
    Adagrad,
    Adadelta,
    Adamax,
    Lion,
    Ftrl,
}
