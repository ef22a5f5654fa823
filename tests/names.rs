//! Names of classes and files with escape codes, marks of direction and markup: no page, picture or answer obeys them.

#![allow(clippy::unwrap_used, reason = "tests may fail")]
#![cfg(target_os = "linux")]

use grammar::render::acts;
use image::RgbImage;
use std::fs;
use std::path::Path;
use std::process::Command;

/// An escape sequence, an 8-bit one, a mark that turns what follows around, and markup.
const CLASSES: [&str; 4] = [
    "a\u{1b}[31mred",
    "b\u{9b}31m",
    "c\u{202e}evil\u{2066}",
    "d<script>alert(1)<script>",
];

const NET: &str = "model m {
    Input(shape=(8, 8, 3))
    Flatten()
    Dense(4)
}
compile(optimizer='sgd', loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
fit(data='./pictures/', epochs=1, batch_size=4, callbacks=[CSVLogger('log.csv')])
";

fn cnnc(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

fn obeys_nothing(what: &str, text: &str) {
    // Tables of callbacks end their lines as Python's csv module does.
    let text = text.replace("\r\n", "\n");
    let found = text.find(acts);
    assert_eq!(
        found.map(|at| text[at..].chars().take(12).collect::<String>()),
        None,
        "{what}"
    );
}

#[test]
fn nothing_in_a_name_is_obeyed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    for (class, name) in CLASSES.into_iter().enumerate() {
        let own = folder.join("pictures").join(name);
        fs::create_dir_all(&own).unwrap();
        for at in 0..4 {
            let picture = RgbImage::from_fn(8, 8, |x, y| {
                image::Rgb([(x * 20) as u8, (y * 9) as u8, (class * 60 + at) as u8])
            });
            picture.save(own.join(format!("p\u{1b}[2J{at}.png"))).unwrap();
        }
    }
    fs::write(folder.join("m.cnn"), NET).unwrap();
    obeys_nothing("run", &cnnc(folder, &["run", "m.cnn", "--out", "r", "--device", "cpu"]));
    let weights = ["--weights", "r/weights.safetensors"];
    let with = |arguments: &[&'static str]| [arguments, weights.as_slice()].concat();
    obeys_nothing("eval", &cnnc(folder, &with(&["eval", "m.cnn", "--device", "cpu"])));
    for (to, out) in [("html", "e.html"), ("c", "e.c"), ("torch", "torch")] {
        obeys_nothing(to, &cnnc(folder, &with(&["export", "m.cnn", "--to", to, "--out", out])));
    }
    let mut files = vec!["r/log.csv", "r/history.csv", "e.html", "e.c", "torch/model.py"];
    if cfg!(feature = "pictures") {
        obeys_nothing(
            "show",
            &cnnc(folder, &["show", "data", "./pictures/", "--out", "d.svg"]),
        );
        files.extend(["r/report.html", "d.svg"]);
    }
    for name in files {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        obeys_nothing(name, &text);
        assert!(!text.contains("<script>alert"), "{name}");
    }
}
