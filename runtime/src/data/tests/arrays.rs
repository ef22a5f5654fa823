use super::*;

#[test]
fn numpys_own_archives_are_read() {
    let (train, test) = read_npz(include_bytes!("../fixtures/deflated.npz")).unwrap();
    assert_eq!(train.shape, Shape::map(2, 2, 3));
    assert_eq!(train.pixels, Pixels::Bytes((0..36).collect()));
    assert_eq!(train.labels, [2, 0, 1]);
    assert_eq!(test.unwrap().labels, [4]);
    let (train, test) = read_npz(include_bytes!("../fixtures/stored.npz")).unwrap();
    assert_eq!(train.shape, Shape::flat(3));
    assert_eq!(train.pixels, Pixels::Floats(vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.25]));
    assert_eq!((train.labels, test), (vec![1, 0], None));

    let folder = folder(&[("set.npz", include_bytes!("../fixtures/deflated.npz").to_vec())]);
    let set = load(&named("set.npz"), folder.path(), None).unwrap();
    assert_eq!((set.name.as_str(), set.classes), ("set.npz", 5));
}

#[test]
fn both_byte_orders_and_axis_orders_are_read() {
    let inputs = |shape: Shape, bytes: &[u8]| input::read_array(Source::bytes("a.npy", bytes), &shape).unwrap();
    let expected = Pixels::Floats((0..12_u8).map(f32::from).collect());
    let numpys = inputs(Shape::new([3, 2]), include_bytes!("../fixtures/fortran_big_endian.npy"));
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
            array("|O", "(2, 1)", &[0; 2]),
            ok(),
            "a.npz (x_train): byte 10: expected elements of an integer type, bool, float16, float32 or float64, found '|O'",
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
            "a.npz (y_train): expected 2 labels, one for each sample of x_train, found the shape (3,)",
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
fn labels_are_classes_where_they_can_be_and_else_targets() {
    let read = |kind: &str, shape: &str, data: &[u8]| {
        let x = array("|u1", "(2, 1)", &[0, 0]);
        let archive = npz_file(&[("x_train.npy", x), ("y_train.npy", array(kind, shape, data))]);
        let split = read_npz(&archive).unwrap().0;
        let targets = split.targets.map(|targets| (targets.shape, targets.values));
        (split.labels, targets)
    };
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    assert_eq!(read("<f4", "(2, 1)", &floats(&[3.0, 1.0])), (vec![3, 1], None));
    assert_eq!(read("|b1", "(2,)", &[1, 0]), (vec![1, 0], None));
    assert_eq!(read("|u1", "(2, 3)", &[0, 0, 1, 1, 0, 0]), (vec![2, 0], None));
    assert_eq!(
        read("|i1", "(2,)", &[255, 4]),
        (vec![0, 0], Some((Shape::flat(1), vec![-1.0, 4.0])))
    );
    assert_eq!(
        read("<f4", "(2,)", &floats(&[0.5, 1.0])),
        (vec![0, 0], Some((Shape::flat(1), vec![0.5, 1.0])))
    );
    assert_eq!(
        read("|u1", "(2, 2)", &[1, 1, 0, 0]),
        (vec![0, 0], Some((Shape::flat(2), vec![1.0, 1.0, 0.0, 0.0])))
    );
    assert_eq!(
        read("|u1", "(2, 1, 2)", &[1, 0, 0, 1]),
        (vec![0, 0], Some((Shape::new([1, 2]), vec![1.0, 0.0, 0.0, 1.0])))
    );
    // 1.5, -2 and the smallest of all: half precision.
    assert_eq!(
        read("<f2", "(2, 2)", &[0x00, 0x3E, 0x00, 0xC0, 0x01, 0x00, 0x00, 0x00]).1,
        Some((Shape::flat(2), vec![1.5, -2.0, 2.0_f32.powi(-24), 0.0]))
    );
}

#[test]
fn what_labels_are_is_decided_for_both_splits_together() {
    let read = |train: &[f32], test: &[f32]| {
        let x = || array("|u1", "(2, 1)", &[0, 0]);
        let y = |values: &[f32]| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            array("<f4", "(2,)", &bytes)
        };
        let archive = npz_file(&[
            ("x_train.npy", x()),
            ("y_train.npy", y(train)),
            ("x_test.npy", x()),
            ("y_test.npy", y(test)),
        ]);
        let (train, test) = read_npz(&archive).unwrap();
        [train, test.unwrap()].map(|split| split.targets.map(|targets| targets.values))
    };
    // Whole numbers by chance, in either.
    assert_eq!(
        read(&[0.5, 1.0], &[1.0, 2.0]),
        [Some(vec![0.5, 1.0]), Some(vec![1.0, 2.0])]
    );
    assert_eq!(
        read(&[3.0, 1.0], &[-1.0, 2.0]),
        [Some(vec![3.0, 1.0]), Some(vec![-1.0, 2.0])]
    );
    assert_eq!(read(&[3.0, 1.0], &[0.0, 2.0]), [None, None]);
}
