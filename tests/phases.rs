//! Runs in phases: a second `compile` and `fit` go on with the weights. `tests/phases/` holds what Keras 3.15.1 made of two of
//! them (`generate.py`); what is stopped or killed in any phase is gone on with, to the bit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::session::samples::in_memory;
use cnnc::session::{Data, Description, Interrupt, Observer, Options, Overrides, examine_text, prepare};
use compiler::shape::Shape;
use runtime::checkpoint;
use runtime::data::{Pixels, Split};
use runtime::run_directory::{History, Manifest, RunDirectory};
use runtime::train::End;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/phases").join(name)
}

fn cnnc(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).env_remove("COLUMNS").output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

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

const TEXT: &str = r#"
model small {
    Input(shape=(6, 6, 1))
    Conv2D(4, 3, activation="relu", name="a")
    BatchNormalization(name="bn")
    Dropout(0.25)
    Flatten()
    Dense(3, name="d")
}
freeze("a")
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=5, batch_size=8, seed=3, callbacks=[EarlyStopping(monitor="loss", patience=1, min_delta=0.5, restore_best_weights=True)])
thaw("a")
freeze("bn")
compile(optimizer=SGD(0.05, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=2, batch_size=5)
fit(epochs=2, batch_size=8)
"#;

fn description(text: &str) -> Description {
    examine_text(Path::new("small.cnn"), text).into_description().unwrap()
}

fn options(out: &Path, resume: bool) -> Options {
    let value = |sample: u32, place: u32| ((sample * 37 + place * 11) % 64) as f32 / 64.0 + (sample % 3) as f32 / 4.0;
    let train = Split {
        shape: Shape::map(6, 6, 1),
        pixels: Pixels::Floats(
            (0..44)
                .flat_map(|sample| (0..36).map(move |place| value(sample, place)))
                .collect(),
        ),
        labels: (0..44).map(|sample| sample % 3).collect(),
        targets: None,
    };
    Options {
        data: Data::Loaded(Box::new(in_memory("drawn", train, None).unwrap())),
        device: "cpu".to_owned(),
        directory: Some(out.to_owned()),
        resume,
        ..Options::default()
    }
}

/// Raises the interrupt when so many epochs have begun, and copies what a kill would leave there.
struct Stopping<'a> {
    interrupt: Interrupt,
    after: usize,
    begun: usize,
    phases: Vec<usize>,
    copy: Option<(&'a Path, PathBuf)>,
}

impl Observer for Stopping<'_> {
    fn begin_phase(&mut self, phase: usize, n_phases: usize, _: usize, _: usize) {
        assert_eq!(n_phases, 3);
        self.phases.push(phase);
    }

    fn begin_epoch(&mut self, _: usize, _: usize, _: usize) {
        self.begun += 1;
        if self.begun == self.after {
            if let Some((from, to)) = &self.copy {
                fs::create_dir_all(to).unwrap();
                for entry in fs::read_dir(from).unwrap() {
                    let entry = entry.unwrap();
                    fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
                }
            } else {
                self.interrupt.raise();
            }
        }
    }
}

fn trained(text: &str, out: &Path, resume: bool, after: usize, copy: Option<PathBuf>) -> (End, History, Manifest) {
    let description = description(text);
    let interrupt = Interrupt::new();
    let mut stopping = Stopping {
        interrupt: interrupt.clone(),
        after,
        begun: 0,
        phases: Vec::new(),
        copy: copy.map(|to| (out, to)),
    };
    let prepared = prepare(&description, options(out, resume), &()).unwrap();
    let trained = prepared.train(&mut stopping, &interrupt).unwrap();
    assert!(stopping.phases.is_sorted(), "{:?}", stopping.phases);
    (trained.end, trained.history, trained.manifest)
}

