//! `freeze("block1_*")` and `thaw("base", from_layer="block5_conv1")`: which layers training moves, chosen by their names.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::suggest::nearest;
use crate::call::values;
use crate::network::{Group, Node};
use grammar::ast::{Statement, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

const LAYERS: Argument = Argument::required(
    "layers",
    ArgumentKind::Name,
    "the name of a layer or of a model that is one; `*` stands for any letters",
);
const FROM: Argument = Argument::optional(
    "from_layer",
    ArgumentKind::Name,
    Literal::None,
    "of those, only this layer and what is written behind it",
);

/// The name and the arguments of the call that keeps layers as they are.
static FREEZE: Signature = Signature {
    name: "freeze",
    aliases: &[],
    doc: "keeps the weights of layers as they are",
    parameters: &[LAYERS, FROM],
    keywords: &[],
};

/// The name and the arguments of the call that lets layers train again.
static THAW: Signature = Signature {
    name: "thaw",
    doc: "lets the weights of layers train",
    ..FREEZE
};

/// One of the two calls.
pub(super) struct Freezing {
    layers: String,
    from: Option<String>,
    trainable: bool,
    span: Span,
    from_span: Span,
}

/// Whether a statement with that name is one of the two calls.
pub(super) fn is_freezing(name: &str) -> bool {
    matches!(name, "freeze" | "thaw")
}

/// Reads one of the two calls; None where it cannot be used, which has been reported.
pub(super) fn read(statement: &Statement, diagnostics: &mut Vec<Diagnostic>) -> Option<Freezing> {
    let call = &statement.call;
    let trainable = call.name.node == "thaw";
    let mut arguments = Arguments::bind(if trainable { &THAW } else { &FREEZE }, call, diagnostics);
    let layers = arguments.read("layers", values::string);
    let from = arguments.read("from_layer", |parameter, value, diagnostics| {
        if value.kind == ValueKind::None {
            return Some(None);
        }
        values::string(parameter, value, diagnostics).map(Some)
    });
    Some(Freezing {
        span: arguments.span_of("layers"),
        from_span: arguments.span_of("from_layer"),
        layers: layers?,
        from: from?,
        trainable,
    })
}

impl Freezing {
    /// Freezes or thaws the layers. A pattern that matches no name is an error where the network is `whole`.
    pub(super) fn apply(&self, nodes: &mut [Node], groups: &[Group], whole: bool, diagnostics: &mut Vec<Diagnostic>) {
        let mut chosen = vec![false; nodes.len()];
        for group in groups.iter().filter(|group| self.names(&group.name)) {
            let inside = chosen.iter_mut().take(group.end).skip(group.start);
            inside.for_each(|chosen| *chosen = true);
        }
        for (node, chosen) in nodes.iter().zip(&mut chosen) {
            *chosen |= self.names(&node.name);
        }
        if !chosen.contains(&true) {
            if whole {
                let known = nodes.iter().map(|node| node.name.as_str());
                let known = known.chain(groups.iter().map(|group| group.name.as_str()));
                diagnostics.push(no_layer(&self.layers, self.span, known));
            }
            return;
        }
        if let Some(from) = &self.from {
            let first = nodes
                .iter()
                .zip(&chosen)
                .position(|(node, chosen)| *chosen && matches(from, &node.name));
            let Some(first) = first else {
                if whole {
                    let known = nodes.iter().zip(&chosen).filter(|(_, chosen)| **chosen);
                    diagnostics.push(no_layer(from, self.from_span, known.map(|(node, _)| own(&node.name))));
                }
                return;
            };
            chosen.iter_mut().take(first).for_each(|chosen| *chosen = false);
        }
        for (node, _) in nodes.iter_mut().zip(chosen).filter(|(_, chosen)| *chosen) {
            node.trainable = self.trainable;
        }
    }

    fn names(&self, name: &str) -> bool {
        matches(&self.layers, name)
    }
}

/// A layer's name without those of the models around it.
fn own(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether the pattern matches the whole name, or the layer's own.
fn matches(pattern: &str, name: &str) -> bool {
    is_like(pattern, name) || is_like(pattern, own(name))
}

/// Whether the text is the pattern, with anything in the place of each `*`.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|head| text.strip_prefix(head)) else {
        return false;
    };
    let Some(tail) = pattern.rsplit_once('*').map(|(_, tail)| tail) else {
        return rest.is_empty();
    };
    let middle = pattern.matches('*').count() - 1;
    for part in parts.take(middle) {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.len() >= tail.len() && rest.ends_with(tail)
}

fn no_layer<'a>(written: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0232", format!("no layer is called `{written}`")).at(span, "this matches nothing");
    match nearest(written, known) {
        Some(meant) => diagnostic.help(format!("did you mean \"{meant}\"?")),
        None => diagnostic.help("`cnnc check FILE` lists the layers; those of a model are called MODEL/LAYER"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_letters() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("block1_*", "block10_conv", false),
            ("**", "x", true),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
        assert!(matches("conv_*", "base/conv_1") && matches("base/*", "base/conv_1"));
    }
}
