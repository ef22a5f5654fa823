use super::names::OPTIMIZER;
use super::*;
use crate::data::Reading;
use crate::executor::{Memory, Tally};
use crate::parameters::initial_parameters;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::training::fit::Fit;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const TEXT: &str = r#"
model small {
    Input(shape=(4, 4, 1))
    Conv2D(3, 2, activation="relu", name="conv")
    Flatten()
    Dense(5, name="dense")
}
compile(optimizer=Adam(learning_rate=0.01), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=3, batch_size=8, validation_split=0.25)
"#;

fn checked(text: &str) -> CheckedNetwork {
    let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
    compiler::check::check_file(&grammar::parse(&source).unwrap())
        .unwrap()
        .0
}

fn plan() -> Plan {
    compiler::plan_of(&checked(TEXT), Sharing::Shared)
}

fn identity(text: &str, change: impl FnOnce(&mut Fit)) -> Identity {
    let network = checked(text);
    let mut fit = network.network().fit.clone();
    change(&mut fit);
    Identity::of(&network, &[fit]).unwrap()
}

fn manifest() -> Manifest {
    Manifest {
        cnnc: "0.1.0".to_owned(),
        model: "small".to_owned(),
        data: "mnist".to_owned(),
        data_path: None,
        validation_path: None,
        description_folder: None,
        pixels: None,
        data_origin: "8,000 + 2,000: carried".to_owned(),
        data_sha256: "00ff".to_owned(),
        class_names: Some(vec!["cat".to_owned(), "no".to_owned()]),
        pictures: Some(Reading::Keras),
        seed: u64::MAX,
        batch_size: 8,
        epochs: 0,
        phase: None,
        phases: Vec::new(),
        step: 0,
        device: "cpu".to_owned(),
        driver: None,
        wall_seconds: 0.0,
        state: None,
        weights_sha256: String::new(),
        history_sha256: None,
        description_sha256: Some("ab".repeat(32)),
        description: "# a: comment\nmodel m {\n    Dense(10)\n}\n".to_owned(),
    }
}

fn state(plan: &Plan, epochs: usize, steps: usize) -> State<'static> {
    let epoch = |epoch| Epoch {
        phase: 0,
        epoch,
        metrics: BTreeMap::from([
            ("loss".to_owned(), 0.1 / (epoch + 1) as f64),
            ("nan".to_owned(), f64::INFINITY),
        ]),
    };
    let parameters = initial_parameters(plan, (epochs * 1000 + steps) as u64);
    State {
        standing: Cow::Owned(Standing {
            phase: 0,
            history: History {
                epochs: (0..epochs).map(epoch).collect(),
            },
            tally: Tally {
                steps,
                samples: steps * 8,
                loss: 0.1 + 0.2,
                correct: 3.0,
                counters: vec![7.0, 0.1 + 0.2],
                on_device: vec![0.1, -0.0, f32::MIN_POSITIVE, 7.0],
            },
            best: Some(parameters.iter().map(|parameter| parameter * 0.5).collect()),
        }),
        memory: Memory::owned(
            parameters.clone(),
            vec![parameters.iter().map(|value| value * 0.5).collect(); 2],
        ),
        wall_seconds: 1.25,
    }
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What `run.yaml` names, as a resumed run reads it.
fn resumed(folder: &Path) -> crate::error::Result<State<'static>> {
    let mut run = OpenRun::create(folder)?;
    let manifest = run.directory().load_manifest()?;
    run.resume(&plan(), &manifest)
}

