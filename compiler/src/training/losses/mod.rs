//! Losses, each in a file of its own, by name or by call. Source: `keras/src/losses`.

mod binary_crossentropy;
mod binary_focal_crossentropy;
mod categorical_crossentropy;
mod categorical_focal_crossentropy;
mod common;
mod dice;
mod huber;
mod kl_divergence;
mod mean_absolute_error;
mod mean_squared_error;
mod objective;
mod overlapping;
mod sparse_categorical_crossentropy;
mod tversky;

pub use binary_crossentropy::BinaryCrossentropy;
pub use binary_focal_crossentropy::BinaryFocalCrossentropy;
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use categorical_focal_crossentropy::CategoricalFocalCrossentropy;
pub use dice::Dice;
pub use huber::Huber;
pub use kl_divergence::KLDivergence;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use objective::{Ending, Objective, Place, Targets};
pub use overlapping::Axes;
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;
pub use tversky::Tversky;

use crate::activation::ActivationFunction;
use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use crate::explanation::expression::Expression;
use crate::ops::{Criterion, Overlapping};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// The list of losses: each line is a variant, and names a structure of the module of that name.
macro_rules! losses {
    ($($name:ident),+ $(,)?) => {
        /// A loss with its arguments.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Loss {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        $(
            impl From<$name> for Loss {
                fn from(loss: $name) -> Self {
                    Self::$name(loss)
                }
            }
        )+

        impl Loss {
            /// The calls that make a loss, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// The names that stand for losses with all defaults, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name::NAME),+];

            /// The loss with all defaults that a name stands for, the class's or the function's.
            fn by_name(name: &str) -> Option<Self> {
                $(
                    if name == $name::NAME || name == $name::SIGNATURE.name || $name::ALIASES.contains(&name) {
                        return Some(Self::$name($name::by_name()));
                    }
                )+
                None
            }

            /// Reads the loss of a signature; None where its arguments could not be used, which has been reported.
            fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
            }

            /// The title of the loss's section in `cnnc explain`.
            pub(crate) const fn title(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => concat!("Loss: ", stringify!($name)),)+
                }
            }

            /// What outputs are compared with, see [`Objective::targets`].
            pub fn targets(&self) -> Targets {
                match self {
                    $(Self::$name(loss) => loss.targets(),)+
                }
            }

            /// Reports a network whose end does not go with the loss, see [`Objective::check`].
            pub(crate) fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
                match self {
                    $(Self::$name(loss) => loss.check(ending, place, diagnostics),)+
                }
            }

            /// Whether the loss takes over the last activation, see [`Objective::absorbs`].
            pub fn absorbs(&self, last: ActivationFunction) -> bool {
                match self {
                    $(Self::$name(loss) => loss.absorbs(last),)+
                }
            }

            /// The function of outputs and targets, see [`Objective::criterion`].
            pub fn criterion(&self, absorbed: bool, by_place: bool) -> Option<Criterion> {
                match self {
                    $(Self::$name(loss) => loss.criterion(absorbed, by_place),)+
                }
            }

            /// The sums of a loss of overlaps, see [`Objective::overlap`].
            pub fn overlap(&self, rank: usize) -> Option<Overlapping> {
                match self {
                    $(Self::$name(loss) => loss.overlap(rank),)+
                }
            }

            /// The call that makes the loss, see [`Objective::printed`].
            pub fn printed(&self) -> String {
                match self {
                    $(Self::$name(loss) => loss.printed(),)+
                }
            }

            /// The meaning for learners, see [`Objective::words`].
            pub(crate) fn words(&self, outputs: usize) -> Vec<String> {
                match self {
                    $(Self::$name(loss) => loss.words(outputs),)+
                }
            }

            /// The loss of a network that only guesses, see [`Objective::guess`].
            pub(crate) fn guess(&self, outputs: usize) -> Option<(Expression, String)> {
                match self {
                    $(Self::$name(loss) => loss.guess(outputs),)+
                }
            }
        }
    };
}

impl Loss {
    /// Whether the call says that outputs are logits; false for losses without such an argument.
    pub const fn from_logits(&self) -> bool {
        match self {
            Self::SparseCategoricalCrossentropy(loss) => loss.from_logits,
            Self::CategoricalCrossentropy(loss) => loss.from_logits,
            Self::BinaryCrossentropy(loss) => loss.from_logits,
            Self::CategoricalFocalCrossentropy(loss) => loss.from_logits,
            Self::BinaryFocalCrossentropy(loss) => loss.from_logits,
            Self::MeanSquaredError(_)
            | Self::MeanAbsoluteError(_)
            | Self::Huber(_)
            | Self::KLDivergence(_)
            | Self::Dice(_)
            | Self::Tversky(_) => false,
        }
    }
}

losses! {
    SparseCategoricalCrossentropy,
    CategoricalCrossentropy,
    BinaryCrossentropy,
    CategoricalFocalCrossentropy,
    BinaryFocalCrossentropy,
    MeanSquaredError,
    MeanAbsoluteError,
    Huber,
    KLDivergence,
    Dice,
    Tversky,
}

