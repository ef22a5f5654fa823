//! Optimizers by name or call: `keras/src/optimizers`.

use crate::call::arguments::Arguments;
use crate::call::arguments::not_wired;
use crate::call::names;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use crate::training::optimizer::Optimizer;
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

const SHARED: [Parameter; 8] = [
    Parameter::unsupported("clipnorm", Literal::None),
    Parameter::unsupported("clipvalue", Literal::None),
    Parameter::unsupported("global_clipnorm", Literal::None),
    Parameter::unsupported("use_ema", Literal::Bool(false)),
    Parameter::unsupported("ema_momentum", Literal::Float(0.99)),
    Parameter::unsupported("ema_overwrite_frequency", Literal::None),
    Parameter::unsupported("loss_scale_factor", Literal::None),
    Parameter::unsupported("gradient_accumulation_steps", Literal::None),
];
const UNDECAYED: Parameter = Parameter::unsupported("weight_decay", Literal::None);
const NO_NAME: Parameter = Parameter::unsupported("name", Literal::None);
const EPSILON: Parameter = Parameter::optional(
    "epsilon",
    Kind::Number,
    Literal::Float(1e-7),
    "keeps the division finite",
);
const RATE: Parameter = Parameter::optional("learning_rate", Kind::Number, Literal::Float(0.001), "size of a step");
const BETA_1: Parameter = Parameter::optional(
    "beta_1",
    Kind::Number,
    Literal::Float(0.9),
    "decay of the mean of gradients",
);
const BETA_2: Parameter = Parameter::optional(
    "beta_2",
    Kind::Number,
    Literal::Float(0.999),
    "decay of the mean of their squares",
);
const AMSGRAD: Parameter = Parameter::optional(
    "amsgrad",
    Kind::Bool,
    Literal::Bool(false),
    "whether the divisor never shrinks",
);
const MOMENTUM: Parameter = Parameter::optional(
    "momentum",
    Kind::Number,
    Literal::Float(0.0),
    "share of the last step that is kept",
);

/// Every optimizer that can be called.
pub static OPTIMIZERS: [Signature; 4] = [
    Signature {
        name: "SGD",
        aliases: &[],
        doc: "Gradient descent, with momentum if given",
        parameters: &[
            Parameter {
                default: Literal::Float(0.01),
                ..RATE
            },
            MOMENTUM,
            Parameter::optional(
                "nesterov",
                Kind::Bool,
                Literal::Bool(false),
                "whether the momentum looks ahead",
            ),
            UNDECAYED,
            SHARED[0],
            SHARED[1],
            SHARED[2],
            SHARED[3],
            SHARED[4],
            SHARED[5],
            SHARED[6],
            SHARED[7],
            NO_NAME,
        ],
        keywords: &[],
    },
    Signature {
        name: "RMSprop",
        aliases: &[],
        doc: "Divides by a running root mean square of the gradients",
        parameters: &[
            RATE,
            Parameter::optional("rho", Kind::Number, Literal::Float(0.9), "decay of the mean of squares"),
            MOMENTUM,
            EPSILON,
            Parameter::optional(
                "centered",
                Kind::Bool,
                Literal::Bool(false),
                "whether the mean is taken off first",
            ),
            UNDECAYED,
            SHARED[0],
            SHARED[1],
            SHARED[2],
            SHARED[3],
            SHARED[4],
            SHARED[5],
            SHARED[6],
            SHARED[7],
            NO_NAME,
        ],
        keywords: &[],
    },
    Signature {
        name: "Adam",
        aliases: &[],
        doc: "Running means of the gradients and of their squares",
        parameters: &[
            RATE, BETA_1, BETA_2, EPSILON, AMSGRAD, UNDECAYED, SHARED[0], SHARED[1], SHARED[2], SHARED[3], SHARED[4],
            SHARED[5], SHARED[6], SHARED[7], NO_NAME,
        ],
        keywords: &[],
    },
    Signature {
        name: "AdamW",
        aliases: &[],
        doc: "Adam, and parameters that decay by themselves",
        parameters: &[
            RATE,
            Parameter::optional(
                "weight_decay",
                Kind::Number,
                Literal::Float(0.004),
                "share of each parameter that decays",
            ),
            BETA_1,
            BETA_2,
            EPSILON,
            AMSGRAD,
            SHARED[0],
            SHARED[1],
            SHARED[2],
            SHARED[3],
            SHARED[4],
            SHARED[5],
            SHARED[6],
            SHARED[7],
            NO_NAME,
        ],
        keywords: &[],
    },
];

/// The class of an optimizer that `name` means, upper and lower case alike, as Keras takes it.
fn optimizer_signature(name: &str, any_case: bool) -> Option<&'static Signature> {
    OPTIMIZERS.iter().find(|signature| {
        if any_case {
            signature.name.eq_ignore_ascii_case(name)
        } else {
            signature.name == name
        }
    })
}