#[test]
fn a_run_comes_back_whole() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = folder.path().join("runs/small");
    let mut run = OpenRun::create(&path).unwrap();
    assert!(!run.directory().has_run());
    assert_eq!(listing(&path), [".lock"]);
    let (mut manifest, first, second) = (manifest(), state(&plan, 1, 2), state(&plan, 3, 0));
    run.commit(&plan, &first, &mut manifest, false).unwrap();
    assert_eq!((manifest.epochs, manifest.step), (1, 2));
    run.commit(&plan, &second, &mut manifest, true).unwrap();
    let name = "state-000003-000000.safetensors";
    assert_eq!(manifest.state.as_ref().unwrap().file, name);
    drop(run);
    assert_eq!(listing(&path), [HISTORY, MANIFEST, name, WEIGHTS]);
    let directory = RunDirectory::at(&path);
    assert_eq!(directory.load_manifest().unwrap(), manifest);
    assert_eq!(resumed(&path).unwrap(), second);
    let parameters = directory.load_parameters(&plan, &manifest).unwrap();
    assert_eq!(
        (parameters.value, parameters.note),
        (second.memory.parameters.into_owned(), None)
    );
    let history = directory.load_history().unwrap();
    assert_eq!(
        (history.value, history.note),
        (second.standing.into_owned().history, None)
    );
    // The description is text as a person wrote it, not one escaped line.
    let yaml = fs::read_to_string(path.join(MANIFEST)).unwrap();
    assert!(yaml.contains("\n  model m {\n"), "{yaml}");
}

#[test]
fn one_bit_that_flipped_is_told_of_and_signed_by_nobody() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let mut manifest = manifest();
    OpenRun::create(folder.path())
        .unwrap()
        .commit(&plan, &state(&plan, 1, 2), &mut manifest, true)
        .unwrap();
    let path = folder.path().join(&manifest.state.as_ref().unwrap().file);
    let whole = fs::read(&path).unwrap();
    for at in [0, 20, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&path, &bytes).unwrap();
        let error = resumed(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("the sha256 that run.yaml records") && error.ends_with("the file is damaged"),
            "{error}"
        );
    }
    fs::write(&path, &whole).unwrap();
    // What run.yaml says of the state is the state's.
    let yaml = fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
    for (right, wrong, told) in [
        ("epochs: 1", "epochs: 2", "expected epochs 2, as run.yaml says, found 1"),
        ("step: 2", "step: 1", "expected step 1, as run.yaml says, found 2"),
        (
            "batch_size: 8",
            "batch_size: 9",
            "expected batch_size 9, as run.yaml says, found 8",
        ),
        (
            "batch_size: 8",
            "batch_size: 0",
            "expected batch_size from 1 to 1048576, found 0",
        ),
        (
            "epochs: 1",
            "epochs: 18446744073709551615",
            "expected epochs from 0 to 1000000, found 18446744073709551615",
        ),
        (
            "wall_seconds: 1.25",
            "wall_seconds: .nan",
            "expected wall_seconds of at least 0, found NaN",
        ),
        ("file: state-", "file: ../state-", "expected the name of a state file"),
    ] {
        assert!(yaml.contains(right), "{right}");
        fs::write(folder.path().join(MANIFEST), yaml.replace(right, wrong)).unwrap();
        let error = resumed(folder.path()).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

/// Every file for other programs may be an older one: a run that was killed leaves it so.
#[test]
fn files_that_are_not_the_last_are_told_of_and_written_again() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let (path, mut manifest, last) = (folder.path(), manifest(), state(&plan, 2, 0));
    let mut run = OpenRun::create(path).unwrap();
    run.commit(&plan, &state(&plan, 1, 0), &mut manifest, false).unwrap();
    let older = [WEIGHTS, HISTORY].map(|name| fs::read(path.join(name)).unwrap());
    run.commit(&plan, &last, &mut manifest, false).unwrap();
    let newer = [WEIGHTS, HISTORY].map(|name| fs::read(path.join(name)).unwrap());
    for (name, bytes) in [WEIGHTS, HISTORY].iter().zip(&older) {
        fs::write(path.join(name), bytes).unwrap();
    }
    let directory = run.directory().clone();
    let parameters = directory.load_parameters(&plan, &manifest).unwrap();
    assert_eq!(parameters.value, *last.memory.parameters);
    assert!(
        parameters
            .note
            .unwrap()
            .contains("is not the weights.safetensors that run.yaml records")
    );
    let history = directory.recorded_history(&plan, &manifest).unwrap();
    assert_eq!(history.value, last.standing.history);
    assert!(history.note.is_some());
    assert!(directory.load_history().unwrap().note.is_some());
    let beside = RunDirectory::beside(&path.join(WEIGHTS)).unwrap().unwrap();
    assert!(
        beside
            .note
            .unwrap()
            .contains("is not the file that run.yaml beside it records")
    );
    run.export(&plan, &last, &manifest).unwrap();
    assert_eq!([WEIGHTS, HISTORY].map(|name| fs::read(path.join(name)).unwrap()), newer);
    assert!(
        RunDirectory::beside(&path.join(WEIGHTS))
            .unwrap()
            .unwrap()
            .note
            .is_none()
    );
    // With the state gone too, there is nothing that could be taken for the run's.
    fs::write(path.join(WEIGHTS), &older[0]).unwrap();
    fs::remove_file(path.join(&manifest.state.as_ref().unwrap().file)).unwrap();
    let error = directory.load_parameters(&plan, &manifest).unwrap_err().to_string();
    assert!(
        error.contains("weights.safetensors: expected the file that run.yaml records"),
        "{error}"
    );
}

