//! Trained files of others: what `cnnc export` writes comes back as it was, what Keras writes in its three formats is one network with
//! the same weights, and faulty files are errors.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::export::model::{Model, Role};
use cnnc::export::{Format, files};
use cnnc::import::{Imported, Options, import, weights};
use cnnc::runtime::checkpoint::{self, NamedTensor};
use cnnc::session::predict::Predictor;
use cnnc::session::{Description, open};
use runtime::data::{Ends, archive_inputs};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Keras's golden cases that have trained weights.
fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir("tests/oracle")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.retain(|case| case.join("trained.safetensors").is_file());
    cases.sort();
    assert!(cases.len() >= 25, "{cases:?}");
    cases
}

/// What an export writes of a kind.
fn exported(description: &Description, case: &Path, format: Format) -> Result<Vec<u8>, String> {
    let model = Model::open(description, &case.join("trained.safetensors"), &()).map_err(|error| error.to_string())?;
    let written = files(&model, format).map_err(|error| error.to_string())?;
    let wanted = |role: &Role| *role == Role::Main || *role == Role::Inside("model.safetensors");
    Ok(written.into_iter().find(|file| wanted(&file.role)).unwrap().bytes)
}

fn nodes(description: &Description) -> String {
    serde_json::to_string_pretty(&description.network.network().nodes).unwrap()
}

fn compiled(description: &Description) -> Option<(String, String, Vec<String>)> {
    let compile = description.network.network().compile.as_ref()?;
    let metrics = compile.metrics.iter().map(|metric| metric.name.clone()).collect();
    Some((compile.optimizer.printed(), compile.loss.printed(), metrics))
}

/// Values by names, as bits.
fn bits(tensors: &[NamedTensor]) -> Vec<(String, Vec<usize>, Vec<u32>)> {
    let mut all: Vec<_> = tensors
        .iter()
        .map(|(name, shape, values)| {
            (
                name.clone(),
                shape.clone(),
                values.iter().map(|value| value.to_bits()).collect(),
            )
        })
        .collect();
    all.sort();
    all
}

fn trained(case: &Path) -> Vec<NamedTensor> {
    let loaded = checkpoint::load(&case.join("trained.safetensors")).unwrap();
    loaded
        .into_iter()
        .map(|(name, tensor)| (name, tensor.shape, tensor.values))
        .collect()
}

fn imported(path: &Path) -> (Description, Vec<NamedTensor>) {
    let Imported {
        examined,
        errors,
        weights,
        ..
    } = import(path, None, &Options::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(errors, [""; 0]);
    let text = examined.source.text.clone();
    let description = examined
        .into_description()
        .unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()));
    (description, weights.unwrap())
}

#[test]
fn what_keras_is_given_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let own = open(&case.join("model.cnn")).unwrap();
        let path = folder.path().join("back.keras");
        std::fs::write(&path, exported(&own, &case, Format::Keras).unwrap()).unwrap();
        let (back, tensors) = imported(&path);
        assert_eq!(nodes(&back), nodes(&own), "{}\n{}", case.display(), back.source.text);
        assert_eq!(
            back.network.network().functional,
            own.network.network().functional,
            "{}",
            case.display()
        );
        assert_eq!(back.network.network().name, own.network.network().name);
        assert_eq!(compiled(&back), compiled(&own), "{}", case.display());
        assert_eq!(bits(&tensors), bits(&trained(&case)), "{}", case.display());
        // What came back goes that way again, and is the same text.
        let saved = folder.path().join("back.safetensors");
        checkpoint::save(&saved, &tensors, &std::collections::BTreeMap::new()).unwrap();
        let model = Model::open(&back, &saved, &()).unwrap();
        let written = files(&model, Format::Keras).unwrap().remove(0).bytes;
        std::fs::write(&path, written).unwrap();
        let (again, again_tensors) = imported(&path);
        assert_eq!(lines(&again), lines(&back), "{}", case.display());
        assert_eq!(bits(&again_tensors), bits(&tensors), "{}", case.display());

        let path = folder.path().join("back.weights.h5");
        std::fs::write(&path, exported(&own, &case, Format::KerasWeights).unwrap()).unwrap();
        assert_eq!(
            bits(&weights(&path, &own).unwrap()),
            bits(&trained(&case)),
            "{}",
            case.display()
        );
        let error = import(&path, None, &Options::default()).unwrap_err();
        assert!(error.help().unwrap().contains("--into"));
    }
}

