//! Pictures: binary batches, folders, and what a generator does to these.

use super::support::{Run, SAMPLES, classes, classifier, cnnc, levels, npy, npz, put};
use image::{GrayImage, Luma, Rgb, RgbImage};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Files in the two forms of CIFAR: 32x32 pictures of one colour each, red for one class and blue for the other.
fn cifar(path: &Path, labels: usize, count: usize) {
    let mut records = Vec::new();
    for sample in 0..count {
        records.extend(vec![(sample % 2) as u8; labels]);
        for colour in 0..3 {
            let bright = colour == 2 * (sample % 2);
            records.extend([if bright { 220 } else { 30 }; 32 * 32]);
        }
    }
    put(path, records);
}

#[test]
fn binary_batches_are_trained_on() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    for batch in 1..=5 {
        cifar(
            &home.join(format!("ten/cifar-10-batches-bin/data_batch_{batch}.bin")),
            1,
            4,
        );
    }
    cifar(&home.join("ten/cifar-10-batches-bin/test_batch.bin"), 1, 4);
    cifar(&home.join("hundred/train.bin"), 2, 8);
    cifar(&home.join("hundred/test.bin"), 2, 4);
    for (folder, classes, origin, first) in [("ten", 10, "20 + 4", "airplane"), ("hundred", 100, "8 + 4", "apple")] {
        let text = format!(
            "model net {{\n    Input(shape=(32, 32, 3))\n    GlobalAveragePooling2D()\n    Dense({classes}, activation=\"softmax\")\n}}\n\
             compile(optimizer=Adam(0.1), loss=\"categorical_crossentropy\", metrics=[\"accuracy\"])\nfit(data=\"./{folder}\", epochs=30)\n"
        );
        let run = Run::of(home, &text);
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{folder}: {:?}", run.rows.last());
        assert!(
            run.fact("data_origin").starts_with(origin),
            "{}",
            run.fact("data_origin")
        );
        assert_eq!(run.facts["class_names"][0], first);
    }
}

/// Pictures in a folder for each of two classes: the upper or the lower half is bright.
fn photos(folder: &Path, count: usize) {
    for sample in 0..count {
        let bright = |y: u32| (y < 6) == sample.is_multiple_of(2);
        let noise = |x: u32, y: u32| ((sample as u32 * 31 + x * 17 + y * 7) % 50) as u8;
        let value = move |x, y| noise(x, y) + if bright(y) { 190 } else { 10 };
        let path = folder
            .join(["above", "below"][sample % 2])
            .join(format!("{sample}.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if sample % 3 == 0 {
            GrayImage::from_fn(12, 12, |x, y| Luma([value(x, y)]))
                .save(path)
                .unwrap();
        } else {
            RgbImage::from_fn(12, 12, |x, y| Rgb([value(x, y); 3]))
                .save(path)
                .unwrap();
        }
    }
}

/// What a generator does, and the layers that do it here.
#[test]
fn what_a_generator_does_is_trained_with() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    photos(&home.join("photos"), SAMPLES);
    for (does, layer) in [
        ("", ""),
        ("rotation_range=10", "RandomRotation"),
        ("width_shift_range=0.1, height_shift_range=0.1", "RandomTranslation"),
        ("shear_range=5", "RandomShear"),
        ("zoom_range=[0.9, 1.1]", "RandomZoom"),
        ("horizontal_flip=True", "RandomFlip"),
        ("brightness_range=(0.9, 1.1)", "RandomBrightness"),
        ("channel_shift_range=20.0", "RandomBrightness(factor=0.0784"),
    ] {
        let more = if does.is_empty() {
            String::new()
        } else {
            format!(", {does}")
        };
        let net = classifier("(8, 8, 1)", "", "train, validation_data=valid").replace(", batch_size=8", "");
        let flow = |subset: &str| {
            format!(
                "datagen.flow_from_directory(\"photos\", target_size=(8, 8), color_mode=\"grayscale\", batch_size=8, \
                 class_mode=\"binary\", subset=\"{subset}\")"
            )
        };
        let text = format!(
            "datagen = ImageDataGenerator(rescale=1. / 255, validation_split=0.25{more})\ntrain = {}\nvalid = {}\n{net}",
            flow("training"),
            flow("validation")
        );
        let run = Run::of(home, &text);
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{does}: {:?}", run.rows.last());
        assert!(
            run.fact("data_origin")
                .starts_with("18 + 6 pictures of 2 classes (above, below)"),
            "{}",
            run.fact("data_origin")
        );
        let (_, stderr) = cnnc(home, &["check", "net.cnn"]);
        assert!(
            stderr.contains(layer) && stderr.contains("Rescaling"),
            "{does}: {stderr}"
        );
    }
}

/// The mean and the deviation of the training samples are those that the generator's `fit` would measure.
#[test]
fn a_generator_normalizes_by_the_training_samples() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    photos(&home.join("photos"), SAMPLES);
    let net = |generator: &str, front: &str| {
        let net = classifier("(8, 8, 1)", front, "train").replace(", batch_size=8", "");
        format!(
            "datagen = ImageDataGenerator({generator})\n\
             train = datagen.flow_from_directory(\"photos\", target_size=(8, 8), color_mode=\"grayscale\")\n{net}"
        )
    };
    let both = "featurewise_center=True, featurewise_std_normalization=True";
    let [by_generator, by_layer] = [net(both, ""), net("", "    Normalization()\n")].map(|text| Run::of(home, &text));
    assert_eq!(by_generator.last("accuracy"), Some(1.0));
    assert_eq!(by_generator.fact("weights_sha256"), by_layer.fact("weights_sha256"));
    let (_, stderr) = cnnc(home, &["check", "net.cnn"]);
    assert!(!stderr.contains("error"), "{stderr}");
}

