//! Optimizers: update rules, each in a file of its own, and the options that go with all of them. Source:
//! `keras/src/optimizers`.

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

/// The list of optimizers: each line is a variant, and names a structure of the module of that name.
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
            /// The calls that make an optimizer, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// Reads the rule of a signature; None where its arguments could not be used, which has been reported.
            pub(crate) fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
            }

            /// Keras's name of the class, such as `Adam`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $name::SIGNATURE.name,)+
                }
            }

            /// The learning rate that the rule was given, see [`UpdateRule::learning_rate`].
            pub fn learning_rate(&self) -> &LearningRate {
                match self {
                    $(Self::$name(rule) => rule.learning_rate(),)+
                }
            }

            /// Replaces the learning rate.
            pub(crate) fn set_learning_rate(&mut self, learning_rate: LearningRate) {
                match self {
                    $(Self::$name(rule) => rule.learning_rate = learning_rate,)+
                }
            }

            /// The weight decay that belongs to the rule, see [`UpdateRule::weight_decay`].
            pub fn weight_decay(&self) -> Option<f64> {
                match self {
                    $(Self::$name(rule) => rule.weight_decay(),)+
                }
            }

            /// The buffers that it keeps, see [`UpdateRule::slots`].
            pub fn slots(&self) -> Vec<Slot> {
                match self {
                    $(Self::$name(rule) => rule.slots(),)+
                }
            }

            /// The numbers of a step, see [`UpdateRule::rates`].
            pub fn rates(&self, learning_rate: f64, step: u64) -> Rates {
                match self {
                    $(Self::$name(rule) => rule.rates(learning_rate, step),)+
                }
            }

            /// The kernel of a GPU's step, see [`UpdateRule::kernel`].
            pub fn kernel(&self) -> UpdateKernel {
                match self {
                    $(Self::$name(rule) => rule.kernel(),)+
                }
            }

            /// The arguments as a plan prints them, see [`UpdateRule::printed`].
            pub(crate) fn printed(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name(rule) => rule.printed(),)+
                }
            }

            /// The title of the optimizer's section in `cnnc explain`.
            pub(crate) const fn title(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => concat!("Optimizer: ", stringify!($name)),)+
                }
            }

            /// The meaning for learners, see [`UpdateRule::words`].
            pub(crate) fn words(&self) -> String {
                match self {
                    $(Self::$name(rule) => rule.words(),)+
                }
            }

            /// The first step worked out, see [`UpdateRule::by_hand`].
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
