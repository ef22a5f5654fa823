//! Weights that Keras saved, in every layout that it writes: `tests/pretrained/` holds a small model in a model, its inputs and
//! Keras's outputs (`generate.py` makes them).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::session::open;
use compiler::saved;
use runtime::checkpoint::{self, keras};
use runtime::data::save_npy;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pretrained")
        .join(name)
}

/// With a home of its own, where no weights lie.
fn cnnc(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).env("XDG_CACHE_HOME", home).env("HOME", home);
    command.env_remove("KERAS_HOME").output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn errors(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn npy(path: &Path) -> Vec<f32> {
    let file = npyz::NpyFile::new(fs::File::open(path).unwrap()).unwrap();
    file.into_vec::<f32>().unwrap()
}

#[test]
fn outputs_with_keras_s_files_are_keras_s() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("y.npy");
    for weights in ["whole.weights.h5", "whole.h5", "frozen.h5"] {
        let run = cnnc(
            folder.path(),
            &[
                "predict",
                text(&fixture("whole.cnn")),
                "--weights",
                text(&fixture(weights)),
                "--input",
                text(&fixture("inputs.npy")),
                "--output",
                text(&output),
                "--device",
                "cpu",
            ],
        );
        assert!(run.status.success(), "{weights}: {run:?}");
        let (found, expected) = (npy(&output), npy(&fixture("outputs.npy")));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let scale = expected.abs().max(1.0);
            assert!(
                (found - expected).abs() <= 1e-5 * scale,
                "{weights}: {found} {expected}"
            );
        }
    }
}

#[test]
fn pixels_are_what_applications_take() {
    let folder = tempfile::tempdir().unwrap();
    let (path, output) = (folder.path().join("net.cnn"), folder.path().join("y.npy"));
    for (call, expected) in [
        ("vgg16.preprocess_input()", "vgg16.npy"),
        ("keras.applications.resnet50.preprocess_input()", "vgg16.npy"),
        ("preprocess_input(mode=\"caffe\")", "vgg16.npy"),
        ("mobilenet.preprocess_input()", "mobilenet.npy"),
        ("tf.keras.applications.mobilenet_v2.preprocess_input()", "mobilenet.npy"),
        ("densenet.preprocess_input(name=\"p\")", "densenet.npy"),
    ] {
        let text_of = format!("model net {{\n    Input(shape=(4, 3, 3))\n    {call}\n    Conv2D(3, 1)\n}}\n");
        fs::write(&path, text_of).unwrap();
        let (weights, input) = (fixture("pixels.weights.h5"), fixture("pixels.npy"));
        let paths = [
            "--weights",
            text(&weights),
            "--input",
            text(&input),
            "--output",
            text(&output),
        ];
        let run = cnnc(
            folder.path(),
            &[&["predict", text(&path), "--device", "cpu"], &paths[..]].concat(),
        );
        assert!(run.status.success(), "{call}: {run:?}");
        let (found, expected) = (npy(&output), npy(&fixture(expected)));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 1e-5 * expected.abs().max(10.0),
                "{call}: {found} {expected}"
            );
        }
    }
}

/// A description whose `base` begins with a file's weights, with data beside it.
fn transfer(folder: &Path, call: &str) -> PathBuf {
    let base = fs::read_to_string(fixture("whole.cnn")).unwrap();
    let base = base.split("model whole").next().unwrap();
    let path = folder.join("net.cnn");
    let rest = format!(
        "model net {{\n    Input(shape=(6, 6, 2))\n    {call}\n    Flatten()\n    Dense(2)\n}}\n\
         compile(optimizer=\"adam\", loss=\"mse\")\nfit(data=\"data.npz\", epochs=2, batch_size=2)\n"
    );
    fs::write(&path, format!("{base}{rest}")).unwrap();
    // As NumPy's `savez` writes it: a zip of arrays.
    let file = fs::File::create(folder.join("data.npz")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    {
        let (name, source) = ("x_train", "inputs.npy");
        archive
            .start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut archive, &fs::read(fixture(source)).unwrap()).unwrap();
    }
    let targets = folder.join("y.npy");
    save_npy(&targets, &[4, 2], &[1.0, 0.0, 0.5, -1.0, 0.0, 2.0, 1.0, 1.0]).unwrap();
    archive
        .start_file("y_train.npy", zip::write::SimpleFileOptions::default())
        .unwrap();
    std::io::Write::write_all(&mut archive, &fs::read(targets).unwrap()).unwrap();
    archive.finish().unwrap();
    path
}