/// `preprocess_input` alone is that of the application in the description, as it is below its import in Python.
#[test]
fn preprocess_input_is_that_of_the_application() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let check = |text: &str| {
        put(&home.join("net.cnn"), text);
        cnnc(home, &["emit", "ir", "net.cnn"])
    };
    let net = |application: &str, layer: &str| {
        format!(
            "model net {{\n    Input(shape=(32, 32, 3))\n{layer}    {application}(include_top=False, weights=None, pooling=\"avg\")\n    Dense(2)\n}}\n"
        )
    };
    let (status, stderr) = check(&net("MobileNetV2", "    preprocess_input()\n"));
    assert_eq!(status, 0, "{stderr}");
    let generator = |application: &str| {
        let loader = "train = ImageDataGenerator(preprocessing_function=preprocess_input).flow_from_directory(\"photos\", target_size=(32, 32))\n";
        let rest = "compile(loss=SparseCategoricalCrossentropy(from_logits=True))\nfit(train)\n";
        format!("{loader}{}{rest}", net(application, ""))
    };
    for (application, said) in [
        ("VGG16", "vgg16.preprocess_input()"),
        ("ResNet50V2", "resnet_v2.preprocess_input()"),
    ] {
        let (status, stderr) = check(&generator(application));
        assert!(status == 0 && stderr.contains(said), "{application}: {stderr}");
    }
    // EfficientNet takes pixels of 0 to 255 as they are: nothing is left of the generator.
    let (status, stderr) = check(&generator("EfficientNetB0"));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let (status, stderr) =
        check(&generator("VGG16").replace("VGG16(include_top=False, weights=None, pooling=\"avg\")", "Flatten()"));
    assert!(
        status == 1 && stderr.contains("which application's preprocess_input is not clear"),
        "{stderr}"
    );
}

/// What `fit(scale=..., offset=...)` makes of pixels is what a layer at the front would.
#[test]
fn fit_scales_as_a_layer_does() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let arrays = [
        ("x_train", npy("|u1", "24, 4, 4, 1", &levels(SAMPLES))),
        ("y_train", classes(SAMPLES)),
    ];
    put(&home.join("data.npz"), npz(&arrays));
    let run = |front: &str, fit: &str| {
        let run = Run::of(
            home,
            &classifier("(4, 4, 1)", front, &format!("data=\"data.npz\"{fit}")),
        );
        (run.fact("weights_sha256").to_owned(), run.fact("pixels").to_owned())
    };
    let scaled = "    Rescaling(1. / 127.5, offset=-1)\n";
    let [divided, raw, centred] = [
        run("", ""),
        run("", ", scale=None"),
        run("", ", scale=1. / 127.5, offset=-1"),
    ];
    assert_eq!(raw, run("    Rescaling(1.0)\n", ""));
    assert_eq!(centred, run(scaled, ""));
    assert_eq!(
        (divided.1.as_str(), raw.1.as_str(), centred.1.as_str()),
        ("0 to 1", "0 to 255", "0 to 255")
    );
    assert!(divided.0 != raw.0 && raw.0 != centred.0 && centred.0 != divided.0);

    // An autoencoder is compared with what enters its network.
    let autoencoder = |fit: &str| {
        let text = format!(
            "model net {{\n    Input(shape=(4, 4, 1))\n    Conv2D(4, 3, padding=\"same\", activation=\"relu\")\n    Conv2D(1, 3, padding=\"same\", activation=\"tanh\")\n}}\n\
             compile(optimizer=Adam(0.02), loss=\"mse\")\nfit(data=\"data.npz\", targets=\"input\", epochs=60{fit})\n"
        );
        Run::of(home, &text).last("loss").unwrap()
    };
    let (raw, centred) = (
        autoencoder(", scale=None"),
        autoencoder(", scale=1. / 127.5, offset=-1"),
    );
    assert!(raw > 1000.0 && centred < 0.2, "{raw} {centred}");

    for (fit, message) in [
        (", offset=-1", "`offset` without `scale`"),
        (", scale=None, offset=-1", "`offset` without `scale`"),
        (", scale=\"auto\"", "`scale` takes a number or None"),
    ] {
        put(
            &home.join("net.cnn"),
            classifier("(4, 4, 1)", "", &format!("data=\"data.npz\"{fit}")),
        );
        let (status, stderr) = cnnc(home, &["check", "net.cnn"]);
        assert!(status == 1 && stderr.contains(message), "{fit}: {stderr}");
    }
    let phases = |second: &str| {
        let net = classifier("(4, 4, 1)", "", "data=\"data.npz\", scale=0.5");
        put(
            &home.join("net.cnn"),
            format!("{net}fit(data=\"data.npz\", epochs=2{second})\n"),
        );
        cnnc(home, &["check", "net.cnn"])
    };
    assert_eq!(phases("").0, 0);
    assert!(phases(", scale=0.25").1.contains("the phases of a run have one scale"));
    let loader = "train = image_dataset_from_directory(\"photos\", image_size=(4, 4), color_mode=\"grayscale\")\n";
    put(
        &home.join("net.cnn"),
        format!("{loader}{}", classifier("(4, 4, 1)", "", "train, scale=0.5")),
    );
    let (status, stderr) = cnnc(home, &["check", "net.cnn"]);
    assert!(
        status == 1 && stderr.contains("the pixels of a loader are 0 to 255"),
        "{stderr}"
    );
}
