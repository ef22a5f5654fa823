//! Masks: pictures that outputs are compared with, position by position.

use super::support::{cnnc, train};
use image::{GrayImage, Luma, Rgb, RgbImage};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Pictures of a bright square on a dark ground, with masks of where it is: `level` there, and 0 elsewhere.
fn squares(home: &Path, level: u8) {
    fs::create_dir_all(home.join("cells")).unwrap();
    fs::create_dir_all(home.join("masks")).unwrap();
    for number in 0..16_u32 {
        let (left, top) = (number * 5 % 10, number * 3 % 9);
        let inside = |x: u32, y: u32| (left..left + 6).contains(&x) && (top..top + 7).contains(&y);
        let noise = |x: u32, y: u32| ((x * 37 + y * 61 + number * 17) % 40) as u8;
        let picture = RgbImage::from_fn(16, 16, |x, y| {
            let light = noise(x, y) + if inside(x, y) { 170 } else { 20 };
            Rgb([light, light / 2, 255 - light])
        });
        picture.save(home.join(format!("cells/{number}.png"))).unwrap();
        let mask = GrayImage::from_fn(16, 16, |x, y| Luma([if inside(x, y) { level } else { 0 }]));
        let behind = if number % 2 == 0 { "_mask" } else { "" };
        mask.save(home.join(format!("masks/{number}{behind}.bmp"))).unwrap();
    }
}

fn unet(loader: &str, ending: &str, loss: &str) -> String {
    format!(
        "train = image_dataset_from_directory(\"cells\", image_size=(16, 16), {loader})
model unet {{
    Input(shape=(16, 16, 3))
    RandomFlip()
    RandomRotation(0.2, fill_mode=\"constant\")
    Rescaling(1. / 255)
    down = Conv2D(6, 3, padding=\"same\", activation=\"relu\")
    MaxPooling2D()
    Conv2D(8, 3, padding=\"same\", activation=\"relu\")
    up = UpSampling2D()
    both = Concatenate()([down, up])
    Conv2D({ending})(both)
}}
compile(optimizer=Adam(0.02), loss=\"{loss}\", metrics=[\"accuracy\"])
fit(train, epochs=25, batch_size=4)
"
    )
}

#[test]
fn masks_are_learnt_while_they_turn_with_their_pictures() {
    for (level, loader, ending, loss, most) in [
        (
            255,
            "masks=\"masks\"",
            "1, 1, activation=\"sigmoid\"",
            "binary_crossentropy",
            0.25,
        ),
        (
            1,
            "masks=\"masks\"",
            "1, 1, activation=\"sigmoid\"",
            "binary_crossentropy",
            0.25,
        ),
        (
            1,
            "masks=\"masks\", mask_mode=\"int\"",
            "2, 1, activation=\"softmax\"",
            "sparse_categorical_crossentropy",
            0.25,
        ),
        (
            85,
            "masks=\"masks\", mask_mode=\"int\", mask_levels=[0, 85]",
            "2, 1, activation=\"softmax\"",
            "categorical_crossentropy",
            0.25,
        ),
        (
            200,
            "masks=\"masks\", mask_mode=\"grayscale\"",
            "1, 1, activation=\"sigmoid\"",
            "mse",
            0.05,
        ),
        (
            200,
            "masks=\"masks\", mask_mode=\"rgb\"",
            "3, 1, activation=\"sigmoid\"",
            "mse",
            0.05,
        ),
    ] {
        let home = TempDir::new().unwrap();
        squares(home.path(), level);
        let (first, last, stderr) = train(home.path(), &unet(loader, ending, loss));
        assert!(last < 0.8 * first && last < most, "{loader}: {first} {last}");
        assert!(stderr.contains("16 pictures with masks from cells"), "{stderr}");
    }
}

#[test]
fn what_is_wrong_with_masks_is_told_at_its_place() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    squares(home, 255);
    let refused = |loader: &str, ending: &str, loss: &str| {
        fs::write(home.join("net.cnn"), unet(loader, ending, loss)).unwrap();
        let (status, _, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{stderr}");
        stderr
    };
    let (one, two) = ("1, 1, activation=\"sigmoid\"", "2, 1, activation=\"softmax\"");
    let stderr = refused("masks=\"nothing\"", one, "mse");
    assert!(
        stderr.contains("cannot find the masks nothing") && stderr.contains("masks=\"nothing\""),
        "{stderr}"
    );
    let stderr = refused(
        "masks=\"masks\", mask_mode=\"int\"",
        two,
        "sparse_categorical_crossentropy",
    );
    assert!(
        stderr.contains("error[E0504]: the output is narrower than the masks have classes"),
        "{stderr}"
    );
    let stderr = refused(
        "masks=\"masks\", mask_mode=\"int\", mask_levels=[0, 254]",
        two,
        "sparse_categorical_crossentropy",
    );
    assert!(
        stderr.contains("the mask has the level 255, which is not among mask_levels"),
        "{stderr}"
    );
    GrayImage::from_pixel(16, 16, Luma([7]))
        .save(home.join("masks/3.bmp"))
        .unwrap();
    let stderr = refused("masks=\"masks\"", one, "mse");
    assert!(
        stderr.contains("masks/3.bmp: the mask has the level 7, and binary masks are of"),
        "{stderr}"
    );
    GrayImage::new(15, 16).save(home.join("masks/3.bmp")).unwrap();
    let stderr = refused("masks=\"masks\"", one, "mse");
    assert!(
        stderr.contains("masks/3.bmp: the mask has 15x16 pixels, its picture 16x16"),
        "{stderr}"
    );
    fs::write(home.join("masks/3.bmp"), "no picture").unwrap();
    assert!(refused("masks=\"masks\"", one, "mse").contains("masks/3.bmp: no PNG"));
    fs::remove_file(home.join("masks/3.bmp")).unwrap();
    assert!(refused("masks=\"masks\"", one, "mse").contains("there is no mask for cells/3.png in masks"));
    fs::copy(home.join("masks/5.bmp"), home.join("masks/4.bmp")).unwrap();
    fs::copy(home.join("masks/5.bmp"), home.join("masks/3.bmp")).unwrap();
    let stderr = refused("masks=\"masks\"", one, "mse");
    assert!(
        stderr.contains("masks/4.bmp and masks/4_mask.bmp are both named as masks of one picture"),
        "{stderr}"
    );
}
