//! Help, and command lines that are wrong.

use super::{cnnc, stdout};

#[test]
fn every_command_has_help() {
    let help = stdout(&["--help"]);
    if cfg!(all(feature = "fetch", feature = "pictures")) {
        assert_text!("help", help);
    }
    for command in [
        "check", "run", "eval", "predict", "export", "import", "serve", "bench", "emit", "new", "devices", "data",
        "show",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        let long = cnnc(&[command, "--help"]);
        assert_eq!((long.status, long.stderr.as_str()), (0, ""), "{command}");
        assert!(long.stdout.contains("Usage: cnnc "), "{command}: {}", long.stdout);
        if !["data", "show"].contains(&command) {
            assert!(long.stdout.contains("Examples:\n  cnnc "), "{command}: {}", long.stdout);
        }
    }
    let pictures = [
        "data",
        "augmented",
        "filters",
        "activations",
        "convolve",
        "curves",
        "confusion",
        "mistakes",
        "network",
    ];
    for what in pictures.into_iter().filter(|_| cfg!(feature = "pictures")) {
        let help = stdout(&["show", what, "--help"]);
        assert!(help.contains(&format!("Examples:\n  cnnc show {what} ")), "{help}");
    }
    for command in ["list", "fetch", "import"] {
        let long = stdout(&["data", command, "--help"]);
        assert!(long.contains(&format!("Usage: cnnc data {command}")), "{long}");
        let lacking = command == "fetch" && cfg!(not(feature = "fetch"));
        assert!(lacking || long.contains("Examples:\n  cnnc data "), "{long}");
    }
    assert!(stdout(&["--version"]).starts_with("cnnc "));
}

/// A build without a feature says so, and how to get one with it, whatever else is typed.
#[test]
fn commands_that_a_build_lacks_say_what_is_missing() {
    let pictures =
        "error: this build of cnnc cannot draw pictures or reports\nhelp: build it with the feature `pictures`";
    let fetch = "error: this build of cnnc cannot fetch data sets\nhelp: build it with the feature `fetch`";
    for (arguments, has, said) in [
        (
            ["show", "data", "no-such-data"].as_slice(),
            cfg!(feature = "pictures"),
            pictures,
        ),
        (
            &["report", "no/such/run", "--device", "cpu"],
            cfg!(feature = "pictures"),
            pictures,
        ),
        (
            &["data", "fetch", "mnist", "--mirror", "http://127.0.0.1:9/"],
            cfg!(feature = "fetch"),
            fetch,
        ),
    ] {
        // What fetches would go on to the mirrors that publish the set.
        if has && said == fetch {
            continue;
        }
        let ran = cnnc(arguments);
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.starts_with(said), !has, "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_status_2() {
    for arguments in [
        [].as_slice(),
        &["train"],
        &["check"],
        &["check", "a.cnn", "--format", "xml"],
        &["run"],
        &["run", "a.cnn", "--epochs", "0"],
        &["run", "a.cnn", "--epochs", "-1"],
        &["run", "a.cnn", "--batch-size", "many"],
        &["run", "a.cnn", "--batch-size", "9999999999"],
        &["run", "a.cnn", "--seed", "1.5"],
        &["run", "a.cnn", "--weights", "w", "--resume"],
        &["eval", "a.cnn"],
        &["predict", "a.cnn", "--weights", "w"],
        &["emit", "assembly", "a.cnn"],
        &["new", "a.cnn"],
        &["new", "--from", "lenet"],
        &["data"],
        &["data", "show"],
    ] {
        let ran = cnnc(arguments);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.is_empty());
    }
}
