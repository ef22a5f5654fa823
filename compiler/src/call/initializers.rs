//! Reads initializers by name or call: `keras/src/initializers`.

use crate::call::arguments::Arguments;
use crate::call::initializer::{Distribution, FanMode, Initializer};
use crate::call::names;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::suggest::any_of;
use crate::call::values;
use grammar::ast::{Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;

const SEED: Argument = Argument::unsupported("seed", Literal::None);
const AXES: [Argument; 2] = [
    Argument::unsupported("input_axes", Literal::None),
    Argument::unsupported("output_axes", Literal::None),
];

/// Keras's other names for initializers of [`Initializer::NAMES`].
const ALIASES: [(&str, &str); 4] = [
    ("zero", "zeros"),
    ("one", "ones"),
    ("uniform", "random_uniform"),
    ("normal", "random_normal"),
];

/// Names of Keras's that this compiler does not support.
const KERAS: [&str; 6] = ["identity", "orthogonal", "stft", "Identity", "Orthogonal", "STFT"];

const fn plain(name: &'static str, doc: &'static str) -> Signature {
    Signature {
        name,
        aliases: &[],
        doc,
        parameters: &[],
        keywords: &[],
    }
}

const fn seeded(name: &'static str, doc: &'static str) -> Signature {
    Signature {
        name,
        aliases: &[],
        doc,
        parameters: &[SEED, AXES[0], AXES[1]],
        keywords: &[],
    }
}

/// The calls that make an initializer.
pub static SIGNATURES: [Signature; 13] = [
    seeded("GlorotUniform", "Uniform over +-sqrt(6 / (inputs + outputs))"),
    seeded(
        "GlorotNormal",
        "Normal of variance 2 / (inputs + outputs), cut at two standard deviations",
    ),
    seeded("HeUniform", "Uniform over +-sqrt(6 / inputs)"),
    seeded(
        "HeNormal",
        "Normal of variance 2 / inputs, cut at two standard deviations",
    ),
    seeded("LecunUniform", "Uniform over +-sqrt(3 / inputs)"),
    seeded(
        "LecunNormal",
        "Normal of variance 1 / inputs, cut at two standard deviations",
    ),
    plain("Zeros", "All zero"),
    plain("Ones", "All one"),
    Signature {
        name: "Constant",
        aliases: &[],
        doc: "All of one value",
        parameters: &[Argument::optional(
            "value",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "the value",
        )],
        keywords: &[],
    },
    Signature {
        name: "RandomUniform",
        aliases: &[],
        doc: "Uniform between two values",
        parameters: &[
            Argument::optional("minval", ArgumentKind::Number, Literal::Float(-0.05), "the least"),
            Argument::optional("maxval", ArgumentKind::Number, Literal::Float(0.05), "the largest"),
            SEED,
        ],
        keywords: &[],
    },
    Signature {
        name: "RandomNormal",
        aliases: &[],
        doc: "Normal",
        parameters: &[
            Argument::optional("mean", ArgumentKind::Number, Literal::Float(0.0), "the mean"),
            Argument::optional(
                "stddev",
                ArgumentKind::Number,
                Literal::Float(0.05),
                "the standard deviation",
            ),
            SEED,
        ],
        keywords: &[],
    },
    Signature {
        name: "TruncatedNormal",
        aliases: &[],
        doc: "Normal, cut at two standard deviations",
        parameters: &[
            Argument::optional("mean", ArgumentKind::Number, Literal::Float(0.0), "the mean"),
            Argument::optional(
                "stddev",
                ArgumentKind::Number,
                Literal::Float(0.05),
                "the standard deviation before the cut",
            ),
            SEED,
        ],
        keywords: &[],
    },
    Signature {
        name: "VarianceScaling",
        aliases: &[],
        doc: "Variance of scale / fan: the family of glorot, he and lecun",
        parameters: &[
            Argument::optional("scale", ArgumentKind::Number, Literal::Float(1.0), "the numerator"),
            Argument::optional(
                "mode",
                ArgumentKind::Word(&["fan_in", "fan_out", "fan_avg"]),
                Literal::Str("fan_in"),
                "the denominator",
            ),
            Argument::optional(
                "distribution",
                ArgumentKind::Word(&["truncated_normal", "untruncated_normal", "uniform", "normal"]),
                Literal::Str("truncated_normal"),
                "what is drawn from; normal means truncated_normal",
            ),
            SEED,
            AXES[0],
            AXES[1],
        ],
        keywords: &[],
    },
];

/// Reads an initializer: `"he_normal"`, `"HeNormal"`, `HeNormal()` or `keras.initializers.Constant(0.1)`.
pub fn read(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Initializer> {
    match &value.kind {
        ValueKind::String(name) => {
            let found = by_name(name);
            if found.is_none() {
                let known = Initializer::NAMES.iter().map(|&(name, _)| name);
                diagnostics.push(values::unknown_word("initializer", name, value, known, &KERAS));
            }
            found
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "initializers", &[], diagnostics);
            by_call(call, value, diagnostics)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            let known = Initializer::NAMES.iter().map(|&(name, _)| name);
            diagnostics.push(values::unquoted(values::wrong_type(parameter, value), value, known));
            None
        }
    }
}

/// The initializer that a name in snake case, a class or one of Keras's older names stands for.
fn by_name(name: &str) -> Option<Initializer> {
    let canonical = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |&(_, canonical)| canonical);
    if let Some(&(_, found)) = Initializer::NAMES.iter().find(|(known, _)| *known == canonical) {
        return Some(found);
    }
    let signature = SIGNATURES.iter().find(|signature| signature.name == name)?;
    let snake = crate::resolve::naming::snake_case(signature.name);
    Initializer::NAMES
        .iter()
        .find(|(known, _)| *known == snake)
        .map(|&(_, found)| found)
}