pub(super) fn read(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Optimizer> {
    match &value.kind {
        ValueKind::String(name) => {
            let Some(signature) = optimizer_signature(name, true) else {
                diagnostics.push(unknown_optimizer(name, value.span, true));
                return None;
            };
            let name = grammar::span::Spanned::new(signature.name.to_owned(), value.span);
            let (span, prefix, wiring) = (value.span, Vec::new(), None);
            let call = Call {
                span,
                name,
                prefix,
                arguments: Vec::new(),
                wiring,
            };
            constants(&mut Arguments::bind(signature, &call, diagnostics), signature.name)
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "optimizers", &[], diagnostics);
            not_wired(call, "an optimizer", diagnostics);
            let Some(signature) = optimizer_signature(&call.name.node, false) else {
                diagnostics.push(unknown_optimizer(&call.name.node, call.name.span, false));
                return None;
            };
            constants(&mut Arguments::bind(signature, call, diagnostics), signature.name)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Tuple(_)
        | ValueKind::List(_) => {
            let known = ["sgd", "rmsprop", "adam", "adamw"].into_iter();
            diagnostics.push(values::unquoted(values::wrong_type(parameter, value), value, known));
            None
        }
    }
}

fn unknown_optimizer(name: &str, span: Span, quoted: bool) -> Diagnostic {
    let spell = |class: &str| {
        if quoted {
            format!("\"{}\"", class.to_lowercase())
        } else {
            class.to_owned()
        }
    };
    let known: Vec<String> = OPTIMIZERS.iter().map(|signature| spell(signature.name)).collect();
    let all = any_of(known.iter().map(String::as_str));
    if names::KERAS_OPTIMIZERS
        .iter()
        .any(|keras| keras.eq_ignore_ascii_case(name))
    {
        return Diagnostic::error("E0401", format!("optimizer `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not")
            .help(format!("there is {all}"));
    }
    let diagnostic =
        Diagnostic::error("E0401", format!("unknown optimizer `{name}`")).at(span, "there is none of this name");
    match nearest(name, OPTIMIZERS.iter().map(|signature| signature.name)) {
        Some(meant) => diagnostic
            .help(format!("did you mean {}?", spell(meant)))
            .fix(span, spell(meant)),
        None => diagnostic.help(format!("there is {all}")),
    }
}

/// A number, or the news that learning rate schedules are not supported.
fn rate(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    if let ValueKind::Call(call) = &value.kind
        && names::KERAS_SCHEDULES.contains(&call.name.node.as_str())
    {
        diagnostics.push(
            Diagnostic::error("E0110", "learning rate schedules are not supported")
                .at(call.name.span, "Keras has it, cnnc does not")
                .help("a constant, such as learning_rate=0.001"),
        );
        return None;
    }
    values::ranged(parameter, value, diagnostics, "above 0", |rate| rate > 0.0)
}

fn decay(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(parameter, value, diagnostics, "at least 0 and below 1", |share| {
        (0.0..1.0).contains(&share)
    })
}

fn momentum(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(parameter, value, diagnostics, "between 0 and 1", |share| {
        (0.0..=1.0).contains(&share)
    })
}

fn constants(arguments: &mut Arguments, class: &str) -> Option<Optimizer> {
    let learning_rate = arguments.read("learning_rate", rate);
    match class {
        "SGD" => {
            let momentum = arguments.read("momentum", momentum);
            let nesterov = arguments.bool("nesterov");
            Some(Optimizer::SGD {
                learning_rate: learning_rate?,
                momentum: momentum?,
                nesterov: nesterov?,
            })
        }
        "RMSprop" => {
            let rho = arguments.read("rho", decay);
            let momentum = arguments.read("momentum", momentum);
            let epsilon = arguments.read("epsilon", values::non_negative);
            let centered = arguments.bool("centered");
            let (learning_rate, rho, momentum) = (learning_rate?, rho?, momentum?);
            Some(Optimizer::RMSprop {
                learning_rate,
                rho,
                momentum,
                epsilon: epsilon?,
                centered: centered?,
            })
        }
        "Adam" | "AdamW" => {
            let beta_1 = arguments.read("beta_1", decay);
            let beta_2 = arguments.read("beta_2", decay);
            let epsilon = arguments.read("epsilon", values::non_negative);
            let amsgrad = arguments.bool("amsgrad");
            if class == "Adam" {
                let (learning_rate, beta_1, beta_2) = (learning_rate?, beta_1?, beta_2?);
                return Some(Optimizer::Adam {
                    learning_rate,
                    beta_1,
                    beta_2,
                    epsilon: epsilon?,
                    amsgrad: amsgrad?,
                });
            }
            let weight_decay = arguments.read("weight_decay", values::non_negative);
            let (learning_rate, weight_decay, beta_1, beta_2) = (learning_rate?, weight_decay?, beta_1?, beta_2?);
            let (epsilon, amsgrad) = (epsilon?, amsgrad?);
            Some(Optimizer::AdamW {
                learning_rate,
                weight_decay,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
            })
        }
        _ => None,
    }
}