/// What has operators that no layer does the work of in the form that they have there.
const NOT_FROM_ONNX: [&str; 13] = [
    "layer_normalization",
    "padding_and_cropping",
    "rectifiers",
    "regularizers",
    "reshaping",
    "scaling",
    "signals",
    "signals_pooled",
    "slopes_at_zero",
    "thresholds",
    "transposed_convolution",
    "transposed_output_padding",
    "upsampling",
];

/// What the export writes as other modules, or as numbers of the network itself.
const NOT_FROM_TORCH: [&str; 13] = [
    "adapted",
    "adapted_behind",
    "batch_normalization",
    "batch_normalization_partial",
    "constraints",
    "layer_normalization",
    "merging",
    "rectifiers",
    "regularizers",
    "scaling",
    "separable",
    "signals",
    "signals_pooled",
];

#[test]
fn what_pytorch_is_given_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut came_back, mut refused) = (0, Vec::new());
    for case in cases() {
        let own = open(&case.join("model.cnn")).unwrap();
        let Ok(bytes) = exported(&own, &case, Format::Torch) else {
            continue;
        };
        let path = folder.path().join("model.safetensors");
        std::fs::write(&path, bytes).unwrap();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        match weights(&path, &own) {
            Ok(tensors) => {
                assert!(bits(&tensors) == bits(&trained(&case)), "{name}");
                came_back += 1;
            }
            Err(_) => refused.push(name),
        }
    }
    let known = |name: &String| NOT_FROM_TORCH.contains(&name.as_str());
    assert!(refused.iter().all(known), "{refused:?}");
    assert!(came_back > 20, "{came_back}");
}