#[test]
fn a_new_run_leaves_the_old_one_whole_until_it_commits() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = folder.path();
    let old = state(&plan, 2, 1);
    OpenRun::create(path)
        .unwrap()
        .commit(&plan, &old, &mut manifest(), true)
        .unwrap();
    fs::write(path.join(REPORT), "old").unwrap();
    fs::write(path.join(OPTIMIZER), "old").unwrap();
    fs::write(path.join("notes.txt"), "a person's").unwrap();
    drop(OpenRun::create(path).unwrap());
    assert_eq!(resumed(path).unwrap(), old);
    // At the same place, so that the state would be called the same.
    let (mut run, mut manifest, mut new) = (OpenRun::create(path).unwrap(), manifest(), state(&plan, 2, 1));
    new.memory.parameters.to_mut()[0] = 42.0;
    run.commit(&plan, &new, &mut manifest, true).unwrap();
    drop(run);
    let other = "state-000002-000001-b.safetensors";
    assert_eq!(listing(path), [HISTORY, "notes.txt", MANIFEST, other, WEIGHTS]);
    assert_eq!(resumed(path).unwrap(), new);
}

#[test]
fn what_a_killed_run_left_is_swept() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = folder.path();
    let mut manifest = manifest();
    OpenRun::create(path)
        .unwrap()
        .commit(&plan, &state(&plan, 1, 0), &mut manifest, true)
        .unwrap();
    let whole = listing(path);
    for left in [
        "state-000001-000007.safetensors",
        ".state-000001-000009.safetensors.Ab12cd",
        ".run.yaml.Ab12cd",
        ".weights.safetensors.Ab12cd",
        ".lock",
    ] {
        fs::write(path.join(left), "left").unwrap();
    }
    drop(OpenRun::create(path).unwrap());
    assert_eq!(listing(path), whole);
    // Of a run.yaml that cannot be read nobody knows which state it names.
    fs::write(path.join(MANIFEST), "cut off").unwrap();
    drop(OpenRun::create(path).unwrap());
    assert_eq!(listing(path), whole);
}

#[test]
fn a_folder_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = OpenRun::create(&path).unwrap_err().to_string();
        let expected = format!("cannot create the folder {}: ", path.display());
        assert!(error.starts_with(&expected), "{error}");
    }
    let path = folder.path().join("run");
    let mut run = OpenRun::create(&path).unwrap();
    let error = run.directory().load_manifest().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot read {}", path.join(MANIFEST).display())),
        "{error}"
    );
    fs::write(path.join(MANIFEST), "cnnc: 1\n").unwrap();
    let error = run.directory().load_manifest().unwrap_err().to_string();
    assert!(error.contains("expected the manifest of a run, found "), "{error}");
    fs::remove_dir_all(&path).unwrap();
    let plan = plan();
    let error = run
        .commit(&plan, &state(&plan, 1, 0), &mut manifest(), true)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cannot write ") && error.contains("state-000001-000000.safetensors"),
        "{error}"
    );
}

