//! The real binary on real pseudo-terminals of 60, 80 and 200 columns: nothing is wider than the terminal, nothing but
//! colours is an escape code, and without colours there is none.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

mod bars;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const WIDTHS: [u16; 3] = [60, 80, 200];

/// A snapshot without the expression that made it.
macro_rules! assert_text {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $text) })
    };
}

/// Both ends of a terminal of that many columns.
fn terminal(columns: u16) -> (OwnedFd, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size).unwrap();
    (ours, theirs)
}

/// What a program writes to a terminal, and its exit status.
struct Shown {
    bytes: String,
    status: i32,
}

/// Where the commands run, and what else they find in their environment.
struct Scene<'a> {
    columns: u16,
    folder: &'a Path,
    environment: &'a [(&'a str, &'a str)],
}

impl Scene<'_> {
    /// Runs the binary with all three streams on the terminal.
    fn show(&self, arguments: &[&str]) -> Shown {
        let (ours, theirs) = terminal(self.columns);
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        command
            .args(arguments)
            .current_dir(self.folder)
            .env("TERM", "xterm-256color");
        for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "CI"] {
            command.env_remove(variable);
        }
        command.envs(self.environment.iter().copied());
        let stream = || Stdio::from(theirs.try_clone().unwrap());
        let mut child = command
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .unwrap();
        // The streams end when the last of their copies is closed: the command holds three.
        drop(command);
        drop(theirs);
        let mut bytes = Vec::new();
        let mut ours = File::from(ours);
        let mut part = [0; 4096];
        // Linux says EIO, others that there is no more, when the other end is closed.
        while let Ok(count @ 1..) = ours.read(&mut part) {
            bytes.extend_from_slice(&part[..count]);
        }
        let status = child.wait().unwrap().code().unwrap();
        Shown {
            bytes: String::from_utf8(bytes).unwrap(),
            status,
        }
    }
}

/// What stays on the screen: colours taken off, `\r` carried out. Fails where a line grows wider than the terminal, and at
/// any escape code but a colour.
fn screen(shown: &Shown, columns: u16, colors: bool) -> String {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let mut at = 0;
    let mut letters = shown.bytes.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                let code: String = letters.by_ref().take_while(|letter| *letter != 'm').collect();
                let color = code
                    .strip_prefix('[')
                    .is_some_and(|code| code.chars().all(|c| c.is_ascii_digit() || c == ';'));
                assert!(color && colors, "escape code {code:?} in {:?}", shown.bytes);
            }
            '\r' => at = 0,
            '\n' => {
                lines.push(Vec::new());
                at = 0;
            }
            letter => {
                assert!(!letter.is_control(), "{letter:?} in {:?}", shown.bytes);
                let line = lines.last_mut().unwrap();
                line.resize(line.len().max(at + 1), ' ');
                line[at] = letter;
                at += 1;
                let wide: usize = line.iter().map(|letter| letter.width().unwrap_or(0)).sum();
                let text: String = line.iter().collect();
                assert!(wide <= usize::from(columns), "wider than {columns}: {text}");
            }
        }
    }
    let lines = lines.iter().map(|line| line.iter().collect::<String>());
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Times, speeds and losses are of the machine: every digit becomes a 0, numbers of digits one digit.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' if masked.ends_with('0') => {}
            '0'..='9' => masked.push('0'),
            letter => masked.push(letter),
        }
    }
    masked
        .replace("0us/", "0ms/")
        .replace("0s/step", "0ms/step")
        .replace("0:0 ", "0s ")
}

