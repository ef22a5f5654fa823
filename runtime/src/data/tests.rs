use super::*;
use proptest::prelude::*;
use std::fs;
use std::io::{Cursor, Write};

/// A folder with these files.
fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// The message without the folder's own name, which is another each time.
fn message<T: fmt::Debug>(result: Result<T>, folder: &Path) -> String {
    result
        .unwrap_err()
        .to_string()
        .replace(&format!("{}/", folder.display()), "")
        .replace(&folder.display().to_string(), "FOLDER")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn idx_file(magic: u32, sizes: &[u32], elements: &[u8]) -> Vec<u8> {
    let words = std::iter::once(magic)
        .chain(sizes.iter().copied())
        .flat_map(u32::to_be_bytes);
    words.chain(elements.iter().copied()).collect()
}

fn images(count: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 6).map(|index| index as u8).collect();
    idx_file(0x803, &[count, 2, 3], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx_file(0x801, &[labels.len() as u32], labels)
}

fn load_folder(folder: &Path) -> Result<Dataset> {
    load(&named(folder.to_str().unwrap()), Path::new("."), None)
}

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
fn a_folder_of_other_things_says_what_was_looked_for() {
    let folder = folder(&[("cat.txt", vec![])]);
    let error = load_folder(folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no data set in the folder {}", folder.path().display())
    );
    let help = error.help().unwrap();
    assert!(
        help.contains("train-images-idx3-ubyte") && help.contains("data_batch_1.bin"),
        "{help}"
    );
}

#[test]
fn a_name_that_is_nothing_lists_what_there_is() {
    let folder = folder(&[]);
    let error = load(&named("mnits"), folder.path(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot find the data set {}/mnits", folder.path().display())
    );
    assert!(error.help().unwrap().contains("mnist, fashion-mnist, cifar10"));
    assert_eq!(named("mnist"), DataName::Known(KnownData::Mnist));
    assert_eq!(named("./mnist"), DataName::Path("./mnist".to_owned()));
}

fn batch(labels: &[u8]) -> Vec<u8> {
    let record = |&label: &u8| {
        std::iter::once(label).chain((0..3072).map(move |at| (at / 1024) as u8 * 100 + (at % 1024 % 50) as u8))
    };
    labels.iter().flat_map(record).collect()
}

fn cifar_folder(prefix: &str, first: Vec<u8>) -> tempfile::TempDir {
    let names: Vec<String> = (1..=5).map(|batch| format!("{prefix}data_batch_{batch}.bin")).collect();
    let mut files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), batch(&[7, 3]))).collect();
    files[0].1 = first;
    let test = format!("{prefix}test_batch.bin");
    files.push((&test, batch(&[9])));
    folder(&files)
}

#[test]
fn cifar_planes_are_interleaved() {
    for prefix in ["", "cifar-10-batches-bin/"] {
        let folder = cifar_folder(prefix, batch(&[7, 3]));
        let set = load_folder(folder.path()).unwrap();
        assert_eq!(set.train.shape, Shape::map(32, 32, 3));
        assert_eq!(
            (set.train.len(), set.test.as_ref().unwrap().len(), set.classes),
            (10, 1, 10)
        );
        assert_eq!(set.train.labels[..3], [7, 3, 7]);
        assert_eq!(set.class_names.as_ref().unwrap()[9], "truck");
        let Pixels::Bytes(bytes) = &set.train.pixels else {
            panic!("bytes")
        };
        assert_eq!(bytes.len(), 10 * 3072);
        assert_eq!(bytes[..6], [0, 100, 200, 1, 101, 201]);
        // The second picture's second row: pixel 32 of each plane.
        assert_eq!(bytes[3072 + 96..3072 + 99], [32, 132, 232]);
    }
}

