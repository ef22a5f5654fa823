//! The calls `compile(...)` and `fit(...)`: `keras/src/trainers/trainer.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::training::callbacks;
use crate::training::class_weight;
use crate::training::compile::{Compile, Judgement};
use crate::training::each;
use crate::training::fit::{Fit, TargetSource, Verbosity};
use crate::training::metrics::reading;
use crate::training::optimizer;
use crate::training::scale::{self, OFFSET, SCALE};
use crate::training::sources::{self, Sources};
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// The name and the arguments of `compile(...)`, in Keras's order.
pub static COMPILE: Signature = Signature {
    name: "compile",
    aliases: &[],
    doc: "How the network is trained",
    parameters: &[
        Argument::optional(
            "optimizer",
            ArgumentKind::Optimizer,
            Literal::Str("rmsprop"),
            "how parameters follow their gradients",
        ),
        Argument::required("loss", ArgumentKind::Loss, "what is minimised"),
        Argument::optional(
            "loss_weights",
            ArgumentKind::LossWeights,
            Literal::None,
            "what the losses of the outputs are multiplied by before they are added; None means 1",
        ),
        Argument::optional(
            "metrics",
            ArgumentKind::Metrics,
            Literal::None,
            "what is reported beside the loss",
        ),
        Argument::optional(
            "weighted_metrics",
            ArgumentKind::Metrics,
            Literal::None,
            "what is reported of samples that count by fit's class_weight, as in the loss",
        ),
        Argument::unsupported("run_eagerly", Literal::Bool(false)),
        Argument::unsupported("steps_per_execution", Literal::Int(1)),
        Argument::unsupported("jit_compile", Literal::Str("auto")),
        Argument::unsupported("auto_scale_loss", Literal::Bool(true)),
    ],
    keywords: &[],
};

/// The name and the arguments of `fit(...)`, in Keras's order; those that Keras lacks are keywords.
pub static FIT: Signature = Signature {
    name: "fit",
    aliases: &[],
    doc: "What it is trained on, and for how long",
    parameters: &[
        Argument::optional(
            "x",
            ArgumentKind::DataSet,
            Literal::None,
            "what is trained on: a data set with a name above, or as data",
        ),
        Argument {
            kind: ArgumentKind::Array,
            ..Argument::unsupported("y", Literal::None)
        },
        Argument::optional(
            "batch_size",
            ArgumentKind::Count,
            Literal::Int(32),
            "samples a step; None means 32",
        ),
        Argument::optional(
            "epochs",
            ArgumentKind::Count,
            Literal::Int(1),
            "passes over the training samples",
        ),
        Argument::optional(
            "verbose",
            ArgumentKind::Verbosity,
            Literal::Str("auto"),
            "what is shown meanwhile: 0 nothing, 1 a bar where the terminal can draw one, 2 a line an epoch",
        ),
        Argument::optional(
            "callbacks",
            ArgumentKind::Callbacks,
            Literal::None,
            "what is done after each epoch",
        ),
        Argument::optional(
            "validation_split",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "share of the training samples, the last ones, that validates in place of the test samples",
        ),
        Argument::optional(
            "validation_data",
            ArgumentKind::Loader,
            Literal::None,
            "what validates: a data set with a name above",
        ),
        Argument::optional(
            "shuffle",
            ArgumentKind::Bool,
            Literal::Bool(true),
            "whether each epoch has its own order",
        ),
        Argument::optional(
            "class_weight",
            ArgumentKind::ClassWeights,
            Literal::None,
            "what the loss of a class's samples counts in training, by its number; other classes count 1",
        ),
        Argument::unsupported("sample_weight", Literal::None),
        Argument::optional(
            "initial_epoch",
            ArgumentKind::Natural,
            Literal::Int(0),
            "the epoch to begin at",
        ),
        Argument::optional(
            "steps_per_epoch",
            ArgumentKind::Count,
            Literal::None,
            "steps of an epoch at most; the next one goes on with the samples that are left; None means all samples",
        ),
        Argument::optional(
            "validation_steps",
            ArgumentKind::Count,
            Literal::None,
            "steps of a validation at most, over the first samples; None means all samples",
        ),
        Argument::optional(
            "validation_batch_size",
            ArgumentKind::Count,
            Literal::None,
            "samples a step when validating; None means batch_size",
        ),
        Argument::optional(
            "validation_freq",
            ArgumentKind::Count,
            Literal::Int(1),
            "validate every so many epochs",
        ),
    ],
    keywords: &[
        Argument::optional(
            "data",
            ArgumentKind::Data,
            Literal::None,
            "a data set's name, or a path relative to the description",
        ),
        Argument::optional(
            "seed",
            ArgumentKind::Natural,
            Literal::Int(0),
            "where all randomness starts",
        ),
        Argument::optional(
            "targets",
            ArgumentKind::Word(&["labels", "input"]),
            Literal::Str("labels"),
            "what outputs are compared with: the data set's labels, or the samples themselves, as Keras's fit(x, x) does",
        ),
        SCALE,
        OFFSET,
    ],
};