/// PyTorch flattens channels first, and has the outputs of kernels in front.
#[test]
fn pytorch_s_order_becomes_keras_s() {
    let folder = tempfile::tempdir().unwrap();
    let text = "model small {\n    Input(shape=(2, 3, 1))\n    Conv2D(2, 1)\n    Flatten()\n    Dropout(0.5)\n    Dense(4)\n}\n";
    let own = cnnc::session::examine_text(Path::new("small.cnn"), text)
        .into_description()
        .unwrap();
    let numbers = |count: usize| {
        (0..count)
            .flat_map(|index| (index as f32).to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let tensors = [
        ("b.fc.weight", vec![4, 12]),
        ("b.fc.bias", vec![4]),
        ("a.conv.weight", vec![2, 1, 1, 1]),
        ("a.conv.bias", vec![2]),
    ];
    let bytes = tensors.clone().map(|(_, shape)| numbers(shape.iter().product()));
    let views = tensors.iter().zip(&bytes).map(|((name, shape), bytes)| {
        (
            *name,
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    let path = folder.path().join("state.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    let read = weights(&path, &own).unwrap();
    let dense = &read.iter().find(|(name, ..)| name == "dense.kernel").unwrap().2;
    for (place, channel, unit) in [(0, 0, 0), (1, 0, 2), (4, 1, 3), (5, 1, 1)] {
        // Row `place * 2 + channel` here is column `channel * 6 + place` there.
        assert_eq!(
            dense[(place * 2 + channel) * 4 + unit],
            (unit * 12 + channel * 6 + place) as f32
        );
    }
    let other = text.replace("Dense(4)", "Dense(5)");
    let other = cnnc::session::examine_text(Path::new("small.cnn"), &other)
        .into_description()
        .unwrap();
    let error = weights(&path, &other).unwrap_err().to_string();
    assert!(error.contains("dense") && error.contains("weight [5, 12]"), "{error}");
}

/// `files.py` made them with Keras: one network in each of the three formats.
#[test]
fn keras_s_formats_hold_one_network() {
    for name in ["chain", "branches"] {
        let file = |ending: &str| PathBuf::from(format!("tests/import/files/{name}.{ending}"));
        let (own, tensors) = imported(&file("keras"));
        let (older, older_tensors) = imported(&file("h5"));
        assert_eq!(nodes(&older), nodes(&own));
        assert_eq!(compiled(&older), compiled(&own));
        assert_eq!(bits(&older_tensors), bits(&tensors));
        assert_eq!(bits(&weights(&file("weights.h5"), &own).unwrap()), bits(&tensors));
        insta::with_settings!({ snapshot_path => "import/files", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, own.source.text);
        });
    }
    let (chain, _) = imported(Path::new("tests/import/files/chain.keras"));
    let error = weights(Path::new("tests/import/files/branches.weights.h5"), &chain).unwrap_err();
    assert!(error.to_string().contains("branches.weights.h5"), "{error}");
}

/// The arrays of an `.npz` of floats.
fn npz(path: &Path) -> BTreeMap<String, Vec<f32>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let array = |name: &String| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        let values = npyz::NpyFile::new(bytes.as_slice()).unwrap().into_vec::<f32>().unwrap();
        (name.trim_end_matches(".npy").to_owned(), values)
    };
    names.iter().map(array).collect()
}

/// Models within models, functional and sequential, one of them applied twice and one frozen; `files.py` made them with Keras and
/// asked it what they say of four samples.
#[test]
fn models_that_are_layers_do_what_they_did_in_keras() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pile", "siamese"] {
        let file = |ending: &str| PathBuf::from(format!("tests/import/files/{name}.{ending}"));
        let (own, tensors) = imported(&file("keras"));
        insta::with_settings!({ snapshot_path => "import/files", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, own.source.text);
        });
        let saved = folder.path().join(format!("{name}.safetensors"));
        checkpoint::save(&saved, &tensors, &BTreeMap::new()).unwrap();
        let mut predictor = Predictor::open(&own, &saved, "cpu", &()).unwrap();
        let bytes = std::fs::read(file("npz")).unwrap();
        let inputs = archive_inputs(name, &bytes, &Ends::all_of(&own.network), 1 << 20).unwrap();
        assert_eq!(inputs.count, 4);
        let outputs = predictor.outputs(inputs.pixels, inputs.count).unwrap();
        let expected = &npz(&file("npz"))["outputs"];
        let largest = expected.iter().fold(1.0_f32, |most, own| most.max(own.abs()));
        assert_eq!(outputs.len(), expected.len());
        for (found, expected) in outputs.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-5 * largest, "{name}: {found} {expected}");
        }
        for ending in ["h5", "weights.h5"] {
            if ending == "h5" {
                let (older, older_tensors) = imported(&file(ending));
                assert_eq!(nodes(&older), nodes(&own));
                assert_eq!(bits(&older_tensors), bits(&tensors));
            } else {
                assert_eq!(bits(&weights(&file(ending), &own).unwrap()), bits(&tensors));
            }
        }
    }
}

/// Every file cut off at many places and with bytes changed: an error, or another network, and soon.
#[test]
fn faulty_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let (own, _) = imported(Path::new("tests/import/files/chain.keras"));
    for file in [
        "chain.keras",
        "chain.h5",
        "chain.weights.h5",
        "pile.keras",
        "siamese.h5",
    ] {
        let whole = std::fs::read(Path::new("tests/import/files").join(file)).unwrap();
        let path = folder.path().join(file);
        let try_it = |bytes: &[u8], may_hold: bool| {
            std::fs::write(&path, bytes).unwrap();
            let first = import(&path, None, &Options::default());
            let second = weights(&path, &own);
            assert!(
                may_hold || (first.is_err() && second.is_err()),
                "{file}, {} bytes",
                bytes.len()
            );
        };
        for part in 0..24 {
            try_it(&whole[..whole.len() * part / 24], part > 20);
        }
        for step in 0..600 {
            let mut changed = whole.clone();
            let at = step * 7919 % whole.len().min(6000);
            changed[at] = [0xff, 0x00, 0x7f][step % 3];
            try_it(&changed, true);
        }
    }
    let path = folder.path().join("other.safetensors");
    for bytes in [
        &b""[..],
        b"\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x08\0\0\0\0\0\0\0[[[[[[[[",
    ] {
        std::fs::write(&path, bytes).unwrap();
        weights(&path, &own).unwrap_err();
    }
}

