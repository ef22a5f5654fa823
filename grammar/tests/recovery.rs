//! What is left of a text in which some statements cannot be read: everything else, at its place.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate cnnc_grammar as grammar;

use grammar::ast::{File, Hole, Statement};
use grammar::source::Source;
use grammar::{print, read};

/// The codes and lines of the errors, and the tree with its holes, a line for each.
fn left(text: &str) -> (Vec<String>, String) {
    let source = Source::new("net.cnn", text);
    let parsed = read(&source);
    let line = |start: u32| source.position(start).line;
    let errors = parsed.diagnostics.iter().map(|error| {
        let start = error.labels.first().map_or(0, |label| label.span.start);
        format!("{} {}", error.code, line(start))
    });
    assert_eq!(parsed.diagnostics.is_empty(), parsed.file.is_whole());
    (errors.collect(), outline(&source, &parsed.file))
}

fn outline(source: &Source, file: &File) -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for model in &file.models {
        let head = format!("model {}{}", model.name.node, if model.closed { "" } else { " (open)" });
        lines.push((model.span.start, head));
        lines.extend(
            model
                .statements
                .iter()
                .map(|statement| (statement.span.start, format!("  {}", known(source, statement)))),
        );
        lines.extend(
            model
                .holes
                .iter()
                .map(|found| (found.span.start, format!("  {}", hole(source, found)))),
        );
    }
    lines.extend(
        file.statements
            .iter()
            .map(|statement| (statement.span.start, known(source, statement))),
    );
    lines.extend(file.holes.iter().map(|found| (found.span.start, hole(source, found))));
    lines.sort();
    lines.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect()
}

/// A statement; its span must be its text.
fn known(source: &Source, statement: &Statement) -> String {
    let file = File {
        statements: vec![statement.clone()],
        ..File::default()
    };
    let printed = print(&file);
    let written =
        grammar::parse(&Source::new("statement", source.slice(statement.span))).expect("a span is a statement");
    assert_eq!(print(&written), printed);
    printed.trim().to_owned()
}

fn hole(source: &Source, hole: &Hole) -> String {
    let name = |name: &Option<grammar::span::Spanned<String>>| match name {
        Some(name) => {
            assert_eq!(source.slice(name.span), name.node);
            name.node.clone()
        }
        None => "?".to_owned(),
    };
    format!(
        "- {} = {} - {}",
        name(&hole.target),
        name(&hole.callee),
        source.slice(hole.span).lines().count()
    )
}

#[track_caller]
fn check(text: &str, errors: &[&str], tree: &str) {
    let (found, outline) = left(text);
    assert_eq!(found, errors, "{text}");
    assert_eq!(outline, tree, "{text}");
}

#[test]
fn a_broken_statement_is_a_hole() {
    check(
        "model x {\n    A(1)\n    b = B(10 3)\n    C()(b)\n}\ncompile(loss: \"mse\")\nfit(epochs=3)\n",
        &["E0013 3", "E0019 6"],
        "model x\n  A(1)\n  - b = B - 1\n  C()(b)\n- ? = compile - 1\nfit(epochs=3)\n",
    );
    check(
        "model x { A(), B(1 2), C() }\n",
        &["E0013 1"],
        "model x\n  A()\n  - ? = B - 1\n  C()\n",
    );
    check(
        "model x {\n    head: Dense(10)\n    Flatten\n    & A()\n}\n",
        &["E0019 2", "E0022 3", "E0009 4"],
        "model x\n  - head = Dense - 1\n  - ? = ? - 1\n  - ? = ? - 1\n",
    );
    check("import keras\nfit()\n", &["E0015 1"], "- ? = ? - 1\nfit()\n");
}

#[test]
fn what_only_the_language_refuses_is_a_hole_as_well() {
    check(
        "model x {\n    A(n=1, 2)\n    B(9223372036854775808)\n    C(\"\\x4\")\n    D()\n}\n",
        &["E0014 2", "E0011 3", "E0023 4"],
        "model x\n  - ? = A - 1\n  - ? = B - 1\n  - ? = C - 1\n  D()\n",
    );
}

