//! Printing and parsing are inverse; no text and no bytes make the parser or the renderer panic or take long.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

extern crate cnnc_grammar as grammar;

use grammar::ast::{Argument, Arithmetic, Call, Constant, File, Model, Operator, Statement, Value, ValueKind};
use grammar::source::Source;
use grammar::span::{Span, Spanned};
use grammar::{decode, parse, print, read, render};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn bare<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

fn name() -> impl Strategy<Value = String> {
    let reserved = ["True", "true", "False", "false", "None"];
    prop_oneof![Just("model".to_owned()), "[A-Za-z_][A-Za-z0-9_]{0,6}"]
        .prop_filter("reserved", move |name| !reserved.contains(&name.as_str()))
}

fn leaf() -> impl Strategy<Value = ValueKind> {
    prop_oneof![
        any::<i64>().prop_map(ValueKind::Integer),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(ValueKind::Float),
        any::<String>().prop_map(ValueKind::String),
        any::<bool>().prop_map(ValueKind::Bool),
        Just(ValueKind::None),
        vec(name(), 1..3).prop_map(|parts| ValueKind::Name(parts.join("."))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let kind = leaf().prop_recursive(4, 24, 4, |inner| {
        let inner = inner
            .prop_map(|kind| Value {
                span: Span::default(),
                kind,
            })
            .boxed();
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(ValueKind::Tuple),
            vec(inner.clone(), 0..4).prop_map(ValueKind::List),
            vec((inner.clone(), inner.clone()), 0..3).prop_map(ValueKind::Dictionary),
            arithmetic(inner.clone()),
            call(inner).prop_map(ValueKind::Call),
        ]
    });
    kind.prop_map(|kind| Value {
        span: Span::default(),
        kind,
    })
}

/// Operators of one precedence between values, or a sign: not before a number, which it would become part of.
fn arithmetic(value: BoxedStrategy<Value>) -> impl Strategy<Value = ValueKind> {
    let alike = |operators: &'static [Operator]| prop::sample::select(operators);
    let chain = |operators: &'static [Operator], value: BoxedStrategy<Value>| {
        (value.clone(), vec((alike(operators), value), 1..3))
            .prop_map(|(first, rest)| ValueKind::Arithmetic(Box::new(Arithmetic::Chain { first, rest })))
    };
    let number = |value: &Value| matches!(value.kind, ValueKind::Integer(_) | ValueKind::Float(_));
    let products = &[
        Operator::Multiply,
        Operator::Divide,
        Operator::FloorDivide,
        Operator::Modulo,
    ];
    prop_oneof![
        chain(&[Operator::Add, Operator::Subtract], value.clone()),
        chain(products, value.clone()),
        chain(&[Operator::Power], value.clone()),
        (
            any::<bool>(),
            value.prop_filter("a signed number", move |value| !number(value))
        )
            .prop_map(|(negative, of)| ValueKind::Arithmetic(Box::new(Arithmetic::Signed { negative, of }))),
    ]
}

