//! `vgg16.preprocess_input()`, whose mode follows from the module before it.

use crate::call::names;
use grammar::ast::{Argument, Call, File, Value, ValueKind};
use grammar::span::Spanned;
use std::borrow::Cow;

/// The modules of `keras.applications`, each with the mode of its `preprocess_input`.
const MODES: [(&str, &str); 12] = [
    ("vgg16", "caffe"),
    ("vgg19", "caffe"),
    ("resnet", "caffe"),
    ("resnet50", "caffe"),
    ("resnet_v2", "tf"),
    ("mobilenet", "tf"),
    ("mobilenet_v2", "tf"),
    ("xception", "tf"),
    ("inception_v3", "tf"),
    ("inception_resnet_v2", "tf"),
    ("nasnet", "tf"),
    ("densenet", "torch"),
];

const BEFORE: [&str; 5] = [
    "",
    "applications.",
    "keras.applications.",
    "tf.keras.applications.",
    "tensorflow.keras.applications.",
];

/// The mode that follows from the path before the call's name; None for other paths.
fn mode(call: &Call) -> Option<&'static str> {
    let (path, _) = names::prefix(call)?;
    let of = |(module, mode): &(&str, &'static str)| {
        let known = BEFORE.iter().any(|before| path.strip_prefix(before) == Some(module));
        known.then_some(*mode)
    };
    MODES.iter().find_map(of)
}

/// Whether the call is that of an application's `preprocess_input`, or of the general one.
pub(crate) fn is_preprocessing(call: &Call) -> bool {
    let general = || {
        let path = names::prefix(call).map(|(path, _)| path);
        path.is_some_and(|path| {
            BEFORE
                .iter()
                .any(|before| path.strip_prefix(before) == Some("imagenet_utils"))
        })
    };
    call.name.node == FUNCTION && (mode(call).is_some() || general())
}

/// The call with the mode that its path stands for, unless it gives one.
pub(crate) fn with_mode(call: &Call) -> Cow<'_, Call> {
    let is_mode = |argument: &Argument| argument.name.as_ref().is_none_or(|name| name.node == "mode");
    if call.name.node != FUNCTION || call.arguments.iter().any(is_mode) {
        return Cow::Borrowed(call);
    }
    let (Some(mode), Some((_, span))) = (mode(call), names::prefix(call)) else {
        return Cow::Borrowed(call);
    };
    let mut with = call.clone();
    with.arguments.push(Argument {
        span,
        name: Some(Spanned {
            node: "mode".to_owned(),
            span,
        }),
        value: Value {
            span,
            kind: ValueKind::String(mode.to_owned()),
        },
    });
    Cow::Owned(with)
}

/// The name of the function, in every module of `keras.applications`.
pub(crate) const FUNCTION: &str = "preprocess_input";

/// The modules whose function leaves pixels as they are: their networks begin with layers that scale them.
const UNCHANGED: [&str; 4] = ["efficientnet", "efficientnet_v2", "mobilenet_v3", "convnext"];

/// Whether a path is that of a function that leaves pixels as they are.
pub fn changes_nothing(path: &str) -> bool {
    let module = path.strip_suffix(FUNCTION).and_then(|path| path.strip_suffix('.'));
    module.is_some_and(|module| {
        let mut bare = BEFORE.iter().filter_map(|before| module.strip_prefix(before));
        bare.any(|module| UNCHANGED.contains(&module))
    })
}

/// Puts the module before each `preprocess_input` that stands without one, as it does below an import in Python: that of the one
/// application that the file calls. Where it calls none, or several, nothing is changed. `module_of` gives an application's module.
pub(super) fn complete(file: &mut File, module_of: impl Fn(&str) -> Option<&'static str>) {
    let statements = file.models.iter().flat_map(|model| &model.statements);
    let mut modules: Vec<&'static str> = statements
        .filter_map(|statement| module_of(&statement.call.name.node))
        .collect();
    modules.sort_unstable();
    modules.dedup();
    let [module] = modules.as_slice() else { return };
    let module = *module;
    let layers = file.models.iter_mut().flat_map(|model| &mut model.statements);
    for call in layers.map(|statement| &mut statement.call) {
        if call.name.node == FUNCTION && call.prefix.is_empty() && call.receiver.is_none() && call.arguments.is_empty()
        {
            call.prefix = vec![Spanned {
                node: module.to_owned(),
                span: call.name.span,
            }];
        }
    }
    for statement in &mut file.statements {
        of_generators(&mut statement.call, module);
    }
}

/// Does the same to the generators that the data sets of a call come from.
fn of_generators(call: &mut Call, module: &str) {
    for argument in &mut call.arguments {
        if let ValueKind::Call(inner) = &mut argument.value.kind {
            of_generators(inner, module);
        }
        let is_function = argument
            .name
            .as_ref()
            .is_some_and(|name| name.node == "preprocessing_function");
        if let ValueKind::Name(path) = &mut argument.value.kind
            && is_function
            && path == FUNCTION
        {
            *path = format!("{module}.{FUNCTION}");
        }
    }
    if let Some(receiver) = &mut call.receiver {
        of_generators(receiver, module);
    }
}
