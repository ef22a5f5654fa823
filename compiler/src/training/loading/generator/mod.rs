//! `ImageDataGenerator(...)`: `keras/src/legacy/preprocessing/image.py`. What it did to pictures while reading them
//! is done today by layers at the front of the network, in the same order.

mod arguments;

pub(crate) use arguments::SIGNATURE;

use super::labels::is_given;
use crate::applications::{self, PREPROCESSING as FUNCTION};
use crate::call::arguments::Arguments;
use crate::call::signature::Argument;
use crate::call::values;
use grammar::ast::{self, Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};

/// What a generator asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Generator {
    /// The layers that do what the generator did, as calls with the places of its arguments.
    pub layers: Vec<Call>,
    /// The factor of all values; None without one.
    pub rescale: Option<f64>,
    /// The place of `rescale` in the description, or of the whole call where it is left out.
    pub rescale_span: Span,
    /// The application whose scaling is used, by the name of its function.
    pub preprocessing: Option<String>,
    /// How values are normalized, behind the scaling.
    pub normalizes: Normalizing,
    /// What the layers do otherwise than the generator did.
    pub differences: Vec<&'static str>,
    /// The share of the files that validates, and its place in the description.
    pub split: (f64, Span),
}

/// What values are normalized by. A deviation alone is asked for together with its mean, as Keras does with a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Normalizing {
    /// They stay as they are.
    #[default]
    Nothing,
    /// The mean of the training samples is taken away, channel by channel.
    Mean,
    /// And the rest is divided by their deviation.
    MeanAndDeviation,
    /// Each sample has the mean 0 and the deviation 1 over all of its values.
    Sample,
}