#[test]
fn broken_cifar_files_are_refused_with_file_and_byte() {
    let mut cut = batch(&[1, 2]);
    cut.pop();
    let cases = [
        (
            cut,
            "data_batch_1.bin: byte 3073: expected whole records of 3073 bytes, at least one, found 3072 bytes",
        ),
        (
            vec![],
            "data_batch_1.bin: byte 0: expected whole records of 3073 bytes, at least one, found 0 bytes",
        ),
        (
            batch(&[1, 10]),
            "data_batch_1.bin: byte 3073: expected a label of 0 to 9, found 10",
        ),
        (
            gzip(&batch(&[1])),
            "data_batch_1.bin: byte 0: expected CIFAR-10 records, found gzip",
        ),
    ];
    for (first, expected) in cases {
        let folder = cifar_folder("", first);
        assert_eq!(message(load_folder(folder.path()), folder.path()), expected);
    }
    let lacking = folder(&[("data_batch_1.bin", batch(&[1]))]);
    let found = message(load_folder(lacking.path()), lacking.path());
    assert!(found.starts_with("cannot read data_batch_2.bin: "), "{found}");
}

#[test]
fn the_digits_that_the_program_carries() {
    let cache = folder(&[]);
    let set = load(&named("mnist"), Path::new("."), Some(cache.path())).unwrap();
    assert_eq!(
        (set.train.len(), set.test.as_ref().unwrap().len(), set.classes),
        (8000, 2000, 10)
    );
    assert_eq!(
        (&set.train.shape, set.train.pixels.len()),
        (&KnownData::Mnist.shape(), 8000 * 784)
    );
    let mut counts = [0; 10];
    for &label in set.train.labels.iter().chain(&set.test.as_ref().unwrap().labels) {
        counts[label as usize] += 1;
    }
    assert_eq!(counts, [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    let cache = cache.path().join("mnist");
    assert_eq!(
        set.origin,
        format!(
            "8,000 + 2,000 of MNIST's digits, which this program carries; the full set is not in {} (`cnnc data fetch mnist` gets it)",
            cache.display()
        )
    );
    assert_eq!(set.to_string(), "mnist: 8,000 + 2,000 samples of 28x28x1, 10 classes");
}

#[test]
fn the_cache_comes_first_and_is_checked() {
    let digits = |count: u32| idx_file(0x803, &[count, 28, 28], &vec![1; count as usize * 784]);
    let cache = folder(&[
        ("mnist/train-images-idx3-ubyte", digits(2)),
        ("mnist/train-labels-idx1-ubyte", labels(&[9, 0])),
    ]);
    let set = load(&named("mnist"), Path::new("."), Some(cache.path())).unwrap();
    assert_eq!((set.train.len(), set.classes, set.test), (2, 10, None));
    assert_eq!(set.origin, format!("2 from {}/mnist", cache.path().display()));

    fs::write(cache.path().join("mnist/train-labels-idx1-ubyte"), labels(&[9, 10])).unwrap();
    let found = message(load(&named("mnist"), Path::new("."), Some(cache.path())), cache.path());
    assert_eq!(
        found,
        "mnist/train-labels-idx1-ubyte: byte 9: expected a label of 0 to 9, found 10"
    );

    let other = folder(&[
        ("mnist/train-images-idx3-ubyte", images(1)),
        ("mnist/train-labels-idx1-ubyte", labels(&[0])),
    ]);
    let found = message(load(&named("mnist"), Path::new("."), Some(other.path())), other.path());
    assert_eq!(found, "mnist: expected pictures of 28x28x1, as mnist has, found 2x3x1");
}

#[test]
fn a_known_set_that_is_not_here_says_so() {
    let cache = folder(&[]);
    let error = load(&named("cifar10"), Path::new("."), Some(cache.path())).unwrap_err();
    assert_eq!(error.to_string(), "the data set cifar10 is not on this machine");
    let expected = format!(
        "`cnnc data fetch cifar10` gets it; or name a copy of it with --data PATH (looked in {}/cifar10)",
        cache.path().display()
    );
    assert_eq!(error.help().unwrap(), expected);
}

/// An `.npy` file of version 1.
fn npy_file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn npy_header(kind: &str, shape: &str) -> String {
    format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}")
}

fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy_file(&npy_header(kind, shape), data)
}

