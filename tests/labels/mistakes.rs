//! What is wrong with a table, or does not go with it, is told at its place.

use super::support::{TABLE, cnnc, pictures, text, train};
use cnnc::session;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

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
        stderr.contains("labels.csv has 24 classes, and binary labels have two"),
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
            "label_mode has no effect here",
        ),
        ("x_col=\"file\"", "Dense(1)", "mse", "E0511", "x_col has no effect here"),
        (
            "labels=\"a.csv\", y_col=[\"a\", \"b\"]",
            "Dense(2)",
            "mse",
            "E0511",
            "classes are read from one column",
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
            "separator has no effect here",
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
