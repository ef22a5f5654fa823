use super::*;
use crate::data::folder::read::{Batch, read_batch};
use crate::data::picture::{Form, Loaded, Reading};
use crate::data::samples::Pixels;
use compiler::training::loading::{Aspect, Interpolation, Loader};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use writing::read_or_keep;

/// Pictures of that size, of which the third is none.
fn pictures(folder: &Path, count: u32, size: (u32, u32)) -> Vec<PathBuf> {
    let path = |number: u32| folder.join(format!("{number:03}.png"));
    for number in 0..count {
        let picture = image::RgbImage::from_fn(size.0, size.1, |x, y| {
            image::Rgb([x as u8 * 7, y as u8 * 11, number as u8])
        });
        picture.save(path(number)).unwrap();
    }
    fs::write(path(3), "none").unwrap();
    (0..count).map(path).collect()
}

const FORM: Form = Form {
    height: 6,
    width: 5,
    channels: 3,
};

fn loaded(interpolation: Interpolation) -> Reading {
    Reading::Loaded(Loaded {
        loader: Loader::ImageDatasetFromDirectory,
        interpolation,
        aspect: Aspect::Stretched,
    })
}

fn keeping(folder: &Path, most: u64) -> Keeping {
    Keeping {
        folder: Some(folder.join("cache")),
        above: 0,
        most,
    }
}

fn kept(files: &[&Path], reading: Reading, keeping: &Keeping) -> Batch {
    read_or_keep(files, FORM, reading, keeping, &|| {}).unwrap()
}

/// The same, with all samples in memory.
fn in_memory(batch: Batch) -> Batch {
    let all: Vec<u32> = (0..batch.kept.len() as u32).collect();
    let pixels = batch.pixels.samples(&all, FORM.values()).unwrap();
    Batch { pixels, ..batch }
}

/// As values, whatever they are kept as.
fn values(pixels: &Pixels) -> Vec<f32> {
    (0..pixels.len()).map(|at| pixels.get(at).unwrap()).collect()
}

#[test]
fn what_is_kept_is_what_would_be_in_memory() {
    for (size, bytes) in [((5, 6), 1), ((9, 4), 4)] {
        let home = tempfile::tempdir().unwrap();
        let files = pictures(home.path(), 70, size);
        let mut files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        files.swap(1, 40);
        files.reverse();
        for (reading, width) in [
            (Reading::Keras, 1),
            (loaded(Interpolation::Nearest), 1),
            (loaded(Interpolation::Bilinear), bytes),
        ] {
            let keeping = keeping(home.path(), 1 << 20);
            let expected = read_batch(&files, FORM, reading, &|| {}).unwrap();
            let found = kept(&files, reading, &keeping);
            let Pixels::Stored(stored) = &found.pixels else {
                panic!("in a file")
            };
            assert_eq!((stored.samples(), stored.stride()), (69, 90 * width));
            assert_eq!(found.unreadable, expected.unreadable);
            let found = in_memory(found);
            assert_eq!(
                (&found.kept, &found.sizes, &found.digests),
                (&expected.kept, &expected.sizes, &expected.digests)
            );
            assert_eq!(values(&found.pixels), values(&expected.pixels), "{reading:?}");
        }
        assert_eq!(list(&home.path().join("cache")).unwrap().len(), 3);
    }
}

#[test]
fn the_first_picture_that_is_resized_makes_floats_of_all() {
    let home = tempfile::tempdir().unwrap();
    let files = pictures(home.path(), 70, (5, 6));
    image::RgbImage::from_fn(7, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 20, 9]))
        .save(&files[60])
        .unwrap();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let reading = loaded(Interpolation::Bilinear);
    let found = kept(&files, reading, &keeping(home.path(), 1 << 20));
    assert!(!found.pixels.is_whole());
    assert_eq!(
        values(&in_memory(found).pixels),
        values(&read_batch(&files, FORM, reading, &|| {}).unwrap().pixels)
    );
    assert_eq!(list(&home.path().join("cache")).unwrap().len(), 1);
}

