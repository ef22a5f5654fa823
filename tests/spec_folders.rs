//! The specs that train on folders of pictures do so, on small folders that are made here, as far as their first steps; and the
//! application that `cnnc new` writes checks.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use image::{GrayImage, Luma, Rgb, RgbImage};
use runtime::run_directory::RunDirectory;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn cnnc(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .env_remove("KERAS_HOME");
    command.current_dir(home).args(arguments).output().unwrap()
}

/// So many pictures of each class below a folder, whose colours are the class's.
fn make(folder: &Path, classes: &[&str], count: u32) {
    for (class, name) in classes.iter().enumerate() {
        let path = folder.join(name);
        fs::create_dir_all(&path).unwrap();
        for number in 0..count {
            let picture = RgbImage::from_fn(24 + number, 30, |x, y| {
                Rgb([
                    (class * 60) as u8,
                    ((x * 7 + number * 31) % 256) as u8,
                    (y * 8 % 256) as u8,
                ])
            });
            picture.save(path.join(format!("{number}.png"))).unwrap();
        }
    }
}

fn run(home: &Path, name: &str, change: &[(&str, &str)], more: &[&str]) -> (RunDirectory, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("specs")
        .join(format!("{name}.cnn"));
    let check = cnnc(home, &["check", path.to_str().unwrap()]);
    assert!(check.status.success() && check.stderr.is_empty(), "{check:?}");
    let mut text = fs::read_to_string(path).unwrap();
    for (from, to) in change {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(home.join("net.cnn"), text).unwrap();
    let done = cnnc(
        home,
        &[&["run", "net.cnn", "--out", "run", "--device", "cpu"], more].concat(),
    );
    assert!(done.status.success(), "{done:?}");
    (
        RunDirectory::at(&home.join("run")),
        String::from_utf8(done.stderr).unwrap(),
    )
}

#[test]
fn cats_and_dogs_train() {
    let home = tempfile::tempdir().unwrap();
    for split in ["train", "validation"] {
        make(&home.path().join("cats_and_dogs").join(split), &["cats", "dogs"], 5);
    }
    let (run, _) = run(
        home.path(),
        "cats_and_dogs",
        &[],
        &["--epochs", "2", "--batch-size", "5"],
    );
    let history = run.load_history().unwrap().value;
    assert_eq!(history.epochs.len(), 2);
    assert!(
        history.epochs.iter().all(|epoch| epoch.metrics["val_loss"].is_finite()),
        "{history:?}"
    );
    assert_eq!(run.load_manifest().unwrap().class_names.unwrap(), ["cats", "dogs"]);
}

/// Bars that are turned by so many degrees, and the table that says it.
fn make_angles(folder: &Path, count: u32) {
    fs::create_dir_all(folder).unwrap();
    let mut table = "filename,angle\n".to_owned();
    for number in 0..count {
        let degrees = f64::from(number * 97 % 121) - 60.0;
        let (sin, cos) = degrees.to_radians().sin_cos();
        let picture = GrayImage::from_fn(48, 48, |x, y| {
            let (x, y) = (f64::from(x) - 23.5, f64::from(y) - 23.5);
            let (along, off) = (x * cos + y * sin, y * cos - x * sin);
            let is_bar = along.abs() < 18.0 && off.abs() < 2.5;
            Luma([if is_bar { 220 } else { 20 + (number * 7 % 40) as u8 }])
        });
        picture.save(folder.join(format!("{number}.png"))).unwrap();
        table.push_str(&format!("{number}.png,{degrees}\n"));
    }
    fs::write(folder.join("angles.csv"), table).unwrap();
}

#[test]
fn regression_angles_learns_to_read_them() {
    let home = tempfile::tempdir().unwrap();
    make_angles(&home.path().join("angles"), 120);
    let (run, _) = run(
        home.path(),
        "regression_angles",
        &[],
        &["--epochs", "12", "--batch-size", "8"],
    );
    let history = run.load_history().unwrap().value;
    let mae = |epoch: usize| history.epochs[epoch].metrics["val_mae"];
    assert_eq!(history.epochs.len(), 12);
    // Always saying 0 is wrong by 30 degrees.
    assert!(mae(11) < 12.0 && mae(11) < mae(0), "{} to {} degrees", mae(0), mae(11));
}

#[test]
fn transfer_flowers_trains_in_two_phases() {
    let home = tempfile::tempdir().unwrap();
    let kinds = ["daisy", "dandelion", "roses", "sunflowers", "tulips"];
    make(&home.path().join("flowers"), &kinds, 3);
    // Its weights are not fetched here.
    let change = [
        ("weights=\"imagenet\"", "weights=None"),
        ("first_epochs = 10", "first_epochs = 2"),
    ];
    let (run, said) = run(home.path(), "transfer_flowers", &change, &["--batch-size", "6"]);
    let history = run.load_history().unwrap().value;
    let epochs: Vec<_> = history.epochs.iter().map(|epoch| (epoch.phase, epoch.epoch)).collect();
    assert_eq!(epochs, [(0, 0), (0, 1), (1, 2), (1, 3)]);
    assert!(
        history.epochs.iter().all(|epoch| epoch.metrics["val_loss"].is_finite()),
        "{history:?}"
    );
    for expected in [
        "Phase 1/2: 6,405 of 2,264,389 parameters train\n",
        "All up to global_average_pooling2d is frozen: computed once, 15 samples of 1280, 77 kB",
        "Phase 2/2: ",
        "All up to base/block_12_add is frozen: computed once, 15 samples of 10x10x96, ",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn an_application_is_written_layer_by_layer() {
    let home = tempfile::tempdir().unwrap();
    for (name, params) in [("MobileNetV2", "3,538,984"), ("EfficientNetB0", "5,330,571")] {
        let file = format!("{name}.cnn");
        let new = cnnc(home.path(), &["new", &file, "--from", name]);
        assert!(new.status.success(), "{new:?}");
        let check = cnnc(home.path(), &["check", &file]);
        assert!(check.status.success() && check.stderr.is_empty(), "{check:?}");
        let stdout = String::from_utf8(check.stdout).unwrap();
        assert!(stdout.contains(&format!("Total params: {params} ")), "{stdout}");
    }
    let unknown = cnnc(home.path(), &["new", "x.cnn", "--from", "MobileNetV3"]);
    let stderr = String::from_utf8(unknown.stderr).unwrap();
    assert!(stderr.contains("did you mean `MobileNetV2`?"), "{stderr}");
}
