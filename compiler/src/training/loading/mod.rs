//! Data sets that the description gives by calls of Keras's loaders, each in a file of its own:
//! `train = image_dataset_from_directory("photos/train")`.

mod flow_from_dataframe;
mod flow_from_directory;
mod generator;
mod image_dataset_from_directory;
mod labelling;
mod labels;
mod pictures;
mod reading;

pub use labelling::{LabelMode, MaskMode, Masks, Table};
pub use pictures::{Aspect, Interpolation, Loader, Loading, PictureFiles, Share, Subset};

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::Signature;
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use generator::{Generator, Normalizing};
use grammar::ast::{Call, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The calls that a description may make.
pub static SIGNATURES: [&Signature; 4] = [
    &image_dataset_from_directory::SIGNATURE,
    &generator::SIGNATURE,
    &flow_from_directory::SIGNATURE,
    &flow_from_dataframe::SIGNATURE,
];

/// The modules in which Keras has its loaders, besides `keras.utils`.
const ALSO: [&str; 12] = [
    "preprocessing",
    "keras.preprocessing",
    "tf.keras.preprocessing",
    "tensorflow.keras.preprocessing",
    "preprocessing.image",
    "image",
    "keras.preprocessing.image",
    "tf.keras.preprocessing.image",
    "tensorflow.keras.preprocessing.image",
    "keras.src.legacy.preprocessing.image",
    "keras.legacy.preprocessing.image",
    "keras_preprocessing.image",
];

/// Whether a call with that name gives a data set or a part of one.
pub fn is_loader(name: &str) -> bool {
    SIGNATURES.iter().any(|signature| signature.is_called(name))
}

/// What the two names of `train, valid = image_dataset_from_directory(..., subset="both")` stand for: the same call with
/// each of the subsets. Source: `keras/src/utils/image_dataset_utils.py`. Errs where the call does not give two data sets
/// (E0508, E0511).
pub(crate) fn halves(call: &Call) -> Result<[Call; 2], Box<Diagnostic>> {
    let signature = &image_dataset_from_directory::SIGNATURE;
    let name = call.name.node.as_str();
    if call.receiver.is_some() || !signature.is_called(name) {
        let diagnostic = Diagnostic::error("E0508", format!("`{name}` gives no two data sets"));
        let diagnostic = diagnostic.at(call.name.span, "two names stand before it");
        return Err(Box::new(
            diagnostic.help(format!("there is {}(..., subset=\"both\")", signature.name)),
        ));
    }
    let place = signature.parameters.iter().position(|known| known.name == "subset");
    let by_place = call
        .arguments
        .iter()
        .take_while(|argument| argument.name.is_none())
        .count();
    let found = call
        .arguments
        .iter()
        .enumerate()
        .position(|(index, argument)| match &argument.name {
            Some(name) => name.node == "subset",
            None => Some(index) == place && index < by_place,
        });
    let both = ValueKind::String("both".to_owned());
    let subset = found.and_then(|found| call.arguments.get(found));
    if subset.is_none_or(|argument| argument.value.kind != both) {
        let diagnostic = Diagnostic::error("E0511", "two names take two data sets");
        let place = subset.map_or(call.span, |argument| argument.span);
        let help = "validation_split=0.2, subset=\"both\", or one name";
        return Err(Box::new(diagnostic.at(place, "this gives one").help(help)));
    }
    Ok(["training", "validation"].map(|part| {
        let mut half = call.clone();
        if let Some(argument) = found.and_then(|found| half.arguments.get_mut(found)) {
            argument.value.kind = ValueKind::String(part.to_owned());
        }
        half
    }))
}

/// A data set as a loader's call describes it.
pub(crate) struct Source {
    /// The files that are read, and how.
    pub files: PictureFiles,
    generator: Option<Generator>,
}

/// Reads the call of a data set. None where it is no such call or could not be used, which has been reported.
pub(crate) fn read(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Option<Source> {
    not_wired(call, "a data set", diagnostics);
    let name = call.name.node.as_str();
    match (&call.receiver, name) {
        (None, "image_dataset_from_directory") => {
            names::check_prefix(call, "utils", &ALSO, diagnostics);
            let mut arguments = Arguments::bind(&image_dataset_from_directory::SIGNATURE, call, diagnostics);
            let files = image_dataset_from_directory::read(call.span, &mut arguments)?;
            Some(Source { files, generator: None })
        }
        (Some(receiver), "flow_from_directory") if receiver.name.node == generator::SIGNATURE.name => flow(
            call,
            receiver,
            (&flow_from_directory::SIGNATURE, flow_from_directory::read),
            diagnostics,
        ),
        (Some(receiver), "flow_from_dataframe") if receiver.name.node == generator::SIGNATURE.name => flow(
            call,
            receiver,
            (&flow_from_dataframe::SIGNATURE, flow_from_dataframe::read),
            diagnostics,
        ),
        _ => {
            diagnostics.push(unknown(call));
            None
        }
    }
}

/// A function that reads a generator's call, given the generator's `validation_split` and its place.
type Reader = fn(Span, (f64, Span), &mut Arguments) -> Option<PictureFiles>;

fn flow(
    call: &Call,
    receiver: &Call,
    (signature, read): (&'static Signature, Reader),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Source> {
    names::check_prefix(receiver, "preprocessing", &ALSO, diagnostics);
    not_wired(receiver, "a generator", diagnostics);
    let own = Call {
        receiver: None,
        ..call.clone()
    };
    let mut arguments = Arguments::bind(signature, &own, diagnostics);
    let size = arguments.read("target_size", |argument, value, _| {
        values::pair(argument, value, &mut Vec::new()).or(Some((1, 1)))
    });
    let generator = generator::read(receiver, size?, arguments.diagnostics());
    let split = generator
        .as_ref()
        .map_or((0.0, receiver.span), |generator| generator.split);
    let files = read(call.span, split, &mut arguments);
    Some(Source {
        files: files?,
        generator: Some(generator?),
    })
}

fn unknown(call: &Call) -> Diagnostic {
    let name = call.name.node.as_str();
    let diagnostic = Diagnostic::error("E0508", format!("`{name}` gives no data set"));
    let example = "datagen.flow_from_directory(\"train\", target_size=(150, 150))";
    match name {
        "ImageDataGenerator" => {
            let diagnostic = diagnostic.at(call.name.span, "this reads nothing by itself");
            return diagnostic.help(format!("name what it reads: {example}"));
        }
        "flow_from_directory" | "flow_from_dataframe" => {
            let diagnostic = diagnostic.at(call.name.span, "an ImageDataGenerator stands before it");
            return diagnostic.help(format!(
                "datagen = ImageDataGenerator(rescale=1. / 255) above it, and datagen.{name}(...)"
            ));
        }
        "cache" | "prefetch" | "shuffle" | "repeat" | "batch" | "unbatch" | "map" | "take" | "skip" => {
            let diagnostic = diagnostic.at(call.name.span, "a method of tf.data");
            return diagnostic.help(match name {
                "map" => "layers below Input do what a function would: fit(train), with Rescaling(1. / 255), RandomFlip() and the like",
                "take" | "skip" => "validation_split=0.2 with subset=\"training\" or subset=\"validation\" divides the files of a loader",
                _ => "leave it out: samples are kept, shuffled and read ahead by themselves, and batch_size is the loader's: fit(train)",
            });
        }
        "flow" => {
            let diagnostic = diagnostic.at(call.name.span, "it takes arrays, and there are none here");
            return diagnostic.help(
                "an .npz file, fit(data=\"digits.npz\"), and Random layers below Input for what the generator does",
            );
        }
        _ => {}
    }
    let known = || SIGNATURES.iter().map(|signature| signature.name);
    let diagnostic = diagnostic.at(call.name.span, "no loader has this name");
    match nearest(name, known()) {
        Some(meant) => diagnostic
            .help(format!("did you mean `{meant}`?"))
            .fix(call.name.span, meant),
        None => diagnostic.help(format!("there is {}", any_of(known()))),
    }
}

/// Joins what `fit` trains on and what it validates with, and warns of generators, which are read as layers.
/// Elsewhere it is checked that the two go together, except for how they scale.
pub(crate) fn joined(train: Source, validation: Option<Source>, diagnostics: &mut Vec<Diagnostic>) -> Loading {
    let rescale = |source: &Source| source.generator.as_ref().and_then(|generator| generator.rescale);
    let function = |source: &Source| {
        source
            .generator
            .as_ref()
            .and_then(|generator| generator.preprocessing.clone())
    };
    let normalizes = |source: &Source| {
        let generator = source.generator.as_ref();
        generator.map_or_else(Normalizing::default, |generator| generator.normalizes)
    };
    let scaling = |source: &Source| (rescale(source).map(f64::to_bits), function(source), normalizes(source));
    if let Some(validation) = &validation
        && scaling(&train) != scaling(validation)
    {
        let place = |source: &Source| {
            let generator = source.generator.as_ref();
            generator.map_or(source.files.span, |generator| generator.rescale_span)
        };
        let shown = |source: &Source| {
            let shown = match (rescale(source), function(source)) {
                (None, None) => "not rescaled".to_owned(),
                (Some(scale), None) => format!("rescaled by {scale}"),
                (None, Some(function)) => format!("with {function}"),
                (Some(scale), Some(function)) => format!("with {function}, rescaled by {scale}"),
            };
            match normalizes(source) {
                Normalizing::Nothing => shown,
                Normalizing::Mean => format!("{shown}, then less the mean"),
                Normalizing::MeanAndDeviation => format!("{shown}, then normalized"),
                Normalizing::Sample => format!("{shown}, then normalized sample by sample"),
            }
        };
        diagnostics.push(
            Diagnostic::error("E0509", "the two data sets are scaled differently")
                .at(place(validation), format!("validates {}", shown(validation)))
                .because(place(&train), format!("trains {}", shown(&train)))
                .help("the same rescale in both: pictures go through one network"),
        );
    }
    let (front, differences) = train
        .generator
        .map_or_else(Default::default, |generator| (generator.layers, generator.differences));
    if !front.is_empty() {
        let mut said = Diagnostic::warning("W0513", "the generator is read as layers below Input")
            .at(train.files.span, "its files are read as they are, from 0 to 255");
        for layer in &front {
            said = said.note(layer.to_string());
        }
        let moves = |call: &Call| call.name.node.starts_with("Random");
        if front.iter().any(moves) {
            said = said.note("Random layers act in training alone, not in validation");
        }
        for difference in differences {
            said = said.note(difference);
        }
        said = said.help("written below Input, with image_dataset_from_directory, they say the same without this");
        // Each phase reads its data sets, which most often are the same.
        if !diagnostics.contains(&said) {
            diagnostics.push(said);
        }
    }
    Loading {
        train: train.files,
        validation: validation.map(|source| source.files),
        front,
    }
}