fn by_call(call: &Call, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Initializer> {
    let name = call.name.node.as_str();
    // Keras also offers its classes under the names of functions, such as `he_normal()`.
    let called_so =
        |signature: &&Signature| signature.name == name || crate::resolve::naming::snake_case(signature.name) == name;
    let Some(signature) = SIGNATURES.iter().find(called_so) else {
        let at = Value {
            span: call.name.span,
            kind: ValueKind::Name(name.to_owned()),
        };
        let known = SIGNATURES.iter().map(|signature| signature.name);
        diagnostics.push(values::unknown_word("initializer", name, &at, known, &KERAS));
        return None;
    };
    if let Some(wiring) = &call.wiring {
        diagnostics.push(
            Diagnostic::error("E0208", "an initializer is not wired")
                .at(wiring.span, "a second pair of parentheses")
                .help("leave it out"),
        );
    }
    let mut arguments = Arguments::bind(signature, call, diagnostics);
    match signature.name {
        "Constant" => {
            let value = arguments.read("value", values::number)? as f32;
            // A constant of zero is written as zeros, so that there is one spelling for it.
            Some(if value.to_bits() == 0 {
                Initializer::Zeros
            } else {
                Initializer::Constant { value }
            })
        }
        "RandomUniform" => {
            let (least, most) = (
                arguments.read("minval", values::number),
                arguments.read("maxval", values::number),
            );
            let (least, most) = (least? as f32, most? as f32);
            if least > most {
                let (low, high) = (arguments.span_of("minval"), arguments.span_of("maxval"));
                let low = if low == call.name.span { value.span } else { low };
                arguments.diagnostics().push(
                    Diagnostic::error("E0118", "minval is above maxval")
                        .at(low, format!("from {least}"))
                        .because(high, format!("to {most}"))
                        .help("swap them"),
                );
                return None;
            }
            Some(Initializer::RandomUniform {
                minval: least,
                maxval: most,
            })
        }
        "RandomNormal" | "TruncatedNormal" => {
            let (mean, deviation) = (
                arguments.read("mean", values::number),
                arguments.read("stddev", values::non_negative),
            );
            let (mean, stddev) = (mean? as f32, deviation? as f32);
            Some(if name == "RandomNormal" {
                Initializer::RandomNormal { mean, stddev }
            } else {
                Initializer::TruncatedNormal { mean, stddev }
            })
        }
        "VarianceScaling" => {
            let scale = arguments.read("scale", |parameter, value, diagnostics| {
                values::ranged(parameter, value, diagnostics, "above 0", |scale| scale > 0.0)
            });
            let mode = arguments.read("mode", values::word);
            let distribution = arguments.read("distribution", values::word);
            let modes = [FanMode::FanIn, FanMode::FanOut, FanMode::FanAvg];
            let mode = modes.into_iter().find(|known| Some(known.name()) == mode)?;
            let shapes = [
                Distribution::Uniform,
                Distribution::TruncatedNormal,
                Distribution::UntruncatedNormal,
            ];
            let distribution = match distribution? {
                "normal" => Distribution::TruncatedNormal,
                word => shapes.into_iter().find(|known| known.name() == word)?,
            };
            Some(Initializer::VarianceScaling {
                scale: scale? as f32,
                mode,
                distribution,
            })
        }
        name => by_name(name),
    }
}

/// All names, for the language reference.
pub fn names() -> String {
    any_of(Initializer::NAMES.iter().map(|&(name, _)| name))
}
