//! The forms in which people have their data, each made here and trained on: arrays of every type, tables of pixels, folders of
//! arrays and of pictures, and what a generator does to these.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use image::{GrayImage, Luma, Rgb, RgbImage};
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Samples of a data set, of which there are as many of each of two classes.
const SAMPLES: usize = 24;

/// A pixel of a sample of 4x4: the upper half of one class is bright, the lower half of the other.
fn level(sample: usize, at: usize) -> u8 {
    let bright = (at < 8) == (sample.is_multiple_of(2));
    let noise = (sample * 31 + at * 17) % 60;
    (noise + if bright { 190 } else { 0 }) as u8
}

/// All pixels of the first `count` samples.
fn levels(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|sample| (0..16).map(move |at| level(sample, at)))
        .collect()
}

/// An array as NumPy writes it.
fn npy(kind: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), elements].concat()
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        archive
            .start_file(format!("{name}.npy"), SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The class of each sample, as 64-bit integers.
fn classes(count: usize) -> Vec<u8> {
    let labels = npy("<i8", &format!("{count},"), &[]);
    let elements = (0..count).flat_map(|sample| (sample as i64 % 2).to_le_bytes());
    labels.into_iter().chain(elements).collect()
}

fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn cnnc(home: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// What a run says of its data, and the columns and rows of its history.
struct Run {
    facts: serde_json::Value,
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Run {
    fn of(home: &Path, text: &str) -> Self {
        put(&home.join("net.cnn"), text);
        let (status, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu", "--out", "run", "--quiet"]);
        assert_eq!(status, 0, "{text}\n{stderr}");
        let facts = serde_yaml::from_str(&fs::read_to_string(home.join("run/run.yaml")).unwrap()).unwrap();
        let history = fs::read_to_string(home.join("run/history.csv")).unwrap();
        let mut lines = history.lines().map(|line| line.split(','));
        let columns = lines.next().unwrap().map(str::to_owned).collect();
        let number = |text: &str| (text != "NA").then(|| text.parse().unwrap());
        let rows = lines.map(|line| line.map(|value| number(value).unwrap_or(f64::NAN)).collect());
        Self {
            facts,
            columns,
            rows: rows.collect(),
        }
    }

    /// The last value of a column; `None` where the history has no such column.
    fn last(&self, column: &str) -> Option<f64> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(self.rows.last().unwrap()[at])
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }
}

/// A network that tells two classes apart, and how it is trained.
fn classifier(input: &str, front: &str, fit: &str) -> String {
    format!(
        "model net {{\n    Input(shape={input})\n{front}    Flatten()\n    Dense(2, activation=\"softmax\")\n}}\n\
         compile(optimizer=Adam(0.05), loss=\"sparse_categorical_crossentropy\", metrics=[\"accuracy\"])\n\
         fit({fit}, epochs=20, batch_size=8)\n"
    )
}

#[test]
fn arrays_of_every_type_are_trained_on() {
    /// An element's type in NumPy, its bytes of a level, and whether these are the levels themselves.
    type Kind = (&'static str, fn(u8) -> Vec<u8>, bool);
    let kinds: [Kind; 12] = [
        ("|u1", |level| vec![level], true),
        ("<u2", |level| u16::from(level).to_le_bytes().to_vec(), true),
        ("<i2", |level| i16::from(level).to_le_bytes().to_vec(), true),
        (">i4", |level| i32::from(level).to_be_bytes().to_vec(), true),
        ("<u4", |level| u32::from(level).to_le_bytes().to_vec(), true),
        ("<i8", |level| i64::from(level).to_le_bytes().to_vec(), true),
        ("<u8", |level| u64::from(level).to_le_bytes().to_vec(), true),
        ("|i1", |level| vec![level / 2], false),
        ("|b1", |level| vec![u8::from(level > 127)], false),
        // From 2 to the power of -7 up to 1.
        (
            "<f2",
            |level| ((u16::from(level / 32) << 10) | 0x2000).to_le_bytes().to_vec(),
            false,
        ),
        ("<f4", |level| (f32::from(level) / 255.0).to_le_bytes().to_vec(), false),
        ("<f8", |level| (f64::from(level) / 255.0).to_le_bytes().to_vec(), false),
    ];
    let mut of_levels = None;
    for (kind, element, are_levels) in kinds {
        let home = TempDir::new().unwrap();
        let home = home.path();
        let pixels = |count: usize| {
            let elements: Vec<u8> = levels(count).into_iter().flat_map(element).collect();
            npy(kind, &format!("{count}, 4, 4"), &elements)
        };
        let arrays = [
            ("x_train", pixels(SAMPLES)),
            ("y_train", classes(SAMPLES)),
            ("x_test", pixels(6)),
            ("y_test", classes(6)),
        ];
        put(&home.join("data.npz"), npz(&arrays));
        let run = Run::of(home, &classifier("(4, 4, 1)", "", "data=\"data.npz\""));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{kind}: {:?}", run.rows);
        assert_eq!(run.fact("data_origin"), "24 + 6 from data.npz", "{kind}");
        if are_levels {
            let weights = run.fact("weights_sha256").to_owned();
            assert_eq!(of_levels.get_or_insert_with(|| weights.clone()), &weights, "{kind}");
        }
    }
}

/// Whole numbers beyond those of pixels are taken as they are, in both splits.
#[test]
fn numbers_that_are_no_levels_are_not_divided() {
    let stretched = |level: u8, largest: i32| (i32::from(level) * largest / 255) as i16;
    let array = |largest: i32| {
        let elements = levels(SAMPLES).into_iter().map(|level| stretched(level, largest));
        npy(
            "<i2",
            "24, 4, 4",
            &elements.flat_map(i16::to_le_bytes).collect::<Vec<u8>>(),
        )
    };
    let floats = {
        let elements = levels(SAMPLES)
            .into_iter()
            .flat_map(|level| f32::from(stretched(level, 400)).to_le_bytes());
        npy("<f4", "24, 4, 4", &elements.collect::<Vec<u8>>())
    };
    let trained = |train: Vec<u8>, test: Vec<u8>| {
        let home = TempDir::new().unwrap();
        let arrays = [
            ("x_train", train),
            ("y_train", classes(SAMPLES)),
            ("x_test", test),
            ("y_test", classes(SAMPLES)),
        ];
        put(&home.path().join("data.npz"), npz(&arrays));
        let net = classifier("(4, 4, 1)", "    BatchNormalization()\n", "data=\"data.npz\"");
        Run::of(home.path(), &net).fact("weights_sha256").to_owned()
    };
    let of_floats = trained(floats.clone(), floats);
    assert_eq!(trained(array(400), array(400)), of_floats);
    assert_eq!(trained(array(400), array(255)), of_floats);
}

#[test]
fn a_folder_of_arrays_is_read_as_an_archive_is() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let pixels = |count: usize| npy("|u1", &format!("{count}, 4, 4, 1"), &levels(count));
    let arrays = [
        ("x_train", pixels(SAMPLES)),
        ("y_train", classes(SAMPLES)),
        ("x_test", pixels(6)),
        ("y_test", classes(6)),
    ];
    put(&home.join("data.npz"), npz(&arrays));
    for (name, bytes) in &arrays {
        // As scripts most often call them.
        put(
            &home.join("arrays").join(format!("{}.npy", name.replace('x', "X"))),
            bytes,
        );
    }
    let [one, other] = ["data.npz", "arrays/"].map(|data| {
        let run = Run::of(home, &classifier("(4, 4, 1)", "", &format!("data=\"{data}\"")));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{data}");
        (
            run.fact("weights_sha256").to_owned(),
            run.fact("data_sha256").to_owned(),
        )
    });
    assert_eq!(one, other);

    // Pictures from pictures.
    let home = TempDir::new().unwrap();
    let home = home.path();
    let blurred: Vec<u8> = levels(SAMPLES)
        .into_iter()
        .flat_map(|level| (f32::from(level) / 510.0).to_le_bytes())
        .collect();
    put(&home.join("lenses/x_train.npy"), pixels(SAMPLES));
    put(&home.join("lenses/y_train.npy"), npy("<f4", "24, 4, 4, 1", &blurred));
    let text = "model net {\n    Input(shape=(4, 4, 1))\n    Conv2D(4, 3, padding=\"same\", activation=\"relu\")\n    Conv2D(1, 3, padding=\"same\")\n}\n\
                compile(optimizer=Adam(0.02), loss=\"mse\")\nfit(data=\"lenses/\", validation_split=0.25, epochs=30)\n";
    let run = Run::of(home, text);
    assert!(run.last("val_loss").unwrap() < 0.05, "{:?}", run.rows);

    fs::remove_file(home.join("lenses/y_train.npy")).unwrap();
    let (status, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("expected the arrays x_train and y_train, and x_test and y_test or neither, found x_train.npy"),
        "{stderr}"
    );
}

/// A table in one of the forms that are spread: its text, what `fit` says besides, and what a run says of it.
struct Spread {
    name: &'static str,
    text: String,
    fit: &'static str,
    origin: &'static str,
    class_names: &'static [&'static str],
}

#[test]
fn tables_of_pixels_are_trained_on() {
    let row = |sample: usize, between: &str, shown: &dyn Fn(u8) -> String| {
        let cells: Vec<String> = (0..16).map(|at| shown(level(sample, at))).collect();
        cells.join(between)
    };
    let whole = |level: u8| level.to_string();
    let share = |level: u8| format!("{:.4}", f32::from(level) / 255.0);
    let names: Vec<String> = (1..=16).map(|at| format!("pixel{at}")).collect();
    let named = |shown: &dyn Fn(u8) -> String, label: &dyn Fn(usize) -> String| {
        let mut text = format!("label,{}\n", names.join(","));
        for sample in 0..SAMPLES {
            writeln!(text, "{},{}", label(sample), row(sample, ",", shown)).unwrap();
        }
        text
    };
    let number = |sample: usize| (sample % 2).to_string();
    let packed = |head: &str, usage: &dyn Fn(usize) -> &'static str| {
        let mut text = format!("{head}\n");
        for sample in 0..SAMPLES {
            writeln!(text, "{},{},{}", sample % 2, row(sample, " ", &whole), usage(sample)).unwrap();
        }
        text
    };
    let bare = named(&whole, &number)
        .lines()
        .skip(1)
        .fold(String::new(), |text, line| text + line + "\n");
    let numbered = {
        let text = named(&whole, &number);
        let lines = text.lines().enumerate();
        lines.fold(String::new(), |text, (at, line)| {
            let number = at.checked_sub(1).map_or_else(String::new, |at| at.to_string());
            text + &number + "," + line + "\n"
        })
    };
    let tables = [
        Spread {
            name: "with names of columns",
            text: named(&whole, &number),
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "without names of columns",
            text: bare,
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "as pandas writes it, with numbers of rows",
            text: numbered,
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "with shares, and names of classes",
            text: named(&share, &|sample| ["thumb", "fist"][sample % 2].to_owned()),
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &["fist", "thumb"],
        },
        Spread {
            name: "with all pixels in a column, and splits",
            text: packed("emotion,pixels,Usage", &|sample| match sample {
                0..16 => "Training",
                16..20 => "PublicTest",
                _ => "PrivateTest",
            }),
            fit: "",
            origin: "16 + 4 + 4 from ",
            class_names: &[],
        },
    ];
    for table in tables {
        let home = TempDir::new().unwrap();
        let home = home.path();
        put(&home.join("table.csv"), &table.text);
        let fit = format!("data=\"table.csv\"{}", table.fit);
        let run = Run::of(home, &classifier("(4, 4, 1)", "", &fit));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{}: {:?}", table.name, run.rows);
        assert!(
            run.fact("data_origin").starts_with(table.origin),
            "{}: {}",
            table.name,
            run.fact("data_origin")
        );
        let names: Vec<&str> = run.facts["class_names"].as_array().map_or_else(Vec::new, |names| {
            names.iter().filter_map(|name| name.as_str()).collect()
        });
        assert_eq!(names, table.class_names, "{}", table.name);
        // Networks that begin with rows take the same file.
        let rows = Run::of(home, &classifier("(16,)", "", &fit));
        assert_eq!(rows.last("val_accuracy"), run.last("val_accuracy"), "{}", table.name);
    }

    // Numbers that are no classes are values to come near to.
    let home = TempDir::new().unwrap();
    let home = home.path();
    put(
        &home.join("angles.csv"),
        named(&whole, &|sample| format!("{:.2}", (sample % 2) as f32 - 0.25)),
    );
    let text = "model net {\n    Input(shape=(4, 4, 1))\n    Flatten()\n    Dense(1)\n}\ncompile(optimizer=Adam(0.05), loss=\"mse\")\n\
                fit(data=\"angles.csv\", epochs=60)\n";
    let run = Run::of(home, text);
    assert!(run.last("loss").unwrap() < 0.05, "{:?}", run.rows.last());
}

#[test]
fn tables_that_are_no_pixels_are_refused_at_their_line() {
    for (text, message) in [
        (
            "label,a,b\n1,2,3\n0,2\n",
            "found record with 2 fields, but the previous record has 3 fields",
        ),
        (
            "label,a,b\n1,2,3\n0,2,x\n",
            "(line 3): expected a number for each pixel",
        ),
        (
            "label,a,b\n1,2,3\n0,2,nan\n",
            "(line 3): expected a number for each pixel",
        ),
        (
            "label,a,b\n1,2,3\n,2,4\n",
            "(line 3): expected a label, found an empty cell",
        ),
        (
            "filename,label\ncat.png,cat\n",
            "labels=\"FILE.csv\": image_dataset_from_directory, flow_from_dataframe), found \"cat.png\"",
        ),
        (
            "pixel0,pixel1\n1,2\n",
            "expected a column called label or class and columns of pixels, or one called pixels, found the columns pixel0, pixel1",
        ),
        (
            "emotion,pixels\n1,2 3 4\n0,2 3\n",
            "(line 3): expected 3 pixels, as in the first row, found 2",
        ),
        (
            "emotion,pixels,Usage\n1,2 3 4,Holdout\n",
            "(line 2): expected Training, PublicTest or PrivateTest (or train, validation or test), found \"holdout\"",
        ),
        (
            "emotion,pixels,Usage\n1,2 3 4,PublicTest\n",
            "expected rows of pixels to train on, found none",
        ),
        ("label,a,b\n", "expected rows of pixels to train on, found none"),
        ("", "expected a column called label or class"),
    ] {
        let home = TempDir::new().unwrap();
        put(&home.path().join("table.csv"), text);
        put(
            &home.path().join("net.cnn"),
            classifier("(2,)", "", "data=\"table.csv\""),
        );
        let (status, stderr) = cnnc(home.path(), &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{text}\n{stderr}");
        assert!(stderr.contains(message), "{text}\n{stderr}");
    }
}

#[test]
fn what_python_alone_reads_is_refused_with_what_to_do() {
    for (name, bytes, message) in [
        (
            "data.pkl",
            b"\x80\x04\x95junk".as_slice(),
            "a pickle, which runs code as it is read",
        ),
        ("data.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file: load it with h5py"),
        (
            "x_train.npy",
            b"\x93NUMPY\x01\x00",
            "a folder with x_train.npy and y_train.npy",
        ),
        ("table.txt", b"label,a\n1,2\n", "a CSV of pixels is called so: FILE.csv"),
    ] {
        let home = TempDir::new().unwrap();
        put(&home.path().join(name), bytes);
        put(
            &home.path().join("net.cnn"),
            classifier("(2,)", "", &format!("data=\"{name}\"")),
        );
        let (status, stderr) = cnnc(home.path(), &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{name}\n{stderr}");
        assert!(
            stderr.contains(message) && stderr.contains("np.savez"),
            "{name}\n{stderr}"
        );
    }
}

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
