use super::*;
use crate::data::{DataName, cifar, load};
use compiler::training::data::KnownData;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Cursor, Write};
use tar::{EntryType, Header};

const TRAIN: u32 = 30;
const TEST: u32 = 10;
/// Two records.
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
fn digits_are_known_by_what_they_hold() {
    let from = folder(&four());
    let (result, cache) = take(&digits(), &from, &["d", "c", "b.gz", "a"]);
    assert!(result.unwrap().files.iter().all(|(_, how)| *how == Judgement::Format));
    assert_eq!(counts(&digits(), cache.path()), (30, 10));
    assert_eq!(
        names(&cache.path().join("mnist")),
        [
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte",
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte.gz"
        ]
    );
    assert_eq!(names(cache.path()), ["mnist", "mnist.lock"]);
    // One of them alone takes the place of the one that is there, whatever that is called.
    let other = folder(&[("x", gzip(&images(TRAIN)))]);
    import(&digits(), &[other.path().join("x")], cache.path(), &Nobody).unwrap();
    assert!(!cache.path().join("mnist/train-images-idx3-ubyte").exists());
    assert!(cache.path().join("mnist/train-images-idx3-ubyte.gz").exists());
    assert_eq!(counts(&digits(), cache.path()), (30, 10));
}

#[test]
fn a_published_file_is_known_by_its_sum() {
    let from = folder(&four());
    let mut set = digits();
    let bytes = labels(TEST);
    set.files[3].bytes = bytes.len() as u64;
    set.files[3].sha256 = part::sha256(&from.path().join("d")).unwrap();
    let (result, _cache) = take(&set, &from, &["a", "b.gz", "c", "d"]);
    let how: Vec<Judgement> = result.unwrap().files.into_iter().map(|(_, how)| how).collect();
    assert_eq!(
        how,
        [Judgement::Format, Judgement::Format, Judgement::Format, Judgement::Sum]
    );
}

#[test]
fn digits_come_from_a_folder_or_an_npz_too() {
    let from = folder(&[
        ("train-images.idx3-ubyte", images(TRAIN)),
        ("train-labels-idx1-ubyte.gz", gzip(&labels(TRAIN))),
        ("t10k-images-idx3-ubyte", images(TEST)),
        ("t10k-labels-idx1-ubyte", labels(TEST)),
        ("notes.txt", b"other things".to_vec()),
    ]);
    let (result, cache) = take(&digits(), &from, &[""]);
    assert_eq!(result.unwrap().files.len(), 4);
    assert_eq!(counts(&digits(), cache.path()), (30, 10));

    let npz = |train| {
        let array = |kind: &str, shape: String, data: Vec<u8>| {
            let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
            let head = [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes()].concat();
            [head, header.into_bytes(), data].concat()
        };
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (split, count) in [("train", train), ("test", TEST)] {
            for (name, bytes) in [
                (
                    "x",
                    array("|u1", format!("({count}, 28, 28)"), images(count)[16..].to_vec()),
                ),
                ("y", array("|u1", format!("({count},)"), labels(count)[8..].to_vec())),
            ] {
                let options = zip::write::SimpleFileOptions::default();
                writer.start_file(format!("{name}_{split}.npy"), options).unwrap();
                writer.write_all(&bytes).unwrap();
            }
        }
        writer.finish().unwrap().into_inner()
    };
    let from = folder(&[("mnist.npz", npz(TRAIN)), ("short.npz", npz(20))]);
    for name in ["mnist.npz", ""] {
        let (result, cache) = take(&digits(), &from, &[name]);
        assert_eq!(result.unwrap().files[0].1, Judgement::Format);
        assert_eq!(counts(&digits(), cache.path()), (30, 10));
        assert_eq!(
            fs::read(cache.path().join("mnist/train-images-idx3-ubyte")).unwrap(),
            images(TRAIN)
        );
        assert_eq!(
            fs::read(cache.path().join("mnist/t10k-labels-idx1-ubyte")).unwrap(),
            labels(TEST)
        );
    }
    assert_eq!(
        refusal(&digits(), &from, &["short.npz"]),
        "short.npz (x_train): expected 30 samples of 28x28x1, uint8, found 20 of 28x28x1"
    );
}

