use super::*;

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
