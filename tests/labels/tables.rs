//! What pictures are where a table says it: classes, several labels and numbers.

use super::support::{TABLE, cnnc, pictures, text, train};
use cnnc::session;
use image::{Rgb, RgbImage};
use runtime::data::Keeping;
use runtime::loading::{self, Part, Places};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

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
