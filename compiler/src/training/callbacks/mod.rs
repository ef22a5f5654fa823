//! Callbacks of `fit`, each in a file of its own: what is done at the end of an epoch. Source: `keras/src/callbacks`.

mod csv_logger;
mod display;
mod early_stopping;
mod learning_rate_scheduler;
mod model_checkpoint;
mod monitor;
mod path;
mod reaction;
mod reduce_lr_on_plateau;
mod tensor_board;
mod terminate_on_nan;

pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::{Mode, Monitor};
pub use path::Path;
pub use reaction::Reaction;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use tensor_board::TensorBoard;
pub use terminate_on_nan::TerminateOnNaN;

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// Callbacks of Keras 3.15 that this compiler does not support.
const KERAS: [&str; 5] = [
    "Callback",
    "CallbackList",
    "LambdaCallback",
    "RemoteMonitor",
    "SwapEMAWeights",
];

/// What is said of classes and functions of people's own.
const OWN: &str = "a description runs no code of your own";

/// What to do without them.
const INSTEAD: &str = "leave it out: a run writes every epoch's metrics into history.csv by itself; what stops, keeps the best weights or \
                       sets the learning rate is there already";

/// What there is in place of a callback of people's own, as far as its name tells.
fn instead_of_own(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["stop", "early", "accuracy", "threshold"]) {
        "EarlyStopping(monitor=\"val_accuracy\", patience=3) stops where nothing is gained; no callback stops at a value"
    } else if has(&["lr", "rate", "schedul", "warm", "cosine", "cycl"]) {
        "a schedule in the optimizer, Adam(CosineDecay(0.001, 10000)), or LearningRateScheduler or ReduceLROnPlateau"
    } else if has(&["checkpoint", "save", "best"]) {
        "EarlyStopping(restore_best_weights=True) or ModelCheckpoint"
    } else {
        INSTEAD
    }
}

/// The list of callbacks: each line is a variant, and names a structure of the module of that name.
macro_rules! callbacks {
    ($($name:ident),+ $(,)?) => {
        /// A callback with its arguments; what it does is in `runtime/src/callbacks`.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "name")]
        pub enum CallbackKind {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl CallbackKind {
            /// The calls that make a callback, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// The metric that it watches, see [`Reaction::monitor`].
            pub fn monitor(&self) -> Option<&Monitor> {
                match self {
                    $(Self::$name(callback) => callback.monitor(),)+
                }
            }

            /// Whether it sets the learning rate, see [`Reaction::sets_learning_rate`].
            pub fn sets_learning_rate(&self) -> bool {
                match self {
                    $(Self::$name(callback) => callback.sets_learning_rate(),)+
                }
            }

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

callbacks! {
    EarlyStopping,
    ReduceLROnPlateau,
    LearningRateScheduler,
    ModelCheckpoint,
    TerminateOnNaN,
    CSVLogger,
    TensorBoard,
}

/// A callback and its place in the description.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Callback {
    /// The class of the callback with its arguments.
    #[serde(flatten)]
    pub kind: CallbackKind,
    /// The place of the call.
    #[serde(skip)]
    pub span: Span,
}

/// Reads a list of callbacks, or a single one. Those that only show what a run shows by itself are left out, with a warning.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Callback>> {
    let items = match &value.kind {
        ValueKind::None => return Some(Vec::new()),
        ValueKind::List(items) | ValueKind::Tuple(items) => items.as_slice(),
        ValueKind::Call(_) => std::slice::from_ref(value),
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            return None;
        }
    };
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        if let ValueKind::Call(call) = &item.kind
            && let Some(warning) = display::left_out(call)
        {
            diagnostics.push(warning);
        } else {
            read.push(callback(item, diagnostics));
        }
    }
    read.into_iter().collect()
}

fn callback(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Callback> {
    let ValueKind::Call(call) = &value.kind else {
        let mut diagnostic = Diagnostic::error("E0107", "a callback is a call")
            .at(value.span, format!("this is {}", values::describe(value)));
        let mut help = "such as callbacks=[EarlyStopping(patience=3)]";
        if let ValueKind::Name(name) = &value.kind
            && !CallbackKind::SIGNATURES.iter().any(|known| known.name == name)
        {
            diagnostic = diagnostic.note(OWN);
            help = instead_of_own(name);
        }
        diagnostics.push(diagnostic.help(help));
        return None;
    };
    names::check_prefix(call, "callbacks", &[], diagnostics);
    not_wired(call, "a callback", diagnostics);
    let Some(signature) = CallbackKind::SIGNATURES
        .iter()
        .find(|known| known.name == call.name.node)
    else {
        diagnostics.push(unknown(call));
        return None;
    };
    let kind = CallbackKind::read(signature, &mut Arguments::bind(signature, call, diagnostics))?;
    Some(Callback { kind, span: call.span })
}

fn unknown(call: &Call) -> Diagnostic {
    let known = || CallbackKind::SIGNATURES.iter().map(|known| known.name);
    let name = call.name.node.as_str();
    if KERAS.contains(&name) {
        let diagnostic = Diagnostic::error("E0427", format!("callback `{name}` is not supported"))
            .at(call.name.span, "Keras has it, cnnc does not");
        return match name {
            "SwapEMAWeights" => diagnostic.help(
                "leave it out: with use_ema=True an optimizer's means take the weights' place when training ends",
            ),
            "Callback" | "LambdaCallback" => diagnostic.note(OWN).help(INSTEAD),
            "CallbackList" => diagnostic.help("fit takes the list itself: callbacks=[...]"),
            _ => diagnostic.help(format!("there is {}", any_of(known()))),
        };
    }
    let diagnostic = Diagnostic::error("E0427", format!("unknown callback `{name}`"))
        .at(call.name.span, "no callback has this name");
    match nearest(name, known()) {
        Some(meant) => diagnostic
            .help(format!("did you mean `{meant}`?"))
            .fix(call.name.span, meant),
        None => diagnostic
            .note(OWN)
            .help(instead_of_own(name))
            .help(format!("there is {}", any_of(known()))),
    }
}