#[test]
fn a_frozen_model_keeps_the_weights_that_it_began_with() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("base.weights.h5"), folder.path().join("base.weights.h5")).unwrap();
    let path = transfer(folder.path(), "base(weights=\"base.weights.h5\", trainable=False)");
    let out = folder.path().join("run");
    let run = cnnc(
        folder.path(),
        &["run", text(&path), "--out", text(&out), "--device", "cpu"],
    );
    assert!(run.status.success(), "{run:?}");
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert!(
        stderr.contains("weights of base: ") && stderr.contains("base.weights.h5"),
        "{stderr}"
    );
    let trained = checkpoint::load(&out.join("weights.safetensors")).unwrap();
    let whole = open(&fixture("whole.cnn")).unwrap();
    let wanted = keras::load(&fixture("whole.weights.h5"), &saved::network(&whole.network)).unwrap();
    let base: Vec<_> = wanted.iter().filter(|(name, _)| name.starts_with("base/")).collect();
    assert_eq!(base.len(), 12);
    for (name, values) in base {
        assert_eq!(&trained[name].values, values, "{name}");
    }
    // Not frozen, it moves, its statistics among the rest.
    let path = transfer(folder.path(), "base(weights=\"base.weights.h5\")");
    let out = folder.path().join("moved");
    let run = cnnc(
        folder.path(),
        &["run", text(&path), "--out", text(&out), "--device", "cpu"],
    );
    assert!(run.status.success(), "{run:?}");
    let moved = checkpoint::load(&out.join("weights.safetensors")).unwrap();
    for name in ["base/a.kernel", "base/bn.moving_mean"] {
        assert_ne!(moved[name].values, wanted[name], "{name}");
    }
}

#[test]
fn what_is_not_there_or_of_another_model_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| fs::copy(fixture(name), folder.path().join(name)).unwrap();
    file("whole.weights.h5");
    file("whole.h5");
    fs::write(folder.path().join("text.h5"), "no HDF5").unwrap();
    for (weights, expected) in [
        ("absent.h5", "cannot read "),
        ("text.h5", "text.h5: expected a whole HDF5 file of Keras's"),
        (
            "whole.weights.h5",
            "layers: expected conv2d, of the layer a, found none",
        ),
        ("whole.h5", "model_weights: expected 5 layers with variables, found 3"),
    ] {
        let path = transfer(folder.path(), &format!("base(weights=\"{weights}\")"));
        let error = errors(&cnnc(folder.path(), &["run", text(&path), "--device", "cpu"]));
        assert!(error.contains(expected), "{weights}: {error}");
    }
}

#[test]
fn published_weights_are_looked_for_where_the_error_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.cnn");
    let describe = |call: &str| {
        let text = format!(
            "model net {{\n    Input(shape=(32, 32, 3))\n    {call}\n    Flatten()\n    Dense(10)\n}}\n\
             compile(loss=SparseCategoricalCrossentropy(from_logits=True))\nfit(data=\"cifar10\")\n"
        );
        fs::write(&path, text).unwrap();
    };
    let run = || errors(&cnnc(folder.path(), &["run", text(&path), "--device", "cpu"]));
    describe("VGG16(include_top=False)");
    let check = cnnc(folder.path(), &["check", text(&path)]);
    assert!(check.status.success(), "{check:?}");
    let error = run();
    let file = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5";
    for expected in [
        &format!("error: the weights {file} are not on this machine"),
        "`cnnc data fetch vgg16` gets them",
        text(&folder.path().join("cnnc/weights")),
        text(&folder.path().join(".keras/models")),
    ] {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    // Keras's own cache is looked into, and what lies there must be the published file.
    let keras = folder.path().join(".keras/models");
    fs::create_dir_all(&keras).unwrap();
    fs::write(keras.join(file), "another").unwrap();
    let error = run();
    assert!(
        error.contains("expected the md5 6d6bbae143d832006294945121d1f1fc, as Keras publishes it"),
        "{error}"
    );
    // One that is not fetched.
    describe("MobileNet(alpha=0.25, include_top=False)");
    let error = run();
    let address = "get them from https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/mobilenet_2_5_224_tf_no_top.h5";
    assert!(error.contains(address), "{error}");
}

