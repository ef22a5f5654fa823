//! What pictures are where no folders tell it: tables of classes, of several labels and of numbers; masks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::session;
use image::{GrayImage, Luma, Rgb, RgbImage};
use runtime::data::Keeping;
use runtime::loading::{self, Part, Places};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn cnnc(home: &Path, arguments: &[&str]) -> (i32, String, String) {
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
fn pictures(home: &Path) {
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

fn text(loader: &str, ending: &str, loss: &str, fit: &str) -> String {
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
fn train(home: &Path, text: &str) -> (f64, f64, String) {
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

const TABLE: &str = "image_dataset_from_directory(\"photos\", labels=\"labels.csv\", image_size=(8, 8), ";

#[test]
fn classes_several_labels_and_numbers_of_a_table_are_learnt() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let sigmoid = |units| format!("Dense({units}, activation=\"sigmoid\")");
    for (arguments, ending, loss, most, said) in [
        (
            "y_col=\"class\"",
            "Dense(2, activation=\"softmax\")".to_owned(),
            "sparse_categorical_crossentropy",
            0.5,
            "24 pictures of 2 classes (2, 12) from photos, pixels 0 to 255 of shape (8, 8, 3), resized bilinear, class from labels.csv",
        ),
        (
            "label_mode=\"binary\"",
            sigmoid(1),
            "binary_crossentropy",
            0.5,
            "of 2 classes (2, 12)",
        ),
        (
            "label_mode=\"multi_hot\", y_col=\"lights\"",
            sigmoid(3),
            "binary_crossentropy",
            0.5,
            "24 pictures of 3 labels (blue, green, red) from photos",
        ),
        (
            "label_mode=\"multi_hot\", y_col=[\"red\", \"green\"]",
            sigmoid(2),
            "binary_crossentropy",
            0.5,
            "of 2 labels (red, green)",
        ),
        (
            "label_mode=\"float\", y_col=\"redness\"",
            "Dense(1)".to_owned(),
            "mse",
            0.02,
            "24 pictures with numbers from photos",
        ),
        (
            "label_mode=\"float\", y_col=[\"redness\", \"green\"]",
            "Dense(2)".to_owned(),
            "mse",
            0.05,
            "redness, green from labels.csv",
        ),
    ] {
        let (first, last, stderr) = train(home, &text(&format!("{TABLE}{arguments})"), &ending, loss, ""));
        assert!(last < 0.7 * first && last < most, "{arguments}: {first} {last}");
        assert!(stderr.contains(said), "{arguments}: {stderr}");
        assert!(!stderr.contains("left out"), "{stderr}");
    }
    // The run knows where its table is.
    let manifest: Value = serde_yaml::from_str(&fs::read_to_string(home.join("run/run.yaml")).unwrap()).unwrap();
    assert!(
        Path::new(manifest["description_folder"].as_str().unwrap())
            .join("labels.csv")
            .is_file()
    );
    let resumed = [
        "run", "net.cnn", "--device", "cpu", "--out", "run", "--epochs", "61", "--resume",
    ];
    let (status, _, stderr) = cnnc(home, &resumed);
    assert_eq!(status, 0, "{stderr}");
}

#[test]
fn a_generator_reads_a_table() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let loader = "ImageDataGenerator(rescale=1. / 255).flow_from_dataframe(df, directory=\"photos\", class_mode=\"raw\", \
                  y_col=[\"red\", \"green\"], target_size=(8, 8))";
    let net = text(loader, "Dense(2, activation=\"sigmoid\")", "binary_crossentropy", "");
    let net = format!(
        "df = pd.read_csv(\"labels.csv\", dtype=str)\n{}",
        net.replace("    Rescaling(1. / 255)\n", "")
    );
    let (first, last, _) = train(home, &net);
    assert!(last < 0.7 * first && last < 0.5, "{first} {last}");
    // Without a folder, names start where the table lies.
    fs::copy(home.join("labels.csv"), home.join("photos/labels.csv")).unwrap();
    let net = net
        .replace("\"labels.csv\", dtype=str", "\"photos/labels.csv\"")
        .replace(" directory=\"photos\",", "");
    let (_, again, _) = train(home, &net);
    assert!((last - again).abs() < 1e-12, "{last} {again}");
}

/// A number and a class of each picture, a column for each.
#[test]
fn a_table_has_a_column_for_each_output() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let net = |columns: &str, more: &str| {
        format!(
            "gen = ImageDataGenerator(rescale=1. / 255)
train = gen.flow_from_dataframe(\"labels.csv\", directory=\"photos\", class_mode=\"multi_output\", y_col=[{columns}], target_size=(8, 8))
model lights {{
    Input(shape=(8, 8, 3))
    mean = GlobalAveragePooling2D()
    hidden = Dense(8, activation=\"relu\")
    redness = Dense(1)(hidden)
    green = Dense(2, activation=\"softmax\")(hidden)
    outputs({more}redness, green)
}}
compile(optimizer=Adam(0.05), loss=[\"mse\", \"sparse_categorical_crossentropy\"], metrics=[[\"mae\"], [\"accuracy\"]])
fit(train, epochs=60)
"
        )
    };
    let (first, last, _) = train(home, &net("\"redness\", \"green\"", ""));
    assert!(last < 0.3 * first && last < 0.3, "{first} {last}");
    let said = |text: &str| {
        fs::write(home.join("net.cnn"), text).unwrap();
        let (status, _, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{stderr}");
        stderr
    };
    assert!(said(&net("\"redness\"", "")).contains("there is no column for each output"));
    assert!(said(&net("\"green\", \"line\"", "")).contains("numbers of classes from 0 to 1"));
    // Each output has its own kind of number, in the order of the outputs.
    assert!(said(&net("\"green\", \"redness\"", "")).contains("numbers of classes from 0 to 1"));
}

/// A generator's function is the layer of that name.
#[test]
fn a_generator_scales_as_an_application_does() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let net = |generator: &str, layer: &str| {
        format!(
            "gen = ImageDataGenerator({generator})
train = gen.flow_from_dataframe(\"labels.csv\", directory=\"photos\", class_mode=\"raw\", y_col=\"redness\", target_size=(8, 8))
model lights {{
    Input(shape=(8, 8, 3))
{layer}    GlobalAveragePooling2D()
    Dense(1)
}}
compile(optimizer=Adam(0.05), loss=\"mse\")
fit(train, epochs=5)
"
        )
    };
    let (_, by_generator, said) = train(
        home,
        &net(
            "preprocessing_function=keras.applications.mobilenet_v2.preprocess_input",
            "",
        ),
    );
    assert!(said.contains("mobilenet_v2.preprocess_input()"), "{said}");
    let (_, by_layer, _) = train(home, &net("", "    mobilenet_v2.preprocess_input()\n"));
    assert!((by_generator - by_layer).abs() < 1e-12, "{by_generator} {by_layer}");
    fs::write(home.join("net.cnn"), net("preprocessing_function=scaled", "")).unwrap();
    let (status, _, stderr) = cnnc(home, &["check", "net.cnn"]);
    assert!(
        status == 1 && stderr.contains("a function of your own is not supported here"),
        "{stderr}"
    );
}

#[test]
fn a_table_that_says_what_folders_say_gives_the_same_subsets() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let mut table = "class,filename\n".to_owned();
    for number in (0..20).rev() {
        let class = ["cat", "dog"][number % 2];
        fs::create_dir_all(home.join("photos").join(class)).unwrap();
        let name = format!("{class}/{number}.png");
        let picture = RgbImage::from_pixel(8, 8, Rgb([number as u8 * 9, 3, 200]));
        picture.save(home.join("photos").join(&name)).unwrap();
        table.push_str(&format!("{class},{name}\n"));
    }
    fs::write(home.join("labels.csv"), table).unwrap();
    let part = |labels: &str, subset: &str| -> Part {
        let loader = format!(
            "image_dataset_from_directory(\"photos\", {labels}image_size=(8, 8), seed=5, validation_split=0.3, subset=\"{subset}\")"
        );
        let text = text(
            &loader,
            "Dense(2, activation=\"softmax\")",
            "sparse_categorical_crossentropy",
            "",
        );
        let description = session::examine_text(&home.join("m.cnn"), &text)
            .into_description()
            .unwrap();
        let loading = description.network.network().fit.loading.clone().unwrap();
        let places = Places {
            folder: home.join("photos"),
            base: home.to_owned(),
            keeping: Keeping::usual(),
        };
        loading::read(&loading.train, &places, 0, &|_| {}).unwrap()
    };
    for subset in ["training", "validation"] {
        let (folders, table) = (part("", subset), part("labels=\"labels.csv\", ", subset));
        assert_eq!(folders.split, table.split);
        assert_eq!(folders.class_names, table.class_names);
    }
}

#[test]
fn what_is_wrong_with_a_table_is_told_at_its_place() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let refused = |arguments: &str| {
        let text = text(
            &format!("{TABLE}{arguments})"),
            "Dense(1, activation=\"sigmoid\")",
            "mse",
            "",
        );
        fs::write(home.join("net.cnn"), text).unwrap();
        let (status, _, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{stderr}");
        stderr
    };
    let edit = |from: &str, to: &str| {
        let table = fs::read_to_string(home.join("labels.csv")).unwrap();
        assert!(table.contains(from));
        fs::write(home.join("labels.csv"), table.replacen(from, to, 1)).unwrap();
    };
    let stderr = refused("label_mode=\"float\", y_col=\"angle\"");
    assert!(
        stderr.contains("labels.csv has no column angle") && stderr.contains("y_col="),
        "{stderr}"
    );
    assert!(
        stderr.contains("its columns are line, filename, class, redness, lights, red, green"),
        "{stderr}"
    );
    let stderr = refused("x_col=\"file\"");
    assert!(
        stderr.contains("has no column file") && stderr.contains("x_col="),
        "{stderr}"
    );
    let stderr = refused("label_mode=\"float\", y_col=\"lights\"");
    assert!(stderr.contains("labels.csv:2: column lights is empty"), "{stderr}");
    edit("0,deep/0.png,2,0.000,,", "0,deep/0.png,2,fast,,");
    let stderr = refused("label_mode=\"float\", y_col=\"redness\"");
    assert!(
        stderr.contains("error[E0512]") && stderr.contains("labels.csv:2: \"fast\" in column redness is not a number"),
        "{stderr}"
    );
    let stderr = refused("label_mode=\"multi_hot\", y_col=\"lights\", class_names=[\"red\"]");
    assert!(stderr.contains("is not among class_names"), "{stderr}");
    let stderr = refused("label_mode=\"binary\", y_col=\"line\"");
    assert!(
        stderr.contains("labels.csv has 24 classes, and binary labels are of two"),
        "{stderr}"
    );
    // Files that are not there are left out, up to a limit, each with its line.
    edit(",3.png,", ",three.png,");
    let stderr = {
        let text = text(
            &format!("{TABLE}label_mode=\"binary\")"),
            "Dense(1, activation=\"sigmoid\")",
            "binary_crossentropy",
            "",
        );
        train(home, &text).2
    };
    assert!(
        stderr.contains("1 of 24 pictures cannot be read and are left out:"),
        "{stderr}"
    );
    assert!(
        stderr.contains("photos/three.png: there is no such file (labels.csv:5)"),
        "{stderr}"
    );
    assert!(
        stderr.contains("left out 1 of 24 pictures in photos, which labels.csv does not name"),
        "{stderr}"
    );
    edit(",4.png,", ",four.png,");
    let stderr = refused("label_mode=\"binary\"");
    assert!(stderr.contains("2 of 24 pictures in photos cannot be read"), "{stderr}");
    fs::write(home.join("labels.csv"), "filename,class\n1.png,2\n2.png\n").unwrap();
    let stderr = refused("label_mode=\"binary\"");
    assert!(
        stderr.contains("cannot read the table labels.csv: CSV error: record 2 (line: 3"),
        "{stderr}"
    );
    fs::remove_file(home.join("labels.csv")).unwrap();
    assert!(refused("label_mode=\"binary\"").contains("cannot read the table labels.csv: No such file"));
}

#[test]
fn what_does_not_go_together_is_told_before_anything_is_read() {
    for (arguments, ending, loss, code, message) in [
        (
            "label_mode=\"float\"",
            "Dense(1)",
            "mse",
            "E0511",
            "label_mode says nothing here",
        ),
        ("x_col=\"file\"", "Dense(1)", "mse", "E0511", "x_col says nothing here"),
        (
            "labels=\"a.csv\", y_col=[\"a\", \"b\"]",
            "Dense(2)",
            "mse",
            "E0511",
            "a class is told by one column",
        ),
        (
            "labels=\"a.csv\", label_mode=None",
            "Dense(2)",
            "mse",
            "E0511",
            "exclude one another",
        ),
        (
            "labels=\"a.csv\", separator=\",\"",
            "Dense(2)",
            "mse",
            "E0511",
            "separator says nothing here",
        ),
        (
            "labels=\"a.csv\", label_mode=\"float\", y_col=[\"a\", \"b\"]",
            "Dense(3)",
            "mse",
            "E0507",
            "not of the targets' shape",
        ),
        (
            "labels=\"a.csv\", label_mode=\"float\"",
            "Dense(3)",
            "sparse_categorical_crossentropy",
            "E0507",
            "the data set has numbers",
        ),
        ("labels=[0, 1]", "Dense(2)", "mse", "E0107", "`labels` takes"),
        (
            "masks=\"m\", labels=\"a.csv\"",
            "Dense(2)",
            "mse",
            "E0511",
            "exclude one another",
        ),
        ("masks=\"m\"", "Dense(2)", "mse", "E0507", "not of the targets' shape"),
        (
            "masks=\"m\", mask_levels=[0, 1]",
            "Dense(2)",
            "mse",
            "E0511",
            "exclude one another",
        ),
        (
            "masks=\"m\", mask_mode=\"int\", mask_levels=[0, 256]",
            "Dense(2)",
            "mse",
            "E0109",
            "levels from 0 to 255",
        ),
    ] {
        let loader = format!("image_dataset_from_directory(\"p\", image_size=(8, 8), {arguments})");
        let examined = session::examine_text(Path::new("m.cnn"), &text(&loader, ending, loss, ""));
        let found = examined.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        let found = found.unwrap_or_else(|| panic!("{arguments}"));
        assert_eq!(found.code, code, "{arguments}: {found:?}");
        assert!(found.message.contains(message), "{arguments}: {found:?}");
    }
}

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
        stderr.contains("masks/4.bmp and masks/4_mask.bmp are both called as a mask of one picture"),
        "{stderr}"
    );
}
