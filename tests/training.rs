//! Training on real digits through the command line: accuracy, sameness, resuming, interruption, and what is done with the
//! weights afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use compiler::training::data::{DataName, KnownData};
use runtime::data::{self, Pixels, save_npy};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PYRAMID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/mnist_pyramid.cnn");
const ONE_LAYER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/mnist_onelayer.cnn");

/// The program, with an empty cache folder: the digits it carries, on every machine.
fn cnnc(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.env("XDG_CACHE_HOME", home).env("HOME", home).current_dir(home);
    command
}

fn finish(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn run(home: &Path, spec: &str, out: &str, more: &[&str]) -> PathBuf {
    finish(cnnc(home).args(["run", spec, "--quiet", "--out", out]).args(more));
    home.join(out)
}

/// The last row of a run's history: accuracy and loss, in training and in validation.
fn last_row(run: &Path) -> [f64; 4] {
    let csv = std::fs::read_to_string(run.join("history.csv")).unwrap();
    assert!(csv.starts_with("epoch,accuracy,loss,val_accuracy,val_loss"), "{csv}");
    let row: Vec<f64> = csv
        .lines()
        .last()
        .unwrap()
        .split(',')
        .map(|value| value.parse().unwrap())
        .collect();
    [row[1], row[2], row[3], row[4]]
}

fn weights(run: &Path) -> Vec<u8> {
    std::fs::read(run.join("weights.safetensors")).unwrap()
}

/// The descriptions, and the mean of what Keras reaches with seeds 1, 2, 3: .938, .959, .951 and .941, .938, .938.
const KERAS: [(&str, f64); 2] = [(PYRAMID, 0.949), (ONE_LAYER, 0.939)];

/// The last row of a run's history on the device, for each of the seeds.
fn last_rows(home: &Path, spec: &str, device: &str, seeds: RangeInclusive<u32>) -> Vec<[f64; 4]> {
    seeds
        .map(|seed| {
            let more = ["--device", device, "--seed", &seed.to_string()];
            last_row(&run(home, spec, device, &more))
        })
        .collect()
}

/// Every seed learns, and in the mean as well as Keras.
fn assert_learnt(spec: &str, keras: f64, rows: &[[f64; 4]]) {
    let reached: Vec<f64> = rows.iter().map(|row| row[2]).collect();
    assert!(reached.iter().all(|&accuracy| accuracy >= 0.925), "{spec}: {reached:?}");
    let mean = reached.iter().sum::<f64>() / reached.len() as f64;
    assert!(mean > keras - 0.01, "{spec}: {reached:?}");
}

#[test]
fn digits_are_learnt_on_the_cpu_with_every_seed() {
    let home = TempDir::new().unwrap();
    for (spec, keras) in KERAS {
        assert_learnt(spec, keras, &last_rows(home.path(), spec, "cpu", 1..=5));
    }
}

#[test]
fn digits_are_learnt_on_wgpu_as_on_the_cpu() {
    let home = TempDir::new().unwrap();
    for (spec, keras) in KERAS {
        let gpu = last_rows(home.path(), spec, "gpu", 1..=3);
        assert_learnt(spec, keras, &gpu);
        // Roundings part in thousands of steps, not much.
        for (gpu, cpu) in gpu.iter().zip(last_rows(home.path(), spec, "cpu", 1..=3)) {
            assert!(
                (gpu[2] - cpu[2]).abs() < 0.01 && (gpu[1] - cpu[1]).abs() < 0.02,
                "{spec}: {gpu:?} {cpu:?}"
            );
        }
    }
}

#[test]
fn one_seed_gives_the_same_bits_twice_and_another_seed_others() {
    let home = TempDir::new().unwrap();
    for device in ["cpu", "gpu"] {
        let once = |out: &str, seed: &str| {
            let more = ["--device", device, "--epochs", "1", "--seed", seed];
            weights(&run(home.path(), ONE_LAYER, &format!("{device}{out}"), &more))
        };
        let (a, b, other) = (once("a", "7"), once("b", "7"), once("c", "8"));
        assert!(a == b, "two runs of one seed differ on {device}");
        assert!(a != other, "the seed changes nothing on {device}");
    }
}

#[test]
fn a_resumed_run_ends_where_an_unbroken_one_does() {
    let home = TempDir::new().unwrap();
    // Adam has two slots and counts its steps.
    let spec = home.path().join("net.cnn");
    let text = std::fs::read_to_string(ONE_LAYER).unwrap();
    let text = text.replacen("compile(", "compile(optimizer=\"adam\", ", 1);
    std::fs::write(&spec, text).unwrap();
    let spec = spec.to_str().unwrap();
    let whole = run(home.path(), spec, "whole", &["--device", "cpu", "--epochs", "3"]);
    run(home.path(), spec, "parts", &["--device", "cpu", "--epochs", "1"]);
    let parts = run(
        home.path(),
        spec,
        "parts",
        &["--device", "cpu", "--epochs", "3", "--resume"],
    );
    assert!(weights(&whole) == weights(&parts));
    let history = |run: &Path| std::fs::read_to_string(run.join("history.csv")).unwrap();
    assert_eq!(history(&whole), history(&parts));

    let other = cnnc(home.path())
        .args([
            "run", spec, "--out", "parts", "--device", "cpu", "--resume", "--seed", "9",
        ])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stderr).contains("seed"), "{other:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_there_is() {
    let home = TempDir::new().unwrap();
    for device in ["cpu", "gpu"] {
        let out = home.path().join(device);
        let mut child = cnnc(home.path())
            .args(["run", PYRAMID, "--device", device, "--epochs", "1000", "--out", device])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(2);
        while !out.join("run.yaml").exists() {
            assert!(Instant::now() < deadline, "no epoch ended on {device}");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(
            Command::new("kill")
                .args(["-INT", &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let interrupted = Instant::now();
        let status = child.wait().unwrap();
        assert!(
            interrupted.elapsed() < Duration::from_secs(20),
            "{device} was slow to stop"
        );
        assert_eq!(status.code(), Some(130), "{device}");
        let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert!(said.contains("interrupted after"), "{said}");
        // The files are whole: the weights load and are evaluated.
        let file = out.join("weights.safetensors");
        finish(
            cnnc(home.path())
                .args(["eval", PYRAMID, "--device", "cpu", "--weights"])
                .arg(file),
        );
        // Nothing half-written is left beside them.
        let mut left: Vec<_> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("state-"))
            .collect();
        left.sort();
        let mut whole = vec!["history.csv", "report.html", "run.yaml", "weights.safetensors"];
        whole.retain(|&name| name != "report.html" || cfg!(feature = "pictures"));
        assert_eq!(left, whole);
    }
}

#[test]
fn eval_and_predict_agree_with_the_run_that_made_the_weights() {
    let home = TempDir::new().unwrap();
    let run = run(home.path(), PYRAMID, "run", &["--device", "cpu"]);
    let [.., accuracy, loss] = last_row(&run);
    let file = run.join("weights.safetensors");
    for device in ["cpu", "gpu"] {
        let output = finish(
            cnnc(home.path())
                .args(["eval", PYRAMID, "--format", "json", "--device", device, "--weights"])
                .arg(&file),
        );
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["samples"], 2000);
        assert!((found["accuracy"].as_f64().unwrap() - accuracy).abs() < 1e-9, "{found}");
        assert!((found["loss"].as_f64().unwrap() - loss).abs() < 1e-4, "{found}");
    }
    let digits = data::load(&DataName::Known(KnownData::Mnist), Path::new(""), None)
        .unwrap()
        .test
        .unwrap();
    let Pixels::Bytes(bytes) = &digits.pixels else {
        panic!("digits are bytes")
    };
    let floats: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let input = home.path().join("digits.npy");
    save_npy(&input, &[digits.len(), 28, 28, 1], &floats).unwrap();
    let output = finish(
        cnnc(home.path())
            .args(["predict", PYRAMID, "--device", "cpu", "--input"])
            .arg(&input)
            .arg("--weights")
            .arg(&file),
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let classes = text
        .lines()
        .map(|line| line.split_once("class ").unwrap().1.split_once(',').unwrap().0);
    let right = classes
        .zip(&digits.labels)
        .filter(|(class, label)| *class == label.to_string())
        .count();
    assert!((right as f64 / 2000.0 - accuracy).abs() < 1e-9, "{right} right");

    // One of them as a picture.
    let first = home.path().join("first.png");
    image::GrayImage::from_raw(28, 28, bytes[..784].to_vec())
        .unwrap()
        .save(&first)
        .unwrap();
    let output = finish(
        cnnc(home.path())
            .args(["predict", PYRAMID, "--device", "cpu", "--input"])
            .arg(&first)
            .arg("--weights")
            .arg(&file),
    );
    let picture = String::from_utf8(output.stdout).unwrap();
    assert_eq!(picture.lines().next(), text.lines().next());
}

/// Runs that are refused: the exit status is 1, the message tells, and nothing is written.
#[test]
fn what_cannot_be_run_is_refused_before_anything_is_written() {
    let home = TempDir::new().unwrap();
    let path = home.path();
    std::fs::write(path.join("broken.npz"), b"PK\x03\x04 and then nothing").unwrap();
    save_npy(&path.join("x.npy"), &[2, 28, 27, 1], &[0.0; 2 * 28 * 27]).unwrap();
    let lenet = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/lenet.cnn");
    std::fs::write(
        path.join("uncompiled.cnn"),
        "model m {\n    Input(shape=(4,))\n    Dense(2)\n}\n",
    )
    .unwrap();
    std::fs::write(
        path.join("narrow.cnn"),
        std::fs::read_to_string(ONE_LAYER)
            .unwrap()
            .replace("Dense(10)", "Dense(9)")
            .replace("data=\"mnist\", ", ""),
    )
    .unwrap();
    let run = self::run(path, ONE_LAYER, "made", &["--device", "cpu", "--epochs", "1"]);
    let made = run.join("weights.safetensors");
    let made = made.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["run", lenet, "--data", "mnist"], "32x32x3"),
        (&["run", PYRAMID, "--data", "broken.npz"], "broken.npz"),
        (&["run", PYRAMID, "--data", "nowhere"], "nowhere"),
        (&["run", lenet], "cifar10"),
        (&["run", PYRAMID, "--device", "nonesuch"], "nonesuch"),
        (&["run", "uncompiled.cnn"], "compile"),
        (&["run", "narrow.cnn"], "no data set"),
        (&["run", "narrow.cnn", "--data", "mnist"], "10 classes"),
        (&["run", PYRAMID, "--weights", made], "another network"),
        (
            &["run", PYRAMID, "--weights", "missing.safetensors"],
            "missing.safetensors",
        ),
        (&["run", PYRAMID, "--resume", "--out", "never"], "never"),
        (&["eval", PYRAMID, "--weights", made], "another network"),
        (&["predict", ONE_LAYER, "--weights", made, "--input", "x.npy"], "28"),
        (
            &["predict", ONE_LAYER, "--weights", made, "--input", "broken.npz"],
            "broken.npz",
        ),
    ];
    for (arguments, told) in cases {
        let device: &[&str] = if arguments.contains(&"--device") {
            &[]
        } else {
            &["--device", "cpu"]
        };
        let output = cnnc(path).args(*arguments).args(device).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("error") && said.contains(told), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!path.join("runs").exists(), "{arguments:?}");
    }
}
