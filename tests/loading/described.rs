//! Runs on what loaders read, and what cannot be read.

use cnnc::session;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const NET: &str = "model pets {
    Input(shape=(8, 9, 3))
    Rescaling(1. / 255)
    Conv2D(4, 3, activation=\"relu\")
    GlobalAveragePooling2D()
    Dense(1, activation=\"sigmoid\")
}
compile(optimizer=Adam(0.05), loss=\"binary_crossentropy\", metrics=[\"accuracy\"])
";

/// A home with red and blue pictures, some to train on and some to validate with, and a description.
fn home(head: &str, fit: &str) -> TempDir {
    let home = TempDir::new().unwrap();
    for (class, number) in (0..36).map(|number| (number % 2, number / 2)) {
        let split = if number < 12 { "train" } else { "valid" };
        let folder = home.path().join("pets").join(split).join(["blue", "red"][class]);
        std::fs::create_dir_all(&folder).unwrap();
        let light = (number * 29 % 90) as u8;
        let colour = if class == 0 {
            [light, light, 200]
        } else {
            [200, light, light]
        };
        let picture = image::RgbImage::from_pixel(10 + number as u32, 14, image::Rgb(colour));
        picture.save(folder.join(format!("{number}.png"))).unwrap();
    }
    std::fs::write(home.path().join("pets.cnn"), format!("{head}{NET}{fit}\n")).unwrap();
    home
}

pub fn cnnc(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const TWO: &str =
    "train = image_dataset_from_directory(\"pets/train\", image_size=(8, 9), label_mode=\"binary\", batch_size=8)
valid = keras.utils.image_dataset_from_directory(\"pets/valid\", image_size=(8, 9), label_mode=\"binary\")
";

#[test]
fn a_network_is_trained_and_validated_on_what_loaders_read() {
    let home = home(TWO, "fit(train, validation_data=valid, epochs=6)");
    let path = home.path();
    let (status, _, stderr) = cnnc(path, &["run", "pets.cnn", "--device", "cpu", "--out", "run"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stderr.contains(
            "data: pets/train, 24 + 12 pictures of 2 classes (blue, red) from pets/train, pixels 0 to 255 of shape (8, 9, 3), resized bilinear"
        ),
        "{stderr}"
    );
    let manifest = std::fs::read_to_string(path.join("run/run.yaml")).unwrap();
    let read: Value = serde_yaml::from_str(&manifest).unwrap();
    assert_eq!(read["batch_size"], 8);
    assert_eq!(read["pictures"]["loaded"]["interpolation"], "bilinear");
    assert!(read["data_path"].as_str().unwrap().ends_with("pets/train"));
    assert!(read["validation_path"].as_str().unwrap().ends_with("pets/valid"));
    let history = std::fs::read_to_string(path.join("run/history.csv")).unwrap();
    let last: Vec<f64> = history
        .lines()
        .last()
        .unwrap()
        .split(',')
        .map(|value| value.parse().unwrap())
        .collect();
    assert!(last[3] > 0.9, "{history}");

    // What was validated with is what `eval` measures, and one picture is read as the others were.
    let weights = ["--weights", "run/weights.safetensors", "--device", "cpu"];
    let (status, stdout, stderr) = cnnc(
        path,
        &[&["eval", "pets.cnn", "--format", "json"], weights.as_slice()].concat(),
    );
    assert_eq!(status, 0, "{stderr}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["samples"], 12);
    assert!(
        (found["accuracy"].as_f64().unwrap() - last[3]).abs() < 1e-9,
        "{found} {history}"
    );
    let one = [
        &["predict", "pets.cnn", "--input", "pets/valid/red/17.png"],
        weights.as_slice(),
    ]
    .concat();
    let (status, stdout, stderr) = cnnc(path, &one);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("(red)"), "{stdout}");
    let (status, stdout, stderr) = cnnc(
        path,
        &[&["predict", "pets.cnn", "--input", "pets/valid"], weights.as_slice()].concat(),
    );
    assert_eq!((status, stdout.lines().count()), (0, 13), "{stderr}");

    // What takes the exported network is told that pictures' bytes stay what they are.
    let (status, _, stderr) = cnnc(
        path,
        &[
            "export",
            "pets.cnn",
            "--weights",
            "run/weights.safetensors",
            "--to",
            "html",
            "--out",
            "page.html",
        ],
    );
    assert_eq!(status, 0, "{stderr}");
    let page = std::fs::read_to_string(path.join("page.html")).unwrap();
    assert!(page.contains("\"divisor\":1"), "no divisor");
    assert!(!page.contains("\"divisor\":255"), "another divisor");
    let (status, stdout, stderr) = cnnc(path, &["check", "pets.cnn", "--verbose"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stdout.ends_with("Validates with pets/valid: pixels 0 to 255 of shape (8, 9, 3), resized bilinear\n"),
        "{stdout}"
    );

    // Gone on with, and asked again from elsewhere: both folders are found.
    let more = [
        "run", "pets.cnn", "--device", "cpu", "--out", "run", "--epochs", "7", "--resume",
    ];
    let (status, _, stderr) = cnnc(path, &more);
    assert_eq!(status, 0, "{stderr}");
    std::fs::rename(path.join("pets.cnn"), path.join("run/moved.cnn")).unwrap();
    if cfg!(feature = "pictures") {
        let (status, _, stderr) = cnnc(path, &["show", "confusion", "run", "--device", "cpu", "--out", "c.svg"]);
        assert_eq!(status, 0, "{stderr}");
    }
}

#[test]
fn subsets_of_one_folder_are_two_parts_of_it() {
    let one = "(\"pets/train\", image_size=(8, 9), validation_split=0.25, seed=3, interpolation=\"nearest\", ";
    let head = format!(
        "train = image_dataset_from_directory{one}subset=\"training\")\nvalid = image_dataset_from_directory{one}subset=\"validation\")\n"
    );
    let home = home(&head, "fit(train, validation_data=valid, epochs=1)");
    let (status, _, stderr) = cnnc(home.path(), &["run", "pets.cnn", "--device", "cpu"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("18 + 6 pictures of 2 classes"), "{stderr}");
    // Both go where other data are named.
    let (status, _, stderr) = cnnc(
        home.path(),
        &["run", "pets.cnn", "--device", "cpu", "--data", "pets/valid"],
    );
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("9 + 3 pictures of 2 classes"), "{stderr}");
}

/// `subset="both"` with two names says the same as two calls, in the same bits.
#[test]
fn both_subsets_of_one_call_are_those_of_two() {
    let one = "(\"pets/train\", image_size=(8, 9), validation_split=0.25, seed=3, interpolation=\"nearest\", subset=";
    let call = format!("image_dataset_from_directory{one}");
    let weights = |head: &str| {
        let home = home(head, "fit(train, validation_data=valid, epochs=2)");
        let (status, _, stderr) = cnnc(home.path(), &["run", "pets.cnn", "--device", "cpu", "--out", "run"]);
        assert_eq!(status, 0, "{stderr}");
        assert!(stderr.contains("18 + 6 pictures of 2 classes"), "{stderr}");
        let history = std::fs::read_to_string(home.path().join("run/history.csv")).unwrap();
        assert!(history.contains("val_loss"), "{history}");
        history
    };
    let two = weights(&format!("train = {call}\"training\")\nvalid = {call}\"validation\")\n"));
    assert_eq!(weights(&format!("train, valid = {call}\"both\")\n")), two);
    for (head, place, code) in [
        (
            format!("train = {call}\"both\")\nvalid = {call}\"validation\")\n"),
            "subset=\"both\"",
            "E0511",
        ),
        (
            format!("train, valid = {call}\"training\")\n"),
            "subset=\"training\"",
            "E0511",
        ),
        ("train, valid = load(\"pets/train\")\n".to_owned(), "load", "E0508"),
        (
            format!("train, train = {call}\"both\")\nvalid = {call}\"validation\")\n"),
            "train",
            "E0134",
        ),
    ] {
        let home = home(&head, "fit(train, validation_data=valid, epochs=2)");
        let (status, _, stderr) = cnnc(home.path(), &["check", "pets.cnn"]);
        assert_eq!(status, 1, "{stderr}");
        assert!(stderr.contains(code) && stderr.contains(place), "{stderr}");
    }
}

#[test]
fn what_cannot_be_read_is_told_at_its_place() {
    for (from, to, message, place) in [
        (
            "pets/valid",
            "pets/nothing",
            "cannot find the data set pets/nothing",
            "\"pets/nothing\"",
        ),
        (
            "label_mode=\"binary\", batch_size=8",
            "class_names=[\"red\", \"green\"]",
            "there is no folder green in pets/train",
            "class_names=",
        ),
        (
            "\"pets/train\"",
            "\".\"",
            "has 1 classes, and binary labels have two",
            "label_mode=",
        ),
        (
            "\"pets/valid\"",
            "\"pets/train/red\"",
            "has 0 classes, and binary labels have two",
            "label_mode=",
        ),
        (
            "label_mode=\"binary\", batch_size=8",
            "validation_split=0.01, subset=\"validation\", seed=1",
            "validation_split=0.01 of 24 samples leaves none to validate with",
            "validation_split=0.01",
        ),
    ] {
        let home = home(&TWO.replace(from, to), "fit(train, validation_data=valid, epochs=1)");
        let (status, _, stderr) = cnnc(home.path(), &["run", "pets.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{stderr}");
        assert!(
            stderr.starts_with("error[E0512]: this data set cannot be read\n"),
            "{stderr}"
        );
        assert!(stderr.contains(message) && stderr.contains(place), "{stderr}");
    }
}

#[test]
fn a_generator_is_a_data_set_and_layers_below_the_input() {
    let head = "train_datagen = keras.preprocessing.image.ImageDataGenerator(rescale=1. / 255, rotation_range=36, width_shift_range=0.1,
    shear_range=30, zoom_range=(0.8, 1.5), horizontal_flip=True, brightness_range=[0.5, 1.25], fill_mode='constant', cval=3)
train = train_datagen.flow_from_directory('pets/train', target_size=(8, 9), batch_size=6, class_mode='binary')
valid = ImageDataGenerator(rescale=1. / 255).flow_from_directory('pets/valid', target_size=(8, 9), class_mode='binary', shuffle=False)
";
    let net = NET.replace("    Rescaling(1. / 255)\n", "");
    let home = home(head, "fit(train, validation_data=valid, epochs=2)");
    let text = format!("{head}{net}fit(train, validation_data=valid, epochs=2)\n");
    let examined = session::examine_text(Path::new("pets.cnn"), &text);
    assert!(!examined.failed(), "{:?}", examined.diagnostics);
    let network = examined.network.unwrap();
    let layers: Vec<String> = network
        .nodes()
        .take(9)
        .map(|(_, node, ..)| {
            let arguments = node.layer.arguments();
            let shown: Vec<String> = arguments
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{} {}({})", node.name, node.layer.class(), shown.join(", "))
        })
        .collect();
    let begins = [
        "input_layer Input(shape=(8, 9, 3))",
        "random_rotation RandomRotation(factor=(-0.1, 0.1), ",
        "random_translation RandomTranslation(height_factor=(-0.0, 0.0), width_factor=(-0.1, 0.1), ",
        "random_shear RandomShear(x_factor=(-0.0, 0.0), y_factor=(-0.49",
        "random_zoom RandomZoom(height_factor=(-0.19",
        "random_flip RandomFlip(mode=horizontal",
        "random_brightness RandomBrightness(factor=(-0.5, 0.25), value_range=(0.0, 255.0)",
        "rescaling Rescaling(scale=0.00392156862745098, offset=0.0)",
        "conv2d Conv2D(",
    ];
    for (layer, begins) in layers.iter().zip(begins) {
        assert!(layer.starts_with(begins), "{layer}\n{begins}");
    }
    assert!(
        layers[1].contains("constant") && layers[1].contains("3.0"),
        "{}",
        layers[1]
    );
    let said: Vec<&str> = examined.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(said, ["W0513"]);
    let fit = &network.network().fit;
    assert_eq!(
        (fit.batch_size, fit.validation_batch_size, fit.shuffle),
        (6, Some(32), true)
    );

    std::fs::write(home.path().join("pets.cnn"), &text).unwrap();
    let (status, _, stderr) = cnnc(home.path(), &["run", "pets.cnn", "--device", "cpu", "--out", "run"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("24 + 12 pictures of 2 classes"), "{stderr}");
    let manifest = std::fs::read_to_string(home.path().join("run/run.yaml")).unwrap();
    assert!(manifest.contains("loader: flow_from_directory"), "{manifest}");

    for (from, to, code) in [
        (
            "ImageDataGenerator(rescale=1. / 255).",
            "ImageDataGenerator().",
            "E0509",
        ),
        ("rotation_range=36", "zca_whitening=True", "E0110"),
        ("rotation_range=36", "samplewise_center=True", "E0110"),
        ("rotation_range=36", "zca_whitening=True", "E0110"),
        (
            "rotation_range=36",
            "samplewise_std_normalization=True, featurewise_center=True",
            "E0110",
        ),
        ("rotation_range=36", "channel_shift_range=256", "E0109"),
        ("rotation_range=36", "preprocessing_function=preprocess_input", "E0110"),
        (
            "train_datagen.flow_from_directory('pets/train'",
            "flow_from_directory('pets/train'",
            "E0508",
        ),
        ("shuffle=False", "subset='validation'", "E0511"),
        ("brightness_range=[0.5, 1.25]", "brightness_range=[0.5]", "E0107"),
        ("Conv2D(4", "Adam(1).Conv2D(4", "E0111"),
    ] {
        let examined = session::examine_text(Path::new("pets.cnn"), &text.replace(from, to));
        let said: Vec<&str> = examined.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(said.contains(&code), "{to}: {:?}", examined.diagnostics);
    }
}

#[test]
fn a_network_that_scales_is_not_given_pixels_that_are_scaled() {
    let plain = NET.replace("    Rescaling(1. / 255)\n", "");
    let random = NET.replace("    Rescaling", "    RandomFlip(\"horizontal\")\n    Rescaling");
    let mut losses = Vec::new();
    for (net, pixels) in [
        (plain.as_str(), "0 to 1"),
        (NET, "0 to 255"),
        (random.as_str(), "0 to 255"),
    ] {
        let home = home(TWO, "fit(train)");
        let path = home.path();
        let text = format!("{net}fit(data=\"pets/train\", epochs=6, batch_size=8)\n");
        std::fs::write(path.join("pets.cnn"), text).unwrap();
        let (status, _, stderr) = cnnc(path, &["run", "pets.cnn", "--device", "cpu", "--out", "run"]);
        assert_eq!(status, 0, "{stderr}");
        let line = "pixels 0 to 255: rescaling scales them, so that they are not divided by 255 before";
        assert_eq!(stderr.contains(line), pixels == "0 to 255", "{stderr}");
        let manifest: Value =
            serde_yaml::from_str(&std::fs::read_to_string(path.join("run/run.yaml")).unwrap()).unwrap();
        assert_eq!(manifest["pixels"], pixels);
        let (_, stdout, stderr) = cnnc(path, &["check", "pets.cnn", "--verbose"]);
        assert!(
            stdout.contains(&format!("The first layer gets pixels {pixels}: ")),
            "{stdout}"
        );
        assert_eq!(stderr, "");
        let (_, _, stderr) = cnnc(path, &["check", "pets.cnn"]);
        assert_eq!(stderr.contains(line), pixels == "0 to 255", "{stderr}");
        // Predictions are of what was trained on.
        let (status, stdout, stderr) = cnnc(
            path,
            &[
                "predict",
                "pets.cnn",
                "--input",
                "pets/valid",
                "--weights",
                "run/weights.safetensors",
                "--device",
                "cpu",
            ],
        );
        assert_eq!(status, 0, "{stderr}");
        let right = stdout.lines().skip(1).filter(|line| {
            let (file, rest) = line.split_once(',').unwrap();
            rest.contains(if file.contains("red") { "red" } else { "blue" })
        });
        assert!(right.count() >= 10, "{stdout}");
        let history = std::fs::read_to_string(path.join("run/history.csv")).unwrap();
        let at = history
            .lines()
            .next()
            .unwrap()
            .split(',')
            .position(|name| name == "loss")
            .unwrap();
        losses.push(
            history
                .lines()
                .last()
                .unwrap()
                .split(',')
                .nth(at)
                .unwrap()
                .parse::<f64>()
                .unwrap(),
        );
    }
    assert!((losses[0] - losses[1]).abs() < 1e-3, "{losses:?}");
}
