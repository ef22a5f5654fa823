//! Exports replayed by the programs that they are for, as far as these are installed: a C compiler and Node are on every
//! machine that runs the tests, Python's modules may not be (`tests/export/` has scripts for those).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::export::model::Model;
use cnnc::export::verify::{Replay, replay};
use cnnc::export::{Format, files, write};
use cnnc::session::{Description, open};
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

fn described(case: &Path) -> Description {
    open(&case.join("model.cnn")).unwrap()
}

/// Every case through a format and its program. `needed`: whether the program must be there.
fn every_case_agrees(format: Format, needed: bool) {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let description = described(&case);
        let model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
        let out = folder
            .path()
            .join(format!("{}.{}", case.file_name().unwrap().display(), format.name()));
        let written = write(&files(&model, format).unwrap(), &out).unwrap();
        let largest = model
            .samples
            .outputs
            .iter()
            .fold(0.0_f32, |most, output| most.max(output.abs()));
        match replay(format, &written, largest, "python3") {
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
fn c_predicts_what_cnnc_does() {
    every_case_agrees(Format::C, true);
}

#[test]
fn pytorch_predicts_what_cnnc_does() {
    every_case_agrees(Format::Torch, false);
}

#[test]
fn the_page_predicts_what_cnnc_does() {
    every_case_agrees(Format::Html, true);
}

#[test]
fn onnxruntime_predicts_what_cnnc_does() {
    every_case_agrees(Format::Onnx, false);
}

#[test]
fn npz_holds_the_weights_and_the_samples() {
    let case = cases().into_iter().find(|case| case.ends_with("lenet")).unwrap();
    let description = described(&case);
    let model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let written = write(&files(&model, Format::Npz).unwrap(), &folder.path().join("lenet.npz")).unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&written[0]).unwrap()).unwrap();
    assert_eq!(archive.len(), model.weights.len() + 2);
    for (name, shape, values) in &model.weights {
        let array = npyz::NpyFile::new(archive.by_name(&format!("{name}.npy")).unwrap()).unwrap();
        let sizes: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
        assert_eq!(array.shape(), sizes);
        assert_eq!(&array.into_vec::<f32>().unwrap(), values);
    }
    let inputs = npyz::NpyFile::new(archive.by_name("sample_inputs.npy").unwrap()).unwrap();
    assert_eq!(inputs.into_vec::<f32>().unwrap(), model.samples.inputs);
}

#[test]
fn nothing_is_written_where_the_weights_are_another_network_s() {
    let folder = tempfile::tempdir().unwrap();
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let out = folder.path().join("x.onnx");
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["export", "--to", "onnx", "--out"])
        .arg(&out)
        .arg("--weights")
        .arg(oracle.join("mlp/trained.safetensors"))
        .arg(oracle.join("lenet/model.cnn"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("error: "),
        "{output:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