pub use crate::training::limits::{MOST_EPOCHS, MOST_PHASES, MOST_SAMPLES_A_STEP};

/// Reads `compile(...)` for a network with these outputs. None where an argument could not be used.
pub(crate) fn compile(call: &Call, outputs: Option<&[String]>, diagnostics: &mut Vec<Diagnostic>) -> Option<Compile> {
    let mut arguments = Arguments::bind(&COMPILE, call, diagnostics);
    let optimizer = arguments.read("optimizer", optimizer::read);
    let whole = arguments.span_of("loss");
    let losses = arguments.read("loss", |argument, value, diagnostics| {
        each::losses(argument, (value, whole), outputs, diagnostics)
    });
    let weights = arguments.read("loss_weights", |argument, value, diagnostics| {
        each::weights(argument, value, outputs, diagnostics)
    });
    let metrics = arguments.read("metrics", |argument, value, diagnostics| {
        each::metrics(argument, value, outputs, diagnostics)
    });
    let weighted = arguments.read("weighted_metrics", |argument, value, diagnostics| {
        each::metrics(argument, value, outputs, diagnostics)
    });
    let (optimizer, losses, weights) = (optimizer?, losses?, weights?);
    let metrics = metrics?.into_iter().zip(weighted?);
    let all = losses.into_iter().zip(weights).zip(metrics);
    let mut all = all.map(|(((loss, loss_place), loss_weight), (metrics, weighted))| Judgement {
        loss,
        metrics: reading::numbered(metrics, weighted),
        loss_place,
        loss_weight,
    });
    let first = all.next()?;
    Some(Compile {
        optimizer,
        loss: first.loss,
        metrics: first.metrics,
        loss_place: first.loss_place,
        loss_weight: first.loss_weight,
        others: all.collect(),
        outputs: outputs
            .filter(|outputs| outputs.len() > 1)
            .map(<[String]>::to_vec)
            .unwrap_or_default(),
    })
}