#[test]
fn a_file_is_found_again_in_any_order_until_a_picture_changes() {
    let home = tempfile::tempdir().unwrap();
    let paths = pictures(home.path(), 10, (5, 6));
    let mut files: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let keeping = keeping(home.path(), 1 << 20);
    let _ = kept(&files, Reading::Keras, &keeping);
    let folder = keeping.folder.clone().unwrap();
    let first = list(&folder).unwrap().remove(0);
    assert_eq!((first.samples, first.elements), (9, 90));
    assert!(first.of.as_deref().is_some_and(
        |of| home.path().ends_with(of) || of.ends_with(home.path().file_name().unwrap().to_str().unwrap())
    ));
    // What is found is not decoded: other bytes of the same length and time would go unseen.
    let time = fs::metadata(files[5]).unwrap().modified().unwrap();
    let length = fs::metadata(files[5]).unwrap().len() as usize;
    let before = fs::read(files[5]).unwrap();
    fs::write(files[5], vec![0; length]).unwrap();
    fs::File::options()
        .append(true)
        .open(files[5])
        .unwrap()
        .set_modified(time)
        .unwrap();
    files.reverse();
    let watched = AtomicUsize::new(0);
    let watch = || {
        watched.fetch_add(1, Ordering::Relaxed);
    };
    let found = read_or_keep(&files, FORM, Reading::Keras, &keeping, &watch).unwrap();
    assert_eq!((found.kept.len(), watched.into_inner()), (9, 10));
    assert_eq!(found.unreadable[0].path, paths[3]);
    assert_eq!(list(&folder).unwrap().len(), 1);
    // A file that changed is read anew.
    fs::write(files[4], before).unwrap();
    fs::File::options()
        .append(true)
        .open(files[4])
        .unwrap()
        .set_modified(time + Duration::from_secs(1))
        .unwrap();
    let _ = kept(&files, Reading::Keras, &keeping);
    assert_eq!(list(&folder).unwrap().len(), 2);
    assert!(clear(&folder).unwrap() > 2 * 9 * 90);
    assert!(list(&folder).unwrap().is_empty());
    assert_eq!(clear(&home.path().join("nothing")).unwrap(), 0);
}

#[test]
fn what_was_not_used_for_longest_makes_room() {
    let home = tempfile::tempdir().unwrap();
    let files = pictures(home.path(), 40, (5, 6));
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let keeping = keeping(home.path(), 7_000);
    let folder = keeping.folder.clone().unwrap();
    let age = |path: &Path, seconds: u64| {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(then)
            .unwrap();
    };
    let _ = kept(&files[..15], Reading::Keras, &keeping);
    let first = list(&folder).unwrap().remove(0).path;
    age(&first, 100);
    let _ = kept(&files[15..30], Reading::Keras, &keeping);
    let second = list(&folder).unwrap().remove(0).path;
    age(&second, 50);
    // Used again: the second is the older one now.
    let _ = kept(&files[..15], Reading::Keras, &keeping);
    let _ = kept(&files[20..40], Reading::Keras, &keeping);
    assert!(first.exists() && !second.exists());
    let error = read_or_keep(
        &files,
        FORM,
        loaded(Interpolation::Bilinear),
        &Keeping { most: 3000, ..keeping },
        &|| {},
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("40 pictures of 6x5x3 need 3.6 kB of memory"),
        "{error}"
    );
}

#[test]
fn a_damaged_file_is_made_anew_or_refused() {
    let home = tempfile::tempdir().unwrap();
    let files = pictures(home.path(), 10, (5, 6));
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let keeping = keeping(home.path(), 1 << 20);
    let folder = keeping.folder.clone().unwrap();
    let expected = values(&in_memory(kept(&files, Reading::Keras, &keeping)).pixels);
    let path = list(&folder).unwrap().remove(0).path;
    let whole = fs::read(&path).unwrap();
    // Cut, or with another index or footer, it is none.
    for at in [whole.len() - 1, whole.len() - 20, whole.len() - 27, 9 * 90 + 5] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(
            values(&in_memory(kept(&files, Reading::Keras, &keeping)).pixels),
            expected
        );
        fs::write(&path, &whole[..at]).unwrap();
        assert_eq!(
            values(&in_memory(kept(&files, Reading::Keras, &keeping)).pixels),
            expected
        );
    }
    // Other samples are met when they are read.
    let mut bytes = whole.clone();
    bytes[4 * 90] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let found = kept(&files, Reading::Keras, &keeping);
    assert!(found.pixels.samples(&[3], 90).is_ok());
    let error = found.pixels.samples(&[4], 90).unwrap_err().to_string();
    assert!(
        error.contains("other bytes in sample 4; after `cnnc data cache --clear` it is made anew"),
        "{error}"
    );
    // What a killed program left goes with the rest.
    let left = folder.join(format!(
        ".{}.xyz{}",
        path.file_name().unwrap().to_str().unwrap(),
        crate::files::UNFINISHED
    ));
    fs::write(&left, "half").unwrap();
    clear(&folder).unwrap();
    assert!(!left.exists());
}
