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

/// Trains it on sixteen pictures on a GPU.
fn train(folder: &Path, arguments: &[&str], wrong: Option<&str>) -> Output {
    let data = folder.join("pictures");
    std::fs::create_dir_all(&data).unwrap();
    for (name, count) in [("train", 16_u32), ("t10k", 4)] {
        let sizes = [count, 8, 8].map(u32::to_be_bytes).concat();
        let pixels: Vec<u8> = (0..count * 64).map(|at| (at * 37 % 251) as u8).collect();
        let images = [&[0, 0, 8, 3], sizes.as_slice(), &pixels].concat();
        std::fs::write(data.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        let labels: Vec<u8> = (0..count).map(|at| (at % 3) as u8).collect();
        let labels = [&[0, 0, 8, 1], count.to_be_bytes().as_slice(), &labels].concat();
        std::fs::write(data.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
    let fit = "fit(data='./pictures/', epochs=1, batch_size=8)\n";
    std::fs::write(folder.join("train.cnn"), format!("{TINY}{fit}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command
        .args(["run", "train.cnn", "--device", "gpu", "--out", "out"])
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"));
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

/// What is added up for a bias is rounded in parts, not once for each of 90,000 positions.
#[test]
fn the_bias_of_a_large_map_has_an_exact_gradient() {
    let folder = tempfile::tempdir().unwrap();
    for layer in ["Conv2D(1, 1)", "Conv2DTranspose(1, 1)"] {
        let description = format!(
            "model large {{\n Input(shape=(300, 300, 1))\n {layer}\n GlobalAveragePooling2D()\n Dense(2)\n}}\n\
             compile(optimizer='sgd', loss=SparseCategoricalCrossentropy(from_logits=True))\n"
        );
        std::fs::write(folder.path().join("large.cnn"), description).unwrap();
        let output = verify(folder.path(), &["large.cnn", "--device", "cpu"], None);
        assert_eq!(output.status.code(), Some(0), "{layer}: {}", text(&output.stdout));
    }
}

#[test]
fn a_driver_is_checked_before_it_first_trains_and_never_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = train(folder.path(), &[], None);
    let said = text(&first.stdout) + &text(&first.stderr);
    assert_eq!(first.status.code(), Some(0), "{said}");
    assert_eq!(said.matches("verified: ").count(), 1, "{said}");
    let second = train(folder.path(), &[], Some("Convolution"));
    let said = text(&second.stdout) + &text(&second.stderr);
    assert_eq!(second.status.code(), Some(0), "{said}");
    assert!(!said.contains("verified"), "{said}");
}

#[test]
fn a_driver_that_computes_wrong_trains_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let refused = train(folder.path(), &[], Some("ConvolutionDkernel"));
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(
            said.contains("computes wrong") && said.contains("--no-verify"),
            "{said}"
        );
        assert!(!folder.path().join("out").join("weights.safetensors").exists());
    }
    let told = train(folder.path(), &["--no-verify"], Some("ConvolutionDkernel"));
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
}
