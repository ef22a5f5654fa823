use super::super::npy::{self, Values};
use super::super::source::Source;
use super::*;
use compiler::shape::Shape;
use image::ImageFormat;
use std::io::Cursor;

/// A picture of the fixtures, which say in their README where they are from.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/pictures/", $name)).as_slice()
    };
}

const fn form(height: u32, width: u32, channels: usize) -> Form {
    Form {
        height,
        width,
        channels,
    }
}

fn keras(bytes: &[u8], form: Form) -> Vec<u8> {
    match sample(bytes, form, Reading::Keras).unwrap() {
        Pixels::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn samples_are_what_keras_reads() {
    let expected = npy::read(Source::bytes("keras_reads.npy", fixture!("keras_reads.npy"))).unwrap();
    let Values::Floats(expected) = expected.values else {
        panic!("float32")
    };
    let mut expected = expected.as_slice();
    let (noise, alpha, smooth) = (fixture!("noise.png"), fixture!("alpha.png"), fixture!("smooth.jpg"));
    // Rounding alone parts a resized picture from Keras's fractions; libpng truncates its luma.
    for (bytes, form, most) in [
        (noise, form(17, 23, 3), 0.0),
        (noise, form(8, 8, 3), 0.5),
        (noise, form(31, 9, 3), 0.5),
        (noise, form(1, 1, 3), 0.5),
        (noise, form(12, 40, 1), 1.5),
        (noise, form(5, 6, 4), 0.5),
        (alpha, form(6, 6, 3), 0.5),
        (alpha, form(4, 9, 4), 0.5),
        (alpha, form(5, 5, 1), 1.5),
        (smooth, form(24, 24, 3), 0.5),
        (smooth, form(13, 64, 1), 0.5),
    ] {
        let found = keras(bytes, form);
        let (here, rest) = expected.split_at(form.values());
        expected = rest;
        assert_eq!(found.len(), here.len());
        let far = |(&found, &expected): (&u8, &f32)| (f32::from(found) - expected).abs();
        let largest = found.iter().zip(here).map(far).fold(0.0, f32::max);
        assert!(largest <= most, "{form:?}: {largest}");
        let mean = found.iter().zip(here).map(far).sum::<f32>() / here.len() as f32;
        assert!(mean <= most.min(2.0), "{form:?}: {mean}");
    }
    assert!(expected.is_empty());
}

#[test]
fn a_known_edge_moves_by_half_pixels() {
    // Columns 0, 100, 200 shrink to two at 0.25 and 1.75, and grow to six at -0.25, 0.25, ... 2.25.
    let row = vec![0, 100, 200];
    assert_eq!(resize::bilinear(row.clone(), (1, 3), (1, 2), 1), [25, 175]);
    assert_eq!(
        resize::bilinear(row, (1, 3), (2, 6), 1),
        [0, 25, 75, 125, 175, 200, 0, 25, 75, 125, 175, 200]
    );
    // Nothing is averaged on the way down: every fourth column is taken, between two of its like.
    let stripes: Vec<u8> = (0..32).map(|column| if column % 4 < 2 { 255 } else { 0 }).collect();
    assert_eq!(resize::bilinear(stripes, (1, 32), (1, 8), 1), [128; 8]);
}

#[test]
fn other_forms_of_pictures_are_read() {
    // Pillow 13 on these files, pixels 0, 15 of row 0 and of row 15.
    let corners = |bytes: &[u8]| {
        let pixels = keras(bytes, form(16, 16, 3));
        [0, 15, 240, 255].map(|at| [pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]])
    };
    let near = |found: [[u8; 3]; 4], expected: [[u8; 3]; 4], most: u8| {
        let levels = found.iter().flatten().zip(expected.iter().flatten());
        assert!(
            levels.clone().all(|(a, b)| a.abs_diff(*b) <= most),
            "{found:?} {expected:?}"
        );
    };
    let plain = [[0, 0, 0], [240, 0, 120], [0, 240, 120], [240, 240, 240]];
    near(corners(fixture!("cmyk.jpg")), plain, 12);
    near(corners(fixture!("progressive.jpg")), plain, 24);
    // Ink that is not inverted; these are TensorFlow 2.21's.
    let ink = [[0, 0, 0], [244, 0, 120], [0, 245, 121], [244, 245, 245]];
    near(corners(fixture!("ink.jpg")), ink, 6);
    let palette = [[48, 16, 32], [208, 16, 112], [48, 224, 136], [208, 224, 216]];
    near(corners(fixture!("palette.png")), palette, 0);
    // The first frame is the picture.
    for bytes in [fixture!("animated.webp"), fixture!("animated.png")] {
        assert_eq!(keras(bytes, form(6, 8, 3)), [200, 0, 0].repeat(48));
    }
    // A picture on its side stays there: the first rows are those of the file.
    let turned = keras(fixture!("turned.jpg"), form(8, 16, 3));
    assert!(turned[3 * 15] > 200 && turned[3 * 7 * 16] < 40, "{turned:?}");
    let deep = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(2, 1, vec![0_u16, 51_400]).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    deep.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert_eq!(keras(bytes.get_ref(), form(1, 2, 1)), [0, 200]);
    assert_eq!(
        keras(bytes.get_ref(), form(1, 2, 4)),
        [0, 0, 0, 255, 200, 200, 200, 255]
    );
    let mut bytes = Cursor::new(Vec::new());
    let bitmap = image::RgbImage::from_pixel(2, 2, image::Rgb([1, 2, 3]));
    bitmap.write_to(&mut bytes, ImageFormat::Bmp).unwrap();
    assert_eq!(keras(bytes.get_ref(), form(2, 2, 3)), [1, 2, 3].repeat(4));
}

#[test]
fn a_jpeg_on_paper_is_what_pillow_opens() {
    // Pillow 13: the sum of `numpy.asarray(Image.open(file).convert("RGB"))`, and that with each level times its place modulo 251.
    for (bytes, form, sum, places) in [
        (fixture!("smooth.jpg"), form(40, 60, 3), 1_008_877, 125_082_108),
        (fixture!("progressive.jpg"), form(16, 16, 3), 92_160, 11_771_847),
        (fixture!("turned.jpg"), form(8, 16, 3), 33_780, 3_676_519),
    ] {
        let Pixels::Bytes(levels) = sample(bytes, form, Reading::Paper).unwrap() else {
            panic!("bytes")
        };
        let weighed = |(place, &level): (usize, &u8)| u32::from(level) * (place % 251) as u32;
        assert_eq!(
            levels.iter().map(|&level| u32::from(level)).sum::<u32>(),
            sum,
            "{form:?}"
        );
        assert_eq!(levels.iter().enumerate().map(weighed).sum::<u32>(), places, "{form:?}");
    }
}

#[test]
fn pictures_that_are_none_say_why() {
    let why = |bytes: &[u8]| sample(bytes, form(4, 4, 3), Reading::Keras).unwrap_err();
    assert_eq!(why(b""), "the file is empty");
    assert_eq!(why(b"text, whatever its name"), "no PNG, JPEG, GIF, WebP or BMP file");
    let jpeg = fixture!("smooth.jpg");
    assert_eq!(why(&jpeg[..jpeg.len() - 200]), "the picture is cut off");
    for name in [fixture!("noise.png"), fixture!("animated.webp")] {
        assert!(!why(&name[..name.len() / 2]).is_empty());
    }
    assert!(!why(b"GIF89a, and no more").is_empty());
}

/// A chunk of a PNG file.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = data.len() as u32;
    [&length.to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

#[test]
fn chunks_that_no_pixel_needs_are_not_read() {
    let png = fixture!("palette.png");
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &[0; 10_000]).unwrap();
    let packed = packed.finish().unwrap();
    let profile = chunk(b"iCCP", &[b"p\0\0", packed.as_slice()].concat());
    let text = chunk(b"zTXt", &[b"Title\0\0", packed.as_slice()].concat());
    // A broken sum, where none is needed: libpng, and so Keras, leaves such a chunk out too.
    let mut broken = text.clone();
    *broken.last_mut().unwrap() ^= 1;
    let header = 8 + 12 + 13;
    let with = [&png[..header], &profile, &text, &broken, &png[header..]].concat();
    assert_eq!(png::needed(&with), png::needed(png));
    assert_eq!(keras(&with, form(16, 16, 3)), keras(png, form(16, 16, 3)));
    // Those that are needed stay: the palette, and its opacity.
    assert!(png::needed(&with).unwrap().windows(4).any(|kind| kind == b"PLTE"));
    for cut in 0..with.len() {
        let _ = png::needed(&with[..cut]);
    }
}

/// Found by fuzzing: the decoder panics there.
#[test]
fn a_palette_has_whole_colours() {
    let png = fixture!("palette.png");
    let at = png.windows(4).position(|kind| kind == b"PLTE").unwrap() - 4;
    let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
    for shorter in [length - 1, length - 2, 1] {
        let palette = chunk(b"PLTE", &png[at + 8..at + 8 + shorter]);
        let file = [&png[..at], &palette, &png[at + 12 + length..]].concat();
        let why = sample(&file, form(4, 4, 3), Reading::Keras).unwrap_err();
        assert_eq!(why, "the palette has a part of a colour");
    }
}

#[test]
fn a_jpeg_files_markers_are_counted() {
    use jpeg::Facts;
    let smooth = fixture!("smooth.jpg");
    assert!(Facts::of(smooth).check().is_ok() && Facts::of(smooth).coefficients() == 0);
    let progressive = fixture!("progressive.jpg");
    assert!(Facts::of(progressive).coefficients() > 0);
    assert!(!Facts::of(fixture!("cmyk.jpg")).is_plain_ink() && Facts::of(fixture!("ink.jpg")).is_plain_ink());
    // Ten thousand more scans of a picture that says it has 4,000 x 4,000 pixels.
    let scan = progressive.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let mut many = progressive[..scan].to_vec();
    for _ in 0..10_000 {
        many.extend_from_slice(&progressive[scan..progressive.len() - 2]);
    }
    many.extend([0xff, 0xd9]);
    let frame = many.windows(2).position(|pair| pair == [0xff, 0xc2]).unwrap();
    many[frame + 5..frame + 9].copy_from_slice(&[0x0f, 0xa0, 0x0f, 0xa0]);
    let why = sample(&many, form(4, 4, 3), Reading::Keras).unwrap_err();
    assert!(
        why.ends_with("scans of 4000x4000 pixels are more than are decoded"),
        "{why}"
    );
    // A second frame header.
    let headers = progressive[frame..scan].to_vec();
    let twice = [&progressive[..frame], &headers[..19], &progressive[frame..]].concat();
    assert_eq!(
        sample(&twice, form(4, 4, 3), Reading::Keras).unwrap_err(),
        "the picture has two frame headers"
    );
    for cut in 0..progressive.len() {
        let _ = Facts::of(&progressive[..cut]);
    }
}

#[test]
fn a_progressive_scan_is_one_that_libjpeg_accepts() {
    let progressive = fixture!("progressive.jpg");
    let is_decoded = |file: &[u8]| libjpeg::decode(file, libjpeg::Accuracy::Exact, false).is_some();
    assert!(is_decoded(progressive));
    let pairs = progressive.windows(2).enumerate();
    let scans = pairs.filter(|(_, pair)| *pair == [0xff, 0xda]).map(|(at, _)| at);
    for scan in scans {
        // Behind the marker, the length, the components and the band: which bits earlier scans left out, and which this one does.
        let at = scan + 4 + usize::from(progressive[scan + 3]) - 3;
        let written = progressive[at];
        let (before, now) = (written >> 4, written & 15);
        for (approximation, accepted) in [
            (written, true),
            (before << 4 | 0xe, false),
            (before << 4 | 0xf, false),
            ((now + 2) << 4 | now, false),
        ] {
            let mut file = progressive.to_vec();
            file[at] = approximation;
            assert_eq!(
                is_decoded(&file),
                accepted,
                "{approximation:#x} instead of {written:#x}"
            );
            // The other decoders have their own mind about it, but answer.
            let _ = sample(&file, form(4, 4, 3), Reading::Keras);
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    // A header of 32,768 x 32,768 pixels of three bytes, 3 GiB, in 57 bytes.
    let mut png = fixture!("noise.png").to_vec();
    png[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let found = sample(&png, form(4, 4, 3), Reading::Keras).unwrap_err();
    assert_eq!(found, "32768x32768 pixels are more than are decoded");
}

#[test]
fn forms_are_those_of_pictures() {
    assert_eq!(Form::of(&Shape::map(28, 30, 1)), Some(form(28, 30, 1)));
    assert_eq!(Form::of(&Shape::new([28, 30])), Some(form(28, 30, 1)));
    assert_eq!(Form::of(&Shape::map(8, 8, 4)), Some(form(8, 8, 4)));
    for shape in [Shape::flat(784), Shape::map(8, 8, 2), Shape::map(1, 1 << 20, 3)] {
        assert_eq!(Form::of(&shape), None, "{shape}");
    }
}
