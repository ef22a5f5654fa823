//! What loaders make of the same folders as Keras: pixels, labels, subsets.

use cnnc::session::{self, Description};
use runtime::data::{Keeping, Pixels, save_npy};
use runtime::loading::{self, Places};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Made by `tests/oracle/loading.py`.
fn oracle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/loading")
}

/// As Python writes it.
fn python(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => panic!("no argument has one"),
    }
}

/// A description with this data set.
fn description(case: &Value) -> Description {
    let arguments = case["arguments"].as_object().unwrap();
    let (mut given, mut generator) = (String::new(), String::new());
    let method = case["call"].as_str().unwrap();
    let is_generator = method != "image_dataset_from_directory";
    for (name, value) in arguments {
        let to = if is_generator && name == "validation_split" {
            &mut generator
        } else {
            &mut given
        };
        write!(to, "{name}={}, ", python(value)).unwrap();
    }
    let size = arguments.get("image_size").or(arguments.get("target_size")).unwrap();
    let channels = match arguments.get("color_mode").and_then(Value::as_str) {
        Some("grayscale") => 1,
        Some("rgba") => 4,
        _ => 3,
    };
    let call = if is_generator {
        format!("ImageDataGenerator({generator}).{method}")
    } else {
        "image_dataset_from_directory".to_owned()
    };
    let unlabelled = arguments.get("label_mode") == Some(&Value::Null);
    let units = case["targets"][0].as_array().map_or(3, Vec::len);
    let (name, validation) = match case["half"] {
        Value::Null => ("data", ""),
        _ => ("data, rest", ", validation_data=rest"),
    };
    let text = format!(
        "{name} = {call}({given})\nmodel m {{\n    Input(shape=({}, {}, {channels}))\n    Flatten()\n    Dense({units})\n}}\n\
         compile(loss=\"mse\")\nfit(data{validation}{})\n",
        size[0],
        size[1],
        if unlabelled { ", targets=\"input\"" } else { "" }
    );
    let examined = session::examine_text(&oracle().join("m.cnn"), &text);
    assert!(!examined.failed(), "{text}{:?}", examined.diagnostics);
    examined.into_description().unwrap()
}

fn npy(path: &Path) -> Vec<f32> {
    let file = npyz::NpyFile::new(std::fs::File::open(path).unwrap()).unwrap();
    file.into_vec().unwrap()
}

#[test]
fn pixels_labels_and_subsets_are_those_of_keras() {
    let cases: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(oracle().join("cases.json")).unwrap()).unwrap();
    assert!(cases.len() > 35);
    for case in &cases {
        let description = description(case);
        let loading = description.network.network().fit.loading.clone().unwrap();
        let files_of = if case["half"] == 1 {
            loading.validation.unwrap()
        } else {
            loading.train
        };
        let places = Places {
            folder: oracle().join(&files_of.directory),
            base: oracle(),
            keeping: Keeping::usual(),
        };
        let part = loading::read(&files_of, &places, 0, &|_| {}).unwrap();
        let files = case["files"].as_array().unwrap();
        assert_eq!(part.split.len(), files.len(), "{case}");
        // The table names a file that is not there.
        assert_eq!(
            part.unreadable.len(),
            usize::from(files_of.table.is_some() && files_of.class_names.is_none()),
            "{case}"
        );
        let expected = npy(&oracle().join(case["pixels"].as_str().unwrap()));
        let pixels = &part.split.pixels;
        assert_eq!(pixels.len(), expected.len(), "{case}");
        let far = |(index, expected): (usize, &f32)| (pixels.get(index).unwrap() - expected).abs();
        let largest = expected.iter().enumerate().map(far).fold(0.0, f32::max);
        assert!(largest <= 1e-4, "{largest}: {case}");
        let whole = matches!(pixels, Pixels::Levels(_));
        let nearest = case["arguments"]["interpolation"] == "nearest" || case["call"] != "image_dataset_from_directory";
        assert_eq!(whole, nearest, "{case}");
        let labels: Vec<u64> = case["labels"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        let found: Vec<u64> = part.split.labels.iter().map(|&label| label.into()).collect();
        if let Some(rows) = case["targets"].as_array() {
            let expected: Vec<f32> = (rows.iter().flat_map(|row| row.as_array().unwrap()))
                .map(|value| value.as_f64().unwrap() as f32)
                .collect();
            assert_eq!(part.split.targets.unwrap().values, expected, "{case}");
        } else if part.class_names.is_some() {
            assert_eq!(found, labels, "{case}");
        } else {
            assert!(labels.is_empty() && found.iter().all(|&label| label == 0));
        }
    }
}

/// What a generator's `fit` measures and its `standardize` makes of pictures is what the layers in its place make of them.
#[test]
fn generators_normalize_as_those_of_keras() {
    let asked: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(oracle().join("normalized.json")).unwrap()).unwrap();
    let all = npy(&oracle().join("normalized.npy"));
    let mut made = all.chunks(all.len() / (1 + asked.len()));
    let whole = made.next().unwrap();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    save_npy(Path::new(&path("x.npy")), &[15, 5, 6, 3], whole).unwrap();
    let pictures = oracle().join("pictures");
    for (arguments, expected) in asked.iter().zip(made) {
        let given: Vec<String> = (arguments.as_object().unwrap().iter())
            .map(|(name, value)| format!("{name}={}", python(value)))
            .collect();
        // A layer with weights that changes nothing, and a rate at which it stays so.
        let text = format!(
            "datagen = ImageDataGenerator({})\n\
             train = datagen.flow_from_directory({pictures:?}, target_size=(5, 6), class_mode=None)\n\
             model m {{\n    Input(shape=(5, 6, 3))\n    PReLU(alpha_initializer=\"ones\")\n}}\n\
             compile(loss=\"mse\", optimizer=SGD(1e-30))\nfit(train, targets=\"input\")\n",
            given.join(", ")
        );
        std::fs::write(path("m.cnn"), text).unwrap();
        let _ = std::fs::remove_dir_all(path("run"));
        let run = [path("m.cnn"), "--out".to_owned(), path("run")];
        let predict = [
            path("m.cnn"),
            "--weights".to_owned(),
            path("run/weights.safetensors"),
            "--input".to_owned(),
            path("x.npy"),
            "--output".to_owned(),
            path("y.npy"),
        ];
        for (command, arguments) in [("run", &run[..]), ("predict", &predict[..])] {
            let arguments = arguments.iter().map(String::as_str);
            let arguments: Vec<&str> = [command, "--device", "cpu"].into_iter().chain(arguments).collect();
            let (status, _, stderr) = crate::described::cnnc(home.path(), &arguments);
            assert_eq!(status, 0, "{given:?}: {stderr}");
        }
        let found = npy(Path::new(&path("y.npy")));
        assert_eq!(found.len(), expected.len());
        let scale = expected.iter().fold(1.0_f32, |scale, value| scale.max(value.abs()));
        let far = found
            .iter()
            .zip(expected)
            .map(|(found, expected)| (found - expected).abs());
        let worst = far.fold(0.0, f32::max);
        assert!(worst <= 2e-5 * scale, "{given:?}: {worst:e} of {scale}");
    }
}
