use super::*;
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
