//! Networks with several inputs and outputs, and layers that are applied again, on their way to other programs and back; and the spec of
//! that kind.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::export::model::Model;
use cnnc::export::verify::{INT8_TOLERANCE, Replay, TOLERANCE, replay};
use cnnc::export::{Format, files, write};
use cnnc::import::{Options, import};
use cnnc::session::{Description, open};
use compiler::network::Port;
use runtime::checkpoint;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Those of `tests/several/`.
const CASES: [&str; 3] = ["two_inputs", "two_outputs", "siamese"];

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/several").join(case)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The samples of a trained case, as an export has them.
fn exported(case: &str) -> (Description, PathBuf) {
    let at = folder(case);
    (open(&at.join("model.cnn")).unwrap(), at.join("trained.safetensors"))
}

#[test]
fn other_programs_predict_what_cnnc_does() {
    let out = tempfile::tempdir().unwrap();
    let mut replayed = 0;
    for case in CASES {
        let (description, weights) = exported(case);
        let model = Model::open(&description, &weights, &()).unwrap();
        let largest = model
            .samples
            .outputs
            .iter()
            .fold(0.0_f32, |most, own| most.max(own.abs()));
        for format in Format::ALL {
            let path = out.path().join(format!("{case}.{}", format.name()));
            let written = write(&files(&model, format).unwrap(), &path).unwrap();
            match replay(format, &written, (largest, TOLERANCE), "python3") {
                Ok(Replay::Difference(_)) => replayed += 1,
                Ok(Replay::Missing(what)) => eprintln!("{case}, {}: not replayed: {what}", format.name()),
                Err(error) => panic!("{case}, {}: {error}", format.name()),
            }
        }
    }
    assert!(replayed >= CASES.len(), "a C compiler is there");
}

/// In integers to all formats that have them, calibrated on the samples themselves.
#[test]
fn integers_of_several_inputs_and_outputs_are_what_other_programs_compute() {
    let out = tempfile::tempdir().unwrap();
    let mut replayed = 0;
    for case in CASES {
        let (description, weights) = exported(case);
        let mut model = Model::open(&description, &weights, &()).unwrap();
        let floats = model.samples.outputs.clone();
        let calibration = model.samples.inputs.clone();
        model.quantize(&calibration).unwrap();
        let largest = floats.iter().fold(0.0_f32, |most, own| most.max(own.abs()));
        assert_eq!(model.samples.outputs.len(), floats.len());
        // The numbers are rounded, and of the same size.
        assert_ne!(model.samples.outputs, floats, "{case}");
        for (rounded, own) in model.samples.outputs.iter().zip(&floats) {
            assert!((rounded - own).abs() < 0.1 * largest, "{case}: {rounded} {own}");
        }
        for format in [Format::C, Format::Onnx, Format::Tflite] {
            let path = out.path().join(format!("{case}-int8.{}", format.name()));
            let written = write(&files(&model, format).unwrap(), &path).unwrap();
            match replay(format, &written, (largest, INT8_TOLERANCE), "python3") {
                Ok(Replay::Difference(_)) => replayed += 1,
                Ok(Replay::Missing(what)) => eprintln!("{case}, {}: not replayed: {what}", format.name()),
                Err(error) => panic!("{case}, {}: {error}", format.name()),
            }
        }
    }
    assert!(replayed >= CASES.len(), "a C compiler is there");
}

