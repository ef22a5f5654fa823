//! `cnnc check`: tables, data, and what is said of a wrong description.

use super::{BROKEN, SHORT, SPECS, cnnc, failure, spec, stdout, write};
use std::path::Path;

#[test]
fn check_prints_the_summary_of_every_spec() {
    for name in SPECS {
        let ran = cnnc(&["check", &spec(name)]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        assert_text!(format!("summary_{name}"), ran.stdout);
    }
}

#[test]
fn check_prints_data_of_every_spec() {
    for name in SHORT {
        let json = stdout(&["check", &spec(name), "--format", "json"]);
        let yaml = stdout(&["check", "--format", "yaml", &spec(name)]);
        let json_value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let yaml_value: serde_json::Value = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(json_value, yaml_value);
        assert_text!(format!("json_{name}"), json);
    }
}

#[test]
fn verbose_adds_what_the_network_costs() {
    let plain = stdout(&["check", "specs/lenet.cnn"]);
    let verbose = stdout(&["check", "specs/lenet.cnn", "--verbose"]);
    let costs = verbose.strip_prefix(plain.as_str()).expect("the table comes first");
    assert_text!("costs_lenet", costs);
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&["check", "-v", "specs/lenet.cnn", "--format", "json"])).unwrap();
    assert_eq!(json["costs"]["layers"][0]["macs"], 28 * 28 * 6 * 75);
    let step = &json["costs"]["steps"][0];
    assert_eq!(step["step"], "training");
    assert!(step["dispatches"].as_u64().unwrap() > 8);
}

#[test]
fn several_files_are_several_tables_and_one_list() {
    let (one, two) = (
        stdout(&["check", "specs/lenet.cnn"]),
        stdout(&["check", "specs/mnist_mlp.cnn"]),
    );
    let both = ["check", "specs/lenet.cnn", "specs/mnist_mlp.cnn"];
    assert_eq!(stdout(&both), format!("{one}\n{two}"));
    let text = stdout(&[both[0], both[1], both[2], "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list[0]["file"], "specs/lenet.cnn");
    assert_eq!(list[0]["total_params"], 62_006);
    assert_eq!(list[1]["model"], "mnist_mlp");
}

#[test]
fn a_wrong_description_is_shown_down_to_the_layer_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    let ran = cnnc(&["check", &path]);
    assert_eq!(ran.status, 1);
    assert_text!("broken", failure(&ran, folder.path()));

    let ran = cnnc(&["check", &path, "--format", "json"]);
    assert_eq!(ran.status, 1);
    assert_text!(
        "broken_json",
        ran.stdout.replace(folder.path().to_str().unwrap(), "FOLDER")
    );

    // One that is in order does not excuse it, and is printed all the same.
    let ran = cnnc(&["check", &path, "specs/mnist_mlp.cnn"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("Model: \"mnist_mlp\""));
}

#[test]
fn every_command_refuses_a_wrong_description() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for arguments in [
        ["emit", "ir", &path, "--out", out].as_slice(),
        &["emit", "plan", &path, "--out", out],
        &["emit", "wgsl", &path, "--out", out],
        &["run", &path, "--out", out],
        &["eval", &path, "--weights", "none"],
        &["predict", &path, "--weights", "none", "--input", "none.png"],
    ] {
        let ran = cnnc(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.stderr.contains("error[E0301]"), "{arguments:?}: {}", ran.stderr);
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn warnings_are_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(spec("mnist_mlp"))).unwrap();
    let path = write(
        folder.path(),
        "warned.cnn",
        text.replace("Dense(10)", "Dense(10, activation='softmax')"),
    );
    let ran = cnnc(&["check", &path]);
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.starts_with("warning[W"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("Model:") && !ran.stdout.contains("warning"));
}
