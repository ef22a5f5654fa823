//! What a frozen part makes of the samples, computed once.

use crate::support::{description, options};
use cnnc::session::{Interrupt, Observer, Options, prepare};
use runtime::checkpoint;
use runtime::train::End;
use std::path::Path;

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
