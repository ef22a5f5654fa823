mod splits;

use super::super::Pixels;
use super::*;
use crate::data::kept::keeping::Keeping;
use crate::error::RuntimeError;
use image::{ImageFormat, Rgb, RgbImage};
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A picture of one colour.
fn picture(level: u8, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(4, 3, Rgb([level; 3]))
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn png(level: u8) -> Vec<u8> {
    picture(level, ImageFormat::Png)
}

/// A folder with these files, made in this order.
fn made(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn load_as(folder: &Path, shape: &Shape, seed: u64) -> Result<Dataset> {
    let wanted = Wanted {
        shape,
        ends: None,
        seed,
        keeping: Keeping::below(None),
        watch: &|_| {},
    };
    load("pictures", folder, &wanted)
}

fn grey() -> Shape {
    Shape::map(2, 2, 1)
}

/// The message and the help, without the folder's own name.
fn refusal(folder: &TempDir) -> String {
    let error = load_as(folder.path(), &grey(), 0).unwrap_err();
    let text = error
        .help()
        .map_or_else(|| error.to_string(), |help| format!("{error}\n{help}"));
    text.replace(folder.path().to_str().unwrap(), "FOLDER")
}

/// The first level of each sample, and its label.
fn samples(split: &Split) -> Vec<(u8, u32)> {
    let Pixels::Bytes(bytes) = &split.pixels else {
        panic!("bytes")
    };
    let size = split.shape.elements();
    assert_eq!(bytes.len(), split.len() * size);
    bytes
        .chunks(size)
        .map(|sample| sample[0])
        .zip(split.labels.iter().copied())
        .collect()
}

#[test]
fn folders_are_classes_in_the_order_of_their_names() {
    let folder = made(&[
        ("dog/b.PNG", png(30)),
        ("dog/a.bmp", picture(20, ImageFormat::Bmp)),
        ("dog/deeper/c.webp", picture(40, ImageFormat::WebP)),
        // Content decides, not the ending.
        ("Cat/1.jpg", png(10)),
        ("Cat/1.txt", b"notes".to_vec()),
        ("Cat/.DS_Store", b"".to_vec()),
        ("Cat/._1.jpg", b"".to_vec()),
        ("Cat/Thumbs.db", b"".to_vec()),
        ("Cat/.ipynb_checkpoints/1.png", png(99)),
        ("élan/1.jpeg", picture(200, ImageFormat::Jpeg)),
        (".git/x.png", png(99)),
        ("LICENCE", b"".to_vec()),
        ("cover.png", png(99)),
    ]);
    let layout = layout::layout(folder.path()).unwrap();
    assert_eq!(layout.names, ["Cat", "dog", "élan"]);
    let names = layout
        .train
        .files
        .iter()
        .map(|(path, label)| (path.strip_prefix(folder.path()).unwrap().to_str().unwrap(), *label));
    let expected = [
        ("Cat/1.jpg", 0),
        ("dog/a.bmp", 1),
        ("dog/b.PNG", 1),
        ("dog/deeper/c.webp", 1),
        ("élan/1.jpeg", 2),
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    let set = load_as(folder.path(), &grey(), 0).unwrap();
    assert_eq!((set.classes, set.test.is_none()), (3, true));
    let mut found = samples(&set.train);
    found.sort_unstable();
    assert_eq!(found, [(10, 0), (20, 1), (30, 1), (40, 1), (200, 2)]);
    assert_eq!(
        set.pictures.as_ref().unwrap().warnings(),
        [
            "left out 3 files that are no pictures of a class: 1 .txt, 1 pictures outside the classes' folders, 1 without an ending"
        ]
    );
    assert!(
        set.origin.starts_with("5 pictures of 3 classes (Cat, dog, élan) from "),
        "{}",
        set.origin
    );
    assert!(set.origin.ends_with(", resized to 2x2x1 (bilinear as Keras does it)"));
}

#[test]
fn the_order_is_the_seeds_and_the_fingerprint_the_files() {
    let names: Vec<String> = (0..40)
        .map(|at| format!("{}/{at:02}.png", ["a", "b"][at / 20]))
        .collect();
    let mut files: Vec<(&str, Vec<u8>)> = names
        .iter()
        .zip(0..)
        .map(|(name, at)| (name.as_str(), png(at)))
        .collect();
    let one = made(&files);
    files.reverse();
    let other = made(&files);
    let set = load_as(one.path(), &grey(), 7).unwrap();
    let same = load_as(other.path(), &grey(), 7).unwrap();
    assert_eq!((&set.train, set.fingerprint()), (&same.train, same.fingerprint()));
    // Neither file by file nor class by class, and a share from the end has both classes.
    let (train, last) = set.train.clone().split_validation(0.25).unwrap();
    assert!(!samples(&set.train).is_sorted());
    assert!(
        [0, 1].iter().all(|class| last.labels.contains(class)),
        "{:?}",
        last.labels
    );
    assert_eq!((train.len(), last.len()), (30, 10));
    let reseeded = load_as(one.path(), &grey(), 8).unwrap();
    assert_ne!(set.train, reseeded.train);
    assert_eq!(set.fingerprint(), reseeded.fingerprint());
    let sorted = |set: &Dataset| {
        let mut samples = samples(&set.train);
        samples.sort_unstable();
        samples
    };
    assert_eq!(sorted(&set), sorted(&reseeded));
    // Other content, another class of the same file, another size: other data.
    fs::write(other.path().join("a/00.png"), png(99)).unwrap();
    let changed = load_as(other.path(), &grey(), 7).unwrap();
    assert_ne!(set.fingerprint(), changed.fingerprint());
    fs::write(other.path().join("a/00.png"), png(0)).unwrap();
    fs::rename(other.path().join("a/19.png"), other.path().join("b/19.png")).unwrap();
    let moved = load_as(other.path(), &grey(), 7).unwrap();
    assert_ne!(set.fingerprint(), moved.fingerprint());
    let larger = load_as(one.path(), &Shape::map(3, 2, 1), 7).unwrap();
    assert_ne!(set.fingerprint(), larger.fingerprint());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let names: Vec<String> = (0..30).map(|at| format!("{}/{at:02}.png", at % 3)).collect();
    let mut files: Vec<(&str, Vec<u8>)> = names
        .iter()
        .zip(0..)
        .map(|(name, at)| (name.as_str(), png(at)))
        .collect();
    files[4].1 = b"broken".to_vec();
    let folder = made(&files);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| load_as(folder.path(), &grey(), 3).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(5));
    assert_eq!(one.train.len(), 29);
}

#[test]
fn folders_that_are_no_data_set_say_what_is_missing() {
    let empty = made(&[]);
    assert!(
        refusal(&empty).starts_with("no data set in the folder FOLDER\nlooked for "),
        "{}",
        refusal(&empty)
    );
    let notes = made(&[("a/notes.txt", b"".to_vec()), ("b/more.txt", b"".to_vec())]);
    assert!(refusal(&notes).starts_with("no data set in the folder FOLDER\n"));
    let flat = made(&[("b.png", png(1)), ("a.jpg", png(1)), ("c.txt", b"".to_vec())]);
    assert_eq!(
        refusal(&flat),
        "the pictures in FOLDER belong to no class\n\
         one folder for each class, whose name is the class's:\n\
         FOLDER/\n  cats/\n    a.jpg\n    ...\n  dogs/\n    ...\n\
         or train/ and test/ with such folders in each"
    );
    let one = made(&[("cats/1.png", png(1))]);
    assert_eq!(
        refusal(&one),
        "FOLDER has only one class, cats\n\
         a network tells classes apart: two at least, each a folder beside cats in FOLDER"
    );
    let nested = made(&[("photos/cats/1.png", png(1)), ("photos/dogs/1.png", png(1))]);
    assert_eq!(
        refusal(&nested),
        "FOLDER has only one class, photos\ndid you mean FOLDER/photos?"
    );
    let gap = made(&[("cats/1.png", png(1)), ("dogs/1.txt", png(1)), ("foxes/1.png", png(1))]);
    assert!(refusal(&gap).starts_with("the class folder FOLDER/dogs has no picture in it\nput .png"));
    let broken = made(&[("cats/1.png", png(1)), ("dogs/1.png", b"x".to_vec())]);
    assert!(
        refusal(&broken).starts_with("the class folder FOLDER/dogs has no picture in it that can be read\n"),
        "{}",
        refusal(&broken)
    );
    let whole = made(&[("cats/1.png", png(1)), ("dogs/1.png", png(1))]);
    let error = load_as(whole.path(), &Shape::flat(784), 0).unwrap_err();
    assert!(
        matches!(error, RuntimeError::Folder(FolderError::Form { .. })),
        "{error}"
    );
    let error = fits::see_that_they_fit(50_000, &Shape::map(1 << 15, 1 << 15, 3), form(), 1).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("50000 pictures of 32768x32768x3 need 161 TB of memory, and "),
        "{error}"
    );
}

fn form() -> Form {
    Form {
        height: 1 << 15,
        width: 1 << 15,
        channels: 3,
    }
}

#[test]
fn what_cannot_be_read_is_left_out_up_to_a_limit() {
    assert_eq!([1, 39, 40, 100, 2000, 1_000_000].map(tolerated), [1, 1, 2, 5, 100, 100]);
    let names: Vec<String> = (0..60)
        .map(|at| format!("{}/{at:02}.png", ["a", "b"][at % 2]))
        .collect();
    let with_broken = |broken: &[usize]| {
        let files: Vec<(&str, Vec<u8>)> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let bytes = if broken.contains(&at) {
                    b"not one".to_vec()
                } else {
                    png(at as u8)
                };
                (name.as_str(), bytes)
            })
            .collect();
        made(&files)
    };
    let folder = with_broken(&[7, 2, 31]);
    let set = load_as(folder.path(), &grey(), 0).unwrap();
    assert_eq!(set.train.len(), 57);
    assert!(
        samples(&set.train)
            .iter()
            .all(|&(level, label)| u32::from(level) % 2 == label)
    );
    let lines: Vec<String> = set.pictures.unwrap().warnings();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace(folder.path().to_str().unwrap(), "FOLDER"))
        .collect();
    assert_eq!(
        lines,
        [
            "warning: 3 of 60 pictures cannot be read and are left out:",
            "  FOLDER/a/02.png: no PNG, JPEG, GIF, WebP or BMP file",
            "  FOLDER/b/07.png: no PNG, JPEG, GIF, WebP or BMP file",
            "  FOLDER/b/31.png: no PNG, JPEG, GIF, WebP or BMP file",
        ]
    );
    let folder = with_broken(&(0..12).collect::<Vec<_>>());
    let found = refusal(&folder);
    assert!(
        found.starts_with("12 of 60 pictures in FOLDER cannot be read; at most 3 may be left out\nFOLDER/a/00.png: "),
        "{found}"
    );
    assert!(
        found.ends_with("\nand 2 more") && found.lines().count() == 12,
        "{found}"
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_as_keras_follows_them() {
    let elsewhere = made(&[("1.png", png(5)), ("deep/2.png", png(6))]);
    let folder = made(&[("a/1.png", png(1)), ("b/1.png", png(2))]);
    let link = |to: PathBuf, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link(elsewhere.path().to_owned(), "linked");
    link(elsewhere.path().join("deep"), "a/deep");
    link(elsewhere.path().join("1.png"), "a/linked.png");
    link(folder.path().join("nowhere"), "b/2.png");
    // A folder in itself ends nowhere but is not followed.
    link(folder.path().to_owned(), "b/loop");
    let set = load_as(folder.path(), &grey(), 0).unwrap();
    let mut found = samples(&set.train);
    found.sort_unstable();
    assert_eq!(found, [(1, 0), (2, 1), (5, 0), (5, 2), (6, 2)]);
    let pictures = set.pictures.unwrap();
    assert_eq!(pictures.others.get("links to folders"), Some(&2));
    assert!(
        pictures.unreadable[0].why.starts_with("No such file"),
        "{:?}",
        pictures.unreadable
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_may_be_no_unicode_but_for_the_classes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = made(&[("a/1.png", png(1)), ("b/1.png", png(2))]);
    fs::write(folder.path().join("a").join(OsStr::from_bytes(b"\xff\xfe.png")), png(3)).unwrap();
    assert_eq!(load_as(folder.path(), &grey(), 0).unwrap().train.len(), 3);
    fs::create_dir(folder.path().join(OsStr::from_bytes(b"c\xff"))).unwrap();
    assert_eq!(
        refusal(&folder),
        "the name of the folder FOLDER/c\u{fffd} is not Unicode text\nrename it: a class is called as its folder"
    );
}

#[test]
fn every_picture_is_counted_as_it_is_read() {
    let folder = made(&[
        ("train/a/1.png", png(1)),
        ("train/b/1.png", png(1)),
        ("test/a/1.png", b"x".to_vec()),
        ("test/a/2.png", png(1)),
        ("test/b/1.png", png(1)),
    ]);
    let calls = AtomicUsize::new(0);
    let wanted = Wanted {
        shape: &grey(),
        ends: None,
        seed: 0,
        keeping: Keeping::below(None),
        watch: &|total| {
            assert_eq!(total, 5);
            calls.fetch_add(1, Ordering::Relaxed);
        },
    };
    load("pictures", folder.path(), &wanted).unwrap();
    assert_eq!(calls.into_inner(), 5);
}