/// Reads the call for pictures of that height and width. None where an argument could not be used.
pub(super) fn read(call: &Call, size: (usize, usize), diagnostics: &mut Vec<Diagnostic>) -> Option<Generator> {
    let mut arguments = Arguments::bind(&SIGNATURE, call, diagnostics);
    let rotation = arguments.read("rotation_range", values::non_negative);
    let width = shift("width_shift_range", size.1, &mut arguments);
    let height = shift("height_shift_range", size.0, &mut arguments);
    let shear = arguments.read("shear_range", values::non_negative);
    let zoom = arguments.read("zoom_range", zoom);
    let fill_mode = arguments.read("fill_mode", values::word);
    let cval = arguments.read("cval", values::number);
    let flips = (arguments.bool("horizontal_flip"), arguments.bool("vertical_flip"));
    let rescale = if is_given(&arguments, "rescale") {
        arguments.read("rescale", values::number).map(Some)
    } else {
        Some(None)
    };
    let brightness = if is_given(&arguments, "brightness_range") {
        arguments.read("brightness_range", bounds).map(Some)
    } else {
        Some(None)
    };
    let preprocessing = if is_given(&arguments, "preprocessing_function") {
        arguments.read("preprocessing_function", preprocessing).map(Some)
    } else {
        Some(None)
    };
    let shift_of_levels = arguments.read("channel_shift_range", |argument, value, diagnostics| {
        values::ranged(argument, value, diagnostics, "from 0 to 255", |levels| {
            (0.0..=255.0).contains(&levels)
        })
    });
    let normalizes = normalizes(&mut arguments);
    let split = arguments.read("validation_split", |argument, value, diagnostics| {
        values::ranged(argument, value, diagnostics, "at least 0 and below 1", |share| {
            (0.0..1.0).contains(&share)
        })
    });
    let (fill_mode, cval, zoom, shear) = (fill_mode?, cval?, zoom?, shear?);
    let (mut layers, mut differences) = (Vec::new(), Vec::new());
    let mut layer = |name: &str, span: Span, given: Vec<(&str, ValueKind)>, moves: bool| {
        let mut given: Vec<ast::Argument> = given
            .into_iter()
            .map(|(name, kind)| argument(name, kind, span))
            .collect();
        if moves {
            given.push(argument("fill_mode", ValueKind::String(fill_mode.to_owned()), span));
            if fill_mode == "constant" {
                given.push(argument("fill_value", ValueKind::Float(cval), span));
            }
        }
        layers.push(Call {
            span,
            name: Spanned::new(name.to_owned(), span),
            prefix: Vec::new(),
            receiver: None,
            arguments: given,
            wiring: None,
        });
    };
    let rotation = rotation?;
    if rotation > 0.0 {
        let factor = ValueKind::Float(rotation / 360.0);
        layer(
            "RandomRotation",
            arguments.span_of("rotation_range"),
            vec![("factor", factor)],
            true,
        );
    }
    let (width, height) = (width?, height?);
    if width > 0.0 || height > 0.0 {
        let by = if width > 0.0 {
            "width_shift_range"
        } else {
            "height_shift_range"
        };
        let factors = vec![
            ("height_factor", ValueKind::Float(height)),
            ("width_factor", ValueKind::Float(width)),
        ];
        layer("RandomTranslation", arguments.span_of(by), factors, true);
    }
    if shear > 0.0 {
        // Keras's angle is in degrees; `RandomShear` takes rows for each column, which is -sin(shear) in Keras's matrix.
        let factor = ValueKind::Float(shear.to_radians().sin().abs());
        layer(
            "RandomShear",
            arguments.span_of("shear_range"),
            vec![("y_factor", factor)],
            true,
        );
    }
    if zoom.iter().any(|factor| (factor - 1.0).abs() > 0.0) {
        let span = arguments.span_of("zoom_range");
        let factor = || pair(zoom.map(|factor| factor - 1.0), span);
        layer(
            "RandomZoom",
            span,
            vec![("height_factor", factor()), ("width_factor", factor())],
            true,
        );
    }
    let flips = (flips.0?, flips.1?);
    if flips.0 || flips.1 {
        let (by, mode) = match flips {
            (true, true) => ("horizontal_flip", "horizontal_and_vertical"),
            (true, false) => ("horizontal_flip", "horizontal"),
            (false, _) => ("vertical_flip", "vertical"),
        };
        let mode = ValueKind::String(mode.to_owned());
        layer("RandomFlip", arguments.span_of(by), vec![("mode", mode)], false);
    }
    if let Some(range) = brightness? {
        let span = arguments.span_of("brightness_range");
        let factor = pair(range.map(|factor| factor - 1.0), span);
        layer("RandomBrightness", span, vec![("factor", factor)], false);
        differences.push("RandomBrightness adds, where the generator's brightness_range multiplies");
    }
    let levels = shift_of_levels?;
    if levels > 0.0 {
        let factor = vec![("factor", ValueKind::Float(levels / 255.0))];
        layer(
            "RandomBrightness",
            arguments.span_of("channel_shift_range"),
            factor,
            false,
        );
        differences.push("levels stay between 0 and 255, where the generator's channel_shift_range kept them between those of the picture");
    }
    let preprocessing = preprocessing?.filter(|path| !applications::changes_nothing(path));
    let scaling = arguments.span_of("preprocessing_function");
    if preprocessing.is_some() {
        layer(FUNCTION, scaling, Vec::new(), false);
    }
    let rescale = rescale?;
    if let Some(scale) = rescale.filter(|scale| (scale - 1.0).abs() > 0.0) {
        layer(
            "Rescaling",
            arguments.span_of("rescale"),
            vec![("scale", ValueKind::Float(scale))],
            false,
        );
    }
    let normalizes = normalizes?;
    match normalizes {
        Normalizing::Nothing => {}
        Normalizing::Mean => {
            let variance = vec![("variance", ValueKind::Float(1.0))];
            layer("Normalization", arguments.span_of(MEAN), variance, false);
        }
        Normalizing::MeanAndDeviation => {
            layer("Normalization", arguments.span_of(DEVIATION), Vec::new(), false);
        }
        Normalizing::Sample => {
            let given = vec![
                ("groups", ValueKind::Integer(1)),
                ("epsilon", ValueKind::Float(1e-12)),
                ("center", ValueKind::Bool(false)),
                ("scale", ValueKind::Bool(false)),
            ];
            layer("GroupNormalization", arguments.span_of(OF_SAMPLES), given, false);
            differences.push("the generator adds 0.000001 to a sample's deviation before it divides");
        }
    }
    // The application is what stands before the function's name.
    let module = preprocessing.as_ref().and_then(|path| path.rsplit_once('.'));
    for call in layers.iter_mut().filter(|call| call.name.node == FUNCTION) {
        let names = module.iter().flat_map(|(module, _)| module.split('.'));
        call.prefix = names.map(|name| Spanned::new(name.to_owned(), scaling)).collect();
    }
    Some(Generator {
        rescale,
        preprocessing,
        normalizes,
        differences,
        rescale_span: arguments.span_of("rescale"),
        split: (split?, arguments.span_of("validation_split")),
        layers,
    })
}

/// The argument for the mean of the training samples.
const MEAN: &str = "featurewise_center";
/// The argument for their deviation.
const DEVIATION: &str = "featurewise_std_normalization";
/// The argument for the deviation of each sample, which comes with its mean.
const OF_SAMPLES: &str = "samplewise_std_normalization";