#[test]
fn damaged_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.h5");
    let whole = open(&fixture("whole.cnn")).unwrap();
    let layers = saved::network(&whole.network);
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for name in ["whole.weights.h5", "whole.h5"] {
        let bytes = fs::read(fixture(name)).unwrap();
        let mut refused = 0;
        for round in 0..400 {
            let mut damaged = bytes.clone();
            if round % 4 == 0 {
                damaged.truncate(random(bytes.len()));
            } else {
                for _ in 0..8 {
                    let at = random(damaged.len());
                    damaged[at] = if round % 2 == 0 { 0xff } else { random(256) as u8 };
                }
            }
            fs::write(&path, &damaged).unwrap();
            // What is hit in the numbers alone cannot be told.
            match keras::load(&path, &layers) {
                Ok(values) => assert_eq!(values.len(), 17),
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            }
        }
        assert!(refused > 100, "{name}: {refused}");
    }
}

#[test]
fn what_trains_is_said_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.cnn");
    let base = fs::read_to_string(fixture("whole.cnn")).unwrap();
    // base: a 57, p, q1 and q2 12 each, bn 6 and 6 that never train; s 35, d 27.
    for (freezing, expected) in [
        ("", "161"),
        ("freeze(\"base\")", "62"),
        ("freeze(\"*\")\nthaw(\"d\")", "27"),
        ("freeze(\"base/q*\")", "137"),
        ("freeze(\"q*\")", "137"),
        ("freeze(\"base\")\nthaw(\"base\", from_layer=\"q2\")", "80"),
    ] {
        fs::write(&path, format!("{base}{freezing}\n")).unwrap();
        let check = cnnc(folder.path(), &["check", text(&path)]);
        let stdout = String::from_utf8(check.stdout).unwrap();
        let line = format!("Trainable params: {expected} ");
        assert!(stdout.contains(&line), "{freezing}: {stdout}");
    }
    for (freezing, code) in [
        ("freeze(\"bass\")", "E0232"),
        ("freeze(\"base\", from_layer=\"s\")", "E0232"),
        ("compile(loss=\"mse\")\nfreeze(\"base\")", "E0233"),
    ] {
        fs::write(&path, format!("{base}{freezing}\n")).unwrap();
        let error = errors(&cnnc(folder.path(), &["check", text(&path)]));
        assert!(error.contains(code), "{freezing}: {error}");
    }
}

#[test]
fn weights_of_another_network_are_taken_as_far_as_they_go() {
    let folder = tempfile::tempdir().unwrap();
    let run = |call: &str, weights: &[&str], out: &Path| {
        let path = transfer(folder.path(), call);
        let arguments = [&["run", text(&path), "--out", text(out), "--device", "cpu"], weights].concat();
        cnnc(folder.path(), &arguments)
    };
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    assert!(run("base()", &[], &first).status.success());
    let file = first.join("weights.safetensors");
    let frozen = "base(trainable=False)\n    Conv2D(3, 1, name=\"more\")";
    let done = run(frozen, &["--weights", text(&file)], &second);
    assert!(done.status.success(), "{done:?}");
    let stderr = String::from_utf8(done.stderr).unwrap();
    let expected =
        "its weights are used for base/a, base/p, base/q1, base/q2, base/bn, dense; these start at random: more";
    assert!(stderr.contains(expected), "{stderr}");
    let (before, after) = (
        checkpoint::load(&file).unwrap(),
        checkpoint::load(&second.join("weights.safetensors")).unwrap(),
    );
    assert_eq!(before["base/a.kernel"], after["base/a.kernel"]);
    // Another shape is another network.
    let wide = run("base()\n    Conv2D(4, 1)", &["--weights", text(&file)], &second);
    assert!(errors(&wide).contains("dense.kernel has the shape"), "{wide:?}");
}
