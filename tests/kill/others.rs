//! Runs that are not gone on with, and files that are not what they should be.

use super::support::{NET, Place, said};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn another_run_is_not_gone_on_with() {
    let place = Place::new();
    let refused = |command: &mut Command, told: &[&str]| {
        let before = fs::read(place.path("out/run.yaml")).unwrap();
        let ran = command.output().unwrap();
        assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
        for told in told {
            assert!(said(&ran).contains(told), "{told}: {}", said(&ran));
        }
        assert_eq!(
            fs::read(place.path("out/run.yaml")).unwrap(),
            before,
            "nothing is signed anew"
        );
    };
    let whole = place.finish("out", "cpu");
    let net = place.path("net.cnn");
    for (right, wrong, told) in [
        (
            "\"adam\"",
            "\"sgd\"",
            "compile: optimizer: name was Adam, and is SGD here",
        ),
        ("\"adam\"", "Adam(beta_1=0.8)", "beta_1 was 0.9, and is 0.8 here"),
        ("Dense(4)", "Dense(5)", "layer dense: units was 4, and is 5 here"),
        ("seed=3", "seed=4", "fit: seed was 3, and is 4 here"),
        ("batch_size=16", "batch_size=8", "fit: batch_size was 16, and is 8 here"),
        ("seed=3", "seed=3, validation_split=0.2", "fit: validation_split was 0"),
        (
            "seed=3",
            "seed=3, shuffle=False",
            "fit: shuffle was True, and is False here",
        ),
    ] {
        fs::write(&net, NET.replace(right, wrong)).unwrap();
        refused(&mut place.command("out", "cpu"), &[told, "the run in out was another"]);
    }
    fs::write(&net, NET).unwrap();
    refused(place.command("out", "cpu").args(["--data", "mnist"]), &["6x6"]);
    let labels = place.path("digits/train-labels-idx1-ubyte");
    let kept = fs::read(&labels).unwrap();
    let mut other = kept.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&labels, other).unwrap();
    refused(&mut place.command("out", "cpu"), &["the sha256 of its data"]);
    fs::write(&labels, kept).unwrap();
    // A bit of the state.
    let state = fs::read_dir(place.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let state = state
        .into_iter()
        .find(|path| path.to_string_lossy().contains("state-"))
        .unwrap();
    let bytes = fs::read(&state).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&state, flipped).unwrap();
    refused(&mut place.command("out", "cpu"), &["the file is damaged"]);
    fs::write(&state, bytes).unwrap();
    // And the run itself, with nothing more to do, and with one epoch more than it was to have.
    assert_eq!(place.finish("out", "cpu"), whole);
    let ran = place.command("out", "cpu").args(["--epochs", "3"]).output().unwrap();
    assert!(ran.status.success(), "{}", said(&ran));
    let more = place.outcome("out");
    let ran = place.begin("three", "cpu").args(["--epochs", "3"]).output().unwrap();
    assert!(ran.status.success(), "{}", said(&ran));
    assert_eq!(place.outcome("three"), more);
}

/// A run that was killed between its commit and the files for other programs leaves older ones.
#[test]
fn older_weights_are_told_of() {
    let place = Place::new();
    place.finish("out", "cpu");
    let weights = place.path("out/weights.safetensors");
    let right = fs::read(&weights).unwrap();
    let mut older = right.clone();
    *older.last_mut().unwrap() ^= 1;
    fs::write(&weights, older).unwrap();
    let cnnc = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        let home = place.home.path();
        let ran = command
            .env("XDG_CACHE_HOME", home)
            .env("HOME", home)
            .current_dir(home)
            .args(arguments)
            .output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{}", said(&ran));
        said(&ran)
    };
    let told = cnnc(&[
        "eval",
        "net.cnn",
        "--device",
        "cpu",
        "--weights",
        "out/weights.safetensors",
    ]);
    assert!(
        told.contains("is not the file that run.yaml beside it records"),
        "{told}"
    );
    let told = cnnc(&["report", "out", "--device", "cpu"]);
    assert!(told.contains("what the run's state has is taken"), "{told}");
    place.finish("out", "cpu");
    assert!(fs::read(&weights).unwrap() == right);
    let told = cnnc(&[
        "eval",
        "net.cnn",
        "--device",
        "cpu",
        "--weights",
        "out/weights.safetensors",
    ]);
    assert!(!told.contains("warning"), "{told}");
}

/// What has no end, where a file is expected: an error at once.
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let place = Place::new();
    place.finish("out", "cpu");
    let fifo = place.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let refused = |arguments: &[&str], told: &str| {
        let home = place.home.path();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cnnc"))
            .env("XDG_CACHE_HOME", home)
            .env("HOME", home)
            .current_dir(home)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                child.kill().unwrap();
                panic!("{arguments:?} waits for ever");
            }
            sleep(Duration::from_millis(5));
        };
        let text = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}: {text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    };
    let device = ["--device", "cpu"];
    for endless in ["fifo", "/dev/zero"] {
        let told = "expected a file, found a device, a socket or a pipe";
        for command in [
            vec!["run", "net.cnn", "--out", "never", "--weights", endless],
            vec!["eval", "net.cnn", "--weights", endless],
        ] {
            refused(&[command.as_slice(), &device].concat(), told);
        }
        for name in ["run.yaml", "history.csv", "weights.safetensors"] {
            let (path, kept) = (place.path("out").join(name), place.path("kept"));
            fs::rename(&path, &kept).unwrap();
            std::os::unix::fs::symlink(
                if endless == "fifo" {
                    fifo.as_path()
                } else {
                    Path::new(endless)
                },
                &path,
            )
            .unwrap();
            refused(&["report", "out", "--device", "cpu"], told);
            if name == "run.yaml" {
                refused(&["run", "net.cnn", "--out", "out", "--resume", "--device", "cpu"], told);
            }
            fs::remove_file(&path).unwrap();
            fs::rename(&kept, &path).unwrap();
        }
    }
    // Numbers that no run has.
    let path = place.path("out/run.yaml");
    let yaml = fs::read_to_string(&path).unwrap();
    for (right, wrong) in [
        ("batch_size: 16", "batch_size: 0"),
        ("batch_size: 16", "batch_size: 18446744073709551615"),
        ("epochs: 2", "epochs: 18446744073709551615"),
        ("step: 0", "step: 18446744073709551615"),
    ] {
        assert!(yaml.contains(right), "{yaml}");
        fs::write(&path, yaml.replacen(right, wrong, 1)).unwrap();
        refused(&["report", "out", "--device", "cpu"], "run.yaml");
        refused(
            &["run", "net.cnn", "--out", "out", "--resume", "--device", "cpu"],
            "run.yaml",
        );
    }
}
