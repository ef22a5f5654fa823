//! Every operation on the disk is the last one, or is refused.

use super::support::{Place, said};
use std::fs;

/// Every operation on the disk, one after the other, is the last one; `some`: which of them.
fn killed_at(device: &str, file: &'static str, some: impl Fn(u32) -> bool) {
    let mut place = Place::new();
    place.file = file;
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

#[test]
fn a_kill_at_any_operation_changes_no_bit_on_the_cpu() {
    killed_at("cpu", "net.cnn", |_| true);
}

#[test]
fn a_kill_at_some_operations_changes_no_bit_on_a_gpu() {
    killed_at("gpu", "net.cnn", |at| at % 9 == 7);
}

#[test]
fn a_kill_at_any_operation_of_a_run_with_callbacks_changes_no_bit_and_leaves_no_file() {
    killed_at("cpu", "callbacks.cnn", |_| true);
}

/// A new run in the directory of an old one: there is the old one or the new one, and never a mixture.
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