#[test]
fn what_is_stopped_or_killed_in_any_phase_goes_on_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let (end, history, manifest) = trained(TEXT, &whole, false, usize::MAX, None);
    assert_eq!(end, End::Done);
    // Early stopping ends the first phase, and the others go on.
    let lengths: Vec<usize> = (0..3).map(|phase| history.of_phase(phase).count()).collect();
    assert!(lengths[0] < 5 && lengths[1..] == [2, 2], "{lengths:?}");
    let epochs = history.epochs.len();
    for after in 1..=epochs {
        let stopped = folder.path().join(format!("stopped{after}"));
        let (end, part, _) = trained(TEXT, &stopped, false, after, None);
        assert!(end == End::Stopped && part.epochs.len() < after + 1);
        let killed = folder.path().join(format!("killed{after}"));
        let (_, _, again) = trained(TEXT, &folder.path().join("other"), false, after, Some(killed.clone()));
        assert_eq!(again.weights_sha256, manifest.weights_sha256);
        for path in [stopped, killed] {
            // Before the first commit there is nothing to go on from.
            if !RunDirectory::at(&path).has_run() {
                continue;
            }
            let (end, resumed, found) = trained(TEXT, &path, true, usize::MAX, None);
            assert_eq!((end, &resumed), (End::Done, &history), "{}", path.display());
            assert_eq!(found.weights_sha256, manifest.weights_sha256, "{}", path.display());
            assert_eq!(found.phase, Some(3));
        }
    }
    // The last phase may grow; the others are what the run is.
    let longer = TEXT.replace("fit(epochs=2, batch_size=8)", "fit(epochs=3, batch_size=8)");
    let (_, grown, _) = trained(&longer, &whole, true, usize::MAX, None);
    assert_eq!(grown.epochs.len(), epochs + 1);
    assert_eq!(grown.epochs[..epochs], history.epochs[..]);
    let other = TEXT.replace("fit(epochs=2, batch_size=5)", "fit(epochs=3, batch_size=5)");
    let refused = prepare(&description(&other), options(&whole, true), &())
        .err()
        .unwrap()
        .to_string();
    assert!(refused.contains("phase 2: fit: epochs"), "{refused}");
}

#[test]
fn each_phase_trains_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let weights = |text: &str, name: &str| {
        let out = folder.path().join(name);
        trained(text, &out, false, usize::MAX, None);
        checkpoint::load(&out.join("weights.safetensors")).unwrap()
    };
    let all = weights(TEXT, "all");
    let frozen = weights(&TEXT.replace("thaw(\"a\")\n", ""), "frozen");
    // Nothing but what is drawn at the beginning.
    let random = weights(
        &TEXT
            .replace("freeze(\"a\")", "freeze(\"*\")")
            .replace("thaw(\"a\")\nfreeze(\"bn\")\n", ""),
        "none",
    );
    for (name, moves) in [("a.kernel", true), ("d.kernel", true)] {
        assert_eq!(all[name] != random[name], moves, "{name}");
    }
    assert_eq!(frozen["a.kernel"], random["a.kernel"]);
    assert_ne!(frozen["d.kernel"], random["d.kernel"]);
}

#[test]
fn settings_of_the_command_line_are_of_each_phase() {
    let folder = tempfile::tempdir().unwrap();
    let description = description(TEXT);
    let run = |epochs| {
        let options = Options {
            overrides: Overrides {
                epochs: Some(epochs),
                batch_size: Some(16),
                seed: None,
            },
            ..options(&folder.path().join("run"), false)
        };
        prepare(&description, options, &())
    };
    let trained = run(1).unwrap().train(&mut (), &Interrupt::new()).unwrap();
    assert_eq!(trained.history.epochs.len(), 3);
    assert!(
        trained
            .manifest
            .phases
            .iter()
            .all(|phase| (phase.epochs, phase.batch_size) == (1, 16))
    );
    drop(trained);
    let later = TEXT.replace("fit(epochs=2, batch_size=8)", "fit(epochs=20, initial_epoch=10)");
    let description = self::description(&later);
    let options = Options {
        overrides: Overrides {
            epochs: Some(3),
            ..Overrides::default()
        },
        ..options(&folder.path().join("later"), false)
    };
    let refused = prepare(&description, options, &()).err().unwrap().to_string();
    assert_eq!(refused, "epochs=3: phase 3 of 3 begins at epoch 10");
}

