//! A description, its data, and runs of it.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Two epochs of three steps.
pub const NET: &str = r#"
model small {
    Input(shape=(6, 6, 1))
    Conv2D(3, 3, activation="relu")
    Flatten()
    Dense(4)
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="./digits/", epochs=2, batch_size=16, seed=3)
"#;

/// What callbacks write, and what they do to the weights and the learning rate.
const CALLBACKS: &str = r#", callbacks=[
    EarlyStopping(monitor="loss", patience=1, min_delta=0.03, restore_best_weights=True),
    ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.05, factor=0.5),
    ModelCheckpoint("kept/best.safetensors", save_best_only=True),
    ModelCheckpoint("kept/{epoch:02d}.safetensors"),
    CSVLogger("log.csv")])
"#;

/// After every step, so that there are many moments to die in.
pub const OFTEN: (&str, &str) = ("CNNC_TEST_COMMIT_MS", "0");

pub struct Place {
    pub home: TempDir,
    /// The description that is run.
    pub file: &'static str,
}

/// The sha256 of all files of a run but those that say when it was committed.
pub type Outcome = BTreeMap<String, String>;

impl Place {
    pub fn new() -> Self {
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
        let callbacks = NET.replace("epochs=2", "epochs=6").replace("seed=3)\n", "seed=3") + CALLBACKS;
        fs::write(home.path().join("callbacks.cnn"), callbacks).unwrap();
        Self { home, file: "net.cnn" }
    }

    pub fn path(&self, out: &str) -> PathBuf {
        self.home.path().join(out)
    }

    /// `cnnc run`, with `--resume` where there is a run.
    pub fn command(&self, out: &str, device: &str) -> Command {
        let mut command = self.begin(out, device);
        if self.path(out).join("run.yaml").exists() {
            command.arg("--resume");
        }
        command
    }

    pub fn begin(&self, out: &str, device: &str) -> Command {
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
    pub fn finish(&self, out: &str, device: &str) -> Outcome {
        let ran = self.command(out, device).output().unwrap();
        assert!(ran.status.success(), "{}", said(&ran));
        self.outcome(out)
    }

    pub fn outcome(&self, out: &str) -> Outcome {
        let mut found = Outcome::new();
        sums(&self.path(out), "", &mut found);
        assert!(
            found.contains_key("weights.safetensors") && found.contains_key("history.csv"),
            "{found:?}"
        );
        found
    }

    /// The names in a run directory, a state's without its place.
    pub fn listing(&self, out: &str) -> Vec<String> {
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

    pub fn assert_tidy(&self, out: &str) {
        let mut files = vec!["history.csv", "report.html", "run.yaml", "state", "weights.safetensors"];
        if self.file == "callbacks.cnn" {
            files.extend(["kept", "log.csv"]);
            files.sort_unstable();
        }
        files.retain(|&name| name != "report.html" || cfg!(feature = "pictures"));
        assert_eq!(self.listing(out), files, "{out}");
    }
}

fn sums(folder: &Path, prefix: &str, found: &mut Outcome) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            sums(&path, &format!("{name}/"), found);
        } else if name != "run.yaml" && name != "report.html" && !name.starts_with("state-") {
            let sum = Sha256::digest(fs::read(&path).unwrap());
            found.insert(name, sum.iter().map(|byte| format!("{byte:02x}")).collect());
        }
    }
}

pub fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).into_owned()
}

pub fn signal(child: &Child, name: &str) {
    // One that has just ended cannot be signalled.
    let _ = Command::new("kill")
        .args([name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}
