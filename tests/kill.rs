//! Runs that die, are stopped or find the disk full, at any moment, and are gone on with: the weights and the history are
//! those of a run that nobody disturbed, to the bit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(unix)]

use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Two epochs of three steps.
const NET: &str = r#"
model small {
    Input(shape=(6, 6, 1))
    Conv2D(3, 3, activation="relu")
    Flatten()
    Dense(4)
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="./digits/", epochs=2, batch_size=16, seed=3)
"#;

/// After every step, so that there are many moments to die in.
const OFTEN: (&str, &str) = ("CNNC_TEST_COMMIT_MS", "0");

struct Place {
    home: TempDir,
    /// The description that is run.
    file: &'static str,
}

/// A sha256 of weights, and a history.
type Outcome = (String, String);

impl Place {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let digits = home.path().join("digits");
        fs::create_dir(&digits).unwrap();
        let mut draw = 1_u32;
        let mut byte = || {
            draw = draw.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (draw >> 24) as u8
        };
        for (name, count) in [("train", 40_u32), ("t10k", 12)] {
            let sizes = [count, 6, 6].map(u32::to_be_bytes).concat();
            let pixels: Vec<u8> = (0..count * 36).map(|_| byte()).collect();
            let images = [&[0, 0, 8, 3], sizes.as_slice(), &pixels].concat();
            fs::write(digits.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
            let labels: Vec<u8> = (0..count).map(|_| byte() % 4).collect();
            let labels = [&[0, 0, 8, 1], count.to_be_bytes().as_slice(), &labels].concat();
            fs::write(digits.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
        }
        fs::write(home.path().join("net.cnn"), NET).unwrap();
        fs::write(home.path().join("long.cnn"), NET.replace("epochs=2", "epochs=40")).unwrap();
        Self { home, file: "net.cnn" }
    }

    fn path(&self, out: &str) -> PathBuf {
        self.home.path().join(out)
    }

    /// `cnnc run`, with `--resume` where there is a run.
    fn command(&self, out: &str, device: &str) -> Command {
        let mut command = self.begin(out, device);
        if self.path(out).join("run.yaml").exists() {
            command.arg("--resume");
        }
        command
    }

    fn begin(&self, out: &str, device: &str) -> Command {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        command
            .env("XDG_CACHE_HOME", home)
            .env("HOME", home)
            .env(OFTEN.0, OFTEN.1)
            .current_dir(home)
            .args(["run", self.file, "--quiet", "--device", device, "--out", out])
            .stderr(Stdio::piped());
        command
    }

    /// Goes on to the end, undisturbed.
    fn finish(&self, out: &str, device: &str) -> Outcome {
        let ran = self.command(out, device).output().unwrap();
        assert!(ran.status.success(), "{}", said(&ran));
        self.outcome(out)
    }

    fn outcome(&self, out: &str) -> Outcome {
        let read = |name| fs::read(self.path(out).join(name)).unwrap();
        let sum = Sha256::digest(read("weights.safetensors"));
        let sum = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        (sum, String::from_utf8(read("history.csv")).unwrap())
    }

    /// The names in a run directory, a state's without its place.
    fn listing(&self, out: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(out)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| {
                if name.starts_with("state-") {
                    "state".to_owned()
                } else {
                    name
                }
            })
            .collect();
        names.sort();
        names
    }

    fn assert_tidy(&self, out: &str) {
        let mut files = vec!["history.csv", "report.html", "run.yaml", "state", "weights.safetensors"];
        files.retain(|&name| name != "report.html" || cfg!(feature = "pictures"));
        assert_eq!(self.listing(out), files, "{out}");
    }
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).into_owned()
}

