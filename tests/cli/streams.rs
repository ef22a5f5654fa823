//! Files that are not descriptions, streams that end or refuse, widths and colours.

use super::{BROKEN, cnnc, command, ran, stdout, write};
use std::io::Read;
use std::process::Stdio;

#[test]
fn files_that_are_no_descriptions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("nets")).unwrap();
    write(folder.path(), "here.cnn", "");
    write(folder.path(), "latin1.cnn", b"model caf\xe9 { }\n");
    write(folder.path(), "blob.cnn", b"\x7fELF\x00\x00");
    write(folder.path(), "huge.cnn", vec![b'#'; 3 << 20]);
    let mut text = String::new();
    for name in [
        "missing.cnn",
        "specs/lenet.cnn",
        "here",
        "nets",
        "here.cnn",
        "latin1.cnn",
        "blob.cnn",
        "huge.cnn",
        "no\u{1b}[31mcolour.cnn",
    ] {
        let mut command = command(&["check", name]);
        let ran = ran(command.current_dir(folder.path()).output().unwrap());
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{name}");
        assert!(!ran.stderr.contains('\u{1b}'), "{name}: {:?}", ran.stderr);
        text.extend([ran.stderr.as_str(), "\n"]);
    }
    assert_text!("unreadable", text);
}

#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_refused_at_once() {
    let ran = cnnc(&["check", "/dev/zero"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("it is a device, not a regular file"),
        "{}",
        ran.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = ran(command(&["check", "specs/lenet.cnn"]).stdout(full).output().unwrap());
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("cannot write to standard output"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut command = command(&["emit", "wgsl", "specs/lenet.cnn"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

#[test]
fn the_table_follows_the_columns_it_is_given() {
    let narrow = ran(command(&["check", "specs/lenet.cnn"])
        .env("COLUMNS", "60")
        .output()
        .unwrap());
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(widest(&narrow.stdout) <= Some(60), "{}", narrow.stdout);
    for columns in ["80", "0", "-3", "wide", "99999999999999999999999"] {
        let given = ran(command(&["check", "specs/lenet.cnn"])
            .env("COLUMNS", columns)
            .output()
            .unwrap());
        assert_eq!(given.stdout, stdout(&["check", "specs/lenet.cnn"]), "{columns}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    assert!(!cnnc(&["check", &path]).stderr.contains('\u{1b}'));
    let forced = |name: &str| {
        ran(command(&["check", &path])
            .env("CLICOLOR_FORCE", "1")
            .env(name, "1")
            .output()
            .unwrap())
    };
    assert!(forced("CNNC_NOTHING").stderr.contains('\u{1b}'));
    assert!(!forced("CNNC_NOTHING").stdout.contains('\u{1b}'));
    assert!(!forced("NO_COLOR").stderr.contains('\u{1b}'));
}