fn npz_file(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_npz(bytes: &[u8]) -> Result<(Split, Option<Split>)> {
    npz::read("a.npz", Cursor::new(bytes))
}

#[test]
fn numpys_own_archives_are_read() {
    let (train, test) = read_npz(include_bytes!("fixtures/deflated.npz")).unwrap();
    assert_eq!(train.shape, Shape::map(2, 2, 3));
    assert_eq!(train.pixels, Pixels::Bytes((0..36).collect()));
    assert_eq!(train.labels, [2, 0, 1]);
    assert_eq!(test.unwrap().labels, [4]);
    let (train, test) = read_npz(include_bytes!("fixtures/stored.npz")).unwrap();
    assert_eq!(train.shape, Shape::flat(3));
    assert_eq!(train.pixels, Pixels::Floats(vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.25]));
    assert_eq!((train.labels, test), (vec![1, 0], None));

    let folder = folder(&[("set.npz", include_bytes!("fixtures/deflated.npz").to_vec())]);
    let set = load(&named("set.npz"), folder.path(), None).unwrap();
    assert_eq!((set.name.as_str(), set.classes), ("set.npz", 5));
}

#[test]
fn both_byte_orders_and_axis_orders_are_read() {
    let inputs = |shape: Shape, bytes: &[u8]| input::read_array(Source::bytes("a.npy", bytes), &shape).unwrap();
    let expected = Pixels::Floats((0..12_u8).map(f32::from).collect());
    let numpys = inputs(Shape::new([3, 2]), include_bytes!("fixtures/fortran_big_endian.npy"));
    assert_eq!((numpys.pixels, numpys.count), (expected, 2));
    let mut labels = Vec::new();
    for (kind, data) in [
        ("|i1", vec![3, 1]),
        ("<i2", vec![3, 0, 1, 0]),
        (">u2", vec![0, 3, 0, 1]),
        (">i4", vec![0, 0, 0, 3, 0, 0, 0, 1]),
        ("<u4", vec![3, 0, 0, 0, 1, 0, 0, 0]),
        ("<i8", vec![3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        (">u8", vec![0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1]),
    ] {
        let archive = npz_file(&[
            ("x_train.npy", array("|u1", "(2, 1)", &[0, 0])),
            ("y_train.npy", array(kind, "(2,)", &data)),
        ]);
        labels.push(read_npz(&archive).unwrap().0.labels);
    }
    assert!(labels.iter().all(|labels| labels == &[3, 1]), "{labels:?}");
}

#[test]
fn broken_arrays_are_refused_with_their_byte() {
    let nan = [0.5_f32, f32::NAN].map(f32::to_le_bytes).concat();
    let large = [1e300_f64, 0.0].map(f64::to_le_bytes).concat();
    let nested = format!("{{'descr': {}", "(".repeat(5000));
    let ok = || array("|u1", "(2,)", &[0, 1]);
    let cases = [
        (
            array("<f4", "(2, 1)", &nan),
            ok(),
            "a.npz (x_train): byte 73: expected a finite number, found NaN",
        ),
        (
            array("<f8", "(2, 1)", &large),
            ok(),
            "a.npz (x_train): byte 69: expected a finite number that fits float32, found 1e300",
        ),
        (
            array("<f2", "(2, 1)", &[0; 4]),
            ok(),
            "a.npz (x_train): byte 10: expected elements of an integer type, float32 or float64, found '<f2'",
        ),
        (
            array("|b1", "(2, 1)", &[0; 2]),
            ok(),
            "a.npz (x_train): byte 10: expected elements of an integer type, float32 or float64, found '|b1'",
        ),
        (
            array("|O", "(2, 1)", &[0; 2]),
            ok(),
            "a.npz (x_train): byte 10: expected elements of an integer type, float32 or float64, found '|O'",
        ),
        (
            array("<i4", "(2, 1)", &[0; 8]),
            ok(),
            "a.npz (x_train): expected uint8, float32 or float64, found '<i4'",
        ),
        (
            array("|u1", "(3, 1)", &[0; 2]),
            ok(),
            "a.npz (x_train): byte 69: expected 3 bytes of elements, found 2 bytes",
        ),
        (
            array("|u1", "(2, 1)", &[0; 3]),
            ok(),
            "a.npz (x_train): byte 71: expected the end of the file, found more bytes",
        ),
        (
            array("<f8", "(1099511627776, 8)", &[0; 3]),
            ok(),
            "a.npz (x_train): byte 81: expected at most 17179869184 bytes of elements, found 70368744177664 bytes declared",
        ),
        (
            array("<f8", "(4294967296, 4294967296)", &[]),
            ok(),
            "a.npz (x_train): byte 10: expected a shape that fits memory, found [4294967296, 4294967296]",
        ),
        (
            array("<f8", "(99999999999999999999,)", &[]),
            ok(),
            "a.npz (x_train): byte 61: expected an axis's size, found \"9999999999999999\"",
        ),
        (
            array("|u1", "(2, -1)", &[0; 2]),
            ok(),
            "a.npz (x_train): byte 64: expected an axis's size, found \"-1), }\"",
        ),
        (
            array("|u1", "(0, 1)", &[]),
            array("|u1", "(0,)", &[]),
            "a.npz (x_train): expected at least one sample of one value, found the shape (0, 1)",
        ),
        (
            // Only the leading 0 keeps the product small.
            array("|u1", "(0, 4294967296, 4294967296)", &[]),
            ok(),
            "a.npz (x_train): expected at least one sample of one value, found the shape (0, 4294967296, 4294967296)",
        ),
        (
            array("|u1", "(2,)", &[0; 2]),
            ok(),
            "a.npz (x_train): expected the shape (n, h, w, c), (n, h, w) or (n, d), found (2,)",
        ),
        (
            npy_file(&nested, &[]),
            ok(),
            "a.npz (x_train): byte 20: expected an element type such as '<f4', found \"((((((((((((((((\"",
        ),
        (
            npy_file("{'descr': '|u1', 'shape': (2,)}", &[]),
            ok(),
            "a.npz (x_train): byte 41: expected the key 'fortran_order', found the end of the header",
        ),
        (
            npy_file("{'descr': '|u1', 'descr': '|u1'}", &[]),
            ok(),
            "a.npz (x_train): byte 35: expected 'descr', 'fortran_order' and 'shape', once each, found 'descr'",
        ),
        (
            b"\x93NUMPY\x03\x00\xff\xff\xff\xff".to_vec(),
            ok(),
            "a.npz (x_train): byte 12: expected a header of at most 10000 bytes, found 4294967295",
        ),
        (
            b"\x93NUMPY\x04\x00\xff\xff\xff\xff".to_vec(),
            ok(),
            "a.npz (x_train): byte 6: expected format version 1.0, 2.0 or 3.0, found 4.0",
        ),
        (
            b"PK\x03\x04..".to_vec(),
            ok(),
            "a.npz (x_train): byte 0: expected \"\\x93NUMPY\", as .npy files begin, found \"PK\\x03\\x04..\"",
        ),
        (
            array("|u1", "(2, 1)", &[0; 2]),
            array("|u1", "(3,)", &[0; 3]),
            "a.npz (y_train): expected the shape (2,) or (2, 1), one label for each sample of x_train, found (3,)",
        ),
        (
            array("|u1", "(2, 1)", &[0; 2]),
            array("|u1", "(2, 2)", &[0; 4]),
            "a.npz (y_train): expected the shape (2,) or (2, 1), one label for each sample of x_train, found (2, 2)",
        ),
        (
            array("|u1", "(2, 1)", &[0; 2]),
            array("|i1", "(2,)", &[0, 255]),
            "a.npz (y_train): expected labels of 0 to 99999, found -1 as label 1",
        ),
        (
            array("|u1", "(2, 1)", &[0; 2]),
            array("<u4", "(2,)", &[0, 0, 0, 0, 160, 134, 1, 0]),
            "a.npz (y_train): expected labels of 0 to 99999, found 100000 as label 1",
        ),
        (
            array("|u1", "(2, 1)", &[0; 2]),
            array("<f4", "(2,)", &[0; 8]),
            "a.npz (y_train): expected labels of an integer type, found '<f4'",
        ),
    ];
    for (x, y, expected) in cases {
        let archive = npz_file(&[("x_train.npy", x), ("y_train.npy", y)]);
        assert_eq!(read_npz(&archive).unwrap_err().to_string(), expected);
    }
}

#[test]
fn archives_of_other_things_are_refused() {
    let x = || array("|u1", "(1, 2)", &[0, 0]);
    let y = || array("|u1", "(1,)", &[0]);
    let cases = [
        (
            npz_file(&[("a.npy", x()), ("b.npy", y())]),
            "a.npz: expected the arrays x_train and y_train, and x_test and y_test or neither, found a.npy, b.npy",
        ),
        (
            npz_file(&[]),
            "a.npz: expected the arrays x_train and y_train, and x_test and y_test or neither, found no arrays",
        ),
        (
            npz_file(&[("x_train.npy", x()), ("y_train.npy", y()), ("x_test.npy", x())]),
            "a.npz: expected the arrays x_train and y_train, and x_test and y_test or neither, found x_train.npy, y_train.npy, x_test.npy",
        ),
        (
            npz_file(&[
                ("x_train.npy", x()),
                ("y_train.npy", y()),
                ("x_test.npy", array("|u1", "(1, 3)", &[0; 3])),
                ("y_test.npy", y()),
            ]),
            "a.npz (x_test): expected uint8 of 2, as in x_train, found uint8 of 3",
        ),
        (
            npz_file(&[
                ("x_train.npy", x()),
                ("y_train.npy", y()),
                ("x_test.npy", array("<f4", "(1, 2)", &[0; 8])),
                ("y_test.npy", y()),
            ]),
            "a.npz (x_test): expected uint8 of 2, as in x_train, found floats of 2",
        ),
    ];
    for (archive, expected) in cases {
        assert_eq!(read_npz(&archive).unwrap_err().to_string(), expected);
    }
    let found = read_npz(b"no archive").unwrap_err().to_string();
    assert!(
        found.starts_with("a.npz: expected an .npz archive (a zip file of arrays), found "),
        "{found}"
    );
}

#[test]
fn an_archive_that_claims_more_than_it_holds_is_refused() {
    let small = npz_file(&[
        ("x_train.npy", array("|u1", "(1, 2)", &[0, 0])),
        ("y_train.npy", array("|u1", "(1,)", &[0])),
    ]);
    // The uncompressed sizes in the central directory and the local headers, all to 3 GiB.
    let mut claims = small.clone();
    for (signature, at) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let places: Vec<usize> = (0..small.len() - 4)
            .filter(|&index| &small[index..index + 4] == signature)
            .collect();
        for place in places {
            claims[place + at..place + at + 4].copy_from_slice(&(3_u32 << 30).to_le_bytes());
        }
    }
    let found = read_npz(&claims).unwrap_err().to_string();
    assert!(
        found.contains("expected 3221225472 bytes, as the archive declares"),
        "{found}"
    );
    // A byte of the packed data changed.
    let mut broken = small;
    let data = broken.windows(11).position(|window| window == b"x_train.npy").unwrap() + 11 + 4;
    broken[data + 20] ^= 0x55;
    assert!(read_npz(&broken).is_err());
}

#[test]
fn validation_takes_the_last_part_as_keras_does() {
    let split = |n: u32| Split {
        shape: Shape::flat(2),
        pixels: Pixels::Bytes((0..n as usize * 2).map(|value| value as u8).collect()),
        labels: (0..n).collect(),
    };
    // By Keras 3.15: int(math.floor(n * (1.0 - fraction))).
    for (n, fraction, at) in [
        (10, 0.2, 8),
        (10, 0.1, 9),
        (3, 0.5, 1),
        (60_000, 0.1, 54_000),
        (8000, 0.3, 5600),
        (7, 0.99, 0),
    ] {
        match split(n).split_validation(fraction) {
            Ok((train, last)) => {
                assert_eq!((train.len(), last.len()), (at, n as usize - at));
                assert_eq!((train.pixels.len(), last.pixels.len()), (at * 2, (n as usize - at) * 2));
                assert_eq!(last.labels[0], at as u32);
                assert_eq!(last.pixels.get(0), Some(f32::from((at * 2) as u8) / 255.0));
            }
            Err(error) => {
                assert_eq!(at, 0);
                assert_eq!(
                    error.to_string(),
                    "validation_split=0.99 of 7 samples leaves none to train with"
                );
            }
        }
    }
    let error = split(3).split_validation(0.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "validation_split=0 of 3 samples leaves none to validate with"
    );
}

#[test]
fn a_fingerprint_is_of_shape_pixels_and_labels() {
    let split = |shape: Shape, pixels: Pixels, labels: &[u32]| {
        Split {
            shape,
            pixels,
            labels: labels.to_vec(),
        }
        .fingerprint()
    };
    let bytes = || Pixels::Bytes(vec![1, 2, 3, 4]);
    let one = split(Shape::flat(2), bytes(), &[0, 1]);
    assert_eq!(one.len(), 64);
    assert_eq!(one, split(Shape::flat(2), bytes(), &[0, 1]));
    for other in [
        split(Shape::new([2, 1]), bytes(), &[0, 1]),
        split(Shape::flat(2), Pixels::Bytes(vec![1, 2, 3, 5]), &[0, 1]),
        split(Shape::flat(2), bytes(), &[1, 0]),
        split(Shape::flat(2), Pixels::Floats(vec![1.0, 2.0, 3.0, 4.0]), &[0, 1]),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn an_array_is_written_as_it_is_read() {
    let folder = folder(&[]);
    let path = folder.path().join("y.npy");
    save_npy(&path, &[2, 3], &[0.5, -1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    let inputs = load_inputs(&path, &Shape::flat(3)).unwrap();
    assert_eq!(
        inputs,
        Inputs {
            pixels: Pixels::Floats(vec![0.5, -1.0, 2.0, 3.0, 4.0, 5.0]),
            count: 2
        }
    );
    let found = message(save_npy(&path, &[2, 2], &[0.0]), folder.path());
    assert_eq!(found, "y.npy: expected values for the shape [2, 2], found 1");
}

#[test]
fn inputs_may_leave_out_the_batch_and_a_single_channel() {
    let read = |shape: &Shape, sizes: &str, n: u8| {
        let bytes = array("|u1", sizes, &(0..n).collect::<Vec<_>>());
        input::read_array(Source::bytes("a.npy", &bytes), shape)
    };
    let grey = Shape::map(2, 3, 1);
    for (sizes, n, count) in [
        ("(2, 3, 1)", 6, 1),
        ("(2, 3)", 6, 1),
        ("(2, 2, 3, 1)", 12, 2),
        ("(2, 2, 3)", 12, 2),
    ] {
        let inputs = read(&grey, sizes, n).unwrap();
        assert_eq!((inputs.count, inputs.pixels.len()), (count, n as usize), "{sizes}");
    }
    assert_eq!(read(&Shape::flat(4), "(4,)", 4).unwrap().count, 1);
    let found = read(&Shape::map(2, 2, 3), "(2, 2)", 4).unwrap_err().to_string();
    assert_eq!(
        found,
        "a.npy: expected samples of (2, 2, 3), as the network takes them, found the shape (2, 2)"
    );
    let found = read(&grey, "(0, 2, 3, 1)", 0).unwrap_err().to_string();
    assert_eq!(
        found,
        "a.npy: expected at least one sample, found the shape (0, 2, 3, 1)"
    );
}

fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let picture = image::RgbaImage::from_fn(width, height, |x, y| image::Rgba(colour(x, y)));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn pictures_take_the_networks_shape() {
    let read = |bytes: &[u8], shape: &Shape| {
        let inputs = input::read_picture("a.png", bytes, shape, Reading::Paper).unwrap();
        let Pixels::Bytes(bytes) = inputs.pixels else {
            panic!("bytes")
        };
        bytes
    };
    let colours = png(2, 1, |x, _| if x == 0 { [255, 0, 0, 255] } else { [0, 0, 255, 255] });
    assert_eq!(read(&colours, &Shape::map(1, 2, 3)), [255, 0, 0, 0, 0, 255]);
    // Pillow: Image.convert("L") gives 76 and 29.
    assert_eq!(read(&colours, &Shape::map(1, 2, 1)), [76, 29]);
    assert_eq!(read(&colours, &Shape::new([1, 2])), [76, 29]);
    // Black ink on nothing is black on white, and half of it grey.
    let ink = png(2, 1, |x, _| [0, 0, 0, if x == 0 { 0 } else { 128 }]);
    assert_eq!(read(&ink, &Shape::map(1, 2, 1)), [255, 127]);
    // Columns of 0 and 200 halve to their mean away from the edges, and nothing is inverted.
    let stripes = png(64, 64, |x, _| {
        if x % 2 == 0 {
            [0, 0, 0, 255]
        } else {
            [200, 200, 200, 255]
        }
    });
    let half = read(&stripes, &Shape::map(32, 32, 1));
    assert!(
        half.chunks(32)
            .all(|row| row[1..31].iter().all(|value| value.abs_diff(100) <= 1)),
        "{half:?}"
    );
    assert_eq!(
        read(&png(3, 5, |_, _| [9, 9, 9, 255]), &Shape::map(28, 28, 1)),
        [9; 784]
    );
}

#[test]
fn jpeg_files_are_read_by_their_content() {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(16, 16, image::Rgb([200, 100, 50]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    let folder = folder(&[("photo.png", bytes.into_inner())]);
    let inputs = load_inputs(&folder.path().join("photo.png"), &Shape::map(8, 8, 3)).unwrap();
    let Pixels::Bytes(bytes) = inputs.pixels else {
        panic!("bytes")
    };
    assert_eq!((inputs.count, bytes.len()), (1, 192));
    // One flat colour keeps its value but for JPEG's rounding.
    assert!(
        bytes
            .chunks(3)
            .all(|pixel| pixel.iter().zip([200, 100, 50]).all(|(a, b)| a.abs_diff(b) <= 3)),
        "{bytes:?}"
    );
}

#[test]
fn pictures_that_cannot_be_used_are_refused() {
    let read = |bytes: &[u8], shape: &Shape| {
        input::read_picture("a.png", bytes, shape, Reading::Paper)
            .unwrap_err()
            .to_string()
    };
    let picture = png(2, 1, |_, _| [0; 4]);
    assert_eq!(
        read(&picture, &Shape::flat(784)),
        "a.png: expected an .npy file, as the network takes (784,) and pictures have 1, 3 or 4 channels, found another file"
    );
    let cut = read(&picture[..picture.len() / 2], &Shape::map(1, 2, 1));
    assert!(
        cut.starts_with("a.png: expected a whole .npy, PNG, JPEG, WebP or BMP file, found "),
        "{cut}"
    );
    let other = read(b"text", &Shape::map(1, 2, 1));
    assert!(
        other.starts_with("a.png: expected a whole .npy, PNG, JPEG, WebP or BMP file, found "),
        "{other}"
    );
    // A header that claims 2^31 - 1 pixels a side.
    let mut claims = picture;
    claims[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let crc = crc32(&claims[12..29]);
    claims[29..33].copy_from_slice(&crc.to_be_bytes());
    let claims = read(&claims, &Shape::map(1, 2, 1));
    assert!(
        claims.starts_with("a.png: expected a whole .npy, PNG, JPEG, WebP or BMP file, found "),
        "{claims}"
    );
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn a_folder_is_no_input() {
    let folder = folder(&[]);
    let found = message(load_inputs(folder.path(), &Shape::map(1, 1, 1)), folder.path());
    assert_eq!(found, "FOLDER: expected a file, found a folder");
    let found = message(
        load_inputs(&folder.path().join("none.png"), &Shape::map(1, 1, 1)),
        folder.path(),
    );
    assert!(found.starts_with("cannot read none.png: "), "{found}");
}

/// Small pictures of every kind.
fn pictures() -> Vec<Vec<u8>> {
    let mut bitmap = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3]))
        .write_to(&mut bitmap, image::ImageFormat::Bmp)
        .unwrap();
    let files: [&[u8]; 6] = [
        include_bytes!("fixtures/pictures/alpha.png"),
        include_bytes!("fixtures/pictures/animated.webp"),
        include_bytes!("fixtures/pictures/cmyk.jpg"),
        include_bytes!("fixtures/pictures/palette.png"),
        include_bytes!("fixtures/pictures/progressive.jpg"),
        include_bytes!("fixtures/pictures/turned.jpg"),
    ];
    let mut pictures = files.map(<[u8]>::to_vec).to_vec();
    pictures.extend([bitmap.into_inner(), png(3, 2, |x, y| [x as u8, y as u8, 7, 200])]);
    pictures
}

/// Any bytes, and whole files with a few bytes changed or cut off, which come further into a reader.
fn bytes_like(whole: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changed = prop::sample::select(whole).prop_flat_map(|whole| {
        let length = whole.len();
        let changes = prop::collection::vec((0..length, any::<u8>()), 0..6);
        (Just(whole), changes, length / 2..=length).prop_map(|(mut whole, changes, length)| {
            for (at, byte) in changes {
                whole[at] = byte;
            }
            whole.truncate(length);
            whole
        })
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..256), changed]
}

proptest! {
    #[test]
    fn no_bytes_make_the_idx_reader_panic(
        images in bytes_like(vec![images(3), gzip(&images(3))]),
        labels in bytes_like(vec![labels(&[0, 1, 2])]),
    ) {
        if let Ok(split) = idx::read_split(Source::bytes("i", &images), Source::bytes("l", &labels), Some(10)) {
            prop_assert_eq!(split.pixels.len(), split.len() * split.shape.elements());
            prop_assert!(split.labels.iter().all(|&label| label < 10));
        }
    }

    #[test]
    fn no_bytes_make_the_cifar_reader_panic(bytes in bytes_like(vec![batch(&[1]), batch(&[1, 2])])) {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        if cifar::read_batch(Source::bytes("b", &bytes), &mut pixels, &mut labels).is_ok() {
            prop_assert_eq!(pixels.len(), labels.len() * 3072);
        }
    }

    #[test]
    fn no_bytes_make_the_array_reader_panic(bytes in bytes_like(vec![
        array("<f4", "(2, 3)", &[0; 24]),
        array(">i8", "(2, 1)", &[0; 16]),
        include_bytes!("fixtures/fortran_big_endian.npy").to_vec(),
    ])) {
        if let Ok(inputs) = input::read_array(Source::bytes("a", &bytes), &Shape::flat(3)) {
            prop_assert_eq!(inputs.pixels.len(), inputs.count * 3);
        }
    }

    #[test]
    fn no_bytes_make_the_archive_reader_panic(bytes in bytes_like(vec![
        include_bytes!("fixtures/deflated.npz").to_vec(),
        include_bytes!("fixtures/stored.npz").to_vec(),
    ])) {
        if let Ok((train, _)) = read_npz(&bytes) {
            prop_assert_eq!(train.pixels.len(), train.len() * train.shape.elements());
        }
    }

    #[test]
    fn no_bytes_make_the_picture_reader_panic(bytes in bytes_like(pictures())) {
        for reading in [Reading::Paper, Reading::Keras] {
            if let Ok(inputs) = input::read_picture("a", &bytes, &Shape::map(2, 2, 3), reading) {
                prop_assert_eq!(inputs.pixels.len(), 12);
            }
        }
    }

    #[test]
    fn row_major_order_is_restored(sizes in prop::collection::vec(1_usize..4, 1..4)) {
        // The value at (i, j, k) is its row-major index; the file has them column-major.
        let count: usize = sizes.iter().product();
        let mut column_major = vec![0; count];
        for (row_major, _) in column_major.clone().iter().enumerate() {
            let (mut rest, mut at, mut stride) = (row_major, 0, count);
            for &size in sizes.iter().rev() {
                stride /= size;
                at += rest % size * stride;
                rest /= size;
            }
            column_major[at] = row_major;
        }
        let data: Vec<u8> = column_major.iter().map(|&value| value as u8).collect();
        let header = format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {}, }}", npz::tuple(&sizes));
        let bytes = npy_file(&header, &data);
        let read = input::read_array(Source::bytes("a", &bytes), &Shape::new(sizes)).unwrap();
        prop_assert_eq!(read.pixels, Pixels::Bytes((0..count).map(|value| value as u8).collect()));
    }
}