#[test]
fn what_makes_no_sense_is_said_at_its_place() {
    let model = TEXT.split("freeze").next().unwrap();
    let compile = "compile(loss=SparseCategoricalCrossentropy(from_logits=True))";
    let loader =
        |mode: &str| format!("image_dataset_from_directory(\"a\", image_size=(6, 6), color_mode=\"grayscale\"{mode})");
    for (text, code, place) in [
        (format!("fit(epochs=2)\n{compile}\n"), "E0240", "fit"),
        (format!("{compile}\nfit()\n{compile}\n"), "W0241", "compile"),
        (format!("{compile}\n{compile}\nfit()\n"), "E0211", "compile"),
        (format!("{compile}\nfit()\nthaw(\"a\")\nfit()\n"), "E0233", "thaw"),
        (
            format!("{compile}\nfit()\nfreeze(\"x\")\n{compile}\nfit()\n"),
            "E0232",
            "\"x\"",
        ),
        (
            format!("{compile}\nfit(data=\"a/\")\nfit(data=\"b/\")\n"),
            "E0242",
            "\"b/\"",
        ),
        (
            format!("{compile}\nfit(data=\"a/\")\nfit(data=\"a/\", validation_split=0.5)\n"),
            "E0242",
            "0.5",
        ),
        (
            format!("{compile}\nfit(targets=\"input\")\nfit(targets=\"labels\", data=\"a/\")\n"),
            "E0242",
            "\"labels\"",
        ),
        (
            format!("{compile}\nfit(epochs=2)\nfit(epochs=2, initial_epoch=2)\n"),
            "E0411",
            "initial_epoch=2",
        ),
        (
            format!(
                "{compile}\nfit({})\nfit({})\n",
                loader(""),
                loader(", interpolation=\"area\"")
            ),
            "E0242",
            "image",
        ),
        (
            format!("{compile}\nfit(callbacks=[])\nfit(callbacks=[EarlyStopping(monitor=\"val_x\")])\n"),
            "E0428",
            "EarlyStopping",
        ),
        (
            format!("{compile}\nfit()\ncompile(loss=\"nothing\")\nfit()\n"),
            "E0402",
            "\"nothing\"",
        ),
    ] {
        let text = format!("{model}{text}");
        let examined = examine_text(Path::new("small.cnn"), &text);
        let found: Vec<_> = examined.diagnostics.iter().map(|one| one.code).collect();
        let Some(one) = examined.diagnostics.iter().find(|one| one.code == code) else {
            panic!("{code}: {found:?} of {text}");
        };
        let span = one.labels[0].span;
        let at = &text[span.start as usize..];
        assert!(at.contains(place), "{code}: {at}");
    }
    // What is right.
    for text in [
        format!("{compile}\nfit(epochs=10)\nfit(epochs=20, initial_epoch=10)\n"),
        format!(
            "train = {}\nvalid = {}\n{compile}\nfit(train)\nfit(train, validation_data=valid)\n",
            loader(""),
            loader("")
        ),
        format!("{compile}\nfit({})\nfit({})\n", loader(""), loader(", batch_size=4")),
        "fit(epochs=2)\nfreeze(\"a\")\n".to_owned(),
    ] {
        let text = format!("{model}{text}");
        let examined = examine_text(Path::new("small.cnn"), &text);
        assert!(!examined.failed(), "{text}: {:?}", examined.diagnostics);
    }
}

/// Hears what is said between epochs.
#[derive(Default)]
struct Lines(Vec<String>);

impl Observer for Lines {
    fn features(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }
}

