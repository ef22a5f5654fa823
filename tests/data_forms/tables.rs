//! Tables of pixels.

use super::support::{Run, SAMPLES, classifier, cnnc, level, put};
use std::fmt::Write as _;
use tempfile::TempDir;

/// A table in one of the forms that are spread: its text, what `fit` says besides, and what a run says of it.
struct Spread {
    name: &'static str,
    text: String,
    fit: &'static str,
    origin: &'static str,
    class_names: &'static [&'static str],
}

#[test]
fn tables_of_pixels_are_trained_on() {
    let row = |sample: usize, between: &str, shown: &dyn Fn(u8) -> String| {
        let cells: Vec<String> = (0..16).map(|at| shown(level(sample, at))).collect();
        cells.join(between)
    };
    let whole = |level: u8| level.to_string();
    let share = |level: u8| format!("{:.4}", f32::from(level) / 255.0);
    let names: Vec<String> = (1..=16).map(|at| format!("pixel{at}")).collect();
    let named = |shown: &dyn Fn(u8) -> String, label: &dyn Fn(usize) -> String| {
        let mut text = format!("label,{}\n", names.join(","));
        for sample in 0..SAMPLES {
            writeln!(text, "{},{}", label(sample), row(sample, ",", shown)).unwrap();
        }
        text
    };
    let number = |sample: usize| (sample % 2).to_string();
    let packed = |head: &str, usage: &dyn Fn(usize) -> &'static str| {
        let mut text = format!("{head}\n");
        for sample in 0..SAMPLES {
            writeln!(text, "{},{},{}", sample % 2, row(sample, " ", &whole), usage(sample)).unwrap();
        }
        text
    };
    let bare = named(&whole, &number)
        .lines()
        .skip(1)
        .fold(String::new(), |text, line| text + line + "\n");
    let numbered = {
        let text = named(&whole, &number);
        let lines = text.lines().enumerate();
        lines.fold(String::new(), |text, (at, line)| {
            let number = at.checked_sub(1).map_or_else(String::new, |at| at.to_string());
            text + &number + "," + line + "\n"
        })
    };
    let tables = [
        Spread {
            name: "with names of columns",
            text: named(&whole, &number),
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "without names of columns",
            text: bare,
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "as pandas writes it, with numbers of rows",
            text: numbered,
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &[],
        },
        Spread {
            name: "with shares, and names of classes",
            text: named(&share, &|sample| ["thumb", "fist"][sample % 2].to_owned()),
            fit: ", validation_split=0.25",
            origin: "24 from ",
            class_names: &["fist", "thumb"],
        },
        Spread {
            name: "with all pixels in a column, and splits",
            text: packed("emotion,pixels,Usage", &|sample| match sample {
                0..16 => "Training",
                16..20 => "PublicTest",
                _ => "PrivateTest",
            }),
            fit: "",
            origin: "16 + 4 + 4 from ",
            class_names: &[],
        },
    ];
    for table in tables {
        let home = TempDir::new().unwrap();
        let home = home.path();
        put(&home.join("table.csv"), &table.text);
        let fit = format!("data=\"table.csv\"{}", table.fit);
        let run = Run::of(home, &classifier("(4, 4, 1)", "", &fit));
        assert_eq!(run.last("val_accuracy"), Some(1.0), "{}: {:?}", table.name, run.rows);
        assert!(
            run.fact("data_origin").starts_with(table.origin),
            "{}: {}",
            table.name,
            run.fact("data_origin")
        );
        let names: Vec<&str> = run.facts["class_names"].as_array().map_or_else(Vec::new, |names| {
            names.iter().filter_map(|name| name.as_str()).collect()
        });
        assert_eq!(names, table.class_names, "{}", table.name);
        // Networks that begin with rows take the same file.
        let rows = Run::of(home, &classifier("(16,)", "", &fit));
        assert_eq!(rows.last("val_accuracy"), run.last("val_accuracy"), "{}", table.name);
    }

    // Numbers that are no classes are values to come near to.
    let home = TempDir::new().unwrap();
    let home = home.path();
    put(
        &home.join("angles.csv"),
        named(&whole, &|sample| format!("{:.2}", (sample % 2) as f32 - 0.25)),
    );
    let text = "model net {\n    Input(shape=(4, 4, 1))\n    Flatten()\n    Dense(1)\n}\ncompile(optimizer=Adam(0.05), loss=\"mse\")\n\
                fit(data=\"angles.csv\", epochs=60)\n";
    let run = Run::of(home, text);
    assert!(run.last("loss").unwrap() < 0.05, "{:?}", run.rows.last());
}

#[test]
fn tables_that_are_no_pixels_are_refused_at_their_line() {
    for (text, message) in [
        (
            "label,a,b\n1,2,3\n0,2\n",
            "found record with 2 fields, but the previous record has 3 fields",
        ),
        (
            "label,a,b\n1,2,3\n0,2,x\n",
            "(line 3): expected a number for each pixel",
        ),
        (
            "label,a,b\n1,2,3\n0,2,nan\n",
            "(line 3): expected a number for each pixel",
        ),
        (
            "label,a,b\n1,2,3\n,2,4\n",
            "(line 3): expected a label, found an empty cell",
        ),
        (
            "filename,label\ncat.png,cat\n",
            "labels=\"FILE.csv\": image_dataset_from_directory, flow_from_dataframe), found \"cat.png\"",
        ),
        (
            "pixel0,pixel1\n1,2\n",
            "expected a column called label or class and columns of pixels, or one called pixels, found the columns pixel0, pixel1",
        ),
        (
            "emotion,pixels\n1,2 3 4\n0,2 3\n",
            "(line 3): expected 3 pixels, as in the first row, found 2",
        ),
        (
            "emotion,pixels,Usage\n1,2 3 4,Holdout\n",
            "(line 2): expected Training, PublicTest or PrivateTest (or train, validation or test), found \"holdout\"",
        ),
        (
            "emotion,pixels,Usage\n1,2 3 4,PublicTest\n",
            "expected rows of pixels to train on, found none",
        ),
        ("label,a,b\n", "expected rows of pixels to train on, found none"),
        ("", "expected a column called label or class"),
    ] {
        let home = TempDir::new().unwrap();
        put(&home.path().join("table.csv"), text);
        put(
            &home.path().join("net.cnn"),
            classifier("(2,)", "", "data=\"table.csv\""),
        );
        let (status, stderr) = cnnc(home.path(), &["run", "net.cnn", "--device", "cpu"]);
        assert_eq!(status, 1, "{text}\n{stderr}");
        assert!(stderr.contains(message), "{text}\n{stderr}");
    }
}