#[test]
fn other_files_are_refused_by_name() {
    let mut files = four();
    files.push(("few", images(7)));
    files.push(("wide", idx(0x803, &[TRAIN, 2, 2], vec![0; TRAIN as usize * 4])));
    files.push(("eleven", idx(0x801, &[TEST], vec![10; TEST as usize])));
    files.push(("text", b"text".to_vec()));
    files.push(("cut.gz", gzip(&images(TRAIN))[..60].to_vec()));
    files.push(("sub/x", Vec::new()));
    let from = folder(&files);
    let expected = "expected IDX files of 30 or 10 pictures of 28x28 or as many labels of 0 to 9, or Keras's .npz of all four, found";
    for (names, message) in [
        (vec!["few"], format!("few: {expected} 7 pictures of 28x28")),
        (vec!["wide"], format!("wide: {expected} 30 pictures of 2x2")),
        (vec!["eleven"], format!("eleven: {expected} 10 labels of 0 to 10")),
        (
            vec!["text"],
            "text: byte 0: expected the magic number 0x00000803 or 0x00000801 of IDX pictures or labels, found 0x74657874".into(),
        ),
        (
            vec!["a", "d"],
            "mnist: expected all 4 files at once, found none that holds what train-labels-idx1-ubyte.gz or t10k-images-idx3-ubyte.gz holds".into(),
        ),
        (
            vec!["a", "a"],
            "a: expected one file with the content of train-images-idx3-ubyte.gz, found another".into(),
        ),
    ] {
        assert_eq!(refusal(&digits(), &from, &names), message);
    }
    assert!(refusal(&digits(), &from, &["cut.gz"]).starts_with("cut.gz: byte "));
    assert!(refusal(&digits(), &from, &["none"]).starts_with("cannot read none: "));
    assert!(refusal(&digits(), &from, &["sub"]).ends_with("or mnist.npz, found none of them"));
}

fn batch(first: u8) -> Vec<u8> {
    let record = |label: u8| [vec![label], vec![label; 3072]].concat();
    [record(first), record(9)].concat()
}