/// A network in a file of Keras's or in an ONNX graph: what is imported of it does what it did, and goes that way again as it is.
#[test]
fn what_others_are_given_comes_back() {
    let out = tempfile::tempdir().unwrap();
    let there_and_back = |description: &Description, weights: &Path, format: Format| {
        let model = Model::open(description, weights, &()).unwrap();
        let ending = if format == Format::Onnx { "onnx" } else { "keras" };
        let path = out.path().join("back").with_extension(ending);
        write(&files(&model, format).unwrap(), &path).unwrap();
        let imported = import(&path, None, &Options::default()).unwrap();
        let text = imported.examined.source.text.clone();
        let back = imported
            .examined
            .into_description()
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        (back, imported.weights.unwrap(), model.samples)
    };
    let lines = |description: &Description| -> Vec<String> {
        let lines = description.source.text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    for case in CASES {
        for format in [Format::Keras, Format::Onnx] {
            let (description, weights) = exported(case);
            let (back, tensors, samples) = there_and_back(&description, &weights, format);
            let names = |ports: &[Port]| ports.iter().map(|port| port.name.clone()).collect::<Vec<_>>();
            let (own, other) = (&description.network, &back.network);
            if own.inputs().len() > 1 {
                assert_eq!(names(other.inputs()), names(own.inputs()), "{case}");
            }
            if own.outputs().len() > 1 {
                assert_eq!(names(other.outputs()), names(own.outputs()), "{case}");
            }
            assert_eq!(other.total_params(), own.total_params(), "{case}\n{}", back.source.text);
            let saved = out.path().join("back.safetensors");
            checkpoint::save(&saved, &tensors, &BTreeMap::new()).unwrap();
            let (again, again_tensors, again_samples) = there_and_back(&back, &saved, format);
            assert_eq!(again_samples.inputs, samples.inputs, "{case}");
            for (found, expected) in again_samples.outputs.iter().zip(&samples.outputs) {
                assert!(
                    (found - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                    "{case}: {found} {expected}"
                );
            }
            assert_eq!(lines(&again), lines(&back), "{case}");
            assert_eq!(again_tensors, tensors, "{case}");
            if format == Format::Keras {
                let compiled = |description: &Description| {
                    let compile = description.network.network().compile.clone().unwrap();
                    let all = compile
                        .judgements()
                        .map(|own| (own.loss.printed(), own.loss_weight, own.metrics.len()));
                    all.collect::<Vec<_>>()
                };
                assert_eq!(compiled(&back), compiled(&description), "{case}\n{}", back.source.text);
            }
        }
    }
}

/// The spec on pairs of what could be digits: lines that stand, lie or cross.
#[test]
fn the_siamese_spec_learns_what_is_alike() {
    let out = tempfile::tempdir().unwrap();
    let drawn = |kind: usize, shift: usize| -> Vec<f32> {
        let on = |row: usize, column: usize| match kind {
            0 => column.abs_diff(8 + shift) < 2,
            1 => row.abs_diff(8 + shift) < 2,
            _ => row.abs_diff(column + shift) < 2,
        };
        let pixel = |index: usize| if on(index / 28, index % 28) { 1.0 } else { 0.0 };
        (0..28 * 28).map(pixel).collect()
    };
    let pairs = |from: usize, count: usize| {
        let (mut left, mut right, mut same) = (Vec::new(), Vec::new(), Vec::new());
        for index in from..from + count {
            let (first, second) = (
                index % 3,
                if index % 2 == 0 {
                    index % 3
                } else {
                    (index + 1 + index / 7 % 2) % 3
                },
            );
            left.extend(drawn(first, index * 5 % 11));
            right.extend(drawn(second, index * 7 % 11));
            same.push(if first == second { 1.0 } else { 0.0 });
        }
        (left, right, same)
    };
    let ((left, right, y), (left_test, right_test, y_test)) = (pairs(0, 256), pairs(256, 64));
    let data = out.path().join("pairs.npz");
    let arrays = [
        ("left_train", vec![256, 28, 28, 1], left),
        ("right_train", vec![256, 28, 28, 1], right),
        ("y_train", vec![256, 1], y),
        ("left_test", vec![64, 28, 28, 1], left_test),
        ("right_test", vec![64, 28, 28, 1], right_test),
        ("y_test", vec![64, 1], y_test),
    ];
    runtime::data::save_npz(&data, &arrays).unwrap();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/siamese_digits.cnn");
    let run = out.path().join("run");
    let arguments = [
        "run",
        text(&spec),
        "--data",
        text(&data),
        "--out",
        text(&run),
        "--device",
        "cpu",
        "--epochs",
        "8",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let history = std::fs::read_to_string(run.join("history.csv")).unwrap();
    let rows: Vec<Vec<&str>> = history.lines().map(|line| line.split(',').collect()).collect();
    let column = rows[0].iter().position(|name| *name == "val_accuracy").unwrap();
    let last: f64 = rows.last().unwrap()[column].parse().unwrap();
    assert!(last > 0.8, "{history}");
}
