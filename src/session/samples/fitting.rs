//! Checks that a data set is consistent, and fits the network.

use crate::session::error::{Error, Result};
use crate::session::examine::Description;
use compiler::check::takes;
use compiler::network::CheckedNetwork;
use compiler::shape::Shape;
use compiler::training::fit::TargetSource;
use compiler::training::losses::Targets as Judged;
use grammar::diagnostic::Diagnostic;
use runtime::data::folder;
use runtime::data::{Dataset, MAX_CLASSES, Pixels, Split};

/// An error unless a data set that was not read from a file is as consistent as one that was.
pub(super) fn consistent(dataset: &Dataset) -> Result<()> {
    let refused = |what: String| Err(Error::message(format!("the data set {}: {what}", dataset.name)));
    if dataset.train.is_empty() {
        return refused("there are no samples to train on".to_owned());
    }
    if dataset.classes > MAX_CLASSES {
        return refused(format!("{} classes; the most is {MAX_CLASSES}", dataset.classes));
    }
    let splits = [
        ("training", Some(&dataset.train)),
        ("validation", dataset.validation.as_ref()),
        ("test", dataset.test.as_ref()),
    ];
    for (which, split) in splits {
        let Some(split) = split else { continue };
        if split.shape != dataset.train.shape {
            let (shape, train) = (&split.shape, &dataset.train.shape);
            return refused(format!(
                "the {which} samples are {shape}, those to train on are {train}"
            ));
        }
        let values = split.pixels.len();
        let expected = split.shape.elements().checked_mul(split.len());
        if expected != Some(values) {
            let (samples, shape) = (split.len(), &split.shape);
            return refused(format!(
                "the {which} split has {samples} labels and {values} values, which are not {samples} samples of {shape}"
            ));
        }
        if let Pixels::Floats(floats) = &split.pixels
            && floats.iter().any(|value| !value.is_finite())
        {
            return refused(format!("a value of the {which} split is infinite or not a number"));
        }
        if let Some(targets) = &split.targets {
            let expected = targets.shape.elements().checked_mul(split.len());
            if expected != Some(targets.values.len()) {
                let (samples, shape, values) = (split.len(), &targets.shape, targets.values.len());
                return refused(format!(
                    "the {which} split has {samples} samples and {values} target values, which are not {samples} targets of {shape}"
                ));
            }
            if targets.values.iter().any(|value| !value.is_finite()) {
                return refused(format!("a target of the {which} split is infinite or not a number"));
            }
        }
        let kind = |split: &Split| split.targets.as_ref().map(|targets| targets.shape.clone());
        if kind(split) != kind(&dataset.train) {
            let words =
                |shape: Option<Shape>| shape.map_or("classes".to_owned(), |shape| format!("targets of {shape}"));
            let (this, train) = (words(kind(split)), words(kind(&dataset.train)));
            return refused(format!(
                "the {which} samples have {this}, those to train on have {train}"
            ));
        }
        if let Some(label) = split.labels.iter().find(|&&label| label as usize >= dataset.classes) {
            return refused(format!(
                "the {which} split has the label {label}, and there are {} classes",
                dataset.classes
            ));
        }
    }
    Ok(())
}

/// An error unless the network takes the data set's samples and has an output for each of its classes. `overridden` says that the
/// data set is not the one that the description names, so that its name in the text is not at fault.
pub(super) fn fits(description: &Description, dataset: &Dataset, overridden: bool) -> Result<()> {
    let checked = &description.network;
    let network = checked.network();
    let node = |id: usize| network.nodes.get(id);
    let input = checked.input_shape();
    let named = |diagnostic: Diagnostic, text: String| match network.fit.data_span {
        Some(span) if !overridden => diagnostic.because(span, text),
        _ => diagnostic.note(text),
    };
    let mut found = Vec::new();
    if !takes(input, &dataset.train.shape) {
        let span = node(0).map_or(network.name_span, |node| node.span_of("shape"));
        let diagnostic = Diagnostic::error("E0502", "the input does not have the data set's shape")
            .at(span, format!("this is {input}"));
        found.push(named(
            diagnostic,
            format!("the samples of {} are {}", dataset.name, dataset.train.shape),
        ));
    }
    // Each phase may compare outputs in another way.
    for index in 0..checked.phase_count() {
        let wrong = judged(&checked.phase(index), dataset, &named);
        found.extend(wrong.filter(|wrong| !found.contains(wrong)));
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::rejected(description.source.clone(), found))
}

