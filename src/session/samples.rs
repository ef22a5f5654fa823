//! The samples that a network meets: which data set, whether it fits the network, and how it is divided.

use super::error::{Error, Result};
use super::examine::Description;
use super::listener::{Listener, Notice};
use super::loading::Folders;
use compiler::check::takes;
use compiler::entering::{self, Entering};
use compiler::network::CheckedNetwork;
use compiler::shape::Shape;
use compiler::training::fit::TargetSource;
use compiler::training::loading::Loading;
use compiler::training::losses::Targets as Judged;
use grammar::diagnostic::Diagnostic;
use runtime::data::folder::{self, FolderError};
use runtime::data::{self, Dataset, Ends, Keeping, MAX_CLASSES, Pictures, Pixels, Split, Wanted};
use runtime::error::RuntimeError;
use std::path::Path;
use std::sync::Arc;

/// Which data set a network meets.
#[derive(Debug, Clone, Default)]
pub enum Data {
    /// The one that the description names.
    #[default]
    Described,
    /// Another one: a known name as `mnist`, or a path, which starts at the current folder.
    Named(String),
    /// One in memory (see [`in_memory`]).
    Loaded(Box<Dataset>),
    /// That of a run, where it lay then.
    Past {
        /// A known name, or a path.
        name: String,
        /// Where that lay that validates, if the description named it.
        validation: Option<String>,
        /// The folder that the description lay in.
        base: Option<String>,
    },
}

impl Data {
    /// The named one, or else the description's.
    pub fn given(name: Option<&str>) -> Self {
        name.map_or(Self::Described, |name| Self::Named(name.to_owned()))
    }
}

/// A data set out of samples in memory. Its classes are those up to the largest label.
///
/// # Errors
/// When there are no samples to train on, or pixels, labels and shapes do not agree.
pub fn in_memory(name: &str, train: Split, test: Option<Split>) -> Result<Dataset> {
    let labels = || train.labels.iter().chain(test.iter().flat_map(|test| &test.labels));
    let classes = labels().max().map_or(0, |&largest| largest as usize + 1);
    let origin = match &test {
        Some(test) => format!("{} + {} samples in memory", train.len(), test.len()),
        None => format!("{} samples in memory", train.len()),
    };
    let dataset = Dataset {
        name: name.to_owned(),
        train,
        validation: None,
        test,
        classes,
        class_names: None,
        origin,
        pictures: None,
    };
    consistent(&dataset)?;
    Ok(dataset)
}

