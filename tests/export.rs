//! Exports replayed by the programs that they are for, as far as these are installed: a C compiler and Node are on every
//! machine that runs the tests, Python's modules may not be (`tests/export/` has scripts for those).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::export::model::Model;
use cnnc::export::verify::{Replay, TOLERANCE, replay};
use cnnc::export::{Format, files, write};
use cnnc::session::{Description, open};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Keras's golden cases that have trained weights.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.retain(|case| case.join("trained.safetensors").is_file());
    cases.sort();
    assert!(cases.len() >= 25, "{cases:?}");
    cases
}

fn described(case: &Path) -> Description {
    open(&case.join("model.cnn")).unwrap()
}

/// Every case through a format and its program. `needed`: whether the program must be there.
fn every_case_agrees(format: Format, needed: bool) {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let description = described(&case);
        let model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
        let out = folder
            .path()
            .join(format!("{}.{}", case.file_name().unwrap().display(), format.name()));
        let written = write(&files(&model, format).unwrap(), &out).unwrap();
        let largest = model
            .samples
            .outputs
            .iter()
            .fold(0.0_f32, |most, output| most.max(output.abs()));
        match replay(format, &written, (largest, TOLERANCE), "python3") {
            Ok(Replay::Difference(_)) => {}
            Ok(Replay::Missing(what)) => {
                assert!(!needed, "{what}");
                eprintln!("not replayed: {what}");
                return;
            }
            Err(error) => panic!("{}: {error}", case.display()),
        }
    }
}

#[test]
fn c_predicts_what_cnnc_does() {
    every_case_agrees(Format::C, true);
}

#[test]
fn pytorch_predicts_what_cnnc_does() {
    every_case_agrees(Format::Torch, false);
}

#[test]
fn litert_predicts_what_cnnc_does() {
    every_case_agrees(Format::Tflite, false);
}

#[test]
fn the_page_predicts_what_cnnc_does() {
    every_case_agrees(Format::Html, true);
}

/// Gradients in plain JavaScript beside differences of the loss; Node is on every machine that runs the tests.
#[test]
fn the_page_learns() {
    let folder = tempfile::tempdir().unwrap();
    let mut pages = Vec::new();
    for case in cases() {
        let description = described(&case);
        let model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
        let page = files(&model, Format::Html).unwrap().remove(0);
        // What gives no classes has none to be taught.
        let is_map = model.graph.shape(model.graph.output()).rank() > 1;
        if is_map || String::from_utf8_lossy(&page.bytes).contains("\"answer\":\"values\"") {
            continue;
        }
        let path = folder
            .path()
            .join(format!("{}.html", case.file_name().unwrap().display()));
        std::fs::write(&path, page.bytes).unwrap();
        pages.push(path);
    }
    assert!(pages.len() >= 15, "{pages:?}");
    let output = Command::new("node")
        .arg("tests/export/training.js")
        .args(&pages)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout.split(|&byte| byte == b'\n').count(), pages.len() + 1);
}

#[test]
fn onnxruntime_predicts_what_cnnc_does() {
    every_case_agrees(Format::Onnx, false);
}

#[test]
fn npz_holds_the_weights_and_the_samples() {
    let case = cases().into_iter().find(|case| case.ends_with("lenet")).unwrap();
    let description = described(&case);
    let model = Model::open(&description, &case.join("trained.safetensors"), &()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let written = write(&files(&model, Format::Npz).unwrap(), &folder.path().join("lenet.npz")).unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&written[0]).unwrap()).unwrap();
    assert_eq!(archive.len(), model.weights.len() + 2);
    for (name, shape, values) in &model.weights {
        let array = npyz::NpyFile::new(archive.by_name(&format!("{name}.npy")).unwrap()).unwrap();
        let sizes: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
        assert_eq!(array.shape(), sizes);
        assert_eq!(&array.into_vec::<f32>().unwrap(), values);
    }
    let inputs = npyz::NpyFile::new(archive.by_name("sample_inputs.npy").unwrap()).unwrap();
    assert_eq!(inputs.into_vec::<f32>().unwrap(), model.samples.inputs);
}

