//! Networks with several inputs and outputs, and layers that are applied again, beside Keras's own numbers: `tests/several/CASE/`
//! holds what Keras 3.15.1 computed (`generate.py` there), and the tolerances are those of float32 summed in another order.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use runtime::checkpoint;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CASES: [&str; 3] = ["two_inputs", "two_outputs", "siamese"];

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/several").join(case)
}

fn cnnc(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).env_remove("COLUMNS").output().unwrap()
}

fn succeed(arguments: &[&str]) -> String {
    let output = cnnc(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The standard error of a command that fails with exit status 1.
fn fail(arguments: &[&str]) -> String {
    let output = cnnc(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn expected(case: &str) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(folder(case).join("expect.json")).unwrap()).unwrap()
}

/// The arrays of an `.npz` of floats.
fn npz(path: &Path) -> BTreeMap<String, Vec<f32>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let array = |name: &String| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        let values = npyz::NpyFile::new(bytes.as_slice()).unwrap().into_vec::<f32>().unwrap();
        (name.trim_end_matches(".npy").to_owned(), values)
    };
    names.iter().map(array).collect()
}

#[test]
fn summaries_rows_and_totals_are_keras_s() {
    for case in CASES {
        let model = folder(case).join("model.cnn");
        let table = std::fs::read_to_string(folder(case).join("summary.txt")).unwrap();
        assert_eq!(succeed(&["check", text(&model)]), table, "{case}");
        let found: serde_json::Value =
            serde_json::from_str(&succeed(&["check", "--format", "json", text(&model)])).unwrap();
        let expected = expected(case);
        assert_eq!(found["layers"], expected["rows"], "{case}");
        assert_eq!(found["total_params"], expected["total"], "{case}");
    }
}

fn outputs_agree(device: &str) {
    for case in CASES {
        let at = folder(case);
        let out = tempfile::tempdir().unwrap();
        let several = case != "two_inputs";
        let written = out.path().join(if several { "y.npz" } else { "y.npy" });
        let input = if case == "two_outputs" {
            let x = npz(&at.join("inputs.npz")).remove("x").unwrap();
            let path = out.path().join("x.npy");
            runtime::data::save_npy(&path, &[12, 8, 8, 1], &x).unwrap();
            path
        } else {
            at.join("inputs.npz")
        };
        let (model, weights) = (at.join("model.cnn"), at.join("init.safetensors"));
        let said = succeed(&[
            "predict",
            "--device",
            device,
            text(&model),
            "--weights",
            text(&weights),
            "--input",
            text(&input),
            "--output",
            text(&written),
        ]);
        assert_eq!(said.lines().count(), 12, "{said}");
        let found = if several {
            npz(&written)
        } else {
            let file = std::fs::File::open(&written).unwrap();
            let values = npyz::NpyFile::new(file).unwrap().into_vec::<f32>().unwrap();
            BTreeMap::from([("answer".to_owned(), values)])
        };
        let expected = npz(&at.join("outputs.npz"));
        assert!(found.keys().eq(expected.keys()), "{case}: {:?}", found.keys());
        for (name, expected) in &expected {
            let pairs = found[name].iter().zip(expected);
            let worst = pairs
                .map(|(found, expected)| (found - expected).abs())
                .fold(0.0, f32::max);
            assert_eq!(found[name].len(), expected.len());
            assert!(worst <= 1e-5, "{case}: {name} differs by {worst:e}");
        }
    }
}

fn training_agrees(device: &str) {
    for case in CASES {
        let at = folder(case);
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let (model, weights) = (at.join("model.cnn"), at.join("init.safetensors"));
        succeed(&[
            "run",
            "--device",
            device,
            text(&model),
            "--weights",
            text(&weights),
            "--out",
            text(&out),
        ]);
        history_agrees(case, &std::fs::read_to_string(out.join("history.csv")).unwrap());
        let found = checkpoint::load(&out.join("weights.safetensors")).unwrap();
        let expected = checkpoint::load(&at.join("trained.safetensors")).unwrap();
        assert!(found.keys().eq(expected.keys()), "{case}: {:?}", found.keys());
        for (name, expected) in &expected {
            let found = &found[name];
            assert_eq!(found.shape, expected.shape);
            let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
            let pairs = found.values.iter().zip(&expected.values);
            let difference = norm(&mut pairs.map(|(found, expected)| f64::from(found - expected)));
            let size = norm(&mut expected.values.iter().map(|&value| f64::from(value)));
            assert!(
                difference <= 1e-4 * size,
                "{case}: {name} differs by {:e}",
                difference / size
            );
        }
        evaluation_agrees(case, device, &out);
    }
}