fn arguments(value: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<Argument>> {
    let argument = |(name, value): (Option<String>, Value)| Argument {
        span: Span::default(),
        name: name.map(bare),
        value,
    };
    vec((option::of(name()), value), 0..4).prop_map(move |mut arguments| {
        arguments.sort_by_key(|(name, _)| name.is_some());
        arguments.into_iter().map(argument).collect()
    })
}

fn call(value: BoxedStrategy<Value>) -> impl Strategy<Value = Call> {
    let path = vec(name(), 1..4).prop_filter("refused", |path| path.last().is_none_or(|name| name != "Sequential"));
    let method = option::of((name(), arguments(value.clone())));
    (path, arguments(value.clone()), option::of(arguments(value)), method).prop_map(
        |(mut path, arguments, wiring, method)| {
            let call = Call {
                span: Span::default(),
                name: bare(path.pop().unwrap()),
                prefix: path.into_iter().map(bare).collect(),
                receiver: None,
                arguments,
                wiring: wiring.map(bare),
            };
            match method {
                None => call,
                Some((name, arguments)) => Call {
                    span: Span::default(),
                    name: bare(name),
                    prefix: Vec::new(),
                    receiver: Some(Box::new(call)),
                    arguments,
                    wiring: None,
                },
            }
        },
    )
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    let statement = (option::of(name()), call(value().boxed()));
    let statement = statement.prop_map(|(target, call)| Statement {
        span: Span::default(),
        target: target.map(bare),
        second: None,
        call,
    });
    vec(statement, 0..4)
}

/// Statements outside of models, of which some have two names.
fn outer() -> impl Strategy<Value = Vec<Statement>> {
    let second = |statement: (Statement, Option<String>)| Statement {
        second: statement.1.filter(|_| statement.0.target.is_some()).map(bare),
        ..statement.0
    };
    let with_second = move |all: Vec<Statement>| {
        let seconds = vec(option::of(name()), all.len());
        seconds.prop_map(move |seconds| all.clone().into_iter().zip(seconds).map(second).collect())
    };
    statements().prop_flat_map(with_second)
}

fn file() -> impl Strategy<Value = File> {
    let model = (name(), statements());
    let model = model.prop_map(|(name, statements)| Model {
        span: Span::default(),
        name: bare(name),
        statements,
        holes: Vec::new(),
        closed: true,
    });
    let is_call = |value: &Value| matches!(value.kind, ValueKind::Call(_));
    let constant = (name(), value().prop_filter("a statement", move |value| !is_call(value)));
    let constant = constant.prop_map(|(name, value)| Constant {
        span: Span::default(),
        name: bare(name),
        value,
    });
    (vec(constant, 0..3), vec(model, 0..3), outer()).prop_map(|(constants, models, statements)| File {
        constants,
        models,
        statements,
        holes: Vec::new(),
    })
}

/// Sets every span to nothing.
trait Strip {
    fn strip(&mut self);
}

impl<T> Strip for Spanned<T> {
    fn strip(&mut self) {
        self.span = Span::default();
    }
}

impl Strip for Value {
    fn strip(&mut self) {
        self.span = Span::default();
        match &mut self.kind {
            ValueKind::Tuple(values) | ValueKind::List(values) => values.iter_mut().for_each(Strip::strip),
            ValueKind::Call(call) => call.strip(),
            ValueKind::Dictionary(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.strip();
                value.strip();
            }),
            ValueKind::Arithmetic(arithmetic) => match arithmetic.as_mut() {
                Arithmetic::Signed { of, .. } => of.strip(),
                Arithmetic::Chain { first, rest } => {
                    first.strip();
                    rest.iter_mut().for_each(|(_, value)| value.strip());
                }
            },
            ValueKind::Integer(_)
            | ValueKind::Float(_)
            | ValueKind::String(_)
            | ValueKind::Bool(_)
            | ValueKind::None
            | ValueKind::Name(_) => {}
        }
    }
}

impl Strip for Argument {
    fn strip(&mut self) {
        self.span = Span::default();
        self.name.iter_mut().for_each(Strip::strip);
        self.value.strip();
    }
}

impl Strip for Call {
    fn strip(&mut self) {
        self.span = Span::default();
        self.name.strip();
        self.prefix.iter_mut().for_each(Strip::strip);
        if let Some(receiver) = &mut self.receiver {
            receiver.strip();
        }
        self.arguments.iter_mut().for_each(Strip::strip);
        if let Some(wiring) = &mut self.wiring {
            wiring.strip();
            wiring.node.iter_mut().for_each(Strip::strip);
        }
    }
}

impl Strip for Statement {
    fn strip(&mut self) {
        self.span = Span::default();
        self.target.iter_mut().for_each(Strip::strip);
        self.second.iter_mut().for_each(Strip::strip);
        self.call.strip();
    }
}

impl Strip for File {
    fn strip(&mut self) {
        for constant in &mut self.constants {
            constant.span = Span::default();
            constant.name.strip();
            constant.value.strip();
        }
        for model in &mut self.models {
            model.span = Span::default();
            model.name.strip();
            model.statements.iter_mut().for_each(Strip::strip);
        }
        self.statements.iter_mut().for_each(Strip::strip);
    }
}

