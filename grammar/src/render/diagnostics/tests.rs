//! What is drawn, letter by letter.

use super::*;

fn drawn(text: &str, diagnostic: Diagnostic) -> String {
    render(&Source::new("net.cnn", text), &[diagnostic], false, None)
}

fn error() -> Diagnostic {
    Diagnostic::error("E0301", "kernel does not fit its input")
}

#[test]
fn both_labels_notes_and_help_are_drawn() {
    let text = "model x {\n    A()\n\n    B(k=5)\n}\n";
    let diagnostic = error()
        .at(Span::new(25, 28), "needs 5x5")
        .because(Span::new(14, 17), "gives 4x4x20")
        .note("28 -> 4")
        .help("a smaller kernel");
    let expected = "error[E0301]: kernel does not fit its input
 --> net.cnn:4:7
  |
2 |     A()
  |     --- gives 4x4x20
3 |
4 |     B(k=5)
  |       ^^^ needs 5x5
  |
  = note: 28 -> 4
  = help: a smaller kernel
";
    assert_eq!(drawn(text, diagnostic), expected);
}

#[test]
fn a_diagnostic_without_a_place_names_the_file() {
    let text = drawn("", Diagnostic::warning("W0401", "no `fit`").note("nothing will train"));
    assert_eq!(
        text,
        "warning[W0401]: no `fit`\n--> net.cnn\n = note: nothing will train\n"
    );
}

#[test]
fn diagnostics_are_a_blank_line_apart() {
    let source = Source::new("a", "");
    assert_eq!(render(&source, &[], true, None), "");
    let text = render(&source, &[error(), error()], false, None);
    assert_eq!(text.matches("\n\nerror").count(), 1);
    assert!(!text.contains('\u{1b}') && render(&source, &[error()], true, None).contains('\u{1b}'));
}

#[test]
fn an_empty_span_at_the_end_is_drawn() {
    let text = drawn("f(", error().at(Span::new(2, 2), "here").fix(Span::new(2, 2), ")"));
    assert!(text.contains("1 | f(\n  |   ^ here\n"), "{text}");
    assert!(text.contains("help: write this\n  |\n1 | f()\n  |   +\n"), "{text}");
    assert!(drawn("", error().at(Span::new(0, 0), "here")).contains("net.cnn:1:1"));
}

#[test]
fn tabs_and_wide_characters_keep_the_carets_below() {
    let text = drawn("\t\u{4f60}\u{597d} x", error().at(Span::new(8, 9), "here"));
    assert!(
        text.contains("1 |     \u{4f60}\u{597d} x\n  |          ^ here\n"),
        "{text}"
    );
}

#[test]
fn spans_that_are_nowhere_do_no_harm() {
    for (start, end) in [(1, 2), (2, 1), (90, 99), (0, 99), (usize::MAX, 0)] {
        let span = Span::new(start, end);
        let text = drawn("\u{4f60}\r\n", error().at(span, "a").because(span, "b").fix(span, "c"));
        assert!(text.contains("net.cnn:"), "{text}");
    }
}

#[test]
fn long_lines_are_trimmed() {
    let line = "f(a=1, ".to_owned() + &"b=2, ".repeat(20_000) + ")";
    let middle = line.len() / 2;
    let end = line.len();
    for diagnostic in [
        error().at(Span::new(middle, middle + 3), "here"),
        error()
            .at(Span::new(0, 1), "here")
            .because(Span::new(end - 1, end), "there"),
        error().at(Span::new(0, end), "all of it"),
        error()
            .at(Span::new(0, 1), "a")
            .because(Span::new(0, end), "b")
            .fix(Span::new(end, end), "x"),
        error().at(Span::new(0, 1), line.as_str()).note(line.as_str()),
    ] {
        let text = drawn(&line, diagnostic);
        assert!(text.len() < 3000, "{} bytes: {text}", text.len());
    }
    let text = drawn(
        &line,
        error()
            .at(Span::new(0, 1), "here")
            .because(Span::new(end - 1, end), "there"),
    );
    assert!(text.contains("= note: line 1, column 100008: there"), "{text}");
}

#[test]
fn phrases_are_broken_where_columns_are_few() {
    let diagnostic = error()
        .at(Span::new(0, 1), "here")
        .note("28 -> 24 -> 12 -> 8 -> 4: a 5x5 kernel does not fit 4x4")
        .help("a smaller kernel_size, or padding=\"same\"");
    let text = render(&Source::new("net.cnn", "A()\n"), &[diagnostic], false, Some(40));
    let expected = "error[E0301]: kernel does not fit its
              input
 --> net.cnn:1:1
  |
1 | A()
  | ^ here
  |
  = note: 28 -> 24 -> 12 -> 8 -> 4: a
          5x5 kernel does not fit 4x4
  = help: a smaller kernel_size, or
          padding=\"same\"
";
    assert_eq!(text, expected);
}

#[test]
fn nothing_of_a_file_acts_on_the_terminal() {
    let acting: String = (0..=0xffff)
        .filter_map(char::from_u32)
        .filter(|&character| crate::render::acts(character))
        .collect();
    let text = format!("x = \"{acting}\" y\n");
    let end = text.len() - 1;
    let diagnostic = Diagnostic::error("E0108", format!("unknown `{acting}`"))
        .at(Span::new(end - 1, end), acting.as_str())
        .because(Span::new(5, 9), acting.as_str())
        .note(acting.as_str())
        .help(acting.as_str())
        .fix(Span::new(end - 1, end), acting.as_str());
    let source = Source::new(format!("a{acting}\nb.cnn"), text);
    for columns in [None, Some(20), Some(60), Some(400)] {
        let drawn = render(&source, std::slice::from_ref(&diagnostic), false, columns);
        assert!(!drawn.contains(crate::render::acts), "{drawn:?}");
        // The same without the codes for colours.
        let coloured = render(&source, std::slice::from_ref(&diagnostic), true, columns);
        assert!(
            coloured
                .split("\u{1b}[")
                .all(|piece| !piece.contains(crate::render::acts)),
            "{coloured:?}"
        );
    }
}

#[test]
fn carets_stay_below_what_they_mean() {
    let text = "f(\"\u{1b}[31m\u{9b}\u{202e}\", x)";
    let at = text.find('x').unwrap();
    let drawn = drawn(text, error().at(Span::new(at, at + 1), "here"));
    assert!(drawn.contains(" --> net.cnn:1:14\n"), "{drawn}");
    assert!(
        drawn.contains("1 | f(\"\u{241b}[31m\u{fffd}\u{fffd}\", x)\n  |              ^ here\n"),
        "{drawn}"
    );
}