#[test]
fn numbers_and_strings_that_do_not_end_hide_their_statement_alone() {
    check(
        "model x {\n    A(28x28)\n    B()\n    C(\"relu)\n    D(k=5px,\n      n=3)\n    E()\n}\nfit()\n",
        &["E0010 2", "E0007 4", "E0010 5"],
        "model x\n  - ? = A - 1\n  B()\n  - ? = C - 1\n  - ? = D - 2\n  E()\nfit()\n",
    );
}

#[test]
fn a_torn_string_may_have_swallowed_brackets() {
    check(
        "model x {\n    A(k=\"relu,\n      n=3)\n    B()\n}\nfit(data=\"mnist)\ncompile(\n    loss=L(\"mse),\n    n=3\n)\nrest()\n",
        &["E0007 2", "E0007 6", "E0007 8"],
        "model x\n  - ? = A - 2\n  B()\n- ? = fit - 1\n- ? = compile - 4\nrest()\n",
    );
    check("model \"x {\n    A()\n}\nfit()\n", &["E0007 1"], "- ? = ? - 3\nfit()\n");
    check("model x { A(\"b) }\nfit()\n", &["E0007 1"], "- ? = ? - 1\nfit()\n");
}

#[test]
fn brackets_that_do_not_close_hide_their_statement_alone() {
    check(
        "model x {\n    A(10, (5, 5)\n    B()\n}\nfit(epochs=3]\ncompile(\n    a=L(1)\n\nrest()\n",
        &["E0005 2", "E0006 5", "E0005 6"],
        "model x\n  - ? = A - 1\n  B()\n- ? = fit - 1\n- ? = compile - 2\nrest()\n",
    );
    check(
        "model x {\n    C(10))\n    D([1, 2)\n    E()\n}\n",
        &["E0006 2", "E0005 3"],
        "model x\n  - ? = C - 1\n  - ? = D - 1\n  E()\n",
    );
    check(
        "model x {\n    A(10,\n      n=(5, 5),\n      k=3\n    B()\n}\n",
        &["E0005 2"],
        "model x\n  - ? = A - 3\n  B()\n",
    );
}

#[test]
fn a_model_without_its_brace_ends_where_its_lines_do() {
    check(
        "model x {\n    A()\n    B(1 2)\n\ncompile()\nfit(1 2)\n",
        &["E0005 1", "E0013 3", "E0013 6"],
        "model x (open)\n  A()\n  - ? = B - 1\ncompile()\n- ? = fit - 1\n",
    );
    check(
        "model x {\n    A()\nmodel y {\n    B()\n}\n",
        &["E0005 1"],
        "model x (open)\n  A()\nmodel y\n  B()\n",
    );
    check(
        "model x {\n    A()\n    B()",
        &["E0005 1"],
        "model x (open)\n  A()\n  B()\n",
    );
    check("model x { A()", &["E0005 1"], "model x (open)\n  A()\n");
}

#[test]
fn a_brace_too_many_makes_the_end_of_the_model_a_guess() {
    check(
        "model x {\n    A()\n}\n    B()\n}\nfit()\n",
        &["E0006 5"],
        "model x (open)\n  A()\nB()\n- ? = ? - 1\nfit()\n",
    );
}

#[test]
fn after_sixteen_errors_the_rest_is_a_hole() {
    let (errors, tree) = left(&("f(1 2)\n".repeat(100) + "g()\n"));
    assert_eq!((errors.len(), tree.as_str()), (16, "- ? = ? - 101\n"));
    let (errors, _) = left(&"f(]\n".repeat(100));
    assert_eq!(errors.len(), 16);
}

#[test]
fn a_byte_that_is_not_utf8_is_at_its_line() {
    let bytes = b"\xEF\xBB\xBFmodel x {\n  # caf\xE9\n}";
    let error = grammar::decode("net.cnn", bytes).unwrap_err();
    let source = Source::lossy("net.cnn", bytes);
    assert_eq!(source.slice(error.labels[0].span), "\u{fffd}");
    assert_eq!(source.position(error.labels[0].span.start).line, 2);
}