fn signal(child: &Child, name: &str) {
    // One that has just ended cannot be signalled.
    let _ = Command::new("kill")
        .args([name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

/// Every operation on the disk, one after the other, is the last one; `some`: which of them.
#[cfg(debug_assertions)]
fn killed_at(device: &str, some: impl Fn(u32) -> bool) {
    let place = Place::new();
    let whole = place.finish("whole", device);
    place.assert_tidy("whole");
    let mut died = 0;
    for at in (1..).filter(|&at| some(at)) {
        let out = format!("{at}");
        let mut command = place.command(&out, device);
        let ran = command.env("CNNC_TEST_KILL_AT", at.to_string()).output().unwrap();
        if ran.status.success() {
            break;
        }
        assert_eq!(ran.status.code(), None, "killed, and not ended: {}", said(&ran));
        died += 1;
        assert!(
            place.finish(&out, device) == whole,
            "killed at operation {at} on {device}"
        );
        place.assert_tidy(&out);
        fs::remove_dir_all(place.path(&out)).unwrap();
    }
    assert!(died > 3, "{died}");
}

#[cfg(debug_assertions)]
#[test]
fn a_kill_at_any_operation_changes_no_bit_on_the_cpu() {
    killed_at("cpu", |_| true);
}

#[cfg(debug_assertions)]
#[test]
fn a_kill_at_some_operations_changes_no_bit_on_a_gpu() {
    killed_at("gpu", |at| at % 9 == 7);
}

/// A new run in the directory of an old one: there is the old one or the new one, and never a mixture.
#[cfg(debug_assertions)]
#[test]
fn a_kill_before_the_first_commit_leaves_the_old_run() {
    let place = Place::new();
    let new = place.finish("new", "cpu");
    // The old one is in the middle of an epoch, and of another seed.
    let old_command = |out: &str| {
        let mut command = place.command(out, "cpu");
        command.args(["--seed", "8"]);
        command
    };
    let finish_old = |out: &str| {
        assert!(old_command(out).status().unwrap().success());
        place.outcome(out)
    };
    let old = finish_old("old");
    assert_ne!(old, new);
    let mut kept = [0, 0];
    for at in 1.. {
        let out = format!("{at}");
        let ran = old_command(&out).env("CNNC_TEST_KILL_AT", "40").output().unwrap();
        assert_eq!(ran.status.code(), None, "{}", said(&ran));
        let before = fs::read(place.path(&out).join("run.yaml")).unwrap();
        let ran = place
            .begin(&out, "cpu")
            .env("CNNC_TEST_KILL_AT", at.to_string())
            .output()
            .unwrap();
        if ran.status.success() || at > 24 {
            break;
        }
        let is_old = fs::read(place.path(&out).join("run.yaml")).unwrap() == before;
        if is_old {
            kept[0] += 1;
            assert!(finish_old(&out) == old, "killed at operation {at}");
        } else {
            kept[1] += 1;
            assert!(place.finish(&out, "cpu") == new, "killed at operation {at}");
        }
        place.assert_tidy(&out);
    }
    assert!(kept[0] > 5 && kept[1] > 5, "{kept:?}");
}

#[cfg(debug_assertions)]
#[test]
fn a_full_disk_is_told_and_leaves_the_last_commit() {
    let place = Place::new();
    let whole = place.finish("whole", "cpu");
    let mut refused = 0;
    for at in (1..).step_by(2) {
        let out = format!("{at}");
        let mut command = place.command(&out, "cpu");
        let ran = command.env("CNNC_TEST_FULL_AT", at.to_string()).output().unwrap();
        if ran.status.success() {
            // The run is whole without its report.
            if !said(&ran).contains("warning: the report could not be written") {
                break;
            }
        } else {
            assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
            let told = said(&ran);
            assert!(
                told.contains("error: cannot write") && told.contains("no storage space"),
                "{told}"
            );
            assert!(
                !place.listing(&out).iter().any(|name| name.starts_with('.')),
                "{:?}",
                place.listing(&out)
            );
            refused += 1;
        }
        assert!(place.finish(&out, "cpu") == whole, "full at operation {at}");
        place.assert_tidy(&out);
        fs::remove_dir_all(place.path(&out)).unwrap();
    }
    assert!(refused > 10, "{refused}");
}

/// Signals at moments that are spread over the time of a run, four to each run.
fn disturbed(device: &str, signals: &[&str], rounds: u32) {
    let mut place = Place::new();
    place.file = "long.cnn";
    let whole = place.finish("whole", device);
    // The second run finds the driver's compiled kernels, as those after it do.
    let start = Instant::now();
    assert!(place.finish("again", device) == whole);
    let took = start.elapsed();
    let mut hits = 0;
    for round in 0..rounds {
        let out = format!("{round}");
        for part in 0..4 {
            let name = signals[((round + part) as usize) % signals.len()];
            let mut child = place.command(&out, device).spawn().unwrap();
            // The golden ratio spreads the moments evenly.
            let share = f64::from(round * 4 + part + 1) * 0.618_033_988_75 % 1.0;
            sleep(took.mul_f64(share));
            signal(&child, name);
            let status = child.wait().unwrap();
            let code = status.code();
            match name {
                "-KILL" => assert!(matches!(code, None | Some(0)), "{status}"),
                // Before it listens, the signal ends the process; afterwards the process ends by itself.
                _ => assert!(matches!(code, None | Some(0 | 130)), "{status}"),
            }
            hits += u32::from(code != Some(0));
        }
        assert!(place.finish(&out, device) == whole, "round {round} on {device}");
        place.assert_tidy(&out);
    }
    assert!(hits > 0 || rounds < 3, "none of {} signals came in time", rounds * 4);
}

#[test]
fn kills_at_any_moment_change_no_bit() {
    disturbed("cpu", &["-KILL"], 6);
    disturbed("gpu", &["-KILL"], 2);
}

#[test]
fn interruptions_at_any_moment_change_no_bit() {
    disturbed("cpu", &["-INT", "-TERM", "-HUP"], 6);
    disturbed("gpu", &["-INT", "-TERM"], 2);
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never came", path.display());
        sleep(Duration::from_millis(5));
    }
}

/// Epochs of a millisecond: whoever asks only now and then within an epoch never hears.
#[test]
fn a_signal_is_heard_in_the_shortest_epochs() {
    let place = Place::new();
    for (device, name) in [("cpu", "-INT"), ("cpu", "-TERM"), ("cpu", "-HUP"), ("gpu", "-INT")] {
        let out = format!("{device}{name}");
        let mut child = place.begin(&out, device).args(["--epochs", "1000000"]).spawn().unwrap();
        wait_for(&place.path(&out).join("run.yaml"));
        let sent = Instant::now();
        signal(&child, name);
        let status = child.wait().unwrap();
        assert!(
            sent.elapsed() < Duration::from_secs(10),
            "{device} {name}: {:?}",
            sent.elapsed()
        );
        assert_eq!(status.code(), Some(130), "{device} {name}");
        let text = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert!(
            text.contains("interrupted after") && text.contains("--resume"),
            "{text}"
        );
        place.assert_tidy(&out);
    }
}

#[test]
fn two_runs_do_not_share_a_directory() {
    let place = Place::new();
    let mut first = place.begin("out", "cpu").args(["--epochs", "1000000"]).spawn().unwrap();
    wait_for(&place.path("out").join("run.yaml"));
    for resume in [false, true] {
        let mut second = place.begin("out", "cpu");
        if resume {
            second.arg("--resume");
        }
        let ran = second.output().unwrap();
        assert_eq!(ran.status.code(), Some(1));
        let expected = format!("another run writes to out (process {})", first.id());
        assert!(said(&ran).contains(&expected), "{}", said(&ran));
    }
    // The lock dies with its holder.
    signal(&first, "-KILL");
    first.wait().unwrap();
    let mut third = place.command("out", "cpu").args(["--epochs", "1"]).spawn().unwrap();
    assert!(third.wait().unwrap().success());
}

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
