//! Regularizers, each in a file of its own, by name or by call: penalties of weights or outputs that the loss includes. Source:
//! `keras/src/regularizers`.

mod l1;
mod l1_l2;
mod l2;
mod penalty;

pub use l1::L1;
pub use l1_l2::L1L2;
pub use l2::L2;
pub use penalty::{Penalty, Strengths};

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Names of Keras's that this compiler does not support.
const KERAS: [&str; 3] = ["OrthogonalRegularizer", "orthogonal_regularizer", "Regularizer"];

/// The list of regularizers: each line is a variant, and names a structure of the module of that name.
macro_rules! regularizers {
    ($($name:ident),+ $(,)?) => {
        /// A regularizer with its arguments.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(tag = "type")]
        pub enum Regularizer {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl Regularizer {
            /// The calls that make a regularizer, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// The factors of its sums, see [`Penalty::strengths`].
            pub fn strengths(&self) -> Strengths {
                match self {
                    $(Self::$name(regularizer) => regularizer.strengths(),)+
                }
            }

            fn signature(&self) -> &'static Signature {
                match self {
                    $(Self::$name(_) => $name::SIGNATURE,)+
                }
            }

            fn printed(&self) -> Vec<(&'static str, f64)> {
                match self {
                    $(Self::$name(regularizer) => regularizer.printed(),)+
                }
            }

            /// Reads the regularizer of a signature; None where its arguments could not be used, which has been reported.
            fn of(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
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

regularizers! {
    L1,
    L2,
    L1L2,
}

/// The regularizer as a description gives it: `L2(l2=0.01)`.
impl Display for Regularizer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = (self.printed().iter())
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        write!(f, "{}({})", self.signature().name, arguments.join(", "))
    }
}

/// The regularizer that a name stands for: the class's, the function's, or in quotes the class's in small letters.
fn signature(name: &str, quoted: bool) -> Option<&'static Signature> {
    let mut known = Regularizer::SIGNATURES.iter().copied();
    known.find(|signature| signature.is_called(name) || (quoted && signature.name.to_lowercase() == name))
}

/// Reads a regularizer: `"l2"`, `L2(0.01)`, `keras.regularizers.l1_l2(l1=1e-5, l2=1e-4)`, or `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Regularizer>> {
    let known = || {
        Regularizer::SIGNATURES
            .iter()
            .flat_map(|known| known.aliases.iter().copied())
    };
    match &value.kind {
        ValueKind::None => Some(None),
        ValueKind::String(name) => {
            let Some(signature) = signature(name, true) else {
                diagnostics.push(values::unknown_word("regularizer", name, value, known(), &KERAS));
                return None;
            };
            let call = grammar::ast::Call {
                span: value.span,
                name: grammar::span::Spanned::new(signature.name.to_owned(), value.span),
                prefix: Vec::new(),
                receiver: None,
                arguments: Vec::new(),
                wiring: None,
            };
            let mut arguments = Arguments::bind(signature, &call, diagnostics);
            Regularizer::of(signature, &mut arguments).map(Some)
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "regularizers", &[], diagnostics);
            not_wired(call, "a regularizer", diagnostics);
            let name = call.name.node.as_str();
            let Some(signature) = signature(name, false) else {
                let at = Value {
                    span: call.name.span,
                    kind: ValueKind::Name(name.to_owned()),
                };
                diagnostics.push(values::unknown_word("regularizer", name, &at, known(), &KERAS));
                return None;
            };
            let mut arguments = Arguments::bind(signature, call, diagnostics);
            Regularizer::of(signature, &mut arguments).map(Some)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::unquoted(values::wrong_type(argument, value), value, known()));
            None
        }
    }
}
