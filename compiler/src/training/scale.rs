//! `fit(scale=..., offset=...)`: what the values of samples become on their way in, where the description says it.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use grammar::ast::{self, Call, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use serde::Serialize;

/// What values become on their way in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Bytes keep their values, 0 to 255.
    AsTheyAre,
    /// `scale x + offset`, of bytes from 0 to 255 and of floats as they are in the data: the layer Rescaling at the front.
    By {
        /// What each value is multiplied by.
        scale: f64,
        /// What is added to the product; 0 by default.
        offset: f64,
    },
}

/// `scale`. Its default is what happens to bytes where the network begins with no layer that scales them.
pub(super) const SCALE: Argument = Argument::optional(
    "scale",
    ArgumentKind::NumberOrNone,
    Literal::Float(1.0 / 255.0),
    "what pixels of 0 to 255 are multiplied by on their way in, by the layer Rescaling; None leaves them so. By default they are divided \
     by 255 where the network does not begin with a layer that scales them",
);

/// `offset`, which is added after the multiplication by `scale`.
pub(super) const OFFSET: Argument = Argument::optional(
    "offset",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "with scale: what is added to the product",
);

/// Reads both; None where neither is given. `loaded` is the place of a loader's call, which leaves no choice.
pub(super) fn read(loaded: Option<Span>, arguments: &mut Arguments) -> Option<Scale> {
    let place = |name: &str| arguments.written(name).map(|argument| argument.span);
    let (scale, offset) = (place("scale"), place("offset"));
    let given = scale.or(offset)?;
    if let Some(loaded) = loaded {
        arguments.diagnostics().push(
            Diagnostic::error("E0510", "the pixels of a loader are 0 to 255")
                .at(given, "fit does not scale them")
                .because(loaded, "this reads them")
                .help("a layer below Input does: Rescaling(1. / 127.5, offset=-1)"),
        );
        return None;
    }
    let factor = arguments.read("scale", number_or_none);
    let added = arguments.read("offset", values::number);
    match (scale, factor?, added?) {
        (Some(_), Some(scale), offset) => Some(Scale::By { scale, offset }),
        (Some(_), None, _) if offset.is_none() => Some(Scale::AsTheyAre),
        _ => {
            arguments.diagnostics().push(
                Diagnostic::error("E0104", "`offset` without `scale`")
                    .at(offset.unwrap_or(given), "is added to a product")
                    .help("such as scale=1. / 127.5, offset=-1"),
            );
            None
        }
    }
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn number_or_none(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<f64>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::number(argument, value, diagnostics).map(Some)
}

impl Scale {
    /// The layer at the front of the network that does it, as a call at that place; None where nothing is done.
    pub(crate) fn layer(self, span: Span) -> Option<Call> {
        let Self::By { scale, offset } = self else {
            return None;
        };
        let argument = |name: &str, number: f64| ast::Argument {
            span,
            name: Some(Spanned::new(name.to_owned(), span)),
            value: Value {
                span,
                kind: ValueKind::Float(number),
            },
        };
        Some(Call {
            span,
            name: Spanned::new("Rescaling".to_owned(), span),
            prefix: Vec::new(),
            receiver: None,
            arguments: vec![argument("scale", scale), argument("offset", offset)],
            wiring: None,
        })
    }
}