/// Whoever runs this may write anywhere, so that permissions would not do; the kernel's own folders refuse all.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_named() {
    let error = OpenRun::create(Path::new("/proc/self")).unwrap_err().to_string();
    assert!(error.starts_with("cannot write to the folder /proc/self: "), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in [MANIFEST, HISTORY, WEIGHTS] {
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(name)).unwrap();
    }
    let directory = RunDirectory::at(folder.path());
    let told = "expected a file, found a device, a socket or a pipe";
    assert!(directory.load_manifest().unwrap_err().to_string().ends_with(told));
    assert!(directory.load_history().unwrap_err().to_string().ends_with(told));
    let error = crate::parameters::load_parameters(&plan(), &folder.path().join(WEIGHTS)).unwrap_err();
    assert!(error.to_string().ends_with(told), "{error}");
}

#[test]
fn another_run_differs_in_what_is_told() {
    let then = identity(TEXT, |_| ());
    let cases = [
        (
            "Adam(learning_rate=0.01)",
            "Adam(learning_rate=0.02)",
            "compile: optimizer: learning_rate",
            "0.01",
            "0.02",
        ),
        (
            "Adam(learning_rate=0.01)",
            "\"sgd\"",
            "compile: optimizer: name",
            "Adam",
            "SGD",
        ),
        ("Dense(5,", "Dense(6,", "layer dense: units", "5", "6"),
        (
            "Conv2D(3, 2,",
            "Conv2D(3, (2, 1),",
            "layer conv: kernel_size",
            "(2, 2)",
            "(2, 1)",
        ),
        ("    Flatten()\n", "    Flatten()\n    Dropout(0.5)\n", "", "", ""),
        (
            "validation_split=0.25",
            "validation_split=0.5",
            "fit: validation_split",
            "0.25",
            "0.5",
        ),
        (
            "batch_size=8",
            "batch_size=8, shuffle=False",
            "fit: shuffle",
            "True",
            "False",
        ),
        (
            "batch_size=8",
            "batch_size=8, initial_epoch=1",
            "fit: initial_epoch",
            "0",
            "1",
        ),
        ("batch_size=8", "batch_size=9", "fit: batch_size", "8", "9"),
        ("batch_size=8", "batch_size=8, seed=1", "fit: seed", "0", "1"),
        (
            "name=\"dense\"",
            "name=\"other\"",
            "layer 4",
            "dense (Dense)",
            "other (Dense)",
        ),
        (
            "    Dense(5, name=\"dense\")",
            "    Dense(4, name=\"more\")\n    Dense(5, name=\"dense\")",
            "layer 4",
            "dense (Dense)",
            "dense (Dense)",
        ),
    ];
    for (right, wrong, what, was, is) in cases {
        assert!(TEXT.contains(right), "{right}");
        let text = TEXT.replacen(right, wrong, 1);
        let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
        let (network, _) = compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
        let now = Identity::of(&network, &[network.network().fit.clone()]).unwrap();
        assert_ne!(then.sha256(), now.sha256(), "{wrong}");
        let found = then.difference(&now).unwrap();
        if !what.is_empty() && wrong.lines().count() == 1 {
            assert_eq!(
                (found.what.as_str(), found.then.as_str(), found.now.as_str()),
                (what, was, is)
            );
        } else {
            assert!(found.what.starts_with("layer 4"), "{found:?}");
        }
    }
    // Words that change no number, and epochs, which may grow.
    let text = TEXT
        .replace("model", "# a comment\nmodel")
        .replace("epochs=3", "epochs=30");
    let same = identity(&text, |_| ());
    assert_eq!((then.sha256(), then.difference(&same)), (same.sha256(), None));
    // What the command line says counts, not what it says it over.
    let given = identity(&TEXT.replace("batch_size=8", "batch_size=16"), |fit| fit.batch_size = 8);
    assert_eq!(then.sha256(), given.sha256());
    let seed = identity(TEXT, |fit| fit.seed = 7);
    assert_eq!(then.difference(&seed).unwrap().what, "fit: seed");
}
