//! Reads what `fit` trains on and validates with: the name of a data set, a path, or a loader's call.

use crate::call::arguments::Arguments;
use crate::call::signature::Argument;
use crate::call::suggest::{any_of, nearest};
use crate::call::values;
use crate::training::data::{DataName, KnownData};
use crate::training::loading::{self, Loading, PictureFiles};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The data sets that `fit` is given.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The name, the path, or the folder of a loader; None where `fit` names no data.
    pub data: Option<DataName>,
    /// The place of the argument that names the data.
    pub span: Option<Span>,
    /// The calls of loaders; None where the data have a name or a path.
    pub loading: Option<Box<Loading>>,
}

/// Reads `x`, `data` and `validation_data`.
pub(crate) fn read(arguments: &mut Arguments) -> Sources {
    if arrays(arguments) {
        return Sources::default();
    }
    let none = |argument: &&grammar::ast::Argument| argument.value.kind != ValueKind::None;
    let written = |name: &str| arguments.written(name).filter(none);
    let (x, named, held) = (written("x"), written("data"), written("validation_data"));
    if let (Some(x), Some(named)) = (x, named) {
        arguments.diagnostics().push(
            Diagnostic::error("E0105", "the data set is given twice")
                .at(named.span, "again here")
                .because(x.span, "first here")
                .help("remove one of the two"),
        );
        return Sources::default();
    }
    let span = x.or(named).map(|argument| argument.span);
    let validation = held.and_then(|argument| {
        if let ValueKind::Call(call) = &argument.value.kind {
            return loading::read(call, arguments.diagnostics());
        }
        let _ = arguments.read("validation_data", |parameter, value, diagnostics| {
            let help = "a data set with a name above: valid = image_dataset_from_directory(\"photos/valid\")";
            diagnostics.push(values::wrong_type(parameter, value).help(help));
            None::<()>
        });
        None
    });
    if let Some(ValueKind::Call(call)) = x.map(|argument| &argument.value.kind) {
        let train = loading::read(call, arguments.diagnostics());
        if held.is_some() && validation.is_none() {
            return Sources::default();
        }
        return train.map_or_else(Sources::default, |train| {
            let loading = loading::joined(train, validation, arguments.diagnostics());
            go_together(&loading.train, loading.validation.as_ref(), arguments);
            Sources {
                data: Some(DataName::Path(loading.train.directory.clone())),
                span,
                loading: Some(Box::new(loading)),
            }
        });
    }
    if let (Some(_), Some(held)) = (&validation, held) {
        arguments.diagnostics().push(
            Diagnostic::error("E0509", "validation_data without a data set to train on")
                .at(held.span, "this validates")
                .help("give both a name, and train on the first: fit(train, validation_data=valid)"),
        );
    }
    let name = if x.is_some() { "x" } else { "data" };
    Sources {
        data: arguments.read(name, data).flatten(),
        span,
        loading: None,
    }
}

/// Reports training and validation data that are not alike, and arguments of `fit` that contradict a loader.
fn go_together(train: &PictureFiles, validation: Option<&PictureFiles>, arguments: &mut Arguments) {
    if let Some(validation) = validation {
        let differs = |what: &str, argument: &str, one: String, other: String| {
            Diagnostic::error("E0509", format!("the two data sets differ in {what}"))
                .at(validation.span_of(argument), format!("validates with {other}"))
                .because(train.span_of(argument), format!("trains on {one}"))
                .help(format!("the same {argument} in both"))
        };
        if train.shape() != validation.shape() {
            let argument = if train.channels == validation.channels {
                train.size_argument()
            } else {
                "color_mode"
            };
            let (one, other) = (train.shape().to_string(), validation.shape().to_string());
            arguments.diagnostics().push(differs("shape", argument, one, other));
        }
        let labelled = |files: &PictureFiles| files.label_mode.what().to_owned();
        let (one, other) = (labelled(train), labelled(validation));
        if one != other {
            arguments
                .diagnostics()
                .push(differs("kind of labels", train.label_argument(), one, other));
        }
    }
    let written = |name: &str| {
        arguments
            .written(name)
            .map(|argument| (argument.value.kind.clone(), argument.span))
    };
    let mut said = Vec::new();
    if let Some((kind, span)) = written("validation_split")
        && !matches!(kind, ValueKind::Float(0.0) | ValueKind::Integer(0))
    {
        said.push(
            Diagnostic::error("E0510", "validation_split is set in the data set")
                .at(span, "fit does not divide a data set that a loader reads")
                .because(train.span, "this reads it")
                .help("validation_split=..., subset=\"training\" in the loader, and subset=\"validation\" in a second one"),
        );
    }
    let contradicts = |name: &str, given: String, loaded: String| {
        let (kind, span) = written(name)?;
        let place = train.written(name).unwrap_or(train.span);
        (kind != ValueKind::None && given != loaded).then(|| {
            Diagnostic::error("E0510", format!("{name} is set in the data set"))
                .at(span, format!("this is {given}"))
                .because(place, format!("this has {loaded}"))
                .help("leave it out here")
        })
    };
    let shown = |name: &str| match written(name).map(|(kind, _)| kind) {
        Some(ValueKind::Integer(number)) => number.to_string(),
        Some(ValueKind::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    };
    // What `fit` says takes the place of a loader's default.
    if train.written("batch_size").is_some() {
        said.extend(contradicts(
            "batch_size",
            shown("batch_size"),
            train.batch_size.to_string(),
        ));
    }
    if train.written("shuffle").is_some() {
        said.extend(contradicts("shuffle", shown("shuffle"), train.shuffle.to_string()));
    }
    arguments.diagnostics().extend(said);
}

/// Reports `fit(x_train, y_train, validation_data=(x_test, y_test))` in one message (E0420); whether it was such a call.
fn arrays(arguments: &mut Arguments) -> bool {
    let is_array = |name: &str, kind: &ValueKind| match kind {
        ValueKind::None => false,
        ValueKind::String(_) | ValueKind::Call(_) => name == "y",
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => true,
    };
    let given: Vec<Span> = ["x", "y", "validation_data"]
        .iter()
        .filter_map(|name| Some((name, arguments.written(name)?)))
        .filter(|(name, argument)| is_array(name, &argument.value.kind))
        .map(|(_, argument)| argument.span)
        .collect();
    let Some((first, others)) = given.split_first() else {
        return false;
    };
    let mut diagnostic = Diagnostic::error("E0420", "fit takes no arrays").at(*first, "there are no variables here");
    for other in others {
        diagnostic = diagnostic.because(*other, "nor here");
    }
    diagnostic = diagnostic.help("name the data set, or a path to it: fit(data=\"mnist\", epochs=3)");
    diagnostic = diagnostic.note("its training samples train, its test samples validate");
    arguments.diagnostics().push(diagnostic);
    true
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn data(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<DataName>> {
    let known = || KnownData::ALL.iter().map(|data| data.name());
    let name = match &value.kind {
        ValueKind::None => return Some(None),
        ValueKind::String(name) => name,
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
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
    let diagnostic = diagnostic.at(value.span, "no data set has this name");
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
