//! The report of a real run, in a real Chromium: it loads nothing, shows every part at the width of a telephone and of a
//! desktop, changes its colours, and prints.
//!
//! Chromium is driven through `chromedriver` by the W3C's `WebDriver` protocol. A machine without them
//! fails these tests; `tests/run.sh` installs them.

#![cfg(feature = "pictures")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

mod browser;
mod page;

use browser::{Driver, decoded};
use page::{DARK, GROUND, LIGHT, check, contrast, validate};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SECTIONS: [&str; 8] = [
    "network",
    "description",
    "curves",
    "filters",
    "confusion",
    "mistakes",
    "timing",
    "manifest",
];

/// Names and comments that would be markup if they were not escaped.
const DESCRIPTION: &str = "# <script>alert('x')</script> & \"quotes\"\nmodel digits {\n    Input(shape=(28, 28, 1))\n    \
                           Conv2D(6, 5, activation=\"relu\")\n    MaxPooling2D(4)\n    Flatten()\n    Dense(10)\n}\n\n\
                           compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])\n\n\
                           fit(data=\"mnist\", epochs=2)\n";

fn cnnc(arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    // No cache of the machine's own: the carried digits are what is trained on.
    command
        .args(arguments)
        .env("XDG_CACHE_HOME", std::env::temp_dir().join("cnnc-no-such-cache"));
    command.output().unwrap()
}

/// A short run's directory.
fn run(folder: &Path) -> PathBuf {
    let file = folder.join("digits.cnn");
    fs::write(&file, DESCRIPTION).unwrap();
    let out = folder.join("run <b>&");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let ran = cnnc(&["run", &text(&file), "--device", "cpu", "--quiet", "--out", &text(&out)]);
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && !errors.contains("warning"), "{errors}");
    out
}

#[test]
fn a_run_leaves_a_report_that_a_browser_shows_at_any_width_in_both_colours_and_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let page = directory.join("report.html");
    let text = fs::read_to_string(&page).unwrap();
    validate(&text);
    assert!(text.contains("Content-Security-Policy") && text.contains("default-src 'none'"));
    let driver = Driver::start();
    for width in [360, 1280] {
        let session = driver.open(width, folder.path());
        session.system_colours("light");
        session.show(&page);
        check(&session, width);
        assert_eq!(session.run(GROUND), LIGHT);
        contrast(&session);
        session.picture(&format!("{width}-light"));
        session.system_colours("dark");
        assert_eq!(session.run(GROUND), DARK, "the page follows the system");
        contrast(&session);
        session.picture(&format!("{width}-dark"));
        session.run("document.getElementById('theme').click()");
        assert_eq!(session.run(GROUND), LIGHT, "the button is stronger than the system");
        assert_eq!(
            session.run("return document.getElementById('theme').textContent"),
            "Dark"
        );
        session.run("document.getElementById('theme').click()");
        assert_eq!(session.run(GROUND), DARK);
        session.run("document.querySelector('details').open = true");
        check(&session, width);
        session.paper();
        assert_eq!(session.run(GROUND), LIGHT, "paper is light, whatever the screen is");
        session.picture(&format!("{width}-paper"));
        let printed = session.post("/print", &json!({"background": true}));
        let pdf = decoded(printed.as_str().unwrap());
        assert!(
            pdf.starts_with(b"%PDF-") && pdf.len() > 20_000,
            "{} bytes of PDF",
            pdf.len()
        );
        if let Some(folder) = std::env::var_os("REPORT_SCREENSHOTS") {
            fs::write(PathBuf::from(folder).join(format!("{width}.pdf")), &pdf).unwrap();
        }
        assert_eq!(session.console(), Vec::<Value>::new(), "nothing is complained of");
    }
}

