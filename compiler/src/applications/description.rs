//! Applications as descriptions of their own, for people to read and to change.

use crate::resolve::naming::snake_case;
use grammar::ast::{Argument, Call, Value, ValueKind};
use grammar::span::{Span, Spanned};
use std::collections::BTreeSet;

/// The call of an application with `weights=None` and no other argument.
pub(super) fn call(name: &str) -> Call {
    let span = Span::default();
    let spanned = |node: &str| Spanned {
        node: node.to_owned(),
        span,
    };
    Call {
        span,
        name: spanned(name),
        prefix: Vec::new(),
        receiver: None,
        arguments: vec![Argument {
            span,
            name: Some(spanned("weights")),
            value: Value {
                span,
                kind: ValueKind::None,
            },
        }],
        wiring: None,
    }
}

/// A whole description with the layers of an application's text.
pub(super) fn file(name: &str, source: &str) -> String {
    let model = name.to_ascii_lowercase();
    let layers = named(source).replacen("model application", &format!("model {model}"), 1);
    format!(
        "# {name} of keras.applications, layer by layer, for the 1000 classes of ImageNet.\n\
         # `cnnc predict` and `cnnc run` take weights that Keras saved: --weights FILE.weights.h5 or FILE.h5\n{layers}"
    )
}

/// Gives lines such as `_1 = Rescaling(...)(input)` names that say what the layers are, here and where others take them.
fn named(source: &str) -> String {
    let target = |line: &str| {
        let (name, call) = line.trim().split_once(" = ")?;
        let class = call.split('(').next()?;
        Some((name.to_owned(), class.to_owned()))
    };
    let targets: Vec<(String, String)> = source.lines().filter_map(target).collect();
    let mut taken: BTreeSet<String> = targets.iter().map(|(name, _)| name.clone()).collect();
    let mut text = source.to_owned();
    // Backwards, for `_1` is the beginning of `_12`.
    for (name, class) in targets.iter().rev().filter(|(name, _)| name.starts_with('_')) {
        let stem = snake_case(class);
        let numbered = (1..=targets.len()).map(|number| format!("{stem}_{number}"));
        let free = std::iter::once(stem.clone()).chain(numbered);
        let Some(new) = free.into_iter().find(|new| !taken.contains(new)) else {
            continue;
        };
        taken.insert(new.clone());
        for (before, behind) in [("    ", " = "), ("(", ")"), ("[", ","), (" ", ","), (" ", "]")] {
            text = text.replace(&format!("{before}{name}{behind}"), &format!("{before}{new}{behind}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::applications::{CATALOGUE, description};
    use crate::check::check_file;

    /// They hold together by themselves, and have the parameters that the layer has.
    #[test]
    fn every_application_can_be_written_out() {
        for application in &CATALOGUE {
            let checked = |text: &str| {
                let source = grammar::decode("net.cnn", text.as_bytes()).unwrap();
                let (network, warnings) = check_file(&grammar::parse(&source).unwrap()).unwrap();
                assert!(warnings.is_empty(), "{warnings:?}");
                network
            };
            let text = description(application.name).unwrap();
            assert!(!text.contains("    _"), "{text}");
            let (own, size) = (checked(&text), application.size);
            let layer = checked(&format!(
                "model net {{\n    Input(shape=({size}, {size}, 3))\n    {}(weights=None)\n}}\n",
                application.name
            ));
            assert_eq!(own.total_params(), layer.total_params(), "{}", application.name);
            assert_eq!(own.trainable_params(), layer.trainable_params());
            assert_eq!(own.output_shape(), layer.output_shape());
        }
        assert_eq!(description("LeNet"), None);
    }
}
