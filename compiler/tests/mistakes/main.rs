//! The messages about each mistake: the source, and what a person sees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use cnnc_compiler::check::check_file;
use grammar::diagnostic::Diagnostic;
use grammar::render;
use grammar::source::Source;

mod form;
mod names;
mod old_forms;
mod settings;
mod shapes;

const GOOD: &str = "model digits {
    Input(shape=(28, 28, 1))
    Conv2D(9, 5, activation=\"relu\")
    Flatten()
    Dense(10)
}

compile(optimizer=\"adam\", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])

fit(data=\"mnist\", epochs=3)
";

/// All errors and warnings of a text, about its form and its meaning, in the order of the text.
fn found(source: &Source) -> Vec<Diagnostic> {
    let mut parsed = grammar::read(source);
    let sound = parsed.diagnostics.is_empty();
    parsed.diagnostics.extend(match check_file(&parsed.file) {
        Ok((_, warnings)) => {
            assert!(sound, "a text with errors passes the check");
            warnings
        }
        Err(failure) => failure.diagnostics,
    });
    parsed
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
    parsed.diagnostics
}

/// The messages about a text, as they are drawn.
fn said(text: &str) -> String {
    let source = Source::new("net.cnn", text);
    let diagnostics = found(&source);
    for diagnostic in &diagnostics {
        assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "a label outside of the text");
        }
    }
    render::render(&source, &diagnostics, false, Some(120))
}

/// The text after its only fix was applied.
fn mended(text: &str) -> String {
    let source = Source::new("net.cnn", text);
    let file = grammar::parse(&source).unwrap();
    let diagnostics = match check_file(&file) {
        Ok((_, warnings)) => warnings,
        Err(failure) => failure.diagnostics,
    };
    let fix = diagnostics
        .into_iter()
        .find_map(|diagnostic| diagnostic.fix)
        .expect("a fix");
    let mut mended = text.to_owned();
    mended.replace_range(fix.span.range(), &fix.replacement);
    mended
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "." }, {
        insta::assert_snapshot!(name, format!("{text}\n{}\n{}", "-".repeat(80), said(text)));
    });
}

/// Takes a snapshot of the messages about the good description after one change to it.
fn changed(name: &str, from: &str, to: &str) {
    assert!(GOOD.contains(from), "{from}");
    snapshot(name, &GOOD.replacen(from, to, 1));
}

/// Takes a snapshot of the messages about a model with these layers.
fn layers(name: &str, layers: &str) {
    let lines: Vec<String> = layers.lines().map(|line| format!("    {line}\n")).collect();
    snapshot(name, &format!("model net {{\n{}}}\n", lines.concat()));
}

/// Takes a snapshot of the messages about the good description with another line that starts with `start`.
fn line(name: &str, start: &str, line: &str) {
    let lines: Vec<&str> = GOOD
        .lines()
        .map(|old| if old.starts_with(start) { line } else { old })
        .collect();
    snapshot(name, &(lines.join("\n") + "\n"));
}

#[test]
fn nothing_is_said_about_a_good_description() {
    assert_eq!(said(GOOD), "");
}
