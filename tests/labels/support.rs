//! A folder of pictures with a table beside it, and how the program is asked about them.

use image::{Rgb, RgbImage};
use std::fs;
use std::path::Path;
use std::process::Command;

pub fn cnnc(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Twenty-four plain pictures: how red each is, is in the table, and which of three lights are on, in words.
pub fn pictures(home: &Path) {
    fs::create_dir_all(home.join("photos/deep")).unwrap();
    let mut table = "line,filename,class,redness,lights,red,green\n".to_owned();
    for number in 0..24_u32 {
        let on = [number % 2, number / 2 % 2, number / 4 % 2];
        let colour = on.map(|on| (on * 180 + number * 7 % 60) as u8);
        let name = if number % 5 == 0 {
            format!("deep/{number}.png")
        } else {
            format!("{number}.png")
        };
        let picture = RgbImage::from_pixel(9 + number % 3, 8, Rgb(colour));
        picture.save(home.join("photos").join(&name)).unwrap();
        let words = ["red", "green", "blue"];
        let lights: Vec<&str> = words
            .into_iter()
            .zip(on)
            .filter(|(_, on)| *on == 1)
            .map(|(word, _)| word)
            .collect();
        table.push_str(&format!(
            "{number},{name},{},{:.3},{},{},{}\n",
            number % 2 * 10 + 2,
            f64::from(colour[0]) / 255.0,
            lights.join(" "),
            on[0],
            on[1]
        ));
    }
    fs::write(home.join("labels.csv"), table).unwrap();
}

pub fn text(loader: &str, ending: &str, loss: &str, fit: &str) -> String {
    format!(
        "train = {loader}
model lights {{
    Input(shape=(8, 8, 3))
    Rescaling(1. / 255)
    GlobalAveragePooling2D()
    {ending}
}}
compile(optimizer=Adam(0.05), loss=\"{loss}\")
fit(train, epochs=60, {fit})
"
    )
}

/// Trains; the loss of the first epoch and of the last, and what was said.
pub fn train(home: &Path, text: &str) -> (f64, f64, String) {
    fs::write(home.join("net.cnn"), text).unwrap();
    let (status, _, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu", "--out", "run"]);
    assert_eq!(status, 0, "{stderr}");
    let history = fs::read_to_string(home.join("run/history.csv")).unwrap();
    let mut lines = history.lines();
    let at = lines
        .next()
        .unwrap()
        .split(',')
        .position(|name| name == "loss")
        .unwrap();
    let losses: Vec<f64> = lines
        .map(|line| line.split(',').nth(at).unwrap().parse().unwrap())
        .collect();
    (losses[0], losses[losses.len() - 1], stderr)
}

pub const TABLE: &str = "image_dataset_from_directory(\"photos\", labels=\"labels.csv\", image_size=(8, 8), ";
