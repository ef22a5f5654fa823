//! Networks in 8-bit integers, replayed by the programs that the exports are for, and what `cnnc eval --int8` says of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::export::model::Model;
use cnnc::export::verify::{INT8_TOLERANCE, Replay, replay};
use cnnc::export::{Format, files, write};
use cnnc::session::open;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Keras's golden cases that have trained weights.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.retain(|case| case.join("trained.safetensors").is_file());
    cases.sort();
    assert!(cases.len() >= 25, "{cases:?}");
    cases
}

fn largest(outputs: &[f32]) -> f32 {
    outputs.iter().fold(0.0_f32, |most, output| most.max(output.abs()))
}

/// Every case through a format and its program. `needed`: whether the program must be there.
fn every_case_agrees(format: Format, needed: bool) {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let description = open(&case.join("model.cnn")).unwrap();
        let mut model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
        let calibration = model.samples.inputs.clone();
        model.quantize(&calibration).unwrap();
        let out = folder
            .path()
            .join(format!("{}.{}", case.file_name().unwrap().display(), format.name()));
        let written = match files(&model, format) {
            Ok(files) => write(&files, &out).unwrap(),
            // What the format has no operator for, it has none for in integers either.
            Err(error) => {
                assert!(format == Format::Tflite, "{}: {error}", case.display());
                continue;
            }
        };
        match replay(
            format,
            &written,
            (largest(&model.samples.outputs), INT8_TOLERANCE),
            "python3",
        ) {
            Ok(Replay::Difference(_)) => {}
            Ok(Replay::Missing(what)) => {
                assert!(!needed, "{what}");
                eprintln!("not replayed: {what}");
                return;
            }
            Err(error) => panic!("{}: {error}", case.display()),
        }
    }
}

#[test]
fn c_computes_in_the_same_integers() {
    every_case_agrees(Format::C, true);
}

#[test]
fn litert_computes_in_the_same_integers() {
    every_case_agrees(Format::Tflite, false);
}

#[test]
fn onnxruntime_computes_in_the_same_integers() {
    every_case_agrees(Format::Onnx, false);
}

/// Rounding costs little of what the samples say, and is not for nothing.
#[test]
fn integers_stay_near_floats() {
    for case in cases() {
        let description = open(&case.join("model.cnn")).unwrap();
        let mut model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
        let floats = model.samples.outputs.clone();
        let calibration = model.samples.inputs.clone();
        model.quantize(&calibration).unwrap();
        let pairs = floats.iter().zip(&model.samples.outputs);
        let off = pairs
            .map(|(float, integer)| (float - integer).abs())
            .fold(0.0, f32::max);
        assert!(off <= 0.2 * largest(&floats).max(0.1), "{}: {off}", case.display());
        let int8 = model.int8.as_ref().unwrap();
        assert!(int8.integer.contains(&true), "{}", case.display());
        for kernel in int8.kernels.values() {
            assert!(
                kernel.values.iter().any(|value| value.unsigned_abs() == 127),
                "{}",
                case.display()
            );
        }
    }
}

#[test]
fn formats_without_integers_say_so() {
    let case = cases().into_iter().find(|case| case.ends_with("lenet")).unwrap();
    let description = open(&case.join("model.cnn")).unwrap();
    let mut model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
    let calibration = model.samples.inputs.clone();
    model.quantize(&calibration).unwrap();
    for format in [
        Format::Keras,
        Format::KerasWeights,
        Format::Torch,
        Format::Npz,
        Format::Html,
    ] {
        let error = files(&model, format).unwrap_err();
        assert!(error.help().unwrap().contains("--to onnx, tflite and c"), "{error}");
    }
    let again = files(&model, Format::C).unwrap();
    assert_eq!(files(&model, Format::C).unwrap(), again);
}

fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    let padding = (10 + header.len() + 1).next_multiple_of(64) - (10 + header.len() + 1);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(((header.len() + padding + 1) as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(std::iter::repeat_n(b' ', padding));
    bytes.push(b'\n');
    bytes.extend(data);
    bytes
}

/// Bright squares on the left or on the right.
fn squares(count: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for index in 0..count {
        let label = index % 2;
        for place in 0..64 {
            let (row, column) = (place / 8, place % 8);
            let inside = (2..6).contains(&row) && (label * 4..label * 4 + 4).contains(&column);
            let noise = (index * 31 + place * 17) % 60;
            pixels.push((if inside { 190 } else { 0 } + noise) as u8);
        }
        labels.push(label as u8);
    }
    (pixels, labels)
}

#[test]
fn what_integers_cost_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.path().join("squares.npz")).unwrap());
    for (part, count) in [("train", 128), ("test", 40)] {
        let (pixels, labels) = squares(count);
        for (name, bytes) in [
            ("x", npy("|u1", &format!("{count}, 8, 8, 1"), &pixels)),
            ("y", npy("|u1", &format!("{count},"), &labels)),
        ] {
            archive
                .start_file(format!("{name}_{part}.npy"), zip::write::SimpleFileOptions::default())
                .unwrap();
            archive.write_all(&bytes).unwrap();
        }
    }
    archive.finish().unwrap();
    let text = "model squares {\n    Input(shape=(8, 8, 1))\n    Conv2D(4, 3, activation=\"relu\")\n    MaxPooling2D()\n    Flatten()\n    \
                Dense(2)\n}\n\ncompile(optimizer=Adam(0.02), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])\n\n\
                fit(data=\"./squares.npz\", epochs=6, batch_size=16)\n";
    std::fs::write(folder.path().join("squares.cnn"), text).unwrap();
    let cnnc = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    cnnc(&["run", "squares.cnn", "--device", "cpu", "--out", "run", "--quiet"]);
    let weights = "run/weights.safetensors";
    let (said, _) = cnnc(&[
        "eval",
        "squares.cnn",
        "--weights",
        weights,
        "--int8",
        "--format",
        "json",
    ]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(found["samples"], 40);
    assert_eq!(found["accuracy"], 1.0, "{said}");
    assert_eq!(found["accuracy_int8"], 1.0, "{said}");
    assert_eq!(found["agreement"], 1.0, "{said}");
    let difference = found["largest_difference"].as_f64().unwrap();
    assert!(difference > 0.0 && difference < 1.0, "{said}");
    // 4 x 9 and 2 x 36 weights of a byte, a scale and a bias for each of 6 outputs.
    assert_eq!(found["weights_bytes"], 4 * (36 + 4 + 72 + 2));
    assert_eq!(found["weights_bytes_int8"], 36 + 72 + 8 * 6);

    let (_, said) = cnnc(&[
        "export",
        "squares.cnn",
        "--weights",
        weights,
        "--to",
        "c",
        "--int8",
        "--out",
        "squares.c",
        "--verify",
    ]);
    assert!(said.contains("verified: 10 samples"), "{said}");
    let text = std::fs::read_to_string(folder.path().join("squares.c")).unwrap();
    assert!(text.contains("Weights: 156 bytes, constant"), "{}", &text[..1500]);
}
