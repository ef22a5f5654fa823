//! `compile(...)` and `fit(...)`: `keras/src/trainers/trainer.py`, `keras/src/optimizers`, `keras/src/losses`.

use crate::arguments::Arguments;
use crate::names;
use crate::network::{Compile, DataName, Fit, KnownData, Loss, Metric, Optimizer};
use crate::signature::{Kind, Literal, Parameter, Signature};
use crate::suggest::{all_of, any_of, nearest};
use crate::values;
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The call `compile`.
pub static COMPILE: Signature = Signature {
    name: "compile",
    aliases: &[],
    doc: "How the network is trained",
    parameters: &[
        Parameter::optional(
            "optimizer",
            Kind::Optimizer,
            Literal::Str("rmsprop"),
            "how parameters follow their gradients",
        ),
        Parameter::required("loss", Kind::Loss, "what is minimised"),
        Parameter::unsupported("loss_weights", Literal::None),
        Parameter::optional(
            "metrics",
            Kind::Metrics,
            Literal::None,
            "what is reported beside the loss",
        ),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Empty]),
            ..Parameter::unsupported("weighted_metrics", Literal::None)
        },
        Parameter::unsupported("run_eagerly", Literal::Bool(false)),
        Parameter::unsupported("steps_per_execution", Literal::Int(1)),
        Parameter::unsupported("jit_compile", Literal::Str("auto")),
        Parameter::unsupported("auto_scale_loss", Literal::Bool(true)),
    ],
    keywords: &[],
};

/// The call `fit`.
pub static FIT: Signature = Signature {
    name: "fit",
    aliases: &[],
    doc: "What it is trained on, and for how long",
    parameters: &[
        Parameter {
            kind: Kind::Array,
            ..Parameter::unsupported("x", Literal::None)
        },
        Parameter {
            kind: Kind::Array,
            ..Parameter::unsupported("y", Literal::None)
        },
        Parameter::optional(
            "batch_size",
            Kind::Count,
            Literal::Int(32),
            "samples a step; None means 32",
        ),
        Parameter::optional(
            "epochs",
            Kind::Count,
            Literal::Int(1),
            "passes over the training samples",
        ),
        Parameter::unsupported("verbose", Literal::Str("auto")),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Empty]),
            ..Parameter::unsupported("callbacks", Literal::None)
        },
        Parameter::optional(
            "validation_split",
            Kind::Number,
            Literal::Float(0.0),
            "share of the training samples, the last ones, that validates in place of the test samples",
        ),
        Parameter {
            kind: Kind::Array,
            ..Parameter::unsupported("validation_data", Literal::None)
        },
        Parameter::optional(
            "shuffle",
            Kind::Bool,
            Literal::Bool(true),
            "whether each epoch has its own order",
        ),
        Parameter::unsupported("class_weight", Literal::None),
        Parameter::unsupported("sample_weight", Literal::None),
        Parameter::optional("initial_epoch", Kind::Natural, Literal::Int(0), "the epoch to begin at"),
        Parameter::unsupported("steps_per_epoch", Literal::None),
        Parameter::unsupported("validation_steps", Literal::None),
        Parameter::optional(
            "validation_batch_size",
            Kind::Count,
            Literal::None,
            "samples a step when validating; None means batch_size",
        ),
        Parameter::optional(
            "validation_freq",
            Kind::Count,
            Literal::Int(1),
            "validate every so many epochs",
        ),
    ],
    keywords: &[
        Parameter::optional(
            "data",
            Kind::Data,
            Literal::None,
            "a data set's name, or a path relative to the description",
        ),
        Parameter::optional("seed", Kind::Natural, Literal::Int(0), "where all randomness starts"),
    ],
};

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

/// The one loss.
pub static LOSS: Signature = Signature {
    name: "SparseCategoricalCrossentropy",
    aliases: &[],
    doc: "-log of the probability that the network gives to the right class, the mean over the batch",
    parameters: &[
        Parameter::optional(
            "from_logits",
            Kind::Bool,
            Literal::Bool(false),
            "whether the network ends without a softmax",
        ),
        Parameter::unsupported("ignore_class", Literal::None),
        Parameter::unsupported("reduction", Literal::Str("sum_over_batch_size")),
        Parameter::unsupported("axis", Literal::Int(-1)),
        Parameter {
            kind: Kind::Unsupported(&[Literal::None]),
            ..Parameter::unsupported("name", Literal::Str("sparse_categorical_crossentropy"))
        },
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("float32")]),
            ..Parameter::unsupported("dtype", Literal::None)
        },
    ],
    keywords: &[],
};

