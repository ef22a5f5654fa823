//! `cnnc verify`, from outside.

#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::path::Path;
use std::process::{Command, Output};

const TINY: &str = "model tiny {
    Input(shape=(8, 8, 1))
    Conv2D(4, 3, activation='relu')
    MaxPooling2D()
    Flatten()
    Dense(3)
}
compile(optimizer='adam', loss=SparseCategoricalCrossentropy(from_logits=True))
";

fn verify(folder: &Path, arguments: &[&str], wrong: Option<&str>) -> Output {
    let file = folder.join("tiny.cnn");
    std::fs::write(&file, TINY).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command
        .arg("verify")
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder);
    if let Some(wrong) = wrong {
        command.env("CNNC_TEST_WRONG_KERNEL", wrong);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_network_is_right_on_both_executors() {
    let folder = tempfile::tempdir().unwrap();
    for device in ["cpu", "gpu"] {
        let output = verify(folder.path(), &["tiny.cnn", "--device", device], None);
        let table = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{device}: {table}{}",
            text(&output.stderr)
        );
        for row in [
            "Convolution ",
            "ConvolutionDkernel",
            "slopes",
            "repetition",
            "prediction",
        ] {
            assert!(table.contains(row), "{device}: {row} in {table}");
        }
        assert!(!table.contains(" off"), "{device}: {table}");
    }
}

#[test]
fn every_kernel_is_right_on_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    let output = verify(folder.path(), &["--device", "cpu"], None);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}{}", text(&output.stderr));
    for row in [
        "BatchStatistics",
        "GroupedConvolutionDinput",
        "PreluBackward",
        "UpSampleBackward",
        "Dropout",
    ] {
        assert!(table.contains(row), "{row} in {table}");
    }
}

/// Off by a tenth of a per cent in one element.
#[test]
fn a_kernel_that_is_wrong_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    for kernel in ["Convolution", "ConvolutionDkernel", "Head"] {
        let output = verify(folder.path(), &["tiny.cnn", "--device", "cpu"], Some(kernel));
        let (table, said) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{kernel}: {table}{said}");
        let named = table
            .lines()
            .any(|line| line.split_whitespace().next() == Some(kernel) && line.contains(" off"));
        assert!(named, "{kernel}: {table}");
        assert!(said.contains(&format!("computes wrong: {kernel}")), "{kernel}: {said}");
    }
}
