//! Codes of errors and warnings: each has one meaning, an example that yields it, and a place in `specs/ERRORS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use compiler::check::check_file;
use grammar::codes::{self, Example, FAMILIES};
use grammar::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The codes of everything that `cnnc check` says about a text.
fn said(text: &str) -> BTreeSet<&'static str> {
    let parsed = grammar::read(&Source::new("example.cnn", text));
    let found = match check_file(&parsed.file) {
        Ok((_, warnings)) => warnings,
        Err(failure) => failure.diagnostics,
    };
    parsed
        .diagnostics
        .iter()
        .chain(&found)
        .map(|diagnostic| diagnostic.code)
        .collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Each code in the sources of the program, and a file that has it.
fn used() -> BTreeMap<String, PathBuf> {
    let mut files = Vec::new();
    for folder in ["grammar/src", "compiler/src", "runtime/src", "src"] {
        sources(&root().join(folder), &mut files);
    }
    let mut used = BTreeMap::new();
    for file in files {
        let test = file.file_name().is_some_and(|name| name == "tests.rs");
        if test || file.starts_with(root().join("grammar/src/codes")) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for word in program.split('"').filter(|word| codes::is_code(word)) {
            used.insert(word.to_owned(), file.clone());
        }
    }
    used
}

#[test]
fn every_code_in_the_sources_is_explained_and_every_explained_one_is_used() {
    let used = used();
    assert!(used.len() > 70, "{}", used.len());
    let known: BTreeSet<&str> = codes::all().map(|code| code.code).collect();
    for (code, file) in &used {
        assert!(
            known.contains(code.as_str()),
            "{code} of {} is not in grammar/src/codes",
            file.display()
        );
    }
    for code in known {
        assert!(used.contains_key(code), "{code} is said nowhere");
    }
}

#[test]
fn codes_are_in_order_and_in_their_families() {
    for (family, all) in FAMILIES {
        let number = family.rsplit_once(' ').unwrap().1;
        let digits: Vec<&str> = all.iter().map(|code| code.code.split_at(1).1).collect();
        assert!(digits.is_sorted_by(|a, b| a < b), "{family}: {digits:?}");
        for (code, digits) in all.iter().zip(digits) {
            assert!(
                codes::is_code(code.code) && digits.starts_with(number),
                "{} in {family}",
                code.code
            );
            assert!(
                !code.title.ends_with('.') && code.explanation.ends_with('.'),
                "{}",
                code.code
            );
        }
    }
}

#[test]
fn every_example_yields_its_code_and_no_other() {
    for code in codes::all() {
        match code.example {
            Example::Description(text) => {
                let mut found = said(text);
                // A line by itself has no model.
                if code.code != "E0201" {
                    found = &found - &said_of_part(text);
                }
                assert_eq!(found, BTreeSet::from([code.code]), "{}\n{text}", code.code);
            }
            // The test that shows it is there.
            Example::Elsewhere(test) => {
                let (file, function) = test.split_once(": ").unwrap();
                let text = std::fs::read_to_string(root().join(file)).unwrap();
                assert!(text.contains(&format!("fn {function}(")), "{}: {test}", code.code);
            }
        }
        if !code.instead.is_empty() {
            assert_eq!(
                said(code.instead),
                said_of_part(code.instead),
                "{}\n{}",
                code.code,
                code.instead
            );
        }
    }
}

/// What may be said about what to write instead: it may be a statement alone, which lacks its model.
fn said_of_part(text: &str) -> BTreeSet<&'static str> {
    if text.starts_with("model") || text.contains("\nmodel ") {
        BTreeSet::new()
    } else {
        BTreeSet::from(["E0201"])
    }
}

#[test]
fn what_no_example_shows() {
    let many = format!("model m {{\n    Input(shape=(4,))\n{}}}\n", "    ReLU()\n".repeat(4096));
    assert_eq!(said(&many), BTreeSet::from(["E0212"]));
    let phases = "fit()\n".repeat(101);
    let many = format!("model m {{\n    Input(shape=(4,))\n    Dense(2)\n}}\ncompile(loss=\"mse\")\n{phases}");
    assert_eq!(said(&many), BTreeSet::from(["E0243"]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.cnn");
    let text = "model m {\n    Input(shape=(4,))\n    Dense(2)\n}\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True))\n";
    std::fs::write(&file, text).unwrap();
    let output = cnnc(&["run", file.to_str().unwrap(), "--device", "cpu"]);
    assert!(output.2.contains("error[E0506]"), "{}", output.2);
    assert_eq!(output.0, 1);
}

fn cnnc(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(arguments)
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn explain_prints_what_a_code_means() {
    let (status, out, err) = cnnc(&["explain", "E0301"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with("E0301: a window does not fit its input\n\n"), "{out}");
    assert!(
        out.contains("    Conv2D(8, 5)\n") && out.lines().all(|line| line.len() <= 80),
        "{out}"
    );
    assert_eq!(cnnc(&["explain", "e0301"]).1, out);
    let markdown = cnnc(&["explain", "W0407", "--format", "markdown"]).1;
    assert!(markdown.starts_with("# W0407: "), "{markdown}");
}

#[test]
fn an_unknown_code_is_refused() {
    let (status, out, err) = cnnc(&["explain", "E0398"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        err.contains("no error or warning has the code E0398") && err.contains("specs/ERRORS.md"),
        "{err}"
    );
}

#[test]
fn a_failed_check_says_once_where_to_read_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let wrong = write(
        "a.cnn",
        "model m {\n    Input(shape=(4,))\n    Dense(2 3)\n    Dens(2)\n}\n",
    );
    let (_, _, err) = cnnc(&["check", &wrong, &wrong]);
    assert!(
        err.ends_with("\nfor more about an error: cnnc explain E0013\n"),
        "{err}"
    );
    assert_eq!(err.matches("cnnc explain").count(), 1);
    // Both errors of the file are told, of form and of meaning.
    assert!(err.contains("error[E0013]") && err.contains("error[E0101]"), "{err}");
    let (_, _, err) = cnnc(&["check", &wrong, "--format", "json"]);
    assert!(err.contains("error[E0013]") && !err.contains("cnnc explain"), "{err}");
    let warned = write(
        "b.cnn",
        "model m {\n    Input(shape=(4,))\n    a = Dense(2)\n    Dense(2)(input)\n}\n",
    );
    let (status, _, err) = cnnc(&["check", &warned]);
    assert!(
        status == 0 && err.contains("warning[W0209]") && !err.contains("cnnc explain"),
        "{err}"
    );
}

#[test]
fn the_reference_is_up_to_date() {
    let path = root().join("specs/ERRORS.md");
    let current = codes::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        current,
        "specs/ERRORS.md is out of date"
    );
}