const LOSS_NAME: &str = "sparse_categorical_crossentropy";

/// Names of the one metric, which is also its key in the log.
pub const METRICS: [&str; 3] = ["accuracy", "acc", "sparse_categorical_accuracy"];

static METRIC: Signature = Signature {
    name: "SparseCategoricalAccuracy",
    aliases: &[],
    doc: "Share of the samples whose largest output is the right class",
    parameters: &[
        Parameter::optional(
            "name",
            Kind::Name,
            Literal::Str("sparse_categorical_accuracy"),
            "its key in the log",
        ),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("float32")]),
            ..Parameter::unsupported("dtype", Literal::None)
        },
    ],
    keywords: &[],
};

/// The largest batch. Larger numbers than these are slips of the hand; they also keep sizes in bounds.
pub const MOST_SAMPLES_A_STEP: usize = 1 << 20;
/// The most epochs.
pub const MOST_EPOCHS: usize = 1_000_000;

/// Reads `compile(...)`. Nothing where a part of it cannot be used.
pub(super) fn compile(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Option<Compile> {
    let mut arguments = Arguments::bind(&COMPILE, call, diagnostics);
    let optimizer = arguments.read("optimizer", optimizer);
    let loss = arguments.read("loss", loss);
    let metrics = arguments.read("metrics", metrics);
    let loss_span = arguments.span_of("loss");
    let from_logits_span = match arguments.written("loss").map(|argument| &argument.value.kind) {
        Some(ValueKind::Call(call)) => {
            let by_name = |name: &str| {
                call.arguments
                    .iter()
                    .find(|argument| argument.name.as_ref().is_some_and(|given| given.node == name))
            };
            let by_place = call.arguments.first().filter(|argument| argument.name.is_none());
            by_name("from_logits").or(by_place).map(|argument| argument.span)
        }
        _ => None,
    };
    Some(Compile {
        optimizer: optimizer?,
        loss: loss?,
        metrics: metrics?,
        loss_span,
        from_logits_span,
    })
}

fn at_most(
    most: usize,
    read: fn(&Parameter, &Value, &mut Vec<Diagnostic>) -> Option<usize>,
) -> impl Fn(&Parameter, &Value, &mut Vec<Diagnostic>) -> Option<usize> {
    move |parameter, value, diagnostics| {
        let given = read(parameter, value, diagnostics)?;
        if given <= most {
            return Some(given);
        }
        diagnostics.push(values::out_of_range(
            parameter,
            value,
            &format!("at most {most}"),
            given,
        ));
        None
    }
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn optional_samples(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    at_most(MOST_SAMPLES_A_STEP, values::count)(parameter, value, diagnostics).map(Some)
}

/// Reads `fit(...)`. What cannot be used keeps its default.
pub(super) fn fit(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Fit {
    let mut arguments = Arguments::bind(&FIT, call, diagnostics);
    let defaults = Fit::default();
    arrays(&mut arguments);
    let epochs = arguments.read("epochs", at_most(MOST_EPOCHS, values::count));
    let initial_epoch = arguments.read("initial_epoch", at_most(MOST_EPOCHS, values::natural));
    if let (Some(epochs), Some(initial)) = (epochs, initial_epoch)
        && initial >= epochs
    {
        let (last, first) = (arguments.span_of("epochs"), arguments.span_of("initial_epoch"));
        let mut diagnostic =
            Diagnostic::error("E0109", "no epoch is left to train").at(first, format!("begins at {initial}"));
        if last != first && arguments.written("epochs").is_some() {
            diagnostic = diagnostic.because(last, format!("ends at {epochs}"));
        } else {
            diagnostic = diagnostic.note("epochs is 1 by default");
        }
        arguments
            .diagnostics()
            .push(diagnostic.help("epochs counts from 0, the epochs before initial_epoch included"));
    }
    let batch_size = arguments
        .read("batch_size", optional_samples)
        .map(|size| size.unwrap_or(defaults.batch_size));
    let validation_batch_size = arguments.read("validation_batch_size", optional_samples);
    let validation_split = arguments.read("validation_split", |parameter, value, diagnostics| {
        values::ranged(parameter, value, diagnostics, "at least 0 and below 1", |share| {
            (0.0..1.0).contains(&share)
        })
    });
    let validation_freq = arguments.read("validation_freq", at_most(MOST_EPOCHS, values::count));
    let shuffle = arguments.bool("shuffle");
    let seed = arguments.read("seed", values::natural);
    let data = arguments.read("data", data);
    Fit {
        data: data.flatten(),
        epochs: epochs.unwrap_or(defaults.epochs),
        initial_epoch: initial_epoch.unwrap_or(defaults.initial_epoch),
        batch_size: batch_size.unwrap_or(defaults.batch_size),
        shuffle: shuffle.unwrap_or(defaults.shuffle),
        validation_split: validation_split.unwrap_or(defaults.validation_split),
        validation_batch_size: validation_batch_size.unwrap_or(defaults.validation_batch_size),
        validation_freq: validation_freq.unwrap_or(defaults.validation_freq),
        seed: seed.map_or(defaults.seed, |seed| seed as u64),
        data_span: arguments.written("data").map(|argument| argument.span),
    }
}

/// `fit(x_train, y_train, validation_data=(x_test, y_test))` in one message.
fn arrays(arguments: &mut Arguments) {
    let given: Vec<Span> = ["x", "y", "validation_data"]
        .iter()
        .filter_map(|name| arguments.written(name))
        .filter(|argument| argument.value.kind != ValueKind::None)
        .map(|argument| argument.span)
        .collect();
    let Some((first, others)) = given.split_first() else {
        return;
    };
    let mut diagnostic = Diagnostic::error("E0420", "fit takes no arrays").at(*first, "there are no variables here");
    for other in others {
        diagnostic = diagnostic.because(*other, "nor here");
    }
    diagnostic = diagnostic.help("name the data set, or a path to it: fit(data=\"mnist\", epochs=3)");
    diagnostic = diagnostic.note("its training samples train, its test samples validate");
    arguments.diagnostics().push(diagnostic);
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn data(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<DataName>> {
    let known = || KnownData::ALL.iter().map(|data| data.name());
    let name = match &value.kind {
        ValueKind::None => return Some(None),
        ValueKind::String(name) => name,
        _ => {
            diagnostics.push(values::unquoted(values::wrong_type(parameter, value), value, known()));
            return None;
        }
    };
    if let Some(data) = KnownData::ALL.into_iter().find(|data| data.name() == name) {
        return Some(Some(DataName::Known(data)));
    }
    // A path is told by a dot or a slash: `digits.npz`, `./digits`, `C:\digits`.
    if name.contains(['/', '\\', '.']) && !name.contains('\0') {
        return Some(Some(DataName::Path(name.clone())));
    }
    let diagnostic = Diagnostic::error("E0501", format!("unknown data set `{name}`"));
    let diagnostic = diagnostic.at(value.span, "there is none of this name");
    diagnostics.push(match nearest(name, known()) {
        Some(meant) => diagnostic
            .help(format!("did you mean \"{meant}\"?"))
            .fix(value.span, format!("\"{meant}\"")),
        None => diagnostic.help(format!(
            "there is {}; a folder is written with a slash: \"./{name}\"",
            any_of(known())
        )),
    });
    None
}

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

fn optimizer(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Optimizer> {
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

fn not_wired(call: &Call, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(wiring) = &call.wiring {
        diagnostics.push(
            Diagnostic::error("E0208", format!("{what} is not wired"))
                .at(wiring.span, "a second pair of parentheses")
                .help("leave it out"),
        );
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

fn loss(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Loss> {
    let by_name = |name: &str| name == LOSS_NAME || name == LOSS.name;
    let probabilities = Loss::SparseCategoricalCrossentropy { from_logits: false };
    match &value.kind {
        ValueKind::String(name) if by_name(name) => Some(probabilities),
        ValueKind::String(name) => {
            diagnostics.push(unknown_loss(name, value.span, &format!("\"{LOSS_NAME}\"")));
            None
        }
        ValueKind::Name(path) => {
            let (prefix, name) = path.rsplit_once('.').unwrap_or(("", path));
            if !prefix.is_empty() && name == LOSS_NAME {
                if !names::is_module(prefix, "losses") {
                    diagnostics.push(names::unknown_prefix(prefix, value.span, "losses"));
                    return None;
                }
                return Some(probabilities);
            }
            let wrong = values::wrong_type(parameter, value);
            diagnostics.push(values::unquoted(wrong, value, [LOSS_NAME].into_iter()));
            None
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "losses", &[], diagnostics);
            not_wired(call, "a loss", diagnostics);
            if call.name.node != LOSS.name {
                diagnostics.push(unknown_loss(&call.name.node, call.name.span, LOSS.name));
                return None;
            }
            let from_logits = Arguments::bind(&LOSS, call, diagnostics).bool("from_logits")?;
            Some(Loss::SparseCategoricalCrossentropy { from_logits })
        }
        ValueKind::None => {
            diagnostics.push(
                Diagnostic::error("E0409", "training needs a loss")
                    .at(value.span, "this is none")
                    .help("loss=SparseCategoricalCrossentropy(from_logits=True)"),
            );
            None
        }
        ValueKind::Integer(_) | ValueKind::Float(_) | ValueKind::Bool(_) | ValueKind::Tuple(_) | ValueKind::List(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            None
        }
    }
}

fn unknown_loss(name: &str, span: Span, right: &str) -> Diagnostic {
    if names::KERAS_LOSSES.contains(&name) {
        let diagnostic = Diagnostic::error("E0402", format!("loss `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not");
        return if name.to_lowercase().contains("categorical") {
            diagnostic.help(format!(
                "labels are class numbers here, not one-hot: {right} is the same loss for them"
            ))
        } else {
            diagnostic.help(format!("there is {right}"))
        };
    }
    let diagnostic =
        Diagnostic::error("E0402", format!("unknown loss `{name}`")).at(span, "there is none of this name");
    match nearest(name, [LOSS.name, LOSS_NAME]) {
        Some(_) => diagnostic.help(format!("did you mean {right}?")).fix(span, right),
        None => diagnostic.help(format!("there is {right}")),
    }
}

fn metrics(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Metric>> {
    let items = match &value.kind {
        ValueKind::None => return Some(Vec::new()),
        ValueKind::List(items) | ValueKind::Tuple(items) => items,
        ValueKind::String(name) => {
            let listed = format!("[\"{name}\"]");
            diagnostics.push(values::wrong_type(parameter, value).fix(value.span, listed));
            return None;
        }
        _ => {
            diagnostics.push(values::wrong_type(parameter, value));
            return None;
        }
    };
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut failed = false;
    for item in items {
        let Some(name) = metric(item, diagnostics) else {
            failed = true;
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
            diagnostics.push(
                Diagnostic::error("E0105", format!("metric `{name}` is given twice"))
                    .at(item.span, "again here")
                    .because(*first, "first here")
                    .help("one of the two can go"),
            );
            failed = true;
        } else {
            seen.push((name, item.span));
        }
    }
    (!failed).then(|| seen.into_iter().map(|(name, _)| Metric { name }).collect())
}

/// The metric's key in the log.
fn metric(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let (name, span) = match &value.kind {
        ValueKind::String(name) if METRICS.contains(&name.as_str()) => return Some(name.clone()),
        ValueKind::String(name) => (name.as_str(), value.span),
        ValueKind::Call(call) if call.name.node == METRIC.name => {
            names::check_prefix(call, "metrics", &[], diagnostics);
            not_wired(call, "a metric", diagnostics);
            let name = Arguments::bind(&METRIC, call, diagnostics).read("name", values::string)?;
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            if name.is_empty() || name == "loss" || !name.chars().all(plain) {
                diagnostics.push(
                    Diagnostic::error("E0114", "not a name for a metric")
                        .at(value.span, format!("named `{name}`"))
                        .help("a name is made of letters, digits and `_`, and is not `loss`"),
                );
                return None;
            }
            return Some(name);
        }
        ValueKind::Call(call) => (call.name.node.as_str(), call.name.span),
        _ => {
            diagnostics.push(
                Diagnostic::error("E0107", "a metric is a string")
                    .at(value.span, format!("this is {}", values::describe(value)))
                    .help("such as metrics=[\"accuracy\"]"),
            );
            return None;
        }
    };
    if names::KERAS_METRICS.contains(&name) {
        diagnostics.push(
            Diagnostic::error("E0403", format!("metric `{name}` is not supported"))
                .at(span, "Keras has it, cnnc does not")
                .help("there is \"accuracy\", the share of samples whose largest output is the right class"),
        );
        return None;
    }
    let diagnostic =
        Diagnostic::error("E0403", format!("unknown metric `{name}`")).at(span, "there is none of this name");
    diagnostics.push(match nearest(name, METRICS) {
        Some(meant) => diagnostic
            .help(format!("did you mean \"{meant}\"?"))
            .fix(span, format!("\"{meant}\"")),
        None => diagnostic.help(format!("there are {}", all_of(METRICS))),
    });
    None
}