fn entry(tar: &mut tar::Builder<Vec<u8>>, path: &str, kind: EntryType, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    // As bytes: the library refuses to write some of the paths.
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

/// The archive with `change` made to each of its files, and more entries after them.
fn archive(change: impl Fn(&str, Vec<u8>) -> Vec<u8>, more: &[(&str, EntryType, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    entry(&mut tar, "cifar-10-batches-bin/", EntryType::Directory, &[]);
    for (index, name) in cifar::files().enumerate() {
        let bytes = change(name, batch(index as u8));
        if !bytes.is_empty() {
            entry(
                &mut tar,
                &format!("cifar-10-batches-bin/{name}"),
                EntryType::Regular,
                &bytes,
            );
        }
    }
    for (path, kind, bytes) in more {
        entry(&mut tar, path, *kind, bytes);
    }
    gzip(&tar.into_inner().unwrap())
}

#[test]
fn nothing_but_the_six_batches_leaves_the_archive() {
    let more = [
        ("cifar-10-batches-bin/readme.html", EntryType::Regular, vec![1]),
        ("cifar-10-batches-bin/../../escaped", EntryType::Regular, vec![1]),
        ("../escaped", EntryType::Regular, vec![1]),
        ("/tmp/cnnc-escaped", EntryType::Regular, vec![1]),
        ("cifar-10-batches-bin/link", EntryType::Symlink, vec![]),
    ];
    let from = folder(&[("c.tar.gz", archive(|_, bytes| bytes, &more))]);
    let (result, cache) = take(&pictures(), &from, &["c.tar.gz"]);
    assert_eq!(result.unwrap().files[0].1, Judgement::Format);
    assert_eq!(counts(&pictures(), cache.path()), (10, 2));
    assert_eq!(names(cache.path()), ["cifar10", "cifar10.lock"]);
    assert_eq!(names(&cache.path().join("cifar10")), ["cifar-10-batches-bin"]);
    assert_eq!(names(&cache.path().join("cifar10/cifar-10-batches-bin")).len(), 6);
    assert!(!Path::new("/tmp/cnnc-escaped").exists());

    // The folder that it unpacks to, and the six files by themselves.
    let unpacked = cache;
    for inner in ["cifar10", "cifar10/cifar-10-batches-bin"] {
        let (result, cache) = take(&pictures(), &unpacked, &[inner]);
        assert_eq!(result.unwrap().files.len(), 6);
        assert_eq!(counts(&pictures(), cache.path()), (10, 2));
    }
    let paths: Vec<String> = cifar::files()
        .map(|name| format!("cifar10/cifar-10-batches-bin/{name}"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let (result, cache) = take(&pictures(), &unpacked, &paths);
    assert_eq!(
        (result.unwrap().files.len(), counts(&pictures(), cache.path())),
        (6, (10, 2))
    );
    assert_eq!(
        refusal(&pictures(), &unpacked, &paths[..5]),
        "cifar10: expected all six batches at once, found no test_batch.bin"
    );
}

#[test]
fn an_archive_that_came_is_unpacked_over_what_is_damaged() {
    let bytes = archive(|_, bytes| bytes, &[]);
    let mut set = pictures();
    set.mirrors.clear();
    let name = set.files[0].name.clone();
    let cache = folder(&[
        (&format!("cifar10.part/{name}"), bytes),
        // Of a run that was interrupted while it unpacked.
        ("cifar10.part/cifar-10-batches-bin/data_batch_1.bin", vec![1]),
        ("cifar10/cifar-10-batches-bin/data_batch_1.bin", vec![1]),
        ("cifar10/data_batch_2.bin", vec![1]),
    ]);
    let came = cache.path().join("cifar10.part").join(&name);
    set.files[0].bytes = fs::metadata(&came).unwrap().len();
    set.files[0].sha256 = part::sha256(&came).unwrap();
    let once = || fetch(std::slice::from_ref(&set), cache.path(), &Options::default(), &Nobody).remove(0);
    assert_eq!(once().unwrap().files, 1);
    assert_eq!(counts(&set, cache.path()), (10, 2));
    assert_eq!(names(cache.path()), ["cifar10", "cifar10.lock"]);
    assert_eq!(names(&cache.path().join("cifar10")), ["cifar-10-batches-bin"]);
    assert_eq!(once().unwrap().files, 0);
    // A batch that is cut is damage, and there is no mirror to mend it.
    fs::write(
        cache.path().join("cifar10/cifar-10-batches-bin/test_batch.bin"),
        batch(0).split_off(1),
    )
    .unwrap();
    let error = once().unwrap_err();
    assert_eq!(error.to_string(), "cannot fetch cifar10: no mirror gave it");
}

#[test]
fn archives_that_are_not_it_are_refused() {
    let third = "data_batch_3.bin";
    let with = |wanted: &'static str, other: Vec<u8>| {
        move |name: &str, bytes: Vec<u8>| if name == wanted { other.clone() } else { bytes }
    };
    let same = |_: &str, bytes: Vec<u8>| bytes;
    let path = "cifar-10-batches-bin/data_batch_3.bin";
    let mut wrong_label = batch(0);
    wrong_label[0] = 10;
    for (bytes, expected) in [
        (
            archive(with(third, vec![]), &[]),
            "c: expected the six batches of CIFAR-10's binary version in cifar-10-batches-bin/, found no data_batch_3.bin",
        ),
        (
            archive(with(third, vec![0; 100]), &[]),
            "c (data_batch_3.bin): expected a file of 6146 bytes, found 100 bytes",
        ),
        (
            archive(same, &[(path, EntryType::Regular, batch(1))]),
            "c: expected one data_batch_3.bin, found two",
        ),
        (
            archive(with(third, vec![]), &[(path, EntryType::Symlink, vec![])]),
            "c (data_batch_3.bin): expected a file of 6146 bytes, found an entry of type Symlink",
        ),
        (gzip(b"no archive"), "c: expected "),
        (archive(same, &[])[..300].to_vec(), "c"),
    ] {
        let message = refusal(&pictures(), &folder(&[("c", bytes)]), &["c"]);
        assert!(message.starts_with(expected), "{expected}: {message}");
    }
    let message = refusal(
        &pictures(),
        &folder(&[("c", archive(with(third, wrong_label), &[]))]),
        &["c"],
    );
    assert!(
        message.ends_with("data_batch_3.bin: byte 0: expected a label of 0 to 9, found 10"),
        "{message}"
    );
    let message = refusal(&pictures(), &folder(&[("x.bin", batch(0))]), &["x.bin"]);
    assert!(
        message.ends_with("found a file of another name that is not packed"),
        "{message}"
    );
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
            let is_sum = file.sha256.len() == 64
                && file
                    .sha256
                    .chars()
                    .all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
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
