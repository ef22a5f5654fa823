//! `cnnc show`: pictures that stay as they are, and what is said where there is none.
//!
//! `RENEW_PICTURES=1 cargo test --test show` writes the golden pictures in tests/pictures anew; look at them before they
//! are committed.

#![cfg(feature = "pictures")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program in the repository's folder, on a machine that has no data sets but those that the program carries.
fn show(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.arg("show").args(arguments).env("XDG_CACHE_HOME", folder);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The picture that `show` writes into a file of this name.
fn picture(arguments: &[&str], name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let arguments = [arguments, &["--out", path.to_str().unwrap()]].concat();
    let output = show(&arguments, folder.path());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    assert!(output.stdout.is_empty());
    std::fs::read(path).unwrap()
}

fn golden(name: &str, found: &[u8]) -> (PathBuf, Vec<u8>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
    if std::env::var_os("RENEW_PICTURES").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read(&path).unwrap();
    (path, expected)
}

/// The SVG is the golden one to the letter.
fn same_svg(name: &str, arguments: &[&str]) {
    let found = picture(arguments, name);
    let (path, expected) = golden(name, &found);
    assert!(found == expected, "{} is not what is drawn now", path.display());
}

/// The PNG is of the golden one's size, and hardly any pixel differs to the eye: sums of float32 may.
fn same_png(name: &str, arguments: &[&str]) {
    let found = picture(&[arguments, &["--scale", "0.5"]].concat(), name);
    let (path, expected) = golden(name, &found);
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().into_rgb8();
    let (found, expected) = (pixels(&found), pixels(&expected));
    assert_eq!(found.dimensions(), expected.dimensions(), "{}", path.display());
    let differs = |(a, b): &(&image::Rgb<u8>, &image::Rgb<u8>)| (0..3).any(|c| a.0[c].abs_diff(b.0[c]) > 12);
    let pairs = found.pixels().zip(expected.pixels());
    let different = pairs.filter(differs).count();
    let most = (found.width() * found.height()) as usize / 1000;
    assert!(different <= most, "{}: {different} pixels differ", path.display());
}

const PYRAMID: &str = "tests/oracle/pyramid/model.cnn";
const PYRAMID_WEIGHTS: &str = "tests/oracle/pyramid/trained.safetensors";
const LENET: &str = "tests/oracle/lenet/model.cnn";
const LENET_WEIGHTS: &str = "tests/oracle/lenet/trained.safetensors";

#[test]
fn images_of_a_data_set() {
    same_svg(
        "data.svg",
        &["data", "mnist", "--count", "3", "--split", "test", "--start", "5"],
    );
}

#[test]
fn images_of_a_file_of_floats_whose_classes_have_no_names() {
    same_png(
        "data_floats.png",
        &["data", "tests/oracle/lenet/data.npz", "--count", "3"],
    );
}

#[test]
fn what_training_sees_below_the_originals() {
    let file = "tests/oracle/augmentation/model.cnn";
    same_png("augmented.png", &["augmented", file, "--count", "6", "--seed", "3"]);
}

#[test]
fn filters_over_one_channel_and_over_three() {
    same_svg("filters.svg", &["filters", PYRAMID, "--weights", PYRAMID_WEIGHTS]);
    same_png("filters_rgb.png", &["filters", LENET, "--weights", LENET_WEIGHTS]);
    same_png(
        "filters_composite.png",
        &["filters", LENET, "--weights", LENET_WEIGHTS, "--rgb"],
    );
}

#[test]
fn activations_of_every_layer() {
    let input = [
        "--data",
        "tests/oracle/pyramid/data.npz",
        "--split",
        "train",
        "--index",
        "2",
    ];
    let arguments = ["activations", PYRAMID, "--weights", PYRAMID_WEIGHTS];
    same_png("activations.png", &[&arguments[..], &input].concat());
    let input = ["--data", "tests/oracle/lenet/data.npz", "--split", "train"];
    let arguments = ["activations", LENET, "--weights", LENET_WEIGHTS];
    same_png("activations_lenet.png", &[&arguments[..], &input].concat());
}

#[test]
fn kernels_over_images() {
    same_png(
        "convolve.png",
        &[
            "convolve",
            "--kernel",
            "vertical-edge",
            "--data",
            "mnist",
            "--count",
            "2",
        ],
    );
    let literal = "[[-1., 0.5, 1., 2.], [-2., 0., 2., 0.125]]";
    same_png(
        "convolve_literal.png",
        &["convolve", "--kernel", literal, "--data", "mnist", "--count", "1"],
    );
}

/// Every pixel of the filtered image, out of the picture: the kernel of one 1 leaves the image as it is, and its values
/// from 0 to 1 lie on the signed scale's upper half.
#[test]
fn the_picture_shows_the_values() {
    let arguments = ["convolve", "--kernel", "[[1]]", "--data", "mnist", "--count", "1"];
    let png = picture(&[&arguments[..], &["--scale", "1"]].concat(), "x.png");
    let pixels = image::load_from_memory(&png).unwrap().into_rgb8();
    let is_frame = |pixel: &image::Rgb<u8>| pixel.0.iter().all(|&level| level > 150 && level < 240);
    // The first black pixel is the image's own; it and the filtered one are 28 squares of 4 px, 12 px apart.
    let black = |(_, _, pixel): &(u32, u32, &image::Rgb<u8>)| pixel.0 == [0, 0, 0];
    let (left, top, _) = pixels.enumerate_pixels().find(black).unwrap();
    let mut ends = [0, 0];
    for row in 0..28 {
        for column in 0..28 {
            let at = |y: u32| pixels.get_pixel(left + column * 4 + 1, y + row * 4 + 1);
            let (above, below) = (at(top), at(top + 112 + 12));
            match above.0[0] {
                0 => {
                    assert_eq!(below.0, [0xf7, 0xf7, 0xf7], "{row} {column}");
                    ends[0] += 1;
                }
                255 => {
                    assert_eq!(below.0, [0x7a, 0x33, 0x03], "{row} {column}");
                    ends[1] += 1;
                }
                // Orange: the more, the darker.
                _ => assert!(below.0[0] > below.0[2] || is_frame(below), "{row} {column} {below:?}"),
            }
        }
    }
    assert!(ends[0] > 400 && ends[1] > 0, "{ends:?}");
}

#[test]
fn without_out_a_picture_is_written_here_and_with_it_as_often_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["show", "data", "mnist", "--count", "1"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "wrote data.png\n");
    let drawn = std::fs::read(folder.path().join("data.png")).unwrap();
    assert!(drawn.starts_with(b"\x89PNG"));
    let (png, svg) = (folder.path().join("a.PNG"), folder.path().join("b.svg"));
    let paths = ["--out", png.to_str().unwrap(), "--out", svg.to_str().unwrap()];
    let arguments = [&["data", "mnist", "--count", "1"], &paths[..]].concat();
    assert!(show(&arguments, folder.path()).status.success());
    assert_eq!(std::fs::read(png).unwrap(), drawn);
    assert!(std::fs::read_to_string(svg).unwrap().starts_with("<svg xmlns="));
}

