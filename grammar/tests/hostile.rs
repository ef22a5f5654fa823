//! No text takes the parser, or the drawing of its messages, more than a moment.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

extern crate cnnc_grammar as grammar;

use grammar::source::Source;
use grammar::{parse, render};
use std::time::{Duration, Instant};

/// A mebibyte of what makes careless parsers overflow or backtrack. Each takes a fraction of a second; the bound is
/// generous for the sake of slow machines, and any growth beyond linear exceeds it by far.
#[test]
fn a_mebibyte_of_anything_is_quick() {
    let fill = |piece: &str| piece.repeat(Source::LIMIT / piece.len());
    let around = |before: &str, piece: &str, after: &str| {
        format!(
            "{before}{}{after}",
            piece.repeat((Source::LIMIT - before.len() - after.len()) / piece.len())
        )
    };
    let deep = "f(".repeat(63);
    let shut = ")".repeat(63);
    let hostile = [
        fill("("),
        fill("["),
        fill("{"),
        fill(")"),
        fill("\n"),
        fill(" "),
        fill("#"),
        fill("\""),
        fill(","),
        fill("a"),
        fill("1"),
        fill("-"),
        fill("a."),
        fill("a="),
        fill("a b "),
        fill("a(b "),
        fill("f()\n"),
        fill("f() "),
        fill("f(1 2)\n"),
        fill("f(a=1, 2)\n"),
        fill("model\n"),
        fill("model x {}\n"),
        fill("f(\"a\n"),
        fill("f(1x\n"),
        fill("f([)\n"),
        fill("f([\n"),
        fill("f(\nmodel x {\n"),
        fill("}\n"),
        fill("{(}\n"),
        fill("model x {"),
        fill("//\n"),
        fill("/*\n"),
        fill("/*"),
        fill("1//"),
        fill("28*"),
        fill("\u{201C}"),
        fill("\u{1F600}"),
        fill("1e+"),
        around("f(", "1,", ")"),
        around("f(", "a=1,", "2)"),
        around("f(", "1*", "1)"),
        around("f(", "\n", ")"),
        around("f(", "\n", ""),
        around("f(a", "\n", "=1)"),
        around("f(a", "\n", "b)"),
        around("f(", "()(),", ")"),
        around("f(", "f()(),", "!)"),
        around("f(\"", "\\\\", "\")"),
        around("f(\"", "\\", ""),
        around("f(", "[[[[1]]]],", "1 1)"),
        around("model x {\n", "f(a=(1, 2))\n", "}"),
        around("model x {\n", "f(a=(1, 2))\n", "f"),
        around(&deep, "(1,),", &shut),
        around(&deep, "1\n", &shut),
        around(&deep, "# c\n", &shut),
        around(&deep, "x,", &format!("!{shut}")),
        around("f(1 ", " ", "2)"),
        around("x = ", "# c\n", "1"),
    ];
    for text in hostile {
        let start = Instant::now();
        let source = Source::new("hostile.cnn", text);
        let errors = parse(&source).err().unwrap_or_default();
        let drawn = render::render(&source, &errors, false, Some(100));
        let taken = start.elapsed();
        let head: String = source.text.chars().take(20).collect();
        println!(
            "{taken:8.0?} {:2} errors, {:6} bytes drawn: {head:?}",
            errors.len(),
            drawn.len()
        );
        assert!(taken < Duration::from_secs(20), "{head:?}... took {taken:?}");
        assert!(
            drawn.len() < 50_000,
            "{head:?}... draws {} bytes:\n{}",
            drawn.len(),
            drawn.chars().take(2000).collect::<String>()
        );
    }
}
