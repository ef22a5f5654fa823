//! `vgg16.preprocess_input()`, whose mode follows from the module before it.

use crate::call::names;
use grammar::ast::{Argument, Call, Value, ValueKind};
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
    call.name.node == "preprocess_input" && (mode(call).is_some() || general())
}

/// The call with the mode that its path stands for, unless it gives one.
pub(crate) fn with_mode(call: &Call) -> Cow<'_, Call> {
    let is_mode = |argument: &Argument| argument.name.as_ref().is_none_or(|name| name.node == "mode");
    if call.name.node != "preprocess_input" || call.arguments.iter().any(is_mode) {
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
