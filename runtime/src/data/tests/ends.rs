//! Archives with an array for each input and output.

use crate::data::archive::Archive;
use crate::data::ends::Ends;
use crate::data::{Pixels, Split};
use compiler::check::check_file;
use grammar::source::Source;
use npyz::WriterBuilder;
use std::io::{Cursor, Write};

const TEXT: &str = "model m {
    left = Input(shape=(2,))
    right = Input(shape=(1, 2, 1))
    a = Flatten()(right)
    both = Concatenate()([left, a])
    kind = Dense(3)
    value = Dense(1)(both)
    outputs(kind, value)
}
";

fn ends() -> Ends {
    let tree = grammar::parse(&Source::new("m.cnn", TEXT)).unwrap();
    Ends::of(&check_file(&tree).unwrap().0).unwrap()
}

/// An archive of arrays of floats.
fn archive(arrays: &[(&str, &[u64], &[f32])]) -> Archive<Cursor<Vec<u8>>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, shape, values) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{name}.npy"), options).unwrap();
        let kind = npyz::DType::Plain("<f4".parse().unwrap());
        let mut bytes = Vec::new();
        let options = npyz::WriteOptions::<f32>::new().dtype(kind).shape(shape);
        let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
        archive.write_all(&bytes).unwrap();
    }
    Archive::new("m.npz", archive.finish().unwrap()).unwrap()
}

fn whole<'a>() -> Vec<(&'a str, &'a [u64], &'a [f32])> {
    vec![
        ("left_train", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        ("right_train", &[2, 1, 2], &[5.0, 6.0, 7.0, 8.0]),
        ("kind_train", &[2], &[2.0, 0.0]),
        ("value_train", &[2], &[0.5, -0.5]),
    ]
}

fn refused(arrays: &[(&str, &[u64], &[f32])]) -> String {
    ends().read(&mut archive(arrays)).unwrap_err().to_string()
}

#[test]
fn samples_and_targets_are_rows() {
    let (train, test) = ends().read(&mut archive(&whole())).unwrap();
    assert!(test.is_none());
    let Split {
        shape,
        pixels,
        labels,
        targets,
    } = train;
    assert_eq!(shape.sizes(), [4]);
    assert_eq!(pixels, Pixels::Floats(vec![1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]));
    assert_eq!(labels, [0, 0]);
    // The number of a class is a one in its place.
    assert_eq!(targets.unwrap().values, [0.0, 0.0, 1.0, 0.5, 1.0, 0.0, 0.0, -0.5]);
}

#[test]
fn what_is_missing_or_of_another_shape_is_refused() {
    let mut arrays = whole();
    arrays.remove(1);
    assert!(refused(&arrays).contains("right_train"), "{}", refused(&arrays));
    let mut arrays = whole();
    arrays.push(("left_test", &[1, 2], &[1.0, 2.0]));
    assert!(refused(&arrays).contains("right_test"));
    for (place, shape, values, expected) in [
        (0, &[2_u64, 3][..], &[0.0_f32; 6][..], "(2,)"),
        (1, &[3, 1, 2], &[0.0; 6], "2 samples"),
        (2, &[2], &[3.0, 0.0], "from 0 to 2"),
        (2, &[2], &[0.5, 0.0], "from 0 to 2"),
        (3, &[2, 2], &[0.0; 4], "(1,)"),
    ] {
        let mut arrays = whole();
        arrays[place] = (arrays[place].0, shape, values);
        assert!(refused(&arrays).contains(expected), "{}", refused(&arrays));
    }
}

#[test]
fn inputs_alone_go_by_their_own_names() {
    let (pixels, count) = ends()
        .read_inputs(&mut archive(&[
            ("right", &[1, 1, 2, 1], &[3.0, 4.0]),
            ("left", &[1, 2], &[1.0, 2.0]),
        ]))
        .unwrap();
    assert_eq!((pixels, count), (Pixels::Floats(vec![1.0, 2.0, 3.0, 4.0]), 1));
    let error = ends()
        .read_inputs(&mut archive(&[("left", &[1, 2], &[1.0, 2.0])]))
        .unwrap_err();
    assert!(error.to_string().contains("left, right"), "{error}");
}
