//! Data sets of one's own pictures through the command line: training on a folder, what is done with the weights, and what
//! is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const NET: &str = "model pets {
    Input(shape=(12, 12, 3))
    Conv2D(8, 3, activation='relu')
    MaxPooling2D(2)
    Flatten()
    Dense(3)
}
compile(optimizer=Adam(learning_rate=0.01), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
fit(data='./photos', epochs=12, batch_size=8, validation_split=0.25)
";

/// Pictures of a class.
const A_CLASS: usize = 24;

/// Ten sizes of red, green or striped pictures, each a little different.
fn picture(class: usize, at: usize) -> RgbImage {
    let noise = (at * 37 % 50) as u8;
    RgbImage::from_fn(20 + at as u32 % 10, 30 - at as u32 % 7, |x, y| match class {
        0 => Rgb([200 + noise, noise, 40]),
        1 => Rgb([noise, 180 + noise, 40]),
        _ if (x / 6 + y / 6) % 2 == 0 => Rgb([230, 230, 230 - noise]),
        _ => Rgb([20, noise, 20]),
    })
}

/// Makes the pictures in this order of their numbers.
fn make_photos(folder: &Path, order: impl Iterator<Item = usize>) {
    for number in order {
        let (class, at) = (number % 3, number / 3);
        let path = folder.join(["ruby", "emerald", "zebra"][class]);
        std::fs::create_dir_all(&path).unwrap();
        let ending = ["png", "jpg", "bmp", "webp"][at % 4];
        picture(class, at).save(path.join(format!("{at:03}.{ending}"))).unwrap();
    }
}

/// A home with the description and its photos.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    make_photos(&home.path().join("photos"), 0..3 * A_CLASS);
    std::fs::write(home.path().join("pets.cnn"), NET).unwrap();
    home
}

fn cnnc(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments);
    if ["run", "eval", "predict"].contains(&arguments[0]) {
        command.args(["--device", "cpu"]);
    }
    command
}

fn output(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Standard output of what must succeed.
fn done(home: &Path, arguments: &[&str]) -> String {
    let (status, stdout, stderr) = output(&mut cnnc(home, arguments));
    assert_eq!(status, 0, "{arguments:?}: {stderr}");
    stdout
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// What the last epoch's validation came to: accuracy and loss.
fn validated(run: &Path) -> [f64; 2] {
    let csv = read(run.join("history.csv"));
    let row: Vec<f64> = csv
        .lines()
        .last()
        .unwrap()
        .split(',')
        .map(|value| value.parse().unwrap())
        .collect();
    [row[3], row[4]]
}

fn evaluated(home: &Path, more: &[&str]) -> serde_json::Value {
    let arguments = ["eval", "pets.cnn", "--format", "json"];
    serde_json::from_str(&done(home, &[&arguments, more].concat())).unwrap()
}

#[test]
fn a_folder_is_trained_on_evaluated_and_predicted() {
    let home = home();
    let path = home.path();
    std::fs::write(
        path.join("photos/zebra/broken.png"),
        b"\x89PNG\r\n\x1a\n and then nothing",
    )
    .unwrap();
    std::fs::write(path.join("photos/zebra/notes.txt"), "").unwrap();
    std::fs::write(path.join("photos/.DS_Store"), "").unwrap();
    let (status, stdout, stderr) = output(&mut cnnc(path, &["run", "pets.cnn", "--seed", "6", "--out", "run"]));
    assert_eq!((status, stdout.as_str()), (0, ""), "{stderr}");
    let said = |line: &str| assert!(stderr.contains(line), "{stderr}");
    said("left out 1 file that is no picture of a class: 1 .txt\n");
    said("warning: 1 of 73 pictures cannot be read and are left out:\n  ./photos/zebra/broken.png: ");
    said(
        "data: ./photos, 72 pictures of 3 classes (emerald, ruby, zebra) from ./photos, resized to 12x12x3 (bilinear as Keras does it); 54 train, 18 validate\n",
    );
    assert!(!stderr.contains('\u{1b}') && !stderr.contains('\r'), "{stderr}");
    let run = path.join("run");
    let [accuracy, loss] = validated(&run);
    assert!(accuracy > 0.9, "{accuracy}");
    let manifest: serde_json::Value = serde_yaml::from_str(&read(run.join("run.yaml"))).unwrap();
    assert_eq!(manifest["class_names"], serde_json::json!(["emerald", "ruby", "zebra"]));
    assert_eq!(manifest["pictures"], "keras");

    // The pictures that were held back are those of the run's seed, which the description does not know.
    let weights = ["--weights", "run/weights.safetensors"];
    let found = evaluated(path, &weights);
    assert_eq!(found["samples"], 18);
    assert!((found["loss"].as_f64().unwrap() - loss).abs() < 1e-6, "{found} {loss}");
    assert!((found["accuracy"].as_f64().unwrap() - accuracy).abs() < 1e-9, "{found}");

    // The pictures alone, somewhere else: the names are the run's.
    std::fs::rename(path.join("photos"), path.join("elsewhere")).unwrap();
    let predict = [&["predict", "pets.cnn", "--input", "elsewhere"], weights.as_slice()].concat();
    let (status, table, stderr) = output(&mut cnnc(path, &predict));
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stderr.contains(
            "warning: 1 of 73 pictures in elsewhere cannot be read and are left out:\n  elsewhere/zebra/broken.png: "
        ),
        "{stderr}"
    );
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["path", "class", "name", "probability"]);
    assert_eq!(rows.len(), 73);
    let classes = ["emerald", "ruby", "zebra"];
    let right = rows[1..]
        .iter()
        .filter(|row| row[0].starts_with(&format!("elsewhere/{}/", row[2])))
        .count();
    assert!(right > 65, "{right} of 72");
    for row in &rows[1..] {
        assert_eq!(classes[row[1].parse::<usize>().unwrap()], row[2]);
        let probability: f32 = row[3].parse().unwrap();
        assert!((1.0 / 3.0..=1.0).contains(&probability), "{row:?}");
    }
    assert!(rows[1..].is_sorted_by_key(|row| row[0]));

    // With all probabilities, in a file.
    let all = done(
        path,
        &[predict.as_slice(), &["--all", "--output", "table.csv"]].concat(),
    );
    assert_eq!(all, "");
    let all = read(path.join("table.csv"));
    assert!(
        all.starts_with("path,class,name,probability,p_emerald,p_ruby,p_zebra\n"),
        "{all}"
    );
    for (line, row) in all.lines().zip(&rows).skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[..4], row[..]);
        let probabilities: Vec<f32> = fields[4..].iter().map(|field| field.parse().unwrap()).collect();
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{line}");
        assert_eq!(fields[4 + row[1].parse::<usize>().unwrap()], row[3]);
    }

    // One of them alone is read the same way.
    let one = [&["predict", "pets.cnn", "--input", rows[5][0]], weights.as_slice()].concat();
    let probability: f32 = rows[5][3].parse().unwrap();
    let expected = format!(
        "0: class {} ({}), probability {probability:.4}\n",
        rows[5][1], rows[5][2]
    );
    assert_eq!(done(path, &one), expected);
}

