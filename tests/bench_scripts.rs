//! The scripts of bench/, without the peers: that they can be read, that what they measure of this program ends as a table,
//! and that a peer which fails does not take the rest along. How fast anything is stays untested.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn script(name: &str) -> PathBuf {
    Path::new(ROOT).join("bench").join(name)
}

/// Standard output and standard error of what must succeed.
fn finish(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{command:?}: {stderr}");
    (stdout, stderr)
}

fn python() -> Command {
    let mut command = Command::new("python3");
    // Nothing is left beside the scripts.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

#[test]
fn every_script_parses() {
    finish(Command::new("bash").arg("-n").arg(script("run.sh")));
    let folders = [script(""), script("peers")];
    let scripts: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    assert!(scripts.len() >= 7, "{scripts:?}");
    finish(
        python()
            .args([
                "-c",
                "import ast, sys\nfor path in sys.argv[1:]: ast.parse(open(path).read(), path)",
            ])
            .args(&scripts),
    );
}

#[test]
fn a_run_without_peers_becomes_tables() {
    let folder = tempfile::tempdir().unwrap();
    let digits = Path::new(ROOT).join("runtime/data/mnist-10k");
    let (_, progress) = finish(
        python()
            .arg(script("measure.py"))
            .arg(folder.path())
            .args(["--cnnc", env!("CARGO_BIN_EXE_cnnc"), "--networks", "pyramid"])
            .args(["--samples", "64", "--epochs", "2", "--fashion"])
            .arg(digits)
            .args(["--peers", "burn", "--burn", "/nowhere/burn-train"]),
    );
    assert!(progress.contains("pyramid: burn flex\n  failed: "), "{progress}");

    let results = folder.path().join("results.jsonl");
    let text = std::fs::read_to_string(&results).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rows: Vec<&str> = records.iter().map(|record| record["row"].as_str().unwrap()).collect();
    let cpu = &records[1]["bench"]["devices"][0];
    assert_eq!(cpu["asked"], "cpu");
    if cfg!(target_os = "linux") {
        assert_eq!(rows, ["check", "cnnc cpu", "cnnc cpu, one thread", "burn flex", "run"]);
        let one = records[2]["bench"]["machine"]["cpu"]["driver"].as_str().unwrap();
        assert!(one.ends_with(", 1 thread"), "{one}");
    }

    let (markdown, _) = finish(python().arg(script("table.py")).arg(&results));
    // Of 64 samples, scaled to the 60,000 that the real set has.
    let row = format!("| cnnc {}, cpu | about ", env!("CARGO_PKG_VERSION"));
    assert!(markdown.contains(&row), "{markdown}");
    assert!(markdown.contains("epochs of 64 samples, scaled"), "{markdown}");
    assert!(markdown.contains("\n| burn flex | failed |\n"), "{markdown}");
    assert!(markdown.contains("\n| two threads against one | 1.7x | 1.9x | ") || !cfg!(target_os = "linux"));
    // As wide as their heads.
    let mut columns = 0;
    for line in markdown.lines() {
        let bars = line.matches('|').count();
        assert!(columns == 0 || bars == 0 || bars == columns, "{line}\n{markdown}");
        columns = bars;
    }
}

/// Made-up results, so that each ratio and each verdict is known.
#[test]
fn ratios_are_those_of_the_numbers_and_misses_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.jsonl");
    std::fs::copy(Path::new(ROOT).join("tests/bench_scripts.jsonl"), &results).unwrap();
    let (markdown, _) = finish(python().arg(script("table.py")).arg(&results));
    insta::assert_snapshot!(markdown);
}
