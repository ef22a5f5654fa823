mod archives;
mod digits;

use super::*;
use crate::data::{DataName, cifar, load};
use crate::error::Result;
use compiler::training::data::KnownData;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::path::PathBuf;

const TRAIN: u32 = 30;
const TEST: u32 = 10;
/// The length in bytes of a test batch of two records of CIFAR-10.
const BATCH: u64 = 2 * 3073;

struct Nobody;

impl Watch for Nobody {
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn source(&self, _: &str, _: &str) {}
    fn at(&self, _: &str, _: u64) {}
    fn end(&self, _: &str, _: bool) {}
    fn note(&self, _: &str) {}
}

fn digits() -> Published {
    Published {
        form: Form::Idx {
            train: TRAIN,
            test: TEST,
        },
        ..published(KnownData::Mnist)
    }
}

fn pictures() -> Published {
    Published {
        form: Form::CifarArchive { batch_bytes: BATCH },
        ..published(KnownData::Cifar10)
    }
}

fn idx(magic: u32, sizes: &[u32], elements: Vec<u8>) -> Vec<u8> {
    let words = std::iter::once(magic).chain(sizes.iter().copied());
    words.flat_map(u32::to_be_bytes).chain(elements).collect()
}

fn images(count: u32) -> Vec<u8> {
    idx(0x803, &[count, 28, 28], vec![3; count as usize * 784])
}

fn labels(count: u32) -> Vec<u8> {
    idx(0x801, &[count], (0..count).map(|index| (index % 10) as u8).collect())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn four() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a", images(TRAIN)),
        ("b.gz", gzip(&labels(TRAIN))),
        ("c", gzip(&images(TEST))),
        ("d", labels(TEST)),
    ]
}

/// Imports the files of a folder by their names, or the folder itself.
fn take(set: &Published, from: &tempfile::TempDir, names: &[&str]) -> (Result<Imported>, tempfile::TempDir) {
    let cache = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = names.iter().map(|name| from.path().join(name)).collect();
    (import(set, &paths, cache.path(), &Nobody), cache)
}

fn refusal(set: &Published, from: &tempfile::TempDir, names: &[&str]) -> String {
    let (result, cache) = take(set, from, names);
    assert!(!cache.path().join(set.name.name()).exists());
    assert!(!cache.path().join(format!("{}.import", set.name.name())).exists());
    let message = result.unwrap_err().to_string();
    message.replace(&format!("{}/", from.path().display()), "")
}

fn counts(set: &Published, cache: &Path) -> (usize, usize) {
    let data = load(&DataName::Known(set.name), Path::new(""), Some(cache)).unwrap();
    (data.train.len(), data.test.unwrap().len())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_catalogue_is_whole() {
    for name in KnownData::ALL {
        let set = published(name);
        assert!(set.mirrors.len() > 1 && !set.files.is_empty());
        assert!(
            set.mirrors
                .iter()
                .all(|mirror| mirror.starts_with("http") && mirror.ends_with('/'))
        );
        for file in &set.files {
            let (kind, sum) = file.sum.told();
            let is_sum = (kind, sum.len()) == ("sha256", 64)
                && sum.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
            assert!(is_sum && file.bytes > 0, "{}", file.name);
        }
        let first = set.with_mirrors_first(["http://a/b".to_owned(), "http://c/".to_owned()]);
        assert_eq!(first.mirrors[..2], ["http://a/b/", "http://c/"]);
    }
}

#[test]
fn a_set_outside_the_cache_is_found_after_it() {
    let outside = folder(&[
        ("train-images-idx3-ubyte.gz", images(TRAIN)),
        ("train-labels-idx1-ubyte.gz", labels(TRAIN)),
    ]);
    let cache = tempfile::tempdir().unwrap();
    let places = vec![cache.path().join("fashion-mnist"), outside.path().to_owned()];
    let set = crate::data::load_from(KnownData::FashionMnist, places.clone()).unwrap();
    assert_eq!(set.origin, format!("30 from {}", outside.path().display()));
    assert_eq!(
        crate::data::places(KnownData::FashionMnist, Some(cache.path()))[1],
        Path::new("/usr/share/datasets/fashion-mnist")
    );
    // The cache's own comes first.
    fs::create_dir(&places[0]).unwrap();
    for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] {
        fs::copy(outside.path().join(name), places[0].join(name)).unwrap();
    }
    let set = crate::data::load_from(KnownData::FashionMnist, places.clone()).unwrap();
    assert_eq!(set.origin, format!("30 from {}", places[0].display()));
}
