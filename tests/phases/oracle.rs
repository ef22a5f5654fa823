//! What Keras makes of two descriptions in phases.

use crate::support::{cnnc, fixture, text};
use runtime::checkpoint;
use runtime::run_directory::RunDirectory;
use std::fs;

fn agrees_with_keras(device: &str, names: &[&str]) {
    for name in names {
        let (case, folder) = (fixture(name), tempfile::tempdir().unwrap());
        let out = folder.path().join("run");
        let (model, weights) = (case.join("model.cnn"), case.join("init.safetensors"));
        let paths = [text(&model), "--weights", text(&weights), "--out", text(&out)];
        let run = cnnc(&[&["run", "--device", device], &paths[..]].concat());
        assert!(run.status.success(), "{run:?}");
        let history = RunDirectory::at(&out).load_history().unwrap().value;
        let expected: serde_json::Value = serde_json::from_slice(&fs::read(case.join("expect.json")).unwrap()).unwrap();
        let phases = expected["phases"].as_array().unwrap();
        let mut epochs = 0;
        for (phase, expected) in phases.iter().enumerate() {
            let rows: Vec<_> = history.of_phase(phase).collect();
            assert_eq!(
                rows.len(),
                expected["epoch"].as_array().unwrap().len(),
                "{name}: {history:?}"
            );
            for (key, values) in expected.as_object().unwrap() {
                for (row, value) in rows.iter().zip(values.as_array().unwrap()) {
                    if key == "epoch" {
                        assert_eq!(row.epoch as u64, value.as_u64().unwrap(), "{name}: {phase}");
                        continue;
                    }
                    let expected = value.as_f64().unwrap();
                    let difference = (row.metrics[key] - expected).abs() / expected.abs().max(1.0);
                    assert!(
                        difference <= 2e-4,
                        "{name}: {key} of phase {phase} differs by {difference:e}"
                    );
                }
            }
            epochs += rows.len();
        }
        assert_eq!(history.epochs.len(), epochs, "{name}");
        let (found, expected) = (
            checkpoint::load(&out.join("weights.safetensors")).unwrap(),
            checkpoint::load(&case.join("trained.safetensors")).unwrap(),
        );
        assert!(found.keys().eq(expected.keys()), "{name}: {:?}", found.keys());
        for (variable, expected) in &expected {
            let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
            let pairs = found[variable].values.iter().zip(&expected.values);
            let difference = norm(&mut pairs.map(|(found, expected)| f64::from(found - expected)));
            let size = norm(&mut expected.values.iter().map(|&value| f64::from(value)));
            assert!(
                difference <= 1e-4 * size,
                "{name}: {variable} differs by {:e}",
                difference / size
            );
        }
        let stderr = String::from_utf8(run.stderr).unwrap();
        let count = phases.len();
        for phase in 1..=count {
            assert!(stderr.contains(&format!("Phase {phase}/{count}: ")), "{stderr}");
        }
        let manifest = RunDirectory::at(&out).load_manifest().unwrap();
        assert_eq!((manifest.phase, manifest.phases.len()), (Some(count), count));
        let report = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(report.contains(&format!(" in {count} phases")) && report.contains("phase 2"));
    }
}

#[test]
fn histories_and_weights_are_keras_s_on_the_cpu() {
    agrees_with_keras("cpu", &["fine_tuned", "goes_on"]);
}

#[test]
fn histories_and_weights_are_keras_s_on_wgpu() {
    agrees_with_keras("gpu", &["goes_on"]);
}

/// In other batches than Keras's: of those one value lies so near to where a relu bends that roundings decide. What the CPU makes
/// is compared with Keras's above.
#[test]
fn phases_on_wgpu_are_those_on_the_cpu() {
    let (case, folder) = (fixture("fine_tuned"), tempfile::tempdir().unwrap());
    let model = folder.path().join("model.cnn");
    let written = fs::read_to_string(case.join("model.cnn")).unwrap();
    fs::write(&model, written.replace("batch_size=5", "batch_size=6")).unwrap();
    fs::copy(case.join("data.npz"), folder.path().join("data.npz")).unwrap();
    let run = |device: &str| {
        let (out, weights) = (folder.path().join(device), case.join("init.safetensors"));
        let paths = [text(&model), "--weights", text(&weights), "--out", text(&out)];
        let run = cnnc(&[&["run", "--device", device], &paths[..]].concat());
        assert!(run.status.success(), "{run:?}");
        RunDirectory::at(&out).load_history().unwrap().value
    };
    let (cpu, gpu) = (run("cpu"), run("gpu"));
    assert_eq!((cpu.epochs.len(), gpu.epochs.len()), (5, 5));
    for (cpu, gpu) in cpu.epochs.iter().zip(&gpu.epochs) {
        for (name, value) in &cpu.metrics {
            let difference = (value - gpu.metrics[name]).abs();
            assert!(difference <= 2e-4, "{name} differs by {difference:e}: {cpu:?} {gpu:?}");
        }
    }
}
