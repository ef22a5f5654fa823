//! docs/unit.md, followed by the letter: every command is run, in order, as a reader would; and what the page says that they
//! print, they print.

#![cfg(feature = "pictures")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn page() -> String {
    std::fs::read_to_string(docs().join("unit.md")).unwrap()
}

/// The code blocks in order: their language, and their lines.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            blocks.push((language, lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

/// A command's words as the shell takes them apart: at spaces that are not between single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        let mut pieces = part.split(' ');
        words.last_mut().unwrap().push_str(pieces.next().unwrap_or_default());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The commands that need CIFAR-10, which is not in the binary, end there; the others run to their end. None has a word
/// that the program does not know.
#[test]
fn every_command_of_the_unit_does_what_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let page = page();
    let blocks = blocks(&page);
    let mut ran = 0;
    for (index, (language, lines)) in blocks.iter().enumerate() {
        let mut printed = String::new();
        for line in lines.iter().filter(|_| *language == "sh") {
            if *line == "mkdir -p unit" {
                std::fs::create_dir(folder.path().join("unit")).unwrap();
                continue;
            }
            let words = words(line);
            assert_eq!(words[0], "cnnc", "{line}");
            let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
            command
                .args(&words[1..])
                .current_dir(folder.path())
                .env_remove("COLUMNS");
            // The cache is empty: the digits are those of the binary.
            let output = command.env("XDG_CACHE_HOME", folder.path()).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            let needs_images = ["cifar10", "run lenet", "runs/lenet"]
                .iter()
                .any(|part| line.contains(part));
            if needs_images {
                assert_eq!(output.status.code(), Some(1), "{line}: {stderr}");
            } else {
                assert!(output.status.success(), "{line}: {stderr}");
            }
            printed = String::from_utf8(output.stdout).unwrap();
            ran += 1;
        }
        // Keras's summary is told to the letter.
        if printed.starts_with("Model: ") {
            let (language, told) = &blocks[index + 1];
            assert_eq!(*language, "text");
            assert_eq!(told.join("\n") + "\n", printed);
        }
    }
    assert!(ran >= 26, "{ran}");
}

/// Each picture that a command writes is there and shown, and no other.
#[test]
fn every_picture_of_the_unit_is_there_and_small() {
    let page = page();
    let after = |mark: &str, end: char| -> BTreeSet<String> {
        let parts = page.split(mark).skip(1);
        parts
            .map(|part| part.split(end).next().unwrap().trim().to_owned())
            .collect()
    };
    let written = after("--out ", '\n');
    let shown: BTreeSet<String> = after("](", ')')
        .into_iter()
        .filter(|path| path.starts_with("unit/"))
        .collect();
    assert_eq!(written, shown);
    let files = std::fs::read_dir(docs().join("unit")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| format!("unit/{}", file.unwrap().file_name().to_str().unwrap()))
        .collect();
    assert_eq!(files, written);
    for path in &files {
        let bytes = std::fs::read(docs().join(path)).unwrap();
        assert!(bytes.len() < 150 << 10, "{path} has {} bytes", bytes.len());
        image::load_from_memory(&bytes).unwrap();
    }
}