/// What there is in place of a function of people's own, as far as its name tells.
fn instead_of_own(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let has = |part: &str| name.contains(part);
    if Loss::by_name(&name).is_some() {
        None
    } else if has("tversky") {
        Some("loss=Tversky(alpha=0.7, beta=0.3)")
    } else if has("dice") || has("iou") || has("jaccard") {
        Some("loss=Dice() compares the overlap of masks")
    } else if has("focal") {
        Some("loss=BinaryFocalCrossentropy(), or CategoricalFocalCrossentropy() for a softmax")
    } else if has("weighted") || has("balanced") {
        Some("fit(class_weight={0: 1.0, 1: 5.0}) weights one of Keras's losses by classes")
    } else if has("huber") || has("smooth_l1") {
        Some("loss=Huber()")
    } else if has("sparse") {
        Some("loss=\"sparse_categorical_crossentropy\" takes class numbers")
    } else if has("bce") || has("binary") {
        Some("loss=\"binary_crossentropy\" for sigmoids")
    } else if has("crossentropy") || has("cross_entropy") || has("categorical") {
        Some("loss=\"categorical_crossentropy\", or of class numbers \"sparse_categorical_crossentropy\"")
    } else if has("mse") || has("squared") || has("l2") {
        Some("loss=\"mse\"; its root is smallest where it is")
    } else if has("mae") || has("absolute") || has("l1") {
        Some("loss=\"mae\"")
    } else {
        None
    }
}

/// What is said of functions and classes of people's own.
const OWN: &str = "a description runs no code of your own";

/// Reads a loss: a name in quotes, a path such as `keras.losses.mse`, or a call.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Loss> {
    match &value.kind {
        ValueKind::String(name) => {
            let loss = Loss::by_name(name);
            if loss.is_none() {
                let quoted: Vec<String> = Loss::NAMES.iter().map(|name| format!("\"{name}\"")).collect();
                diagnostics.push(unknown(name, value.span, &quoted));
            }
            loss
        }
        ValueKind::Name(path) => {
            let (prefix, name) = path.rsplit_once('.').unwrap_or(("", path));
            if !prefix.is_empty() && Loss::by_name(name).is_some() {
                if !names::is_module(prefix, "losses") {
                    diagnostics.push(names::unknown_prefix(prefix, value.span, "losses"));
                    return None;
                }
                return Loss::by_name(name);
            }
            let mut wrong = values::wrong_type(argument, value);
            diagnostics.push(match instead_of_own(name) {
                Some(instead) => {
                    wrong.help = vec![instead.to_owned()];
                    wrong.note(OWN)
                }
                None if Loss::by_name(name).is_none() => {
                    let all = any_of(Loss::SIGNATURES.iter().map(|known| known.name));
                    wrong.help = vec![format!("one of Keras's losses: there is {all}")];
                    wrong.note(OWN)
                }
                None => values::unquoted(wrong, value, Loss::NAMES.iter().copied()),
            });
            None
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "losses", &[], diagnostics);
            not_wired(call, "a loss", diagnostics);
            let called = |signature: &&&Signature| signature.name == call.name.node;
            let Some(signature) = Loss::SIGNATURES.iter().find(called) else {
                let known: Vec<String> = Loss::SIGNATURES.iter().map(|known| known.name.to_owned()).collect();
                diagnostics.push(unknown(&call.name.node, call.name.span, &known));
                return None;
            };
            Loss::read(signature, &mut Arguments::bind(signature, call, diagnostics))
        }
        ValueKind::None => {
            diagnostics.push(
                Diagnostic::error("E0409", "training needs a loss")
                    .at(value.span, "None is no loss")
                    .help("loss=SparseCategoricalCrossentropy(from_logits=True)"),
            );
            None
        }
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            None
        }
    }
}

/// The error for an unknown or unsupported loss (E0402); `known` holds every loss as it would be written there.
fn unknown(name: &str, span: Span, known: &[String]) -> Diagnostic {
    let all = any_of(known.iter().map(String::as_str));
    if names::KERAS_LOSSES.contains(&name) {
        let diagnostic = Diagnostic::error("E0402", format!("loss `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not");
        return diagnostic.help(format!("there is {all}"));
    }
    let diagnostic = Diagnostic::error("E0402", format!("unknown loss `{name}`")).at(span, "no loss has this name");
    let names = Loss::SIGNATURES
        .iter()
        .map(|known| known.name)
        .chain(Loss::NAMES.iter().copied());
    let meant = nearest(name, names).and_then(|meant| {
        let of_call = Loss::SIGNATURES.iter().position(|known| known.name == meant);
        let place = of_call.or_else(|| Loss::NAMES.iter().position(|known| *known == meant))?;
        known.get(place)
    });
    match meant {
        Some(right) => diagnostic.help(format!("did you mean {right}?")).fix(span, right),
        None => match instead_of_own(name) {
            Some(instead) => diagnostic.note(OWN).help(instead),
            None => diagnostic.note(OWN).help(format!("there is {all}")),
        },
    }
}
