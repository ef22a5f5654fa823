use super::*;

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

#[test]
fn validation_takes_the_last_part_as_keras_does() {
    let split = |n: u32| Split {
        shape: Shape::flat(2),
        pixels: Pixels::Bytes((0..n as usize * 2).map(|value| value as u8).collect()),
        labels: (0..n).collect(),
        targets: None,
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
            targets: None,
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