#[test]
fn the_same_folder_gives_the_same_bits() {
    let (one, other) = (home(), TempDir::new().unwrap());
    make_photos(&other.path().join("photos"), (0..3 * A_CLASS).rev());
    std::fs::write(other.path().join("pets.cnn"), NET).unwrap();
    let run = |home: &Path, threads: &str, out: &str| {
        let mut command = cnnc(home, &["run", "pets.cnn", "--quiet", "--epochs", "2", "--out", out]);
        let (status, _, stderr) = output(command.env("RAYON_NUM_THREADS", threads));
        assert_eq!((status, stderr.as_str()), (0, ""));
        let manifest: serde_json::Value = serde_yaml::from_str(&read(home.join(out).join("run.yaml"))).unwrap();
        ["data_sha256", "weights_sha256"].map(|key| manifest[key].as_str().unwrap().to_owned())
    };
    let first = run(one.path(), "1", "one");
    assert_eq!(first, run(one.path(), "2", "two"));
    assert_eq!(first, run(other.path(), "3", "three"));
    // Another picture in place of one: other data.
    picture(1, 3).save(one.path().join("photos/ruby/003.webp")).unwrap();
    assert_ne!(first[0], run(one.path(), "2", "four")[0]);
}

fn quiet_run<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["run", "pets.cnn", "--quiet", "--out", out], more].concat()
}

#[test]
fn a_run_is_resumed_on_the_same_pictures_alone() {
    let home = home();
    let path = home.path();
    done(path, &quiet_run("whole", &["--epochs", "2"]));
    done(path, &quiet_run("parts", &["--epochs", "1"]));
    done(path, &quiet_run("parts", &["--epochs", "2", "--resume"]));
    let weights = |out: &str| std::fs::read(path.join(out).join("weights.safetensors")).unwrap();
    assert!(weights("whole") == weights("parts"));
    // One level of one pixel.
    let file = path.join("photos/ruby/000.png");
    let mut changed = image::open(&file).unwrap().into_rgb8();
    changed.get_pixel_mut(0, 0).0[0] ^= 1;
    changed.save(&file).unwrap();
    let (status, _, stderr) = output(&mut cnnc(path, &quiet_run("parts", &["--epochs", "3", "--resume"])));
    assert_eq!(status, 1);
    assert!(stderr.contains("the sha256 of its data"), "{stderr}");
}

