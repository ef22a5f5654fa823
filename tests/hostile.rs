//! Paths that lead to no file, and networks that fit no machine: an error with exit status 1, and soon.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail"
)]
#![cfg(target_os = "linux")]

use safetensors::tensor::{Dtype, TensorView};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A network of two inputs' four values, its weights, and a named pipe that nobody writes into.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = "model m {\n    Input(shape=(2, 2, 1))\n    Flatten()\n    Dense(2)\n}\n\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True))\n\nfit(data=\"./data\", epochs=1)\n";
    fs::write(folder.path().join("m.cnn"), text).unwrap();
    let values = [0; 32];
    let kernel = TensorView::new(Dtype::F32, vec![4, 2], &values).unwrap();
    let bias = TensorView::new(Dtype::F32, vec![2], &values[..8]).unwrap();
    let weights = safetensors::serialize([("dense.kernel", kernel), ("dense.bias", bias)], None).unwrap();
    fs::write(folder.path().join("w.safetensors"), weights).unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    folder
}

/// Runs the binary there; gives its exit status and what it says, within half a minute.
fn cnnc(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("{arguments:?} goes on for ever");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (status.code().expect("an exit status, not a signal"), text)
}

fn refuses(folder: &TempDir, arguments: &[&str], expected: &str) {
    let (status, text) = cnnc(folder.path(), arguments);
    assert_eq!(status, 1, "{arguments:?}: {text}");
    assert!(text.contains(expected), "{arguments:?}: {text}");
}

#[test]
fn nothing_is_waited_for() {
    let folder = folder();
    let predict = |weights: &'static str, input: &'static str| {
        [
            "predict",
            "m.cnn",
            "--weights",
            weights,
            "--input",
            input,
            "--device",
            "cpu",
        ]
    };
    for (path, kind) in [("pipe", "a named pipe"), ("/dev/zero", "a device")] {
        let is_none = format!("it is {kind}, not a regular file");
        for command in [["check", path], ["explain", path], ["run", path]] {
            refuses(&folder, &command, &is_none);
        }
        refuses(&folder, &["run", "m.cnn", "--device", "cpu", "--data", path], &is_none);
        refuses(&folder, &["run", "m.cnn", "--device", "cpu", "--weights", path], "");
        refuses(&folder, &["data", "import", "mnist", path], &is_none);
        refuses(&folder, &["data", "import", "cifar10", path], &is_none);
    }
    refuses(
        &folder,
        &predict("pipe", "m.cnn"),
        "expected a file, found a device, a socket or a pipe",
    );
    refuses(
        &folder,
        &predict("/dev/zero", "m.cnn"),
        "expected a file, found a device, a socket or a pipe",
    );
    refuses(
        &folder,
        &predict("w.safetensors", "pipe"),
        "it is a named pipe, not a regular file",
    );
    refuses(
        &folder,
        &predict("w.safetensors", "/dev/zero"),
        "it is a device, not a regular file",
    );
}

#[test]
fn nothing_is_waited_for_on_the_way_in_or_out() {
    let folder = folder();
    for ending in ["py", "ipynb", "keras", "h5", "onnx", "weights.h5", "safetensors"] {
        let pipe = folder.path().join(format!("p.{ending}"));
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    }
    let is_none = "it is a named pipe, not a regular file";
    let scripts: &[&str] = if cfg!(feature = "import") {
        &["p.py", "p.ipynb"]
    } else {
        &[]
    };
    for path in [scripts, &["p.keras", "p.h5", "p.onnx"]].concat() {
        refuses(&folder, &["import", path, "--output", "new.cnn"], is_none);
    }
    for path in ["p.weights.h5", "p.safetensors"] {
        refuses(
            &folder,
            &["import", path, "--into", "m.cnn", "--output", "new.safetensors"],
            is_none,
        );
    }
    for (path, told) in [
        ("p.weights.h5", is_none),
        ("p.safetensors", "expected a file, found a device, a socket or a pipe"),
    ] {
        refuses(&folder, &["serve", "m.cnn", "--weights", path], told);
        for (format, out) in [("onnx", "m.onnx"), ("keras", "m.keras"), ("html", "m.html")] {
            let export = ["export", "m.cnn", "--weights", path, "--to", format, "--out", out];
            refuses(&folder, &export, told);
        }
    }
    for name in ["new.cnn", "new.safetensors", "m.onnx", "m.keras", "m.html"] {
        assert!(!folder.path().join(name).exists(), "{name} was written");
    }
}

#[test]
fn pipes_in_a_folder_of_data_are_no_data() {
    let folder = folder();
    for class in ["a", "b"] {
        fs::create_dir_all(folder.path().join("data").join(class)).unwrap();
        fs::rename(
            folder.path().join("pipe"),
            folder.path().join("data").join(class).join("1.png"),
        )
        .unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(folder.path().join("pipe"))
                .status()
                .unwrap()
                .success()
        );
    }
    refuses(
        &folder,
        &["run", "m.cnn", "--device", "cpu"],
        "has no picture in it that can be read",
    );
    fs::create_dir(folder.path().join("idx")).unwrap();
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
        let path = folder.path().join("idx").join(name);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    refuses(
        &folder,
        &["run", "m.cnn", "--device", "cpu", "--data", "idx"],
        "no data set in the folder",
    );
}

#[test]
fn a_network_that_fits_no_memory_is_refused_before_it_is_made() {
    let folder = folder();
    let wide = "model wide {\n    Input(shape=(28, 28, 1))\n    Flatten()\n    Dense(2000000)\n    Dense(10)\n}\n\n\
                compile(optimizer=\"adam\", loss=SparseCategoricalCrossentropy(from_logits=True))\n\n\
                fit(data=\"mnist\", epochs=1)\n";
    fs::write(folder.path().join("wide.cnn"), wide).unwrap();
    // Whatever the machine has, this process may have four gigabytes.
    let limited = "ulimit -v 4000000; exec \"$0\" run wide.cnn --device cpu";
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_cnnc")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in [
        "the network (parameters 6.4 GB, the optimizer's state 13 GB, ",
        " of memory, and ",
        "help: fewer units or filters",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

/// Every graph cut off at many places, with bytes changed and with sizes that nothing has: an error, or another network, and soon.
#[test]
fn faulty_graphs_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/several/siamese");
    let (model, weights) = (case.join("model.cnn"), case.join("trained.safetensors"));
    let graph = folder.path().join("whole.onnx");
    let arguments = [
        "export",
        model.to_str().unwrap(),
        "--weights",
        weights.to_str().unwrap(),
        "--to",
        "onnx",
    ];
    let (status, said) = cnnc(folder.path(), &[&arguments[..], &["--out", "whole.onnx"]].concat());
    assert_eq!(status, 0, "{said}");
    let whole = fs::read(graph).unwrap();
    let path = folder.path().join("faulty.onnx");
    let start = Instant::now();
    let mut errors = 0;
    let mut try_it = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        errors += u32::from(cnnc::import::import(&path, None, &cnnc::import::Options::default()).is_err());
    };
    for part in 0..40 {
        try_it(&whole[..whole.len() * part / 40]);
    }
    for step in 0..600 {
        let mut changed = whole.clone();
        let at = step * 7919 % whole.len();
        changed[at] = [0xff, 0x00, 0x7f][step % 3];
        // Sizes of several bytes.
        let end = (at + step % 9).min(whole.len());
        changed[at..end].fill(0xff);
        try_it(&changed);
    }
    assert!(errors > 200, "{errors}");
    assert!(start.elapsed() < Duration::from_mins(2));
}
