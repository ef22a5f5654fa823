//! Keras's own numbers, through the command line, on every executor: `tests/oracle/CASE/` holds what Keras 3.15.1 computed
//! (`generate.py` makes the cases from `cases.json`), and the tolerances are those of float32 summed in another order.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use runtime::data::{self, Pixels, save_npy};
use runtime::{checkpoint, data::Dataset};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use compiler::training::data::DataName;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.retain(|path| path.join("model.cnn").is_file());
    cases.sort();
    assert!(cases.len() >= 13, "{cases:?}");
    cases
}

fn cnnc(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).env_remove("COLUMNS").output().unwrap()
}

fn succeed(arguments: &[&str]) -> Output {
    let output = cnnc(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn summaries_are_keras_s_to_the_byte() {
    for case in cases() {
        let expected = std::fs::read_to_string(case.join("summary.txt")).unwrap();
        let output = succeed(&["check", text(&case.join("model.cnn"))]);
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            expected,
            "{}",
            case.display()
        );
    }
}

/// `tests/oracle/open.py` makes the cases. The network is that of the data set's size, to the last operation.
#[test]
fn sizes_that_are_open_are_printed_as_keras_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/open");
    let home = tempfile::tempdir().unwrap();
    for name in ["chain", "unet", "height"] {
        let case = folder.join(name).with_extension("cnn");
        let output = succeed(&["check", text(&case)]);
        let expected = std::fs::read_to_string(case.with_extension("txt")).unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{name}");
        let closed = home.path().join("closed.cnn");
        let described = std::fs::read_to_string(&case).unwrap().replace("None", "32");
        std::fs::write(&closed, described).unwrap();
        let plan = |path: &Path| String::from_utf8(succeed(&["emit", "plan", text(path)]).stdout).unwrap();
        assert_eq!(plan(&case), plan(&closed), "{name}");
    }
}

#[test]
fn rows_and_totals_are_keras_s() {
    for case in cases() {
        let expected: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(case.join("expect.json")).unwrap()).unwrap();
        let output = succeed(&["check", "--format", "json", text(&case.join("model.cnn"))]);
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["layers"], expected["rows"], "{}", case.display());
        assert_eq!(found["total_params"], expected["total"]);
        assert_eq!(found["trainable_params"], expected["trainable"]);
        let diagnostics = found["diagnostics"].as_array().unwrap();
        let error = diagnostics
            .iter()
            .find(|one| !one["code"].as_str().unwrap().starts_with('W'));
        assert_eq!(error, None, "{}", case.display());
    }
}

fn dataset(case: &Path) -> Dataset {
    data::load(&DataName::Path("data.npz".into()), case, None).unwrap()
}

/// The values of a `.npy` of floats, whatever its shape.
fn npy(path: &Path) -> Vec<f32> {
    npyz::NpyFile::new(std::fs::File::open(path).unwrap())
        .unwrap()
        .into_vec::<f32>()
        .unwrap()
}

/// A sample of rank 2 is read as a picture of one channel; `predict` takes it as the network does.
fn network_shape(case: &Path, mut shape: Vec<usize>) -> Vec<usize> {
    let text = std::fs::read_to_string(case.join("model.cnn")).unwrap();
    let (_, rest) = text.split_once("shape=(").unwrap();
    let sizes = rest
        .split_once(')')
        .unwrap()
        .0
        .split(',')
        .filter(|size| !size.trim().is_empty())
        .count();
    if sizes == 2 && shape.len() == 4 && shape[3] == 1 {
        shape.pop();
    }
    shape
}

fn logits_agree(device: &str) {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let test = dataset(&case).test.unwrap();
        let (input, output) = (folder.path().join("x.npy"), folder.path().join("y.npy"));
        let Pixels::Floats(pixels) = &test.pixels else {
            panic!("{} holds floats", case.display())
        };
        let shape: Vec<usize> = std::iter::once(test.len())
            .chain(test.shape.sizes().iter().copied())
            .collect();
        let shape = network_shape(&case, shape);
        save_npy(&input, &shape, pixels).unwrap();
        let (model, weights) = (case.join("model.cnn"), case.join("init.safetensors"));
        let paths = [
            text(&model),
            "--weights",
            text(&weights),
            "--input",
            text(&input),
            "--output",
            text(&output),
        ];
        succeed(&[&["predict", "--device", device], &paths[..]].concat());
        let (found, expected) = (npy(&output), npy(&case.join("logits.npy")));
        assert_eq!(found.len(), expected.len());
        let scale = expected.iter().fold(1.0_f32, |scale, value| scale.max(value.abs()));
        let worst = found
            .iter()
            .zip(&expected)
            .map(|(found, expected)| (found - expected).abs())
            .fold(0.0, f32::max);
        assert!(worst <= 1e-5 * scale, "{}: logits differ by {worst:e}", case.display());
    }
}

fn training_agrees(device: &str) {
    // What draws random numbers is compared by their statistics (`runtime/tests/dropout.rs`).
    let draws = |case: &PathBuf| case.join("statistics.json").is_file();
    for case in cases().into_iter().filter(|case| !draws(case)) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let (model, weights) = (case.join("model.cnn"), case.join("init.safetensors"));
        let paths = [text(&model), "--weights", text(&weights), "--out", text(&out)];
        succeed(&[&["run", "--device", device], &paths[..]].concat());
        history_agrees(&case, &std::fs::read_to_string(out.join("history.csv")).unwrap());
        let found = checkpoint::load(&out.join("weights.safetensors")).unwrap();
        let expected = checkpoint::load(&case.join("trained.safetensors")).unwrap();
        assert!(
            found.keys().eq(expected.keys()),
            "{}: {:?}",
            case.display(),
            found.keys()
        );
        for (name, expected) in &expected {
            let found = &found[name];
            assert_eq!(found.shape, expected.shape);
            let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
            let pairs = found.values.iter().zip(&expected.values);
            let difference = norm(&mut pairs.map(|(found, expected)| f64::from(found - expected)));
            let size = norm(&mut expected.values.iter().map(|&value| f64::from(value)));
            assert!(
                difference <= 1e-4 * size,
                "{}: {name} differs by {:e}",
                case.display(),
                difference / size
            );
        }
    }
}

fn history_agrees(case: &Path, csv: &str) {
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(case.join("expect.json")).unwrap()).unwrap();
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let keys: Vec<&String> = expected["history"].as_object().unwrap().keys().collect();
    assert!(
        names[0] == "epoch" && names[1..] == keys,
        "{}: {names:?}",
        case.display()
    );
    let rows: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|value| value.parse().unwrap()).collect())
        .collect();
    for (column, name) in names.iter().enumerate().skip(1) {
        let expected = expected["history"][name].as_array().unwrap();
        assert_eq!(rows.len(), expected.len(), "{}", case.display());
        for (row, expected) in rows.iter().zip(expected) {
            let difference = (row[column] - expected.as_f64().unwrap()).abs();
            assert!(
                difference <= 2e-4,
                "{}: {name} differs by {difference:e}",
                case.display()
            );
        }
    }
}

#[test]
fn logits_agree_on_wgpu() {
    logits_agree("gpu");
}

#[test]
fn training_agrees_on_wgpu() {
    training_agrees("gpu");
}

#[test]
fn logits_agree_on_the_cpu() {
    logits_agree("cpu");
}

#[test]
fn training_agrees_on_the_cpu() {
    training_agrees("cpu");
}