#[test]
fn train_and_test_are_splits() {
    let home = home();
    let path = home.path();
    let data = path.join("sets");
    for split in ["train", "val", "test"] {
        for class in ["emerald", "ruby", "zebra"] {
            std::fs::create_dir_all(data.join(split).join(class)).unwrap();
        }
    }
    for number in 0..36 {
        let (class, at) = (number % 3, number / 3);
        let split = ["train", "train", "train", "train", "val", "test"][at % 6];
        let file = data
            .join(split)
            .join(["emerald", "ruby", "zebra"][class])
            .join(format!("{at}.png"));
        picture([1, 0, 2][class], at).save(file).unwrap();
    }
    std::fs::copy(data.join("test/ruby/5.png"), data.join("test/ruby/again.png")).unwrap();
    let text = NET.replace(", validation_split=0.25", "").replace("./photos", "sets/");
    std::fs::write(path.join("pets.cnn"), text).unwrap();
    let (status, _, stderr) = output(&mut cnnc(path, &["run", "pets.cnn", "--out", "run"]));
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stderr.contains("data: sets/, 24 + 6 + 7 pictures of 3 classes (emerald, ruby, zebra) from "),
        "{stderr}"
    );
    let weights = ["--weights", "run/weights.safetensors"];
    assert_eq!(evaluated(path, &weights)["samples"], 7);
    std::fs::remove_dir_all(data.join("test")).unwrap();
    let found = evaluated(path, &weights);
    assert_eq!(found["samples"], 6);
    let [accuracy, loss] = validated(&path.join("run"));
    assert!((found["loss"].as_f64().unwrap() - loss).abs() < 1e-6, "{found} {loss}");
    assert!((found["accuracy"].as_f64().unwrap() - accuracy).abs() < 1e-9, "{found}");

    std::fs::rename(data.join("val/zebra"), data.join("val/horse")).unwrap();
    let (status, _, stderr) = output(&mut cnnc(path, &["run", "pets.cnn", "--out", "run"]));
    assert_eq!(status, 1);
    let differ = "error: the classes in sets/val are not those in sets/train: without zebra, besides horse\n";
    assert!(stderr.replace(path.to_str().unwrap(), "").contains(differ), "{stderr}");
}

/// As its first lines say.
#[test]
fn the_carried_description_trains_on_a_folder_beside_it() {
    let home = home();
    let path = home.path();
    std::fs::remove_dir_all(path.join("photos/zebra")).unwrap();
    done(path, &["new", "photos.cnn", "--from", "photos"]);
    done(path, &["run", "photos.cnn", "--quiet", "--epochs", "3", "--out", "run"]);
    let [accuracy, _] = validated(&path.join("run"));
    assert!(accuracy > 0.9, "{accuracy}");
}

#[test]
fn checking_reads_no_picture() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("pets.cnn"), NET).unwrap();
    done(home.path(), &["check", "pets.cnn"]);
    let flat = NET.replace("(12, 12, 3)", "(432,)").replace(
        "    Conv2D(8, 3, activation='relu')\n    MaxPooling2D(2)\n    Flatten()\n",
        "",
    );
    std::fs::write(home.path().join("pets.cnn"), flat).unwrap();
    done(home.path(), &["check", "pets.cnn"]);
}