const FROZEN: &str = r#"
model small {
    Input(shape=(6, 6, 1))
    Conv2D(8, 3, padding="same", activation="relu", name="a")
    BatchNormalization(name="bn")
    MaxPooling2D(name="pool")
    Flatten(name="flat")
    Dropout(0.25, name="drop")
    Dense(16, activation="relu", name="b")
    Dense(3, name="d")
}
freeze("a")
freeze("bn")
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=3, batch_size=8, seed=3, validation_split=0.25)
compile(optimizer=SGD(0.05, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=2, batch_size=5)
fit(epochs=2, batch_size=8)
thaw("*")
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=1)
"#;

#[test]
fn what_a_frozen_part_makes_is_computed_once_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, text: &str, device: &str| {
        let out = folder.path().join(name);
        let options = Options {
            device: device.to_owned(),
            ..options(&out, false)
        };
        let description = description(text);
        let mut lines = Lines::default();
        let trained = prepare(&description, options, &()).unwrap();
        let mut trained = trained.train(&mut lines, &Interrupt::new()).unwrap();
        // It can be asked and judged as any other.
        assert_eq!(trained.judge().unwrap().answers.len(), 11);
        (
            trained.history,
            checkpoint::load(&out.join("weights.safetensors")).unwrap(),
            lines.0,
        )
    };
    for device in ["cpu", "gpu"] {
        let (history, weights, lines) = run(device, FROZEN, device);
        let line = "All up to pool is frozen: computed once, 44 samples of 3x3x8, ";
        assert!(
            lines.len() == 3 && lines.iter().all(|told| told.starts_with(line)),
            "{lines:?}"
        );
        // Noise of nothing before the frozen layers: nothing is computed once, and all else is as it was.
        let noisy = FROZEN.replace("    Conv2D(8", "    GaussianNoise(1e-30)\n    Conv2D(8");
        let (other, others, lines) = run(&format!("{device}-noisy"), &noisy, device);
        assert_eq!(lines, Vec::<String>::new());
        for (one, other) in history.epochs.iter().zip(&other.epochs) {
            for (name, value) in &one.metrics {
                assert!(
                    (value - other.metrics[name]).abs() <= 1e-6,
                    "{device}: {name} {value} {}",
                    other.metrics[name]
                );
            }
        }
        for (name, tensor) in &weights {
            for (one, other) in tensor.values.iter().zip(&others[name].values) {
                assert!((one - other).abs() <= 1e-6, "{device}: {name} {one} {other}");
            }
        }
    }
    // A layer that goes by the batch, nothing that is frozen, one epoch, and a way around.
    let around = FROZEN
        .replace("    Dropout(0.25, name=\"drop\")\n", "    drop = Dropout(0.25)\n")
        .replace(
            "    Flatten(name=\"flat\")\n",
            "    raw = Flatten()(input)\n    Flatten()(pool)\n",
        )
        .replace("    MaxPooling2D(name=\"pool\")\n", "    pool = MaxPooling2D()\n")
        .replace("    Dense(16", "    Concatenate()([drop, raw])\n    Dense(16");
    for (text, line) in [
        (FROZEN.replace("freeze(\"bn\")\n", ""), Some("All up to a is frozen")),
        (FROZEN.replace("freeze(\"a\")\nfreeze(\"bn\")\n", ""), None),
        (FROZEN.replace("fit(epochs=3", "fit(epochs=1"), None),
        (around, None),
    ] {
        let once = text.split("compile(optimizer=SGD").next().unwrap();
        let told = run("none", once, "cpu").2;
        assert_eq!(told.len(), usize::from(line.is_some()), "{once}: {told:?}");
        assert!(
            told.iter().zip(line).all(|(told, line)| told.starts_with(line)),
            "{told:?}"
        );
    }
}