/// What an ONNX graph of `cnnc export` computes, the network that is imported of it computes too.
#[test]
fn onnx_graphs_become_networks_that_do_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (mut came_back, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for case in cases() {
        let own = open(&case.join("model.cnn")).unwrap();
        let Ok(model) = Model::open(&own, &case.join("trained.safetensors"), &()) else {
            continue;
        };
        let Ok(written) = files(&model, Format::Onnx) else {
            continue;
        };
        let path = folder.path().join("model.onnx");
        std::fs::write(&path, &written[0].bytes).unwrap();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        if let Err(error) = import(&path, None, &Options::default()) {
            assert!(error.to_string().contains("model.onnx: "), "{error}");
            refused.push(name);
            continue;
        }
        let (back, tensors) = imported(&path);
        let saved = folder.path().join("back.safetensors");
        checkpoint::save(&saved, &tensors, &std::collections::BTreeMap::new()).unwrap();
        let again = match Model::open(&back, &saved, &()) {
            Ok(again) => again,
            Err(error) => {
                wrong.push(format!("{name}: {error}\n{}", back.source.text));
                continue;
            }
        };
        let largest = model
            .samples
            .outputs
            .iter()
            .fold(1.0_f32, |most, own| most.max(own.abs()));
        let pairs = model.samples.outputs.iter().zip(&again.samples.outputs);
        let off = pairs
            .map(|(own, other)| (own - other).abs() / largest)
            .fold(0.0, f32::max);
        if off > 1e-5 || again.samples.inputs != model.samples.inputs {
            wrong.push(format!("{name}: {off}\n{}", back.source.text));
        }
        came_back += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known = |name: &String| NOT_FROM_ONNX.contains(&name.as_str());
    assert!(refused.iter().all(known), "{refused:?}");
    assert!(came_back > 20, "{came_back}");
}

/// A description's lines without its comments.
fn lines(description: &Description) -> Vec<String> {
    let lines = description.source.text.lines().map(str::trim_end);
    lines.filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// A network as the export of a description has it, out of an ONNX file.
fn through_onnx(description: &Description, weights: &Path, folder: &Path) -> Option<(Description, Vec<NamedTensor>)> {
    let model = Model::open(description, weights, &()).ok()?;
    let written = files(&model, Format::Onnx).ok()?;
    let path = folder.join("model.onnx");
    std::fs::write(&path, &written[0].bytes).unwrap();
    import(&path, None, &Options::default()).ok()?;
    Some(imported(&path))
}

/// In ONNX a normalisation is arithmetic on its own numbers.
const OTHER_NUMBERS: [&str; 7] = [
    "adapted",
    "adapted_behind",
    "batch_normalization",
    "batch_normalization_partial",
    "constraints",
    "merging",
    "scaling",
];

/// The weights keep their bits on the way through ONNX, and what came back goes through it again as it is.
#[test]
fn what_onnx_is_given_comes_back_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (mut same, mut other) = (0, Vec::new());
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let own = open(&case.join("model.cnn")).unwrap();
        let Some((back, tensors)) = through_onnx(&own, &case.join("trained.safetensors"), folder.path()) else {
            assert!(NOT_FROM_ONNX.contains(&name.as_str()), "{name}");
            continue;
        };
        let numbers = |tensors: &[NamedTensor]| {
            let mut all: Vec<Vec<u32>> = bits(tensors).into_iter().map(|(_, _, values)| values).collect();
            all.sort();
            all
        };
        if numbers(&tensors) == numbers(&trained(&case)) {
            same += 1;
        } else {
            other.push(name.clone());
        }
        let saved = folder.path().join("back.safetensors");
        checkpoint::save(&saved, &tensors, &std::collections::BTreeMap::new()).unwrap();
        let (again, again_tensors) = through_onnx(&back, &saved, folder.path()).unwrap();
        assert_eq!(lines(&again), lines(&back), "{name}");
        assert_eq!(bits(&again_tensors), bits(&tensors), "{name}");
    }
    assert!(same > 20, "{same}; {other:?}");
    let known = |name: &String| OTHER_NUMBERS.contains(&name.as_str());
    assert!(other.iter().all(known), "{other:?}");
}