#[test]
fn nothing_is_written_where_the_weights_are_another_network_s() {
    let folder = tempfile::tempdir().unwrap();
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let out = folder.path().join("x.onnx");
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["export", "--to", "onnx", "--out"])
        .arg(&out)
        .arg("--weights")
        .arg(oracle.join("mlp/trained.safetensors"))
        .arg(oracle.join("lenet/model.cnn"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("error: "),
        "{output:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// What no golden case has: every activation, every form of a rectifier, layers that vanish, names that other languages
/// have taken, and windows that stick out on one side.
const ODDITIES: &str = "model odd_ities {
    Input(shape=(7, 6, 3))
    forward = Conv2D(4, 3, padding=\"same\", strides=(2, 1))
    b = ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2)(forward)
    c = LeakyReLU(0.3)(forward)
    d = PReLU(shared_axes=(1, 2))(forward)
    e = ELU(0.7)(forward)
    f = Average()([b, c, d, e])
    g = SpatialDropout2D(0.3)(f)
    state_dict = Conv2DTranspose(2, 2, strides=3)(g)
    i = Cropping2D(((1, 2), (0, 5)))(state_dict)
    input = UpSampling2D((2, 1), interpolation=\"bilinear\")(i)
    k = GroupNormalization(groups=2)(input)
    l = LayerNormalization()(k)
    m = Conv2D(4, 2, dilation_rate=2, groups=2, activation=\"gelu\")(l)
    n = GlobalAveragePooling2D(keepdims=True)(m)
    o = Multiply()([m, n])
    p = Maximum()([o, n])
    q = Minimum()([p, m])
    r = Concatenate(axis=1)([q, p])
    s = AveragePooling2D(3, strides=2, padding=\"same\")(r)
    t = Reshape((-1, 8))(s)
    u = Conv1D(6, 3, padding=\"causal\", dilation_rate=2, activation=\"selu\")(t)
    v = LayerNormalization()(u)
    w = Dense(5, activation=\"silu\")(v)
    x = Flatten()(w)
    train = Dense(6, activation=\"softplus\")(x)
    Activation(\"softsign\")(train)
    Dense(6, activation=\"hard_sigmoid\")
    Dropout(0.5)
    Dense(6, activation=\"exponential\")
    Rescaling(0.5, offset=0.1)
    Dense(6, activation=\"tanh\")
    Normalization(mean=(0.1, 0.2, 0.3, 0.1, 0.2, 0.3), variance=(1.0, 2.0, 1.0, 2.0, 1.0, 2.0))
    Dense(6, activation=\"relu6\")
    Dense(6, activation=\"elu\", name=\"class\")
    Dense(3, activation=\"softmax\")
}
";

fn oddities(folder: &Path) -> (Description, PathBuf) {
    let path = folder.join("odd.cnn");
    std::fs::write(&path, ODDITIES).unwrap();
    let description = open(&path).unwrap_or_else(|error| panic!("{error}"));
    let plan = description.plan();
    let weights = folder.join("odd.safetensors");
    let parameters = runtime::train::initial_parameters(&plan, 7);
    let tensors = runtime::train::tensors_of(&plan, &parameters, "");
    runtime::checkpoint::save(&weights, &tensors, &std::collections::BTreeMap::new()).unwrap();
    (description, weights)
}

#[test]
fn oddities_go_through_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let (description, weights) = oddities(folder.path());
    let model = Model::open(&description, &weights, &()).unwrap();
    let mut replayed = 0;
    for format in Format::ALL {
        let out = folder.path().join("out").with_extension(format.name());
        let written = write(&files(&model, format).unwrap(), &out).unwrap();
        match replay(format, &written, (1.0, TOLERANCE), "python3") {
            Ok(Replay::Difference(_)) => replayed += 1,
            Ok(Replay::Missing(what)) => eprintln!("not replayed: {what}"),
            Err(error) => panic!("{}: {error}", format.name()),
        }
    }
    assert!(replayed >= 2, "a C compiler and Node are there");
}

#[test]
fn the_same_network_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (description, weights) = oddities(folder.path());
    let model = || Model::open(&description, &weights, &()).unwrap();
    for format in Format::ALL {
        assert_eq!(
            files(&model(), format).unwrap(),
            files(&model(), format).unwrap(),
            "{}",
            format.name()
        );
    }
}

#[test]
fn what_tflite_has_not_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dilated.cnn");
    std::fs::write(
        &path,
        "model m {\n    Input(shape=(5, 5, 1))\n    Conv2DTranspose(2, 3, dilation_rate=2)\n}\n",
    )
    .unwrap();
    let description = open(&path).unwrap();
    let plan = description.plan();
    let weights = folder.path().join("w.safetensors");
    let tensors = runtime::train::tensors_of(&plan, &runtime::train::initial_parameters(&plan, 1), "");
    runtime::checkpoint::save(&weights, &tensors, &std::collections::BTreeMap::new()).unwrap();
    let model = Model::open(&description, &weights, &()).unwrap();
    let error = files(&model, Format::Tflite).unwrap_err().to_string();
    assert_eq!(
        error,
        "layer conv2d_transpose: TFLite has no transposed convolution with dilation_rate (2, 2)"
    );
    assert!(files(&model, Format::Onnx).is_ok());
}
