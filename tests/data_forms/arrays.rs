//! Arrays: archives and folders of them, of every type, and what Python alone reads.

use super::support::{Run, SAMPLES, classes, classifier, cnnc, levels, npy, npz, put};
use std::fs;
use tempfile::TempDir;

#[test]
fn arrays_of_every_type_are_trained_on() {
    /// An element's type in NumPy, its bytes of a level, and whether these are the levels themselves.
    type Kind = (&'static str, fn(u8) -> Vec<u8>, bool);
    let kinds: [Kind; 12] = [
        ("|u1", |level| vec![level], true),
        ("<u2", |level| u16::from(level).to_le_bytes().to_vec(), true),
        ("<i2", |level| i16::from(level).to_le_bytes().to_vec(), true),
        (">i4", |level| i32::from(level).to_be_bytes().to_vec(), true),
        ("<u4", |level| u32::from(level).to_le_bytes().to_vec(), true),
        ("<i8", |level| i64::from(level).to_le_bytes().to_vec(), true),
        ("<u8", |level| u64::from(level).to_le_bytes().to_vec(), true),
        ("|i1", |level| vec![level / 2], false),
        ("|b1", |level| vec![u8::from(level > 127)], false),
        // From 2 to the power of -7 up to 1.
        (
            "<f2",
            |level| ((u16::from(level / 32) << 10) | 0x2000).to_le_bytes().to_vec(),
            false,
        ),
        ("<f4", |level| (f32::from(level) / 255.0).to_le_bytes().to_vec(), false),
        ("<f8", |level| (f64::from(level) / 255.0).to_le_bytes().to_vec(), false),
    ];
    let mut of_levels = None;
    for (kind, element, are_levels) in kinds {
        let home = TempDir::new().unwrap();
        let home = home.path();
        let pixels = |count: usize| {
            let elements: Vec<u8> = levels(count).into_iter().flat_map(element).collect();
            npy(kind, &format!("{count}, 4, 4"), &elements)
        };
        let arrays = [
            ("x_train", pixels(SAMPLES)),
            ("y_train", classes(SAMPLES)),
            ("x_test", pixels(6)),
            ("y_test", classes(6)),
        ];
        put(&home.join("data.npz"), npz(&arrays));
        let run = Run::of(home, &classifier("(4, 4, 1)", "", "data=\"data.npz\""));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{kind}: {:?}", run.rows);
        assert_eq!(run.fact("data_origin"), "24 + 6 from data.npz", "{kind}");
        if are_levels {
            let weights = run.fact("weights_sha256").to_owned();
            assert_eq!(of_levels.get_or_insert_with(|| weights.clone()), &weights, "{kind}");
        }
    }
}

/// Whole numbers beyond those of pixels are taken as they are, in both splits.
#[test]
fn numbers_that_are_no_levels_are_not_divided() {
    let stretched = |level: u8, largest: i32| (i32::from(level) * largest / 255) as i16;
    let array = |largest: i32| {
        let elements = levels(SAMPLES).into_iter().map(|level| stretched(level, largest));
        npy(
            "<i2",
            "24, 4, 4",
            &elements.flat_map(i16::to_le_bytes).collect::<Vec<u8>>(),
        )
    };
    let floats = {
        let elements = levels(SAMPLES)
            .into_iter()
            .flat_map(|level| f32::from(stretched(level, 400)).to_le_bytes());
        npy("<f4", "24, 4, 4", &elements.collect::<Vec<u8>>())
    };
    let trained = |train: Vec<u8>, test: Vec<u8>| {
        let home = TempDir::new().unwrap();
        let arrays = [
            ("x_train", train),
            ("y_train", classes(SAMPLES)),
            ("x_test", test),
            ("y_test", classes(SAMPLES)),
        ];
        put(&home.path().join("data.npz"), npz(&arrays));
        let net = classifier("(4, 4, 1)", "    BatchNormalization()\n", "data=\"data.npz\"");
        Run::of(home.path(), &net).fact("weights_sha256").to_owned()
    };
    let of_floats = trained(floats.clone(), floats);
    assert_eq!(trained(array(400), array(400)), of_floats);
    assert_eq!(trained(array(400), array(255)), of_floats);
}

#[test]
fn a_folder_of_arrays_is_read_as_an_archive_is() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let pixels = |count: usize| npy("|u1", &format!("{count}, 4, 4, 1"), &levels(count));
    let arrays = [
        ("x_train", pixels(SAMPLES)),
        ("y_train", classes(SAMPLES)),
        ("x_test", pixels(6)),
        ("y_test", classes(6)),
    ];
    put(&home.join("data.npz"), npz(&arrays));
    for (name, bytes) in &arrays {
        // As scripts most often call them.
        put(
            &home.join("arrays").join(format!("{}.npy", name.replace('x', "X"))),
            bytes,
        );
    }
    let [one, other] = ["data.npz", "arrays/"].map(|data| {
        let run = Run::of(home, &classifier("(4, 4, 1)", "", &format!("data=\"{data}\"")));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{data}");
        (
            run.fact("weights_sha256").to_owned(),
            run.fact("data_sha256").to_owned(),
        )
    });
    assert_eq!(one, other);

    // Pictures from pictures.
    let home = TempDir::new().unwrap();
    let home = home.path();
    let blurred: Vec<u8> = levels(SAMPLES)
        .into_iter()
        .flat_map(|level| (f32::from(level) / 510.0).to_le_bytes())
        .collect();
    put(&home.join("lenses/x_train.npy"), pixels(SAMPLES));
    put(&home.join("lenses/y_train.npy"), npy("<f4", "24, 4, 4, 1", &blurred));
    let text = "model net {\n    Input(shape=(4, 4, 1))\n    Conv2D(4, 3, padding=\"same\", activation=\"relu\")\n    Conv2D(1, 3, padding=\"same\")\n}\n\
                compile(optimizer=Adam(0.02), loss=\"mse\")\nfit(data=\"lenses/\", validation_split=0.25, epochs=30)\n";
    let run = Run::of(home, text);
    assert!(run.last("val_loss").unwrap() < 0.05, "{:?}", run.rows);

    fs::remove_file(home.join("lenses/y_train.npy")).unwrap();
    let (status, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("expected the arrays x_train and y_train, and x_test and y_test or neither, found x_train.npy"),
        "{stderr}"
    );
}

#[test]
fn what_python_alone_reads_is_refused_with_what_to_do() {
    for (name, bytes, message) in [
        (
            "data.pkl",
            b"\x80\x04\x95junk".as_slice(),
            "a pickle, which runs code as it is read",
        ),
        ("data.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file: load it with h5py"),
        (
            "x_train.npy",
            b"\x93NUMPY\x01\x00",
            "a folder with x_train.npy and y_train.npy",
        ),
        ("table.txt", b"label,a\n1,2\n", "a CSV of pixels is called so: FILE.csv"),
    ] {
        let home = TempDir::new().unwrap();
        put(&home.path().join(name), bytes);
        put(
            &home.path().join("net.cnn"),
            classifier("(2,)", "", &format!("data=\"{name}\"")),
        );
        let (status, stderr) = cnnc(home.path(), &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{name}\n{stderr}");
        assert!(
            stderr.contains(message) && stderr.contains("np.savez"),
            "{name}\n{stderr}"
        );
    }
}
