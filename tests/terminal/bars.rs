//! Bars on a real pseudo-terminal: they show how far long work has come, and no other line shares theirs.

use super::Scene;
use std::fs;
use std::path::Path;

const NETWORK: &str = "model m {
    Input(shape=(4, 4, 3))
    Flatten()
    Dense(2)
}
compile(optimizer='adam', loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data='./pictures/', epochs=1)
";

/// What the binary writes to a terminal without colours; it succeeds.
fn shown(folder: &Path, arguments: &[&str]) -> String {
    let scene = Scene {
        columns: 80,
        folder,
        environment: &[("NO_COLOR", "1")],
    };
    let shown = scene.show(arguments);
    assert_eq!(shown.status, 0, "{}", shown.bytes);
    shown.bytes
}

/// A BMP of 4x4 pixels of one grey.
fn picture(grey: u8) -> Vec<u8> {
    let mut bytes = b"BM".to_vec();
    for number in [102_u32, 0, 54, 40, 4, 4, 1 | 24 << 16, 0, 48, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(102, grey);
    bytes
}

#[test]
fn verifying_shows_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.cnn"), NETWORK).unwrap();
    let text = shown(folder.path(), &["verify", "m.cnn", "--device", "cpu"]);
    let (bar, table) = text.split_once("operation  ").unwrap();
    assert!(bar.contains("operations 0/"), "{text:?}");
    // It is removed where the table begins.
    assert!(bar.ends_with("\r\u{1b}[2K"), "{text:?}");
    assert!(table.contains(" are right") && !table.contains('\u{1b}'), "{text:?}");
}

#[test]
fn rows_of_predictions_have_lines_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.cnn"), NETWORK).unwrap();
    for (class, grey) in [("a", 20), ("b", 200)] {
        let class = folder.path().join("pictures").join(class);
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join("0.bmp"), picture(grey)).unwrap();
    }
    shown(folder.path(), &["run", "m.cnn", "--device", "cpu", "--out", "out"]);
    let weights = "out/weights.safetensors";
    let predict = [
        "predict",
        "m.cnn",
        "--device",
        "cpu",
        "--weights",
        weights,
        "--input",
        "pictures",
    ];
    let text = shown(folder.path(), &predict);
    for row in ["path,class,name,probability", "pictures/a/0.bmp,", "pictures/b/0.bmp,"] {
        assert!(text.lines().any(|line| line.starts_with(row)), "{row}: {text:?}");
    }
    // Where they go into a file, the bar is there.
    let text = shown(
        folder.path(),
        &[predict.as_slice(), &["--output", "table.csv"]].concat(),
    );
    assert!(text.contains("pictures 0/2"), "{text:?}");
}
