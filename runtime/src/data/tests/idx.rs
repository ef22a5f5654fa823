use super::*;

#[test]
fn idx_is_read_under_all_its_names() {
    let plain = folder(&[
        ("train-images-idx3-ubyte", images(3)),
        ("train-labels-idx1-ubyte", labels(&[2, 0, 1])),
        ("t10k-images-idx3-ubyte", images(1)),
        ("t10k-labels-idx1-ubyte", labels(&[3])),
    ]);
    let set = load_folder(plain.path()).unwrap();
    assert_eq!(set.train.shape, Shape::map(2, 3, 1));
    assert_eq!(set.train.pixels, Pixels::Bytes((0..18).collect()));
    assert_eq!(set.train.labels, [2, 0, 1]);
    assert_eq!(set.test.as_ref().unwrap().labels, [3]);
    assert_eq!(set.classes, 4);
    assert_eq!(set.origin, format!("3 + 1 from {}", plain.path().display()));

    let dotted = folder(&[
        ("train-images.idx3-ubyte.gz", gzip(&images(3))),
        ("train-labels.idx1-ubyte", gzip(&labels(&[2, 0, 1]))),
    ]);
    let other = load_folder(dotted.path()).unwrap();
    assert_eq!((&other.train, &other.test, other.classes), (&set.train, &None, 3));
}

#[test]
fn broken_idx_files_are_refused_with_file_and_byte() {
    let cut = |mut bytes: Vec<u8>| {
        bytes.pop();
        bytes
    };
    let with = |mut bytes: Vec<u8>| {
        bytes.push(0);
        bytes
    };
    let huge = idx_file(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[0]);
    let bomb = gzip(&idx_file(0x803, &[60_000, 28, 28], &[0]));
    let good = || labels(&[0, 1, 2]);
    let cases = [
        (
            cut(images(3)),
            good(),
            "train-images-idx3-ubyte: byte 16: expected 18 bytes of pixels, found 17 bytes",
        ),
        (
            with(images(3)),
            good(),
            "train-images-idx3-ubyte: byte 34: expected the end of the file, found more bytes",
        ),
        (
            good(),
            good(),
            "train-images-idx3-ubyte: byte 0: expected the magic number 0x00000803 of IDX pictures, found 0x00000801",
        ),
        (
            vec![0, 0],
            good(),
            "train-images-idx3-ubyte: byte 0: expected 4 bytes of magic number, found 2 bytes",
        ),
        (
            vec![],
            good(),
            "train-images-idx3-ubyte: byte 0: expected 4 bytes of magic number, found 0 bytes",
        ),
        (
            idx_file(0x803, &[0, 2, 3], &[]),
            labels(&[]),
            "train-images-idx3-ubyte: byte 4: expected at least one picture of one pixel, found 0 of 2x3",
        ),
        (
            idx_file(0x803, &[3, 0, 3], &[]),
            good(),
            "train-images-idx3-ubyte: byte 4: expected at least one picture of one pixel, found 3 of 0x3",
        ),
        (
            huge,
            good(),
            "train-images-idx3-ubyte: byte 16: expected at most 17179869184 bytes of pixels, found 18446744073709551615 bytes declared",
        ),
        (
            bomb,
            good(),
            "train-images-idx3-ubyte: byte 16: expected 47040000 bytes of pixels, found 33 packed bytes in all, too few for that",
        ),
        (
            gzip(&cut(images(3))),
            good(),
            "train-images-idx3-ubyte: byte 33: expected 18 bytes of pixels from byte 16 on, found the end of the file",
        ),
        (
            cut(gzip(&images(3))),
            good(),
            "train-images-idx3-ubyte: byte 34: expected whole, readable data, found \"unexpected end of file\"",
        ),
        (
            images(3),
            labels(&[0, 1]),
            "train-labels-idx1-ubyte: byte 4: expected 3 labels, one for each picture of train-images-idx3-ubyte, found 2",
        ),
        (
            images(3),
            cut(good()),
            "train-labels-idx1-ubyte: byte 8: expected 3 bytes of labels, found 2 bytes",
        ),
        (
            images(3),
            images(3),
            "train-labels-idx1-ubyte: byte 0: expected the magic number 0x00000801 of IDX labels, found 0x00000803",
        ),
    ];
    for (images, labels, expected) in cases {
        let folder = folder(&[("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)]);
        assert_eq!(message(load_folder(folder.path()), folder.path()), expected);
    }
}

#[test]
fn half_a_split_is_refused() {
    let folder = folder(&[
        ("train-images-idx3-ubyte", images(1)),
        ("train-labels-idx1-ubyte", labels(&[0])),
        ("t10k-images-idx3-ubyte", images(1)),
    ]);
    assert_eq!(
        message(load_folder(folder.path()), folder.path()),
        "FOLDER: expected t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte, packed (.gz) or not, found neither"
    );
}

#[test]
fn a_file_may_lie_in_a_folder_of_its_name() {
    let folder = folder(&[
        ("train-images-idx3-ubyte/train-images-idx3-ubyte", images(2)),
        ("train-labels-idx1-ubyte/train-labels.idx1-ubyte", labels(&[1, 0])),
        ("t10k-images.idx3-ubyte/t10k-images-idx3-ubyte.gz", gzip(&images(1))),
        ("t10k-labels.idx1-ubyte", labels(&[1])),
    ]);
    let set = load_folder(folder.path()).unwrap();
    assert_eq!((set.train.len(), set.test.unwrap().len(), set.classes), (2, 1, 2));
}