/// The exit status is 1 and the message tells; nothing is written.
#[test]
fn folders_that_are_no_data_set_are_refused() {
    let home = home();
    let path = home.path();
    let folder = |name: &str| std::fs::create_dir_all(path.join(name)).unwrap();
    folder("empty");
    folder("single/ruby");
    picture(0, 0).save(path.join("single/ruby/1.png")).unwrap();
    make_photos(&path.join("broken"), 0..9);
    for at in 0..2 {
        std::fs::write(path.join(format!("broken/zebra/x{at}.jpg")), "no picture").unwrap();
    }
    std::fs::write(path.join("flat.cnn"), NET.replace("(12, 12, 3)", "(12, 12, 2)")).unwrap();
    std::fs::write(path.join("narrow.cnn"), NET.replace("Dense(3)", "Dense(2)")).unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["pets.cnn", "--data", "nowhere/"],
            &[
                "error: cannot find the data set nowhere/",
                "a folder of pictures for each class",
            ],
        ),
        (
            &["pets.cnn", "--data", "empty"],
            &["error: no data set in the folder empty"],
        ),
        (
            &["pets.cnn", "--data", "photos/ruby"],
            &[
                "error: the pictures in photos/ruby belong to no class",
                "      photos/ruby/\n        cats/\n          000.png\n",
            ],
        ),
        (
            &["pets.cnn", "--data", "photos/ruby/000.png"],
            &["error: photos/ruby/000.png is one picture, not a data set"],
        ),
        (
            &["pets.cnn", "--data", "single"],
            &["error: single has only one class, ruby"],
        ),
        (
            &["pets.cnn", "--data", "broken"],
            &[
                "error: 2 of 11 pictures in broken cannot be read; at most 1 may be left out",
                "broken/zebra/x1.jpg: no PNG, JPEG, GIF, WebP or BMP file",
            ],
        ),
        (
            &["flat.cnn"],
            &[
                "error[E0505]: the input does not have the shape of a picture",
                "flat.cnn:2:11",
            ],
        ),
        (
            &["narrow.cnn"],
            &[
                "error[E0504]",
                "./photos has 3 classes: emerald, ruby, zebra",
                "help: 3 outputs, one for each class",
            ],
        ),
    ];
    for (arguments, told) in cases {
        let (status, stdout, stderr) = output(&mut cnnc(path, &[&["run"], *arguments].concat()));
        assert_eq!((status, stdout.as_str()), (1, ""), "{arguments:?}: {stderr}");
        for text in *told {
            assert!(stderr.contains(text), "{arguments:?}: {text}: {stderr}");
        }
        assert!(!path.join("runs").exists(), "{arguments:?}");
    }
}

#[test]
fn predictions_of_folders_that_cannot_be_made_are_refused() {
    let home = home();
    let path = home.path();
    done(path, &["run", "pets.cnn", "--quiet", "--epochs", "1", "--out", "run"]);
    let predict = |more: &[&str]| {
        let arguments = ["predict", "pets.cnn", "--weights", "run/weights.safetensors"];
        output(&mut cnnc(path, &[&arguments, more].concat()))
    };
    let write = |name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
        std::fs::write(path.join(name), bytes).unwrap();
    };
    write("texts/a.txt", b"");
    let (status, stdout, stderr) = predict(&["--input", "texts"]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("error: there are no pictures in texts"), "{stderr}");
    // None can be read: no table. More than the limit: a table of the others, and status 1.
    write("bad/1.png", b"x");
    let (status, _, stderr) = predict(&["--input", "bad", "--output", "bad.csv"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("error: 1 of 1 pictures in bad cannot be read"),
        "{stderr}"
    );
    assert!(!path.join("bad.csv").exists());
    write("bad/2.png", b"x");
    std::fs::copy(path.join("photos/ruby/000.png"), path.join("bad/3.png")).unwrap();
    let (status, _, stderr) = predict(&["--input", "bad", "--output", "bad.csv"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("error: 2 of 3 pictures in bad cannot be read") && stderr.contains("bad/2.png: "),
        "{stderr}"
    );
    assert_eq!(read(path.join("bad.csv")).lines().count(), 2);
    // What belongs to the other kind of input is the command line's fault.
    for more in [
        ["--input", "photos", "--output", "x.npy"].as_slice(),
        &["--input", "photos/ruby/000.png", "--output", "x.csv"],
        &["--input", "photos/ruby/000.png", "--all"],
    ] {
        let (status, _, stderr) = predict(more);
        assert_eq!(status, 2, "{more:?}: {stderr}");
    }
    // Without the run's own file the names are those of the description's folder, and without that, numbers.
    std::fs::create_dir(path.join("bare")).unwrap();
    std::fs::copy(
        path.join("run/weights.safetensors"),
        path.join("bare/weights.safetensors"),
    )
    .unwrap();
    let bare = [
        "predict",
        "pets.cnn",
        "--weights",
        "bare/weights.safetensors",
        "--input",
        "photos/ruby",
    ];
    let table = done(path, &bare);
    let names = ["emerald", "ruby", "zebra"];
    assert!(
        table
            .lines()
            .skip(1)
            .all(|line| names.contains(&line.split(',').nth(2).unwrap())),
        "{table}"
    );
    std::fs::rename(path.join("photos"), path.join("moved")).unwrap();
    let table = done(path, &[&bare[..5], &["moved/ruby"]].concat());
    assert!(
        table.lines().skip(1).all(|line| line.split(',').nth(2) == Some("")),
        "{table}"
    );
}
