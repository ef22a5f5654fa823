use super::*;
use crate::data::{cifar, cifar::Version, idx, table};
use proptest::prelude::*;

/// Small pictures of every kind.
fn pictures() -> Vec<Vec<u8>> {
    let mut bitmap = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3]))
        .write_to(&mut bitmap, image::ImageFormat::Bmp)
        .unwrap();
    let files: [&[u8]; 6] = [
        include_bytes!("../fixtures/pictures/alpha.png"),
        include_bytes!("../fixtures/pictures/animated.webp"),
        include_bytes!("../fixtures/pictures/cmyk.jpg"),
        include_bytes!("../fixtures/pictures/palette.png"),
        include_bytes!("../fixtures/pictures/progressive.jpg"),
        include_bytes!("../fixtures/pictures/turned.jpg"),
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
        if cifar::read_batch(Version::Ten, Source::bytes("b", &bytes), &mut pixels, &mut labels).is_ok() {
            prop_assert_eq!(pixels.len(), labels.len() * 3072);
        }
    }

    #[test]
    fn no_bytes_make_the_array_reader_panic(bytes in bytes_like(vec![
        array("<f4", "(2, 3)", &[0; 24]),
        array(">i8", "(2, 1)", &[0; 16]),
        include_bytes!("../fixtures/fortran_big_endian.npy").to_vec(),
    ])) {
        if let Ok(inputs) = input::read_array(Source::bytes("a", &bytes), &Shape::flat(3)) {
            prop_assert_eq!(inputs.pixels.len(), inputs.count * 3);
        }
    }

    #[test]
    fn no_bytes_make_the_table_reader_panic(bytes in bytes_like(vec![
        b"label,a,b\n1,2,3\n0,255,4\n".to_vec(),
        b"cat,0.5,1e3\n1,2,3\n".to_vec(),
        b"emotion,pixels,Usage\n1,2 3 4,Training\n0,5 6 7,PrivateTest\n".to_vec(),
    ])) {
        if let Ok(parts) = table::read("t.csv", bytes.as_slice(), &Shape::flat(3)) {
            for split in [Some(&parts.train), parts.validation.as_ref(), parts.test.as_ref()].into_iter().flatten() {
                prop_assert_eq!(split.pixels.len(), split.len() * split.shape.elements());
            }
        }
    }

    #[test]
    fn no_bytes_make_the_archive_reader_panic(bytes in bytes_like(vec![
        include_bytes!("../fixtures/deflated.npz").to_vec(),
        include_bytes!("../fixtures/stored.npz").to_vec(),
    ])) {
        if let Ok((train, _)) = read_npz(&bytes) {
            prop_assert_eq!(train.pixels.len(), train.len() * train.shape.elements());
        }
    }

    #[test]
    fn no_bytes_make_the_picture_reader_panic(bytes in bytes_like(pictures())) {
        for reading in [Reading::Paper, Reading::Keras] {
            if let Ok(inputs) = input::picture_inputs("a", &bytes, &Shape::map(2, 2, 3), reading) {
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
        let header = format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {}, }}", npy::tuple(&sizes));
        let bytes = npy_file(&header, &data);
        let read = input::read_array(Source::bytes("a", &bytes), &Shape::new(sizes)).unwrap();
        prop_assert_eq!(read.pixels, Pixels::Bytes((0..count).map(|value| value as u8).collect()));
    }
}
