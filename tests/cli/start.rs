//! `cnnc new`, `cnnc devices` and `cnnc data list`.

use super::{SPECS, cnnc, command, failure, ran, spec, stdout};
use std::path::Path;

#[test]
fn new_writes_what_the_repository_carries_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in SPECS {
        let path = folder.path().join("nets").join(name);
        let arguments = ["new", path.to_str().unwrap(), "--from", name];
        let first = cnnc(&arguments);
        assert_eq!((first.status, first.stdout.as_str()), (0, ""), "{}", first.stderr);
        let carried = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(spec(name))).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), carried);
        std::fs::write(&path, "mine").unwrap();
        let second = cnnc(&arguments);
        assert_eq!(second.status, 1);
        assert!(second.stderr.contains("already exists"), "{}", second.stderr);
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }
    let path = folder.path().join("x.cnn");
    let ran = cnnc(&["new", path.to_str().unwrap(), "--from", "mnist_piramid"]);
    assert_text!("new_unknown", failure(&ran, folder.path()));
    assert!(!path.exists());
    assert_text!("new_list", stdout(&["new", "--list"]));
}

#[test]
fn every_spec_in_the_repository_can_be_started_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let list = stdout(&["new", "--list"]);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "cnn") {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                list.lines().any(|line| line.split_whitespace().next() == Some(stem)),
                "{stem}"
            );
        }
    }
}

#[test]
fn devices_says_which_one_auto_takes() {
    let text = stdout(&["devices"]);
    let auto = text.lines().find_map(|line| line.strip_prefix("--device auto takes "));
    let auto = auto.unwrap_or_else(|| panic!("{text}"));
    let named = text.lines().skip(1).find(|line| line.ends_with("  auto")).unwrap();
    let name = named.split("  ").next().unwrap();
    assert!(auto.starts_with(name), "{text}");
}

#[test]
fn the_environment_chooses_the_instructions() {
    let devices = |wanted: &str| ran(command(&["devices"]).env("CNNC_CPU", wanted).output().unwrap());
    let portable = devices("portable");
    assert_eq!(portable.status, 0, "{}", portable.stderr);
    assert!(portable.stdout.contains("portable, "), "{}", portable.stdout);
    let best = devices("");
    assert!(best.stdout == stdout(&["devices"]), "{}", best.stdout);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let path = spec("mnist_onelayer");
    let run = [
        "run",
        &path,
        "--device",
        "cpu",
        "--epochs",
        "1",
        "--out",
        out.to_str().unwrap(),
    ];
    let wrong = ran(command(&run).env("CNNC_CPU", "sse9").output().unwrap());
    assert_eq!(wrong.status, 1);
    assert!(
        wrong
            .stderr
            .contains("CNNC_CPU=sse9: this CPU has no such instructions")
            && wrong.stderr.contains("portable"),
        "{}",
        wrong.stderr
    );
    assert!(!out.exists());
}

#[test]
fn a_device_that_is_not_here_is_an_error_that_lists_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let ran = cnnc(&[
        "run",
        "specs/mnist_mlp.cnn",
        "--device",
        "no such thing",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr
            .contains("error: no device with `no such thing` in its name\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("\nhelp: there is: "), "{}", ran.stderr);
}

#[test]
fn data_list_shows_where_each_set_would_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let mut command = command(&["data", "list"]);
    command.env("XDG_CACHE_HOME", &cache).env("HOME", folder.path());
    let listed = ran(command.output().unwrap());
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let line = |name: &str| {
        listed
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .map(str::to_owned)
    };
    let mnist = line("mnist ").unwrap();
    assert!(mnist.contains("28x28x1") && mnist.contains("8,000 + 2,000"), "{mnist}");
    let cifar = line("cifar10 ").unwrap();
    assert!(cifar.contains("32x32x3") && cifar.contains("not here"), "{cifar}");
    assert!(line("fashion-mnist ").is_some(), "{}", listed.stdout);
}
