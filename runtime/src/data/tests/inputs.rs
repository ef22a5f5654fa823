use super::*;

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

#[test]
fn pictures_take_the_networks_shape() {
    let read = |bytes: &[u8], shape: &Shape| {
        let inputs = input::picture_inputs("a.png", bytes, shape, Reading::Paper).unwrap();
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
        input::picture_inputs("a.png", bytes, shape, Reading::Paper)
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
