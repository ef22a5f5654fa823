use super::*;
use cifar::Version;
use tar::{EntryType, Header};

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
    for (index, name) in Version::Ten.files().enumerate() {
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
    let paths: Vec<String> = Version::Ten
        .files()
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

#[cfg(feature = "fetch")]
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
    set.files[0].sum = Sum::Sha256(sum::sha256(&came).unwrap());
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

/// A hundred classes: two files, of which the one to train with is five times as long, and two label bytes.
#[test]
fn the_set_of_a_hundred_classes_is_taken_by_its_fine_labels() {
    let record = |fine: u8| [vec![19, fine], vec![fine; 3072]].concat();
    let train: Vec<u8> = (0..5).flat_map(|index| record(index * 20 + 19)).collect();
    let set = Published {
        form: Form::CifarArchive { batch_bytes: 3074 },
        ..published(KnownData::Cifar100)
    };
    let packed = |train: &[u8], test: &[u8]| {
        let mut tar = tar::Builder::new(Vec::new());
        entry(&mut tar, "cifar-100-binary/", EntryType::Directory, &[]);
        entry(
            &mut tar,
            "cifar-100-binary/fine_label_names.txt",
            EntryType::Regular,
            b"apple",
        );
        entry(&mut tar, "cifar-100-binary/train.bin", EntryType::Regular, train);
        entry(&mut tar, "cifar-100-binary/test.bin", EntryType::Regular, test);
        gzip(&tar.into_inner().unwrap())
    };
    let from = folder(&[("c.tar.gz", packed(&train, &record(7)))]);
    let (result, cache) = take(&set, &from, &["c.tar.gz"]);
    assert_eq!(result.unwrap().files[0].1, Judgement::Format);
    let inside = cache.path().join("cifar100/cifar-100-binary");
    assert_eq!(names(&inside), ["test.bin", "train.bin"]);
    let data = load(&DataName::Known(set.name), Path::new(""), Some(cache.path())).unwrap();
    assert_eq!(data.train.labels, [19, 39, 59, 79, 99]);
    assert_eq!(data.test.unwrap().labels, [7]);
    let classes = data.class_names.unwrap();
    assert_eq!(
        (classes.len(), classes[7].as_str(), classes[99].as_str()),
        (100, "beetle", "worm")
    );
    assert!(classes.is_sorted());
    // By its path, it is known for what it is.
    let by_path = load(&DataName::Path(inside.display().to_string()), Path::new(""), None).unwrap();
    assert_eq!((by_path.classes, by_path.train.len()), (100, 5));
    // Files of the same names that are another's.
    let other = folder(&[("train.bin", vec![1; 100])]);
    assert!(load(&DataName::Path(other.path().display().to_string()), Path::new(""), None).is_err());

    let cut = folder(&[("c", packed(&train[1..], &record(7)))]);
    assert_eq!(
        refusal(&set, &cut, &["c"]),
        "c (train.bin): expected a file of 15370 bytes, found 15369 bytes"
    );
    let odd = folder(&[("c", packed(&train, &record(100)))]);
    assert!(refusal(&set, &odd, &["c"]).ends_with("test.bin: byte 1: expected a label of 0 to 99, found 100"));
}
