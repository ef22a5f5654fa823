//! `cnnc explain` through the real binary: the text and the Markdown of every spec, and its arithmetic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use arithmetic::Read;
use compiler::training::data::{DataName, KnownData};
use std::path::Path;
use std::process::Command;

/// A snapshot without the expression that made it.
macro_rules! assert_text {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $text) })
    };
}

fn explain(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command
        .arg("explain")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_remove("COLUMNS");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The descriptions in `specs/`, by name.
fn specs() -> Vec<String> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/specs")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".cnn").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn every_spec_is_explained_as_text() {
    for name in specs() {
        let (status, text, errors) = explain(&[&format!("specs/{name}.cnn")]);
        assert_eq!((status, errors.as_str()), (0, ""), "{name}");
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 80 && line == line.trim_end()),
            "{text}"
        );
        assert_text!(format!("text_{name}"), text);
    }
}

#[test]
fn every_spec_is_explained_as_markdown() {
    for name in specs() {
        let (status, text, errors) = explain(&[&format!("specs/{name}.cnn"), "--format", "markdown"]);
        assert_eq!((status, errors.as_str()), (0, ""), "{name}");
        tables_are_whole(&text);
        let equations = arithmetic_of(&text);
        assert!(equations.len() > 20, "{name}: only {} equations", equations.len());
        for equation in equations {
            assert!(Read::of(equation).holds(), "{name}: {equation}");
        }
        assert_text!(format!("markdown_{name}"), text);
    }
}

/// What stands in backticks and says that two things are the same.
fn arithmetic_of(text: &str) -> Vec<&str> {
    let code = text.split('`').skip(1).step_by(2);
    code.filter(|code| code.contains(" = ") || code.contains(" \u{2248} "))
        .collect()
}

/// A row that has more cells than its head loses them on GitHub.
fn tables_are_whole(text: &str) {
    let mut cells = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            cells = None;
            continue;
        }
        assert!(line.ends_with(" |"), "{line}");
        let count = line.replace("\\|", "").matches('|').count();
        assert_eq!(*cells.get_or_insert(count), count, "{line}");
    }
}

#[test]
fn what_is_wrong_is_reported_as_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.cnn");
    std::fs::write(
        &path,
        "model m {\n    Input(shape=(4, 4, 1))\n    Conv2D(3, 5)\n    Flaten()\n}\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let (status, text, errors) = explain(&[path]);
    assert_eq!((status, text.as_str()), (1, ""));
    let check = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["check", path])
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    assert_eq!(errors, String::from_utf8(check.stderr).unwrap());
    assert!(
        errors.contains("error[E0301]") && errors.contains("Flatten"),
        "{errors}"
    );
}

#[test]
fn a_model_that_is_not_compiled_is_explained_without_training() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alone.cnn");
    std::fs::write(&path, "model a_b {\n    Input(shape=(4,))\n    Dense(2)\n}\n").unwrap();
    let (status, text, _) = explain(&[path.to_str().unwrap(), "--format", "markdown"]);
    assert_eq!(status, 0);
    assert!(
        text.starts_with("# a\\_b\n") && !text.contains("Optimizer") && !text.contains("gradient"),
        "{text}"
    );
}

/// The sizes that are told without reading anything are those of what is read.
#[test]
fn the_program_carries_as_many_digits_as_it_says() {
    let mnist = KnownData::Mnist;
    let carried = runtime::data::load(&DataName::Known(mnist), Path::new(""), None).unwrap();
    let sizes = (carried.train.len(), carried.test.map_or(0, |test| test.len()));
    assert_eq!(Some(sizes), mnist.carried());
}

#[test]
fn a_wrong_format_is_a_wrong_command_line() {
    let (status, text, errors) = explain(&["specs/lenet.cnn", "--format", "html"]);
    assert_eq!((status, text.as_str()), (2, ""));
    assert!(errors.contains("markdown"), "{errors}");
}