fn at_most(
    most: usize,
    read: fn(&Argument, &Value, &mut Vec<Diagnostic>) -> Option<usize>,
) -> impl Fn(&Argument, &Value, &mut Vec<Diagnostic>) -> Option<usize> {
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
fn optional_samples(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    at_most(MOST_SAMPLES_A_STEP, values::count)(parameter, value, diagnostics).map(Some)
}

/// Reads `fit(...)`. Arguments that could not be used keep their defaults.
pub(crate) fn fit(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Fit {
    let mut arguments = Arguments::bind(&FIT, call, diagnostics);
    let defaults = Fit::default();
    let epochs = arguments.read("epochs", at_most(MOST_EPOCHS, values::count));
    let initial_epoch = arguments.read("initial_epoch", at_most(MOST_EPOCHS, values::natural));
    if let (Some(epochs), Some(initial)) = (epochs, initial_epoch)
        && initial >= epochs
    {
        let (last, first) = (arguments.span_of("epochs"), arguments.span_of("initial_epoch"));
        let mut diagnostic =
            Diagnostic::error("E0411", "no epoch is left to train").at(first, format!("begins at {initial}"));
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
    let steps_per_epoch = arguments.read("steps_per_epoch", steps);
    let validation_steps = arguments.read("validation_steps", steps);
    let verbose = arguments.read("verbose", verbosity);
    let validation_freq = arguments.read("validation_freq", at_most(MOST_EPOCHS, values::count));
    let shuffle = arguments.bool("shuffle");
    let seed = arguments.read("seed", values::natural);
    let targets = match arguments.read("targets", values::word) {
        Some("input") => TargetSource::Input,
        _ => TargetSource::Labels,
    };
    let Sources { data, span, loading } = sources::read(&mut arguments);
    let loaded = loading.as_ref().map(|loading| &loading.train);
    let validated = loading.as_ref().and_then(|loading| loading.validation.as_ref());
    // What a loader says takes the place of the defaults of `fit`.
    let by_default = |name: &str| {
        let written = arguments.written(name);
        written.is_none_or(|argument| argument.value.kind == ValueKind::None)
    };
    let batch_size = match loaded {
        Some(files) if by_default("batch_size") => Some(files.batch_size),
        Some(_) | None => batch_size,
    };
    let validation_batch_size = match validated {
        Some(files) if by_default("validation_batch_size") => Some(Some(files.batch_size)),
        Some(_) | None => validation_batch_size,
    };
    let shuffle = match loaded {
        Some(files) if by_default("shuffle") => Some(files.shuffle),
        Some(_) | None => shuffle,
    };
    let targets = match loaded {
        Some(files) if files.is_own_target => TargetSource::Input,
        Some(_) | None => targets,
    };
    let scale = scale::read(loaded.map(|files| files.span), &mut arguments);
    let scale_span = arguments.written("scale").map(|argument| argument.span);
    let callbacks = arguments.read("callbacks", callbacks::read);
    let class_weight = arguments.read("class_weight", class_weight::read);
    let class_weight_span = arguments.written("class_weight").map(|argument| argument.span);
    Fit {
        data,
        epochs: epochs.unwrap_or(defaults.epochs),
        initial_epoch: initial_epoch.unwrap_or(defaults.initial_epoch),
        batch_size: batch_size.unwrap_or(defaults.batch_size),
        shuffle: shuffle.unwrap_or(defaults.shuffle),
        validation_split: validation_split.unwrap_or(defaults.validation_split),
        validation_batch_size: validation_batch_size.unwrap_or(defaults.validation_batch_size),
        steps_per_epoch: steps_per_epoch.flatten(),
        validation_steps: validation_steps.flatten(),
        verbose: verbose.unwrap_or_default(),
        validation_freq: validation_freq.unwrap_or(defaults.validation_freq),
        seed: seed.map_or(defaults.seed, |seed| seed as u64),
        targets,
        scale,
        scale_span,
        class_weight: class_weight.unwrap_or_default(),
        class_weight_span,
        callbacks: callbacks.unwrap_or_default(),
        data_span: span,
        loading,
        validates: true,
    }
}

/// Reads a number of steps. What scripts compute of a data set's length, as `len(train)`, is not known here.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn steps(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if let ValueKind::Name(_) | ValueKind::Call(_) = value.kind {
        diagnostics.push(
            Diagnostic::error(
                "E0107",
                format!("`{}` takes {}", parameter.name, parameter.kind.expects()),
            )
            .at(value.span, format!("this is {}", values::describe(value)))
            .help("leave it out, and all samples are taken; or write the number itself"),
        );
        return None;
    }
    values::optional_count(parameter, value, diagnostics)
}

/// Reads `"auto"`, 0, 1 or 2; truth values count as 0 and 1, as in Python.
fn verbosity(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Verbosity> {
    let number = match &value.kind {
        ValueKind::String(word) if word == "auto" => return Some(Verbosity::Bar),
        ValueKind::Bool(truth) => i64::from(*truth),
        ValueKind::Integer(number) => *number,
        ValueKind::String(_)
        | ValueKind::None
        | ValueKind::Float(_)
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            return None;
        }
    };
    match number {
        0 => Some(Verbosity::Silent),
        1 => Some(Verbosity::Bar),
        2 => Some(Verbosity::Lines),
        other => {
            diagnostics.push(values::out_of_range(parameter, value, "\"auto\", 0, 1 or 2", other));
            None
        }
    }
}