/// What the last epoch says of the test samples is what `cnnc eval` does.
fn evaluation_agrees(case: &str, device: &str, out: &Path) {
    let (model, weights) = (folder(case).join("model.cnn"), out.join("weights.safetensors"));
    let arguments = [
        "eval",
        "--device",
        device,
        "--format",
        "json",
        text(&model),
        "--weights",
    ];
    let said = succeed(&[&arguments[..], &[text(&weights)]].concat());
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    for (name, values) in expected(case)["history"].as_object().unwrap() {
        if let Some(name) = name.strip_prefix("val_") {
            let last = values.as_array().unwrap().last().unwrap().as_f64().unwrap();
            let found = found[name].as_f64().unwrap();
            assert!((found - last).abs() <= allowed(name), "{case}: {name} {found} {last}");
        }
    }
}

fn history_agrees(case: &str, csv: &str) {
    let expected = expected(case);
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let keys: Vec<&String> = expected["history"].as_object().unwrap().keys().collect();
    assert!(names[0] == "epoch" && names[1..] == keys, "{case}: {names:?}");
    let rows: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|value| value.parse().unwrap()).collect())
        .collect();
    for (column, name) in names.iter().enumerate().skip(1) {
        let expected = expected["history"][name].as_array().unwrap();
        assert_eq!(rows.len(), expected.len(), "{case}");
        for (row, expected) in rows.iter().zip(expected) {
            let difference = (row[column] - expected.as_f64().unwrap()).abs();
            assert!(difference <= allowed(name), "{case}: {name} differs by {difference:e}");
        }
    }
    if case == "two_outputs" {
        for row in &rows {
            let of = |name: &str| row[names.iter().position(|known| *known == name).unwrap()];
            for prefix in ["", "val_"] {
                let part = |output: &str| of(&format!("{prefix}{output}_loss"));
                let sum = 0.5 * part("kind") + 2.0 * part("size") + 1.5 * part("drawn");
                assert!((of(&format!("{prefix}loss")) - sum).abs() < 1e-5, "{row:?}");
            }
        }
    }
}

/// How far a column may be from Keras's. Of an output's own loss Keras on TensorFlow takes the mean over the batches, of which the
/// last is shorter here; that the whole loss is made of them is checked by itself.
fn allowed(name: &str) -> f64 {
    let of_an_output = name.ends_with("_loss") && name != "val_loss";
    if of_an_output { 0.1 } else { 2e-4 }
}

#[test]
fn outputs_agree_on_wgpu() {
    outputs_agree("gpu");
}

#[test]
fn training_agrees_on_wgpu() {
    training_agrees("gpu");
}

#[test]
fn outputs_agree_on_the_cpu() {
    outputs_agree("cpu");
}

#[test]
fn training_agrees_on_the_cpu() {
    training_agrees("cpu");
}

/// A run in two parts has the bits of one in a piece.
#[test]
fn a_run_that_goes_on_has_the_same_bits() {
    for case in CASES {
        let at = folder(case);
        let parts = tempfile::tempdir().unwrap();
        let (whole, halves) = (parts.path().join("whole"), parts.path().join("halves"));
        let model = at.join("model.cnn");
        let run = |out: &Path, more: &[&str]| {
            succeed(&[&["run", "--device", "cpu", text(&model), "--out", text(out)], more].concat());
        };
        run(&whole, &[]);
        run(&halves, &["--epochs", "1"]);
        run(&halves, &["--resume"]);
        for file in ["weights.safetensors", "history.csv"] {
            let read = |out: &Path| std::fs::read(out.join(file)).unwrap();
            assert_eq!(read(&whole), read(&halves), "{case}: {file}");
        }
    }
}

#[test]
fn what_has_one_input_and_one_output_is_refused() {
    let at = folder("siamese");
    let (model, weights) = (at.join("model.cnn"), at.join("init.safetensors"));
    let out = tempfile::tempdir().unwrap();
    let said = fail(&["eval", text(&model), "--weights", text(&weights), "--int8"]);
    assert!(
        said.contains("several inputs") && said.contains("left, right"),
        "{said}"
    );
    let said = fail(&[
        "run",
        text(&model),
        "--data",
        "mnist",
        "--out",
        text(&out.path().join("run")),
    ]);
    assert!(said.contains("left_train") && said.contains("place_train"), "{said}");
    let lacking = out.path().join("lacking.npz");
    let array = ("left_train", vec![1, 8, 8, 1], vec![0.0; 64]);
    runtime::data::save_npz(&lacking, &[array]).unwrap();
    let said = fail(&[
        "run",
        text(&model),
        "--data",
        text(&lacking),
        "--out",
        text(&out.path().join("run")),
    ]);
    assert!(
        said.contains("right_train") && said.contains("left_train.npy"),
        "{said}"
    );
}
