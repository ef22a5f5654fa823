//! The summary equals the one that Keras 3.15.1 prints, to the byte: `tests/keras/NAME.COLUMNS.txt` is
//! `model.summary()` of the network of `NAME.cnn`, there or in `specs/`, on a terminal of that many columns.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::summary::table;
use grammar::source::Source;
use std::path::Path;

#[test]
fn tables_are_those_of_keras() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keras");
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut compared = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some((name, columns)) = file.strip_suffix(".txt").and_then(|file| file.split_once('.')) else {
            continue;
        };
        let described = [folder.clone(), specs.clone()].map(|place| place.join(format!("{name}.cnn")));
        let described = described.iter().find(|path| path.is_file()).expect(name);
        let text = std::fs::read_to_string(described).unwrap();
        let source = Source::new(name, text);
        let tree = grammar::parse(&source).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let (network, _) = check_file(&tree).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.diagnostics));
        let ours = table(&network, columns.parse().unwrap());
        let theirs = std::fs::read_to_string(&path).unwrap();
        if ours != theirs {
            wrong.push(format!("{name} at {columns} columns\n{ours}\n{theirs}"));
        }
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} tables found");
    assert!(
        wrong.is_empty(),
        "{} of {compared} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