#[test]
fn mistakes_are_said_at_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let filters = ["filters", PYRAMID, "--weights", PYRAMID_WEIGHTS];
    let activations = ["activations", PYRAMID, "--weights", PYRAMID_WEIGHTS];
    let convolve = ["convolve", "--data", "mnist", "--kernel"];
    let cases: [(&[&str], &[&str], i32, &str); 13] = [
        (
            &["data", "mnist"],
            &["--out", "x.gif"],
            2,
            "a name that ends in .png or .svg is needed",
        ),
        (
            &["data", "mnist"],
            &["--scale", "0"],
            2,
            "a number from 0.1 to 20 is needed",
        ),
        (
            &["data", "mnist"],
            &["--count", "0"],
            2,
            "a whole number from 1 to 1000 is needed",
        ),
        (
            &["data", "mnist"],
            &["--start", "8000"],
            1,
            "there is no image 8000: the split has 8000",
        ),
        (
            &["data", "cifar10"],
            &[],
            1,
            "the data set cifar10 is not on this machine",
        ),
        (&convolve, &["sobell"], 2, "did you mean sobel?"),
        (&convolve, &["[[1, 2], [3]]"], 2, "row 2 has 1 numbers, and row 1 has 2"),
        (
            &filters,
            &["--rgb"],
            1,
            "--rgb needs a convolution over 3 channels, and conv2d takes 1",
        ),
        (&filters, &["--layer", "conv2d_2"], 1, "did you mean conv2d"),
        (
            &filters,
            &["--layer", "dense"],
            1,
            "dense is a Dense, and only convolutions have filters",
        ),
        (&activations, &[], 2, "required arguments were not provided"),
        (
            &["augmented", PYRAMID],
            &[],
            1,
            "no layer of this network changes pictures at random",
        ),
        (
            &activations,
            &["--data", "mnist", "--index", "2000"],
            1,
            "there is no sample 2000: there are 2000",
        ),
    ];
    for (arguments, more, status, expected) in cases {
        let output = show(&[arguments, more].concat(), folder.path());
        assert_eq!(output.status.code(), Some(status), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    let mlp = folder.path().join("mlp.cnn");
    std::fs::write(&mlp, "model m {\n    Input(shape=(4,))\n    Dense(2)\n}\n").unwrap();
    let output = show(
        &["filters", mlp.to_str().unwrap(), "--weights", PYRAMID_WEIGHTS],
        folder.path(),
    );
    assert!(
        stderr(&output).contains("the network has no convolution"),
        "{}",
        stderr(&output)
    );
}
