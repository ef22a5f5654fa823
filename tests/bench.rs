//! `cnnc bench` from outside: its exit statuses and the shape of what it says. How fast anything is stays untested.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const TINY: &str = "model tiny {
    Input(shape=(8, 8, 1))
    Conv2D(4, 3, activation='relu')
    MaxPooling2D()
    Flatten()
    Dense(3)
}
compile(optimizer='adam', loss=SparseCategoricalCrossentropy(from_logits=True))
";

/// Status, standard output, standard error.
fn bench(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .arg("bench")
        .args(arguments)
        // Nobody's own data sets.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn write(folder: &Path, text: &str) -> String {
    let path = folder.join("tiny.cnn");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or_else(|| panic!("{name} in {value}"))
}

#[test]
fn json_says_everything_and_its_numbers_agree() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), TINY);
    let list = [
        &file,
        "--device",
        "cpu",
        "--batch-size",
        "1,20",
        "--epochs",
        "3",
        "--samples",
        "50",
        "--format",
        "json",
    ];
    let (status, stdout, stderr) = bench(&list);
    assert_eq!(status, 0, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["model"], "tiny");
    assert_eq!(report["parameters"], 4 * 9 + 4 + 36 * 3 + 3);
    assert_eq!(report["data"]["samples"], 50);
    assert_eq!(report["data"]["synthetic"], true);
    // 6 x 6 places of 4 filters of 9 taps, and 36 x 3: forward, and each gradient but that of the pictures.
    assert_eq!(report["prediction_flop"], 2 * (6 * 6 * 4 * 9 + 36 * 3));
    assert_eq!(report["training_flop"], 2 * (2 * 6 * 6 * 4 * 9 + 3 * 36 * 3));
    let peak = number(&report["machine"], "peak_flops");
    assert!(peak > 1e6, "{peak}");
    let devices = report["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1);
    let device = &devices[0];
    assert_eq!(device["asked"], "cpu");
    assert_eq!(device["device"]["kind"], "cpu");
    let training = device["training"].as_array().unwrap();
    assert_eq!(training.len(), 2);
    for (training, (batch_size, steps)) in training.iter().zip([(1, 150), (20, 9)]) {
        assert_eq!(training["batch_size"], batch_size);
        assert_eq!(training["steps"], steps);
        assert_eq!(training["epochs"].as_array().unwrap().len(), 3);
        let (epoch, rate) = (
            number(training, "seconds_per_epoch"),
            number(training, "samples_per_second"),
        );
        assert!(epoch > 0.0 && (epoch * rate - 50.0).abs() < 1e-6, "{training}");
        let flops = number(training, "flops");
        assert!((flops / rate - number(&report, "training_flop")).abs() < 1e-3);
        assert!((number(training, "peak_share") * peak / flops - 1.0).abs() < 1e-9);
        assert!(number(training, "first_step_seconds") > 0.0);
        let operations = training["operations"].as_array().unwrap();
        let named = |name: &str| operations.iter().any(|operation| operation["operation"] == name);
        assert!(
            named("gather") && named("convolution dkernel") && named("update"),
            "{training}"
        );
        let shares: f64 = operations.iter().map(|operation| number(operation, "share")).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{shares}");
        if cfg!(target_os = "linux") {
            assert!(number(training, "peak_memory_bytes") > 1e6);
        }
    }
    let prediction = &device["prediction"];
    assert_eq!(prediction["samples"], 10_000);
    assert!(number(prediction, "one_sample_seconds") > 0.0);
    assert!((number(prediction, "seconds") * number(prediction, "samples_per_second") - 10_000.0).abs() < 1e-3);
}

#[test]
fn text_is_for_eighty_columns_and_says_what_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), &format!("{TINY}fit(data='nowhere.npz')\n"));
    let (status, stdout, stderr) = bench(&[&file, "--device", "cpu", "--seconds", "0.05", "--samples", "64"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.starts_with("cpu, batch 32: device: "), "{stderr}");
    assert!(
        stdout.contains("synthetic, since cannot find the data set "),
        "{stdout}"
    );
    let tables = stdout.split("\n\n").skip(1).collect::<Vec<_>>();
    let [training, prediction, operations] = tables.as_slice() else {
        panic!("{stdout}");
    };
    assert!(training.starts_with("training  batch  s/epoch"), "{stdout}");
    assert!(prediction.starts_with("prediction "), "{stdout}");
    assert!(
        operations.starts_with("operations of a step, cpu, batch 32\n"),
        "{stdout}"
    );
    for line in tables.iter().flat_map(|table| table.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_cannot_be_measured_fails_before_anything_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), TINY);
    let (status, stdout, stderr) = bench(&[&file, "--device", "cpu,no such device"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    // Drivers may say something of their own before.
    assert!(stderr.contains("error: no device with `no such device`"), "{stderr}");

    let (status, _, stderr) = bench(&[&file, "--device", "cpu", "--data", "nowhere.npz"]);
    assert_eq!(status, 1);
    assert!(
        stderr.starts_with("error: cannot find the data set nowhere.npz"),
        "{stderr}"
    );

    let untrained = write(folder.path(), TINY.split("compile").next().unwrap());
    let (status, _, stderr) = bench(&[&untrained, "--device", "cpu"]);
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error"), "{stderr}");
}

#[test]
fn wrong_command_lines_are_refused() {
    for wrong in [
        &["x.cnn", "--batch-size", "32,0"][..],
        &["x.cnn", "--seconds", "-1"],
        &["x.cnn", "--seconds", "inf"],
        &["x.cnn", "--epochs", "1", "--seconds", "1"],
        &["x.cnn", "--samples", "0"],
        &[],
    ] {
        let (status, stdout, stderr) = bench(wrong);
        assert_eq!((status, stdout.as_str()), (2, ""), "{wrong:?}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
}