/// What is wrong with the labels or targets for the network's loss, if anything is. `named` adds to a diagnostic
/// which data set it is about.
fn judged(
    checked: &CheckedNetwork,
    dataset: &Dataset,
    named: &dyn Fn(Diagnostic, String) -> Diagnostic,
) -> Option<Diagnostic> {
    let network = checked.network();
    let output = checked.output_shape();
    if !network.other_outputs.is_empty() {
        let targets = dataset.train.targets.as_ref().map(|targets| &targets.shape);
        return (targets != Some(output)).then(|| {
            let diagnostic = Diagnostic::error("E0514", "the data set has no targets for each output").at(
                network.name_span,
                format!("its outputs have {} numbers", output.elements()),
            );
            named(
                diagnostic,
                targets.map_or_else(
                    || format!("{} has class numbers", dataset.name),
                    |shape| format!("the targets of {} are {shape}", dataset.name),
                ),
            )
        });
    }
    let last = network.nodes.get(network.output.0);
    let place = |argument: &str| last.map_or(network.name_span, |node| node.span_of(argument));
    let loss = network
        .compile
        .as_ref()
        .map(|compile| (compile.loss.targets(), compile.loss_place.loss));
    if network.fit.targets == TargetSource::Input {
        let input = &checked.as_moved(checked.input_shape());
        let class_number = matches!(loss, Some((Judged::ClassNumber, _)));
        // A row is compared with a picture of one channel; of several, their orders differ.
        let row = output.rank() == 1 && output.elements() == input.elements();
        let fits = output == input || row && (input.channels() == 1 || input.positions() == 1);
        return (class_number || !fits).then(|| {
            Diagnostic::error("E0507", "the outputs cannot be compared with the samples")
                .at(place("units"), format!("gives {output}"))
                .note(format!("targets=\"input\" compares it with samples of {input}"))
                .help(format!(
                    "end with {input}, and a loss that compares values, such as \"mse\""
                ))
        });
    }
    let wanted = loss.map(|(wanted, _)| wanted);
    if let Some(targets) = &dataset.train.targets {
        let (_, span) = loss?;
        let shape = &checked.as_moved(&targets.shape);
        let same_places = shape.positions() == output.positions() && output.rank() == shape.rank();
        let of_places_wanted = targets.are_classes(output.channels()) && same_places;
        if of_places_wanted && matches!(wanted, Some(Judged::ClassNumber | Judged::Shares)) {
            return of_places(dataset, output.channels())
                .map(|diagnostic| diagnostic.at(place("filters"), format!("gives {output}")));
        }
        if wanted == Some(Judged::ClassNumber) {
            let diagnostic = Diagnostic::error("E0507", "the loss takes class numbers, the data set has none")
                .at(span, "compares outputs with the numbers of classes")
                .help("for numbers there is loss=\"mse\", for several labels at once and for masks loss=\"binary_crossentropy\"");
            let wrong = targets
                .values
                .iter()
                .find(|value| **value < 0.0 || value.fract() != 0.0);
            let found = match wrong {
                Some(value) if targets.shape.elements() == 1 => {
                    format!("{} has {value}, which is no class", dataset.name)
                }
                Some(_) | None => format!("the targets of {} are {}", dataset.name, targets.shape),
            };
            return Some(named(diagnostic, found));
        }
        let grey = matches!((output.sizes(), shape.sizes()), ([h, w, 1], [height, width]) if h == height && w == width);
        let fitting = grey || takes(output, shape);
        return (!fitting).then(|| {
            let diagnostic = Diagnostic::error("E0507", "the output is not of the targets' shape")
                .at(place("units"), format!("gives {output}"));
            named(
                diagnostic,
                format!("the targets of {} are {}", dataset.name, targets.shape),
            )
        });
    }
    if output.rank() > 1 {
        loss?;
        let diagnostic = Diagnostic::error("E0507", "the output is a map, the data set has classes")
            .at(place("units"), format!("gives {output}"))
            .help("to compare it with the samples themselves: fit(..., targets=\"input\")");
        return Some(named(
            diagnostic,
            format!("{} has one class for each sample", dataset.name),
        ));
    }
    let (classes, outputs) = (dataset.classes, output.channels());
    let enough = match wanted {
        // Without a loss one output may be about two classes, or a number.
        Some(Judged::Values) | None if outputs == 1 => true,
        Some(Judged::Binary) if outputs == 1 => classes <= 2,
        Some(Judged::ClassNumber | Judged::Shares | Judged::Binary | Judged::Values) | None => classes <= outputs,
    };
    (!enough).then(|| {
        let diagnostic = Diagnostic::error("E0504", "the output is narrower than the data set's classes")
            .at(
                place("units"),
                format!("this has {outputs} {}", if outputs == 1 { "output" } else { "outputs" }),
            )
            .help(if lacks_zero(dataset) {
                format!("class numbers begin at 0, and no sample has that: subtract 1 from each, or {classes} outputs")
            } else {
                format!("{classes} outputs, one for each class")
            });
        let names = dataset.class_names.as_deref().map(folder::some_names);
        let names = names.map_or_else(String::new, |names| format!(": {names}"));
        named(diagnostic, format!("{} has {classes} classes{names}", dataset.name))
    })
}

/// Whether no sample of a data set has the class 0: its numbers may begin at 1.
fn lacks_zero(dataset: &Dataset) -> bool {
    let splits = [Some(&dataset.train), dataset.validation.as_ref(), dataset.test.as_ref()];
    let mut labels = splits.into_iter().flatten().flat_map(|split| &split.labels);
    labels.all(|&label| label != 0)
}

/// What is wrong with the class numbers of a map's positions, if anything is: there must be an output for each.
fn of_places(dataset: &Dataset, outputs: usize) -> Option<Diagnostic> {
    let splits = [Some(&dataset.train), dataset.validation.as_ref(), dataset.test.as_ref()];
    let targets = splits.into_iter().flatten().filter_map(|split| split.targets.as_ref());
    let largest = targets
        .flat_map(|targets| targets.values.iter().copied())
        .fold(0.0, f32::max);
    (largest >= outputs as f32).then(|| {
        Diagnostic::error("E0504", "the output is narrower than the masks have classes")
            .note(format!(
                "{} has a mask with the class {largest}, counted from 0",
                dataset.name
            ))
            .help(format!(
                "{} channels, one for each class; or mask_levels=[...] with the levels of the classes in their order",
                largest + 1.0
            ))
    })
}
