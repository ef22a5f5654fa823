//! What is said of phases, and of what makes no sense in them.

use crate::support::{TEXT, cnnc, text};
use cnnc::session::examine_text;
use std::fs;
use std::path::Path;

#[test]
fn what_makes_no_sense_is_said_at_its_place() {
    let model = TEXT.split("freeze").next().unwrap();
    let compile = "compile(loss=SparseCategoricalCrossentropy(from_logits=True))";
    let loader =
        |mode: &str| format!("image_dataset_from_directory(\"a\", image_size=(6, 6), color_mode=\"grayscale\"{mode})");
    for (text, code, place) in [
        (format!("fit(epochs=2)\n{compile}\n"), "E0240", "fit"),
        (format!("{compile}\nfit()\n{compile}\n"), "W0241", "compile"),
        (format!("{compile}\n{compile}\nfit()\n"), "E0211", "compile"),
        (format!("{compile}\nfit()\nthaw(\"a\")\nfit()\n"), "E0233", "thaw"),
        (
            format!("{compile}\nfit()\nfreeze(\"x\")\n{compile}\nfit()\n"),
            "E0232",
            "\"x\"",
        ),
        (
            format!("{compile}\nfit(data=\"a/\")\nfit(data=\"b/\")\n"),
            "E0242",
            "\"b/\"",
        ),
        (
            format!("{compile}\nfit(data=\"a/\")\nfit(data=\"a/\", validation_split=0.5)\n"),
            "E0242",
            "0.5",
        ),
        (
            format!("{compile}\nfit(targets=\"input\")\nfit(targets=\"labels\", data=\"a/\")\n"),
            "E0242",
            "\"labels\"",
        ),
        (
            format!("{compile}\nfit(epochs=2)\nfit(epochs=2, initial_epoch=2)\n"),
            "E0411",
            "initial_epoch=2",
        ),
        (
            format!(
                "{compile}\nfit({})\nfit({})\n",
                loader(""),
                loader(", interpolation=\"area\"")
            ),
            "E0242",
            "image",
        ),
        (
            format!("{compile}\nfit(callbacks=[])\nfit(callbacks=[EarlyStopping(monitor=\"val_x\")])\n"),
            "E0428",
            "EarlyStopping",
        ),
        (
            format!("{compile}\nfit()\ncompile(loss=\"nothing\")\nfit()\n"),
            "E0402",
            "\"nothing\"",
        ),
    ] {
        let text = format!("{model}{text}");
        let examined = examine_text(Path::new("small.cnn"), &text);
        let found: Vec<_> = examined.diagnostics.iter().map(|one| one.code).collect();
        let Some(one) = examined.diagnostics.iter().find(|one| one.code == code) else {
            panic!("{code}: {found:?} of {text}");
        };
        let span = one.labels[0].span;
        let at = &text[span.start as usize..];
        assert!(at.contains(place), "{code}: {at}");
    }
    // What is right.
    for text in [
        format!("{compile}\nfit(epochs=10)\nfit(epochs=20, initial_epoch=10)\n"),
        format!(
            "train = {}\nvalid = {}\n{compile}\nfit(train)\nfit(train, validation_data=valid)\n",
            loader(""),
            loader("")
        ),
        format!("{compile}\nfit({})\nfit({})\n", loader(""), loader(", batch_size=4")),
        "fit(epochs=2)\nfreeze(\"a\")\n".to_owned(),
    ] {
        let text = format!("{model}{text}");
        let examined = examine_text(Path::new("small.cnn"), &text);
        assert!(!examined.failed(), "{text}: {:?}", examined.diagnostics);
    }
}

#[test]
fn explanations_and_checks_speak_of_every_phase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.cnn");
    fs::write(&path, TEXT).unwrap();
    let said = |arguments: &[&str]| {
        let output = cnnc(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    // a 40, bn 8 and 8 that never train, d 195.
    let verbose = said(&["check", "--verbose", text(&path)]);
    for line in [
        "Phase 1/3: 203 of 251",
        "Phase 2/3: 235 of 251",
        "Phase 3/3: 235 of 251",
    ] {
        assert!(verbose.contains(line), "{verbose}");
    }
    let explained = said(&["explain", text(&path), "--format", "markdown"]);
    let words = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "Phase 1: 203 of 251 parameters train, 5 epochs of batches of 8 pictures with Adam from its beginning.",
        "Phase 3: 235 of 251 parameters train, 2 epochs of batches of 8 pictures, going on with the optimizer.",
    ] {
        assert!(words.contains(sentence), "{words}");
    }
    let ir = said(&["emit", "ir", text(&path)]);
    let ir: serde_yaml::Value = serde_yaml::from_str(&ir).unwrap();
    let phases = ir["phases"].as_sequence().unwrap();
    assert_eq!(phases.len(), 2);
    assert_eq!(phases[0]["frozen"][0].as_str(), Some("bn"));
    assert!(phases[0]["compile"].is_mapping() && phases[1]["compile"].is_null());
}