#[test]
fn a_report_is_made_again_and_pictures_are_drawn_from_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (run, page) = (text(directory.clone()), directory.join("report.html"));
    fs::remove_file(&page).unwrap();
    let again = text(folder.path().join("again.html"));
    for arguments in [
        vec!["report", &run],
        vec!["report", &run, "--device", "cpu", "--out", &again],
    ] {
        let ran = cnnc(&arguments);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    validate(&fs::read_to_string(&page).unwrap());
    validate(&fs::read_to_string(&again).unwrap());

    // The picture has the accuracy that `eval` measures.
    let svg = folder.path().join("confusion.svg");
    let ran = cnnc(&[
        "show",
        "confusion",
        &run,
        "--device",
        "cpu",
        "--out",
        &text(svg.clone()),
    ]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let file = text(folder.path().join("digits.cnn"));
    let weights = text(directory.join("weights.safetensors"));
    let eval = cnnc(&[
        "eval",
        &file,
        "--weights",
        &weights,
        "--device",
        "cpu",
        "--format",
        "json",
    ]);
    let eval: Value = serde_json::from_slice(&eval.stdout).unwrap();
    let right = (eval["accuracy"].as_f64().unwrap() * 2000.0).round() as usize;
    let right = format!("{},{:03} of 2,000 right", right / 1000, right % 1000);
    assert!(fs::read_to_string(svg).unwrap().contains(&right), "{right}");

    for what in ["mistakes", "curves"] {
        let svg = folder.path().join(format!("{what}.svg"));
        let ran = cnnc(&["show", what, &run, "--out", &text(svg.clone())]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        assert!(fs::read_to_string(svg).unwrap().starts_with("<svg"));
    }
}

#[test]
fn a_run_whose_data_or_files_are_not_there_any_more_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let directory = run(folder.path());
    let run = directory.to_str().unwrap();
    let refused = |arguments: &[&str], expected: &str| {
        let ran = cnnc(arguments);
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{errors}");
        assert!(errors.contains(expected), "{errors}");
    };
    let manifest = directory.join("run.yaml");
    let kept = fs::read_to_string(&manifest).unwrap();
    let line = kept.lines().find(|line| line.starts_with("data_sha256:")).unwrap();
    fs::write(
        &manifest,
        kept.replace(line, &format!("data_sha256: {}", "0".repeat(64))),
    )
    .unwrap();
    refused(&["show", "confusion", run], "mnist is not what the run in ");
    refused(&["report", run], "and was 000000000000");
    fs::write(&manifest, kept).unwrap();
    refused(&["show", "mistakes", run, "--data", "no/such/folder"], "no/such/folder");
    fs::remove_file(directory.join("weights.safetensors")).unwrap();
    refused(&["show", "mistakes", run], "weights.safetensors");
    fs::remove_file(manifest).unwrap();
    refused(&["show", "confusion", run], "run.yaml");
    fs::remove_file(directory.join("history.csv")).unwrap();
    refused(&["show", "curves", run], "history.csv");
}

#[test]
fn a_run_finds_its_data_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    // A graph with a shortcut, whose data are named relative to the description.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/residual/model.cnn");
    let out = folder.path().join("run");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let ran = cnnc(&["run", &text(&file), "--device", "cpu", "--quiet", "--out", &text(&out)]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    validate(&fs::read_to_string(out.join("report.html")).unwrap());
    let svg = folder.path().join("confusion.svg");
    let ran = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["show", "confusion", "run", "--device", "cpu", "--out", "confusion.svg"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(fs::read_to_string(svg).unwrap().contains("residual on data.npz: "));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_a_report_of_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digits.cnn");
    fs::write(&file, DESCRIPTION).unwrap();
    let out = folder.path().join("run");
    let mut child = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args([
            "run",
            file.to_str().unwrap(),
            "--device",
            "cpu",
            "--epochs",
            "100000",
            "--quiet",
            "--out",
        ])
        .arg(&out)
        .env("XDG_CACHE_HOME", folder.path())
        .spawn()
        .unwrap();
    // The first epoch is over once there is a history.
    let deadline = std::time::Instant::now() + Duration::from_mins(2);
    while !out.join("history.csv").exists() {
        assert!(std::time::Instant::now() < deadline && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    validate(&page);
    assert!(page.contains("The run was interrupted"));
}