/// Parses a text; whatever the result, it must be well made.
fn survives(text: &str) {
    let source = Source::new("any.cnn", text);
    let parsed = read(&source);
    // A stray comma is reported and leaves no hole.
    assert!(!parsed.diagnostics.is_empty() || parsed.file.is_whole());
    let file = &parsed.file;
    let holes = file
        .holes
        .iter()
        .chain(file.models.iter().flat_map(|model| &model.holes));
    let statements = file
        .statements
        .iter()
        .chain(file.models.iter().flat_map(|model| &model.statements));
    for span in holes
        .map(|hole| hole.span)
        .chain(statements.map(|statement| statement.span))
    {
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?}");
    }
    match parsed.into_result() {
        Ok(mut file) => {
            let mut again = parse(&Source::new("printed", print(&file))).expect("what was printed parses");
            file.strip();
            again.strip();
            assert_eq!(file, again);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in &errors {
                assert_ne!(error.code, "E0099", "{error:?}");
                assert!(
                    error.is_error() && error.labels.first().is_some_and(|label| label.primary),
                    "{error:?}"
                );
                let spans = error
                    .labels
                    .iter()
                    .map(|label| label.span)
                    .chain(error.fix.iter().map(|fix| fix.span));
                for span in spans {
                    assert!(span.start <= span.end && text.get(span.range()).is_some(), "{error:?}");
                }
                let json = serde_json::to_value(render::locate(&source, error)).unwrap();
                assert!(json["labels"][0]["line"].as_u64().unwrap() >= 1);
            }
            assert!(!render::render(&source, &errors, true, Some(80)).is_empty());
        }
    }
}

const VALID: &str = "# \u{e9}\nmodel a {\n    x = keras.layers.Conv2D(filters=10, kernel_size=(5, 5), activation='relu')\r\n\
    \tAdd()([x, y]), Dense(1_0, .5)(x)\n}\n\ncompile(loss=S(from_logits=True), metrics=[\"acc\"])\nfit(epochs=-3)\n";

/// Pieces that have a meaning for the scanner, the parser or a message.
const PIECES: [&str; 50] = [
    "let ",
    "{0: ",
    "**",
    "+",
    "-",
    "% 3",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    ".",
    "\n",
    " ",
    "model ",
    "model x {",
    "Dense",
    "f(",
    "a=",
    "1",
    "-2.5",
    "1e",
    "\"s\"",
    "'",
    "\"",
    "\\",
    "#",
    "//",
    "/*",
    "*",
    ":",
    ";",
    "==",
    "True",
    "None",
    "import ",
    "Sequential([",
    "\u{e9}",
    "\u{201C}",
    "\u{201D}",
    "\u{a0}",
    "\r\n",
    "\t",
    "28*28",
    "|",
    "x y",
    "\u{1F600}",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_parses_to_the_same_tree(file in file()) {
        let text = print(&file);
        let mut parsed = parse(&Source::new("printed", text.as_str())).map_err(|errors| TestCaseError::fail(format!("{text}\n{errors:?}")))?;
        parsed.strip();
        prop_assert_eq!(parsed, file, "{}", text);
    }

    #[test]
    fn any_text_survives(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_bytes_survive(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(source) = decode("any.cnn", &bytes) {
            survives(&source.text);
        }
    }

    #[test]
    fn any_pieces_survive(pieces in vec(prop::sample::select(&PIECES[..]), 0..30)) {
        survives(&pieces.concat());
        survives(&format!("model x {{\n    Dense({})\n}}\n", pieces.concat()));
    }

    #[test]
    fn any_number_is_a_number_or_said_to_be_none(text in "[-+]?[0-9._eE]{0,7}[-+]?[0-9_]{0,2}") {
        survives(&format!("f({text})"));
    }

    #[test]
    fn any_string_is_a_string_or_said_to_be_none(text in "[\"'\\\\nxuU0-9a-f]{0,12}") {
        survives(&format!("f(\"{text}\")"));
    }

    #[test]
    fn a_valid_file_with_mistakes_survives(edits in vec((any::<prop::sample::Index>(), any::<bool>(), prop::sample::select(&PIECES[..])), 1..6)) {
        let mut text: Vec<char> = VALID.chars().collect();
        for (index, remove, piece) in edits {
            let at = index.index(text.len());
            text.splice(at..at + usize::from(remove), piece.chars());
        }
        survives(&text.into_iter().collect::<String>());
    }
}

#[test]
fn the_valid_file_is_valid() {
    parse(&Source::new("valid", VALID)).unwrap();
}