/// Reads what normalizes. The mean of a sample alone has no layer, and the generator's `fit` measures samples before they are
/// normalized by themselves, so that both at once have none either.
fn normalizes(arguments: &mut Arguments) -> Option<Normalizing> {
    let (mean, deviation) = (arguments.bool(MEAN)?, arguments.bool(DEVIATION)?);
    let (centers, divides) = (arguments.bool("samplewise_center")?, arguments.bool(OF_SAMPLES)?);
    let sample = if divides { OF_SAMPLES } else { "samplewise_center" };
    let span = arguments.span_of(sample);
    if centers && !divides {
        arguments.diagnostics().push(
            Diagnostic::error(
                "E0110",
                "samplewise_center without samplewise_std_normalization is not supported",
            )
            .at(span, "no layer takes away a sample's mean alone")
            .help(
                "with samplewise_std_normalization=True it is GroupNormalization(groups=1, center=False, scale=False)",
            ),
        );
        return None;
    }
    if divides && (mean || deviation) {
        let other = arguments.span_of(if mean { MEAN } else { DEVIATION });
        arguments.diagnostics().push(
            Diagnostic::error("E0110", format!("{sample} beside featurewise_... is not supported"))
                .at(span, "normalizes each sample")
                .because(other, "normalizes all alike, by what they were before that")
                .help("one of the two"),
        );
        return None;
    }
    Some(match (divides, deviation, mean) {
        (true, ..) => Normalizing::Sample,
        (false, true, _) => Normalizing::MeanAndDeviation,
        (false, false, true) => Normalizing::Mean,
        (false, false, false) => Normalizing::Nothing,
    })
}

/// The name of an application's function, with the application's before it.
fn preprocessing(_: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if let ValueKind::Name(path) = &value.kind
        && path.rsplit_once('.').is_some_and(|(_, name)| name == FUNCTION)
    {
        return Some(path.clone());
    }
    if let ValueKind::Name(path) = &value.kind
        && path == FUNCTION
    {
        diagnostics.push(
            Diagnostic::error("E0110", "which application's preprocess_input is not clear")
                .at(value.span, "the description has no application, or several")
                .help("name it: preprocessing_function=vgg16.preprocess_input"),
        );
        return None;
    }
    diagnostics.push(
        Diagnostic::error("E0110", "a function of your own is not supported here")
            .at(value.span, "of functions there are those of Keras's applications")
            .help("preprocessing_function=vgg16.preprocess_input and the like; x / 127.5 - 1 is the layer Rescaling(1. / 127.5, offset=-1)"),
    );
    None
}

fn argument(name: &str, kind: ValueKind, span: Span) -> ast::Argument {
    ast::Argument {
        span,
        name: Some(Spanned::new(name.to_owned(), span)),
        value: Value { span, kind },
    }
}

fn pair(values: [f64; 2], span: Span) -> ValueKind {
    ValueKind::Tuple(
        values
            .map(|value| Value {
                span,
                kind: ValueKind::Float(value),
            })
            .to_vec(),
    )
}

/// A shift as a share of so many pixels. An integer is a number of pixels, which the shift stays below; a float of 1
/// or more is a number of pixels as well.
fn shift(name: &str, pixels: usize, arguments: &mut Arguments) -> Option<f64> {
    arguments.read(name, |argument, value, diagnostics| {
        let given = values::non_negative(argument, value, diagnostics)?;
        Some(if let ValueKind::Integer(most) = value.kind {
            (most - 1).max(0) as f64 / pixels as f64
        } else if given < 1.0 {
            given
        } else {
            given / pixels as f64
        })
    })
}

fn zoom(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<[f64; 2]> {
    if let ValueKind::Tuple(_) | ValueKind::List(_) = value.kind {
        return bounds(argument, value, diagnostics);
    }
    let around = values::ranged(argument, value, diagnostics, "at least 0 and below 1", |share| {
        (0.0..1.0).contains(&share)
    })?;
    Some([1.0 - around, 1.0 + around])
}

/// Reads a pair of factors of at least 0, and puts the smaller one first.
fn bounds(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<[f64; 2]> {
    let (ValueKind::Tuple(items) | ValueKind::List(items)) = &value.kind else {
        diagnostics.push(values::wrong_type(argument, value));
        return None;
    };
    let [least, most] = items.as_slice() else {
        diagnostics.push(values::wrong_type(argument, value));
        return None;
    };
    let above = |value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        values::ranged(argument, value, diagnostics, "of numbers of at least 0", |factor| {
            factor >= 0.0
        })
    };
    let (least, most) = (above(least, diagnostics)?, above(most, diagnostics)?);
    Some([least.min(most), least.max(most)])
}
