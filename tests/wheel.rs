//! The wheel: where maturin is installed, `tests/wheel.sh` builds it, installs it into a fresh virtual environment, and trains with it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::process::Command;

#[test]
fn the_wheel_holds_a_program_that_trains() {
    let has_maturin = Command::new("maturin").arg("--version").output().is_ok();
    let output = Command::new("sh")
        .args(["tests/wheel.sh", "dev"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    let last = said.lines().last().unwrap_or_default();
    if has_maturin {
        assert!(last.starts_with("the wheel works: cnnc-"), "{said}{errors}");
    } else {
        assert_eq!(last, "not tried: maturin is not installed");
        eprintln!("{last}");
    }
}