#[test]
fn what_is_stopped_goes_on_to_the_bit_with_features_too() {
    let folder = tempfile::tempdir().unwrap();
    let run = |out: &Path, resume: bool, after: usize| {
        let description = description(FROZEN);
        let interrupt = Interrupt::new();
        let mut stopping = Epochs {
            interrupt: interrupt.clone(),
            left: after,
        };
        let trained = prepare(&description, options(out, resume), &()).unwrap();
        let trained = trained.train(&mut stopping, &interrupt).unwrap();
        (trained.end, trained.history, trained.manifest.weights_sha256)
    };
    let whole = run(&folder.path().join("whole"), false, usize::MAX);
    assert_eq!(whole.0, End::Done);
    for after in 1..=8 {
        let out = folder.path().join(after.to_string());
        assert_eq!(run(&out, false, after).0, End::Stopped);
        assert_eq!(run(&out, true, usize::MAX), whole, "{after}");
    }
}

/// Raises the interrupt when so many epochs have begun.
struct Epochs {
    interrupt: Interrupt,
    left: usize,
}

impl Observer for Epochs {
    fn begin_epoch(&mut self, _: usize, _: usize, _: usize) {
        self.left -= 1;
        if self.left == 0 {
            self.interrupt.raise();
        }
    }
}

#[test]
fn explanations_and_checks_speak_of_every_phase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.cnn");
    fs::write(&path, TEXT).unwrap();
    let said = |arguments: &[&str]| {
        let output = cnnc(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    // a 40, bn 8 and 8 that never train, d 195.
    let verbose = said(&["check", "--verbose", text(&path)]);
    for line in [
        "Phase 1/3: 203 of 251",
        "Phase 2/3: 235 of 251",
        "Phase 3/3: 235 of 251",
    ] {
        assert!(verbose.contains(line), "{verbose}");
    }
    let explained = said(&["explain", text(&path), "--format", "markdown"]);
    let words = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "Phase 1: 203 of 251 parameters train, 5 epochs of batches of 8 pictures with Adam from its beginning.",
        "Phase 3: 235 of 251 parameters train, 2 epochs of batches of 8 pictures, going on with the optimizer.",
    ] {
        assert!(words.contains(sentence), "{words}");
    }
    let ir = said(&["emit", "ir", text(&path)]);
    let ir: serde_yaml::Value = serde_yaml::from_str(&ir).unwrap();
    let phases = ir["phases"].as_sequence().unwrap();
    assert_eq!(phases.len(), 2);
    assert_eq!(phases[0]["frozen"][0].as_str(), Some("bn"));
    assert!(phases[0]["compile"].is_mapping() && phases[1]["compile"].is_null());
}

/// Killed at operations on the disk all over the run, in each of its phases, it ends with the bits of one that was not.
#[test]
#[cfg(debug_assertions)]
fn a_kill_in_any_phase_changes_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let model = fixture("fine_tuned").join("model.cnn");
    let run = |out: &Path, kill: Option<usize>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        command.args(["run", text(&model), "--quiet", "--device", "cpu", "--out", text(out)]);
        command.env("CNNC_TEST_COMMIT_MS", "0");
        if let Some(kill) = kill {
            command.env("CNNC_TEST_KILL_AT", kill.to_string());
        }
        if RunDirectory::at(out).has_run() {
            command.arg("--resume");
        }
        command.output().unwrap().status.success()
    };
    let left = |out: &Path| {
        let manifest = RunDirectory::at(out).load_manifest().unwrap();
        (manifest.weights_sha256, fs::read(out.join("history.csv")).unwrap())
    };
    let whole = folder.path().join("whole");
    assert!(run(&whole, None));
    let (mut kills, mut phases) = (0, Vec::new());
    for kill in (1..).step_by(41) {
        let out = folder.path().join(kill.to_string());
        if run(&out, Some(kill)) {
            break;
        }
        if let Ok(manifest) = RunDirectory::at(&out).load_manifest() {
            phases.extend(manifest.phase);
        }
        assert!(run(&out, None), "{kill}");
        assert_eq!(left(&out), left(&whole), "{kill}");
        kills += 1;
    }
    phases.dedup();
    assert!(kills > 5 && phases == [1, 2, 3], "{kills}: {phases:?}");
}
