//! Constraints, each in a file of its own, by name or by call: limits that weights are held to after each update. Source:
//! `keras/src/constraints`.

mod limit;
mod max_norm;
mod min_max_norm;
mod non_neg;
mod unit_norm;

pub use limit::{Constraining, Limit};
pub use max_norm::MaxNorm;
pub use min_max_norm::MinMaxNorm;
pub use non_neg::NonNeg;
pub use unit_norm::UnitNorm;

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Names of Keras's that this compiler does not support.
const KERAS: [&str; 1] = ["Constraint"];

/// The list of constraints: each line is a variant, and names a structure of the module of that name.
macro_rules! constraints {
    ($($name:ident),+ $(,)?) => {
        /// A constraint with its arguments.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "type")]
        pub enum Constraint {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl Constraint {
            /// The calls that make a constraint, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// What it does to a variable, see [`Constraining::limit`].
            pub fn limit(&self) -> Limit {
                match self {
                    $(Self::$name(constraint) => constraint.limit(),)+
                }
            }

            /// The axes of the variable that a norm is taken over, as the description gives them.
            pub fn axes(&self) -> &[i64] {
                match self {
                    $(Self::$name(constraint) => constraint.axes(),)+
                }
            }

            fn signature(&self) -> &'static Signature {
                match self {
                    $(Self::$name(_) => $name::SIGNATURE,)+
                }
            }

            fn printed(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name(constraint) => constraint.printed(),)+
                }
            }

            /// Reads the constraint of a signature; None where its arguments could not be used, which has been reported.
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

constraints! {
    MaxNorm,
    NonNeg,
    UnitNorm,
    MinMaxNorm,
}

/// The constraint as a description gives it: `MaxNorm(max_value=2.0, axis=0)`.
impl Display for Constraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = (self.printed().iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        write!(f, "{}({})", self.signature().name, arguments.join(", "))
    }
}

/// The constraint that a class's or a function's name stands for.
fn signature(name: &str) -> Option<&'static Signature> {
    let mut known = Constraint::SIGNATURES.iter().copied();
    known.find(|signature| signature.is_called(name))
}

/// Reads a constraint: `"non_neg"`, `MaxNorm(3)`, `keras.constraints.max_norm(2.0)`, or `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Constraint>> {
    let known = || {
        Constraint::SIGNATURES
            .iter()
            .flat_map(|known| known.aliases.iter().copied())
    };
    match &value.kind {
        ValueKind::None => Some(None),
        ValueKind::String(name) => {
            let Some(signature) = signature(name) else {
                diagnostics.push(values::unknown_word("constraint", name, value, known(), &KERAS));
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
            Constraint::of(signature, &mut arguments).map(Some)
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "constraints", &[], diagnostics);
            not_wired(call, "a constraint", diagnostics);
            let name = call.name.node.as_str();
            let Some(signature) = signature(name) else {
                let at = Value {
                    span: call.name.span,
                    kind: ValueKind::Name(name.to_owned()),
                };
                diagnostics.push(values::unknown_word("constraint", name, &at, known(), &KERAS));
                return None;
            };
            let mut arguments = Arguments::bind(signature, call, diagnostics);
            Constraint::of(signature, &mut arguments).map(Some)
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
