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
    for name in ["run.sh", "wild.sh", "gpu.sh", "set_up.sh"] {
        finish(Command::new("bash").arg("-n").arg(script(name)));
    }
    let folders = [script(""), script("peers")];
    let scripts: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    assert!(scripts.len() >= 18, "{scripts:?}");
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
    // Of 64 samples, scaled to the 8,000 that the set has.
    assert_eq!(records[1]["whole"], 8000);
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

/// The sizes that `wild.sh` says it has, and that each is a description which trains.
#[test]
fn the_networks_of_the_wild_are_twenty_and_all_right() {
    let files: Vec<PathBuf> = std::fs::read_dir(script("networks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 20, "{files:?}");
    let (stdout, stderr) = finish(
        Command::new(env!("CARGO_BIN_EXE_cnnc"))
            .args(["check", "--format", "json"])
            .args(&files),
    );
    assert_eq!(stderr, "");
    let networks: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    for (network, file) in networks.iter().zip(&files) {
        assert_eq!(network["diagnostics"], serde_json::json!([]), "{}", file.display());
        // The rows of the tables bear the files' names.
        assert_eq!(network["model"], file.file_stem().unwrap().to_str().unwrap());
        assert!(std::fs::read_to_string(file).unwrap().contains("compile("));
    }
}

#[test]
fn one_network_of_the_wild_without_peers_becomes_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (_, progress) = finish(
        python()
            .arg(script("wild.py"))
            .arg(folder.path())
            .args(["--cnnc", env!("CARGO_BIN_EXE_cnnc"), "--networks", "mlp28"])
            .args(["--seconds", "0.1", "--batch-size", "4"])
            .args(["--peers", "burn", "--burn", "/nowhere/burn-wild"]),
    );
    assert!(progress.contains("mlp28: burn\n  failed: "), "{progress}");
    let network = folder.path().join("networks/mlp28");
    for file in ["mlp28.keras", "mlp28.onnx", "mlp28.json"] {
        assert!(network.join(file).is_file(), "{file}");
    }
    let configuration = std::fs::read_to_string(network.join("mlp28.json")).unwrap();
    let configuration: Value = serde_json::from_str(&configuration).unwrap();
    assert_eq!(configuration["class_name"], "Sequential");

    let results = folder.path().join("results.jsonl");
    let (markdown, _) = finish(python().arg(script("wild_table.py")).arg(&results));
    assert!(
        markdown.contains("\n| mlp28, 28x28x1 | 669,706 | 0.01 | "),
        "{markdown}"
    );
    assert!(markdown.contains("\n- burn, mlp28: "), "{markdown}");
}

/// Made-up results of two networks, so that each ratio and each verdict is known.
#[test]
fn ratios_of_the_wild_are_those_of_the_numbers() {
    let results = Path::new(ROOT).join("tests/bench_wild.jsonl");
    let (markdown, _) = finish(python().arg(script("wild_table.py")).arg(&results));
    insta::assert_snapshot!("wild", markdown);
}

#[test]
fn what_a_gpu_did_becomes_tables() {
    let results = Path::new(ROOT).join("tests/bench_gpu.json");
    let (markdown, _) = finish(python().arg(script("gpu_table.py")).arg(&results));
    insta::assert_snapshot!("gpu", markdown);
}

/// Each part of `gpu.sh` on the CPU, which every machine has.
#[test]
fn what_is_done_on_a_gpu_can_be_tried_on_a_cpu() {
    let folder = tempfile::tempdir().unwrap();
    finish(
        python()
            .arg(script("gpu.py"))
            .arg(folder.path())
            .args([
                "--cnnc",
                env!("CARGO_BIN_EXE_cnnc"),
                "--tests",
                "/bin/true",
                "--device",
                "cpu",
            ])
            .args([
                "--networks",
                "mnist_pyramid",
                "--batch-sizes",
                "4,8",
                "--steps",
                "2",
                "--seconds",
                "0.1",
            ])
            .args(["--cases", "2", "--tiles", ";sums=8", "--skip", "verify,torch"]),
    );
    let text = std::fs::read_to_string(folder.path().join("gpu.json")).unwrap();
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        found["oracle"]["found"]["wrong"],
        serde_json::json!([]),
        "{}",
        found["oracle"]
    );
    assert_eq!(found["oracle"]["found"]["cases"].as_object().unwrap().len(), 2);
    assert_eq!(found["tests"]["found"]["true"], "passed");
    let training = &found["bench"]["found"]["mnist_pyramid"]["training"];
    assert!(training["8"]["step_ms"].as_f64().unwrap() > 0.0, "{training}");
    assert!(
        found["tiles"]["found"]["sums=8"]["mnist_pyramid"].as_f64().unwrap() > 0.0,
        "{}",
        found["tiles"]
    );
    let (markdown, _) = finish(python().arg(script("gpu_table.py")).arg(folder.path().join("gpu.json")));
    assert!(
        markdown.contains("| the oracle's cases | 2 of 2 agree; worst: "),
        "{markdown}"
    );
}

/// The vocabulary draws what Python and the language read: calls with every bracket closed, for any seed.
#[test]
fn random_networks_are_drawn_from_the_whole_vocabulary() {
    let program = "import json, random, sys\nsys.path.insert(0, sys.argv[1])\nfrom random_vocabulary import draw\n\
                   print(json.dumps([draw(random.Random(f'0/{seed}')) for seed in range(400)]))";
    let (stdout, _) = finish(python().args(["-c", program]).arg(script("")));
    let cases: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    assert_eq!(cases.len(), 400);
    for word in [
        "Conv2D(",
        "Conv2DTranspose(",
        "DepthwiseConv2D(",
        "SeparableConv2D(",
        "Conv1D(",
        "MaxPooling2D(",
        "AveragePooling2D(",
        "MaxPooling1D(",
        "UpSampling2D(",
        "ZeroPadding2D(",
        "Cropping2D(",
        "Reshape(",
        "Permute(",
        "BatchNormalization(",
        "LayerNormalization(",
        "GroupNormalization(",
        "PReLU(",
        "Softmax(",
        "Concatenate(",
        "Multiply(",
        "Rescaling(",
        "Normalization(",
        "GlobalAveragePooling2D(",
        "GlobalMaxPooling1D(",
        "L1L2(",
        "MaxNorm(",
        "Ftrl(",
        "Lion(",
        "Adamax(",
        "CosineDecayRestarts(",
        "use_ema=",
        "global_clipnorm=",
        "BinaryFocalCrossentropy(",
        "Huber(",
        "kl_divergence",
    ] {
        assert!(stdout.contains(word), "{word}");
    }
    for case in &cases {
        for layer in case["layers"].as_array().unwrap() {
            let text = layer.as_str().unwrap();
            assert_eq!(text.matches('(').count(), text.matches(')').count(), "{text}");
        }
    }
}