const SMALL: &str = "model small {
    Input(shape=(28, 28, 1))
    stem = Conv2D(2, 5, strides=3, activation=\"relu\")
    left = Conv2D(2, 3, padding=\"same\")
    Add()([stem, left])
    Flatten()
    Dense(10)
}
compile(optimizer=\"adam\", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])
fit(data=\"mnist\", epochs=2, batch_size=500)
";

const BROKEN: &str = "model deep {
    Input(shape=(28, 28, 1))
    Conv2D(8, 5, activation=\"relu\")
    MaxPooling2D(4)
    Conv2D(filters=16, kernel_size=7, kernel_initializer=\"glorot_unifrom\", activation=\"relu\", name=\"the_second_convolution\")
    Conv2D(16, 7)
    Flatten()
    Dense(10, activation=\"softmax\")
}
compile(optimizer=\"adamm\", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])
";

/// A folder with descriptions whose names are short, so that no line is long for a path's sake.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("small.cnn", SMALL);
    write("broken.cnn", BROKEN);
    write(
        "two.cnn",
        &BROKEN
            .replace("(8, 5, activation=\"relu\")", "(8, 5)")
            .replace("glorot_unifrom", "he_normal")
            .replace("adamm", "adam"),
    );
    for spec in ["lenet", "mnist_onelayer"] {
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{spec}.cnn"))).unwrap();
        write(&format!("{spec}.cnn"), &text);
    }
    folder
}

/// What reads nothing but its description, and so prints the same everywhere.
const STILL: [(&str, &[&str], i32); 11] = [
    ("check", &["check", "small.cnn", "lenet.cnn"], 0),
    ("costs", &["check", "--verbose", "lenet.cnn"], 0),
    ("broken", &["check", "broken.cnn"], 1),
    ("two", &["check", "two.cnn"], 1),
    ("explain", &["explain", "small.cnn"], 0),
    ("plan", &["emit", "plan", "small.cnn"], 0),
    ("new_list", &["new", "--list"], 0),
    ("missing", &["run", "lenet"], 1),
    (
        "no_weights",
        &[
            "eval",
            "lenet.cnn",
            "--weights",
            "runs/there/is/no/such/directory/weights.safetensors",
        ],
        1,
    ),
    (
        "no_device",
        &[
            "run",
            "small.cnn",
            "--device",
            "a device of this name is nowhere to be found",
        ],
        1,
    ),
    ("help", &["explain", "--help"], 0),
];

#[test]
fn what_is_printed_keeps_to_the_terminal() {
    let folder = folder();
    let cache = folder.path().join("cache");
    let plain = [("NO_COLOR", "1"), ("XDG_CACHE_HOME", cache.to_str().unwrap())];
    for columns in WIDTHS {
        for (name, arguments, status) in STILL {
            let colored = Scene {
                columns,
                folder: folder.path(),
                environment: &plain[1..],
            };
            let shown = colored.show(arguments);
            let frame = screen(&shown, columns, true);
            assert_eq!(shown.status, status, "{arguments:?}: {frame}");
            let scene = Scene {
                columns,
                folder: folder.path(),
                environment: &plain,
            };
            let without = scene.show(arguments);
            assert_eq!(
                screen(&without, columns, false),
                frame,
                "{arguments:?}: colours change the text"
            );
            if name == "no_device" {
                continue;
            }
            assert_text!(format!("{name}_{columns}"), frame);
        }
    }
}

/// Devices and folders are of the machine: only that they fit is known.
#[test]
fn what_the_machine_has_keeps_to_the_terminal() {
    let folder = folder();
    for columns in WIDTHS {
        for arguments in [["devices"].as_slice(), &["data", "list"], &["--help"]] {
            let home = [("XDG_CACHE_HOME", "/c"), ("HOME", "/h")];
            let scene = Scene {
                columns,
                folder: folder.path(),
                environment: &home,
            };
            let shown = scene.show(arguments);
            assert_eq!(shown.status, 0, "{}", shown.bytes);
            screen(&shown, columns, true);
        }
    }
}

/// Two grey pictures, as `numpy.save` writes them.
fn two_pictures() -> Vec<u8> {
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 28, 28, 1), }";
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:<117}\n").as_bytes());
    file.extend((0..2 * 784).map(|index| (index % 251) as u8));
    file
}

/// A whole run, what it learnt, and what it says of a picture.
#[test]
fn training_keeps_to_the_terminal() {
    let folder = folder();
    std::fs::write(folder.path().join("two.npy"), two_pictures()).unwrap();
    for (columns, environment, name) in [
        (60, [("TERM", "xterm"), ("CNNC_NOTHING", "1")], "run_60"),
        (80, [("TERM", "xterm"), ("NO_COLOR", "1")], "run_80"),
        (200, [("TERM", "xterm"), ("CNNC_NOTHING", "1")], "run_200"),
        (80, [("TERM", "dumb"), ("CNNC_NOTHING", "1")], "run_dumb"),
    ] {
        let plain = environment.contains(&("NO_COLOR", "1")) || environment.contains(&("TERM", "dumb"));
        let cache = folder.path().join("cache");
        let mut all = environment.to_vec();
        all.push(("XDG_CACHE_HOME", cache.to_str().unwrap()));
        let scene = Scene {
            columns,
            folder: folder.path(),
            environment: &all,
        };
        let shown = scene.show(&["run", "small.cnn", "--device", "cpu", "--out", "out"]);
        let frame = screen(&shown, columns, !plain);
        assert_eq!(shown.status, 0, "{frame}");
        if name == "run_dumb" {
            let overdrawn = shown.bytes.replace("\r\n", "\n").contains('\r');
            assert!(!overdrawn, "a dumb terminal cannot draw over a line: {:?}", shown.bytes);
        }
        let progress = frame.lines().skip_while(|line| !line.starts_with("Epoch 1/2"));
        let progress = masked(&progress.collect::<Vec<_>>().join("\n"));
        // Where a line goes on depends on how many digits its times have.
        assert_text!(name, progress.replace("\n  ", " - "));
        let eval = [
            "eval",
            "small.cnn",
            "--weights",
            "out/weights.safetensors",
            "--device",
            "cpu",
        ];
        let shown = scene.show(&eval);
        assert_eq!(shown.status, 0, "{}", shown.bytes);
        let frame = screen(&shown, columns, !plain);
        assert!(frame.contains("accuracy: 0."), "{frame}");
        let predict = [
            "predict",
            "small.cnn",
            "--weights",
            "out/weights.safetensors",
            "--input",
            "two.npy",
            "--device",
            "cpu",
        ];
        let frame = screen(&scene.show(&predict), columns, !plain);
        assert_eq!(
            masked(&frame)
                .lines()
                .filter(|line| *line == "0: class 0, probability 0.0")
                .count(),
            2,
            "{frame}"
        );
    }
}

#[test]
fn a_benchmark_keeps_to_the_terminal() {
    let folder = folder();
    let cache = folder.path().join("cache");
    let environment = [("XDG_CACHE_HOME", cache.to_str().unwrap())];
    for columns in WIDTHS {
        let scene = Scene {
            columns,
            folder: folder.path(),
            environment: &environment,
        };
        let shown = scene.show(&[
            "bench",
            "small.cnn",
            "--device",
            "cpu",
            "--batch-size",
            "8,64",
            "--seconds",
            "0.1",
        ]);
        assert_eq!(shown.status, 0, "{}", shown.bytes);
        let frame = screen(&shown, columns, true);
        assert!(frame.contains("a step"), "{frame}");
    }
}

/// In a pipe there are no escape codes, a row of a table is a line, and prose has Keras's 80 columns.
#[test]
fn pipes_get_whole_rows() {
    let folder = folder();
    let piped = |arguments: &[&str], columns: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        command.args(arguments).current_dir(folder.path());
        for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.envs(columns.map(|columns| ("COLUMNS", columns)));
        let output = command.output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
        text
    };
    let widest = |text: &str| text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
    assert!(widest(&piped(&["explain", "lenet.cnn"], None)) <= 80);
    assert!(widest(&piped(&["explain", "lenet.cnn"], Some("50"))) <= 50);
    let list = piped(&["new", "--list"], None);
    assert!(
        list.lines().all(|line| !line.starts_with(' ')) && widest(&list) > 80,
        "{list}"
    );
    assert!(widest(&piped(&["new", "--list"], Some("60"))) <= 60);
    let broken = piped(&["check", "two.cnn"], None);
    assert!(
        broken.contains("height 28 -> 24 -> 6: a 7x7 kernel does not fit 6x6\n"),
        "{broken}"
    );
}
