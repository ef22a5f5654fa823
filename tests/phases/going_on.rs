//! Runs in phases that are stopped or killed, and go on.

use crate::support::{TEXT, description, fixture, options, text, trained};
use cnnc::session::{Interrupt, Options, Overrides, prepare};
use runtime::checkpoint;
use runtime::run_directory::RunDirectory;
use runtime::train::End;
use std::fs;
use std::path::Path;
use std::process::Command;

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