/// That a data set which was not read from a file is as one that was.
fn consistent(dataset: &Dataset) -> Result<()> {
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

/// Reads the data set for a description's network and checks that they fit. The pictures of a folder come in the order of
/// the seed and as large as the network's input.
///
/// # Errors
/// When there is none, it cannot be read, or its samples or classes are not those of the network.
pub fn load(description: &Description, data: Data, seed: u64, listener: &dyn Listener) -> Result<Dataset> {
    let fit = &description.network.network().fit;
    let overridden = !matches!(data, Data::Described);
    let (name, base) = match (data, &fit.data) {
        (Data::Loaded(dataset), _) => {
            consistent(&dataset)?;
            fits(description, &dataset, true)?;
            return Ok(entering(description, *dataset, listener));
        }
        (Data::Named(given), _) => match fit.loading.as_deref() {
            Some(loading) if Path::new(&given).is_dir() => {
                let folders = Folders::moved(loading, &given, description.folder(), listener);
                return loaded(description, loading, &folders, seed, listener);
            }
            Some(_) | None => (data::named(&given), Path::new("")),
        },
        (Data::Past { name, validation, base }, _) => match fit.loading.as_deref() {
            Some(loading) if Path::new(&name).is_dir() => {
                let folders = Folders {
                    train: name.clone().into(),
                    validation: validation.map(Into::into),
                    base: base.map_or_else(|| description.folder().to_owned(), Into::into),
                    name,
                };
                return loaded(description, loading, &folders, seed, listener);
            }
            Some(_) | None => (data::named(&name), Path::new("")),
        },
        (Data::Described, _) if let Some(loading) = fit.loading.as_deref() => {
            let folders = Folders::described(loading, description.folder());
            return loaded(description, loading, &folders, seed, listener);
        }
        (Data::Described, Some(name)) => (name.clone(), description.folder()),
        (Data::Described, None) => {
            let missing = Diagnostic::error("E0506", "no data set is named")
                .at(
                    description.network.network().name_span,
                    "nothing says what to train this model on",
                )
                .help("add fit(data=\"mnist\"), or name a data set with --data");
            return Err(description.reject(missing));
        }
    };
    let wanted = Wanted {
        shape: description.network.input_shape(),
        ends: Ends::of(&description.network),
        seed,
        keeping: Keeping::usual(),
        watch: &|total| listener.picture_read(total),
    };
    let loaded = data::load_for(&name, base, data::cache_folder().as_deref(), &wanted);
    listener.pictures_done();
    let dataset = match loaded {
        Err(RuntimeError::Folder(error @ FolderError::Form { .. })) => return Err(no_pictures(description, &error)),
        loaded => loaded?,
    };
    for line in dataset.pictures.iter().flat_map(Pictures::warnings) {
        listener.notice(&Notice::Warning(line));
    }
    fits(description, &dataset, overridden)?;
    Ok(entering(description, dataset, listener))
}

/// The data set as its network takes it in; tells where bytes are not divided by 255.
fn entering(description: &Description, mut dataset: Dataset, listener: &dyn Listener) -> Dataset {
    let entering = Entering::of(&description.network);
    if entering == Entering::AsTheyAre && matches!(dataset.train.pixels, Pixels::Bytes(_)) {
        let line = entering::line(&description.network);
        listener.notice(&Notice::Data(format!("data: {line}")));
    }
    let splits = [
        Some(&mut dataset.train),
        dataset.validation.as_mut(),
        dataset.test.as_mut(),
    ];
    for split in splits.into_iter().flatten() {
        let pixels = std::mem::replace(&mut split.pixels, Pixels::Bytes(Vec::new()));
        split.pixels = pixels.entering(entering);
    }
    dataset
}

fn loaded(
    description: &Description,
    loading: &Loading,
    folders: &Folders,
    seed: u64,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let dataset = super::loading::load(description, loading, folders, seed, listener)?;
    fits(description, &dataset, false)?;
    Ok(dataset)
}

/// The network does not take pictures.
fn no_pictures(description: &Description, error: &FolderError) -> Error {
    let network = description.network.network();
    let span = network
        .nodes
        .first()
        .map_or(network.name_span, |node| node.span_of("shape"));
    let diagnostic = Diagnostic::error("E0505", "the input is of no picture's shape")
        .at(span, format!("this is {}", description.network.input_shape()))
        .note(error.to_string());
    description.reject(match error.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

/// Whether the network takes the data set's samples and has an output for each of its classes. `overridden`: the data set
/// is not the one that the description names, so that its name in the text is not at fault.
fn fits(description: &Description, dataset: &Dataset, overridden: bool) -> Result<()> {
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
        let diagnostic =
            Diagnostic::error("E0502", "the input is not of the data set's shape").at(span, format!("this is {input}"));
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

/// What is wrong with what the outputs are compared with, if anything is. `named` says which data set it is of.
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
            return Some(named(
                diagnostic,
                format!("the targets of {} are {}", dataset.name, targets.shape),
            ));
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
            .help(format!("{classes} outputs, one for each class"));
        let names = dataset.class_names.as_deref().map(folder::some_names);
        let names = names.map_or_else(String::new, |names| format!(": {names}"));
        named(diagnostic, format!("{} has {classes} classes{names}", dataset.name))
    })
}

/// What is wrong with the classes of a map's places, if anything is: there is an output for each.
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

/// A data set's samples by what they are for.
pub struct Samples {
    /// What is trained on.
    pub train: Arc<Split>,
    /// What validates after each epoch: what a `validation_split` holds back, else the data set's own validation split, else
    /// its test split.
    pub validation: Option<Arc<Split>>,
    /// What a network is judged by: the test split, else what validates, else what it was trained on.
    pub judged: Arc<Split>,
    /// What that split is called: `test`, `validation` or `training`.
    pub which: &'static str,
}

impl Samples {
    /// Divides the splits of a data set.
    ///
    /// # Errors
    /// When a `validation_split` leaves nothing on either side.
    pub fn of(train: Split, validation: Option<Split>, test: Option<Split>, validation_split: f64) -> Result<Self> {
        let (train, held) = if validation_split > 0.0 {
            let (train, held) = train.split_validation(validation_split)?;
            (train, Some(held))
        } else {
            (train, validation)
        };
        let (train, held, test) = (Arc::new(train), held.map(Arc::new), test.map(Arc::new));
        let (judged, which) = match (&test, &held) {
            (Some(test), _) => (Arc::clone(test), "test"),
            (None, Some(held)) => (Arc::clone(held), "validation"),
            (None, None) => (Arc::clone(&train), "training"),
        };
        Ok(Self {
            train,
            validation: held.or(test),
            judged,
            which,
        })
    }
}

/// The names of all classes of a data set: numbers where they have no other.
pub fn class_names(dataset: &Dataset) -> Vec<String> {
    let known = dataset.class_names.clone().unwrap_or_default();
    let numbers = (known.len()..dataset.classes).map(|class| class.to_string());
    known.iter().cloned().chain(numbers).collect()
}

/// What a data set is called in titles, given its name or path: as its authors write it, or the last part of its path.
pub fn title(name: &str) -> String {
    match name {
        "mnist" => "MNIST".to_owned(),
        "fashion-mnist" => "Fashion-MNIST".to_owned(),
        "cifar10" => "CIFAR-10".to_owned(),
        "cifar100" => "CIFAR-100".to_owned(),
        path => Path::new(path)
            .file_name()
            .map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned()),
    }
}

/// The shape of an image: height, width, channels.
pub type ImageShape = [usize; 3];

/// Height, width and channels of what can be seen.
///
/// # Errors
/// When samples of this shape are not images of one or three channels.
pub fn image_shape(shape: &Shape) -> Result<ImageShape> {
    match *shape.sizes() {
        [height, width] if height * width > 0 => Ok([height, width, 1]),
        [height, width, channels @ (1 | 3)] if height * width > 0 => Ok([height, width, channels]),
        _ => Err(Error::message(format!(
            "samples of {shape} are not images, which are height x width, with 1 or 3 channels"
        ))),
    }
}
