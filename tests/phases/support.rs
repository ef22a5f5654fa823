//! The network in three phases that the tests train, and how.

use cnnc::session::samples::in_memory;
use cnnc::session::{Data, Description, Interrupt, Observer, Options, examine_text, prepare};
use compiler::shape::Shape;
use runtime::data::{Pixels, Split};
use runtime::run_directory::{History, Manifest};
use runtime::train::End;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/phases").join(name)
}

pub fn cnnc(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).env_remove("COLUMNS").output().unwrap()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub const TEXT: &str = r#"
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

pub fn description(text: &str) -> Description {
    examine_text(Path::new("small.cnn"), text).into_description().unwrap()
}

pub fn options(out: &Path, resume: bool) -> Options {
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

pub fn trained(text: &str, out: &Path, resume: bool, after: usize, copy: Option<PathBuf>) -> (End, History, Manifest) {
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
