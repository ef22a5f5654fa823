use super::*;

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
    set.files[3].sum = Sum::Sha256(sum::sha256(&from.path().join("d")).unwrap());
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
