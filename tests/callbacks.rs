//! Callbacks of `fit` through the command line: what Keras does with the same metrics, and the same bits after a kill.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn cnnc(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap()
}

/// Two clouds of points, and labels of which some are wrong, so that losses go up and down.
fn data(home: &Path) {
    let folder = home.join("sets");
    std::fs::create_dir_all(&folder).unwrap();
    let idx = |magic: u32, sizes: &[u32], bytes: &[u8]| {
        let head = std::iter::once(magic).chain(sizes.iter().copied());
        head.flat_map(u32::to_be_bytes)
            .chain(bytes.iter().copied())
            .collect::<Vec<u8>>()
    };
    for (split, count) in [("train", 96_usize), ("t10k", 40)] {
        let mut state = count as u64;
        let mut draw = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let label = draw(2);
            pixels.extend((0..9).map(|_| (draw(160) + label * 60) as u8));
            labels.push(if draw(5) == 0 { 1 - label } else { label } as u8);
        }
        let images = idx(0x803, &[count as u32, 3, 3], &pixels);
        std::fs::write(folder.join(format!("{split}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(
            folder.join(format!("{split}-labels-idx1-ubyte")),
            idx(0x801, &[count as u32], &labels),
        )
        .unwrap();
    }
}

fn write(home: &Path, name: &str, epochs: usize, callbacks: &str) {
    let text = format!(
        "model net {{\n    Input(shape=(3, 3, 1))\n    Flatten()\n    Dense(16, activation='tanh')\n    Dense(2)\n}}\n\
         compile(optimizer=SGD(0.9, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n\
         fit(data='./sets/', epochs={epochs}, batch_size=8, callbacks=[{callbacks}])\n"
    );
    std::fs::write(home.join(name), text).unwrap();
}

fn run(home: &Path, name: &str, out: &str, more: &[&str]) {
    let mut arguments = vec!["run", name, "--out", out, "--device", "cpu", "--quiet"];
    arguments.extend(more);
    let output = cnnc(home, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The columns of a run's history.
fn history(home: &Path, out: &str) -> Vec<(f64, Option<f64>)> {
    let text = std::fs::read_to_string(home.join(out).join("history.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| names.iter().position(|known| *known == name);
    let (loss, rate) = (at("val_loss").unwrap(), at("learning_rate"));
    lines
        .map(|line| {
            let values: Vec<f64> = line.split(',').map(|value| value.parse().unwrap()).collect();
            (values[loss], rate.map(|rate| values[rate]))
        })
        .collect()
}

fn weights(home: &Path, path: &str) -> Vec<u8> {
    std::fs::read(home.join(path)).unwrap()
}

#[test]
fn training_ends_when_nothing_gets_better_and_the_best_weights_come_back() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    write(home, "plain.cnn", 40, "");
    run(home, "plain.cnn", "plain", &[]);
    let all = history(home, "plain");
    // Keras's rule, from the losses of a run that nothing ended.
    let (mut best, mut best_epoch, mut wait, mut last) = (f64::INFINITY, 0, 0, all.len());
    for (epoch, (loss, _)) in all.iter().enumerate() {
        wait += 1;
        if *loss < best {
            (best, best_epoch, wait) = (*loss, epoch, 0);
        } else if wait >= 3 {
            last = epoch + 1;
            break;
        }
    }
    assert!(
        last < all.len() && best_epoch + 1 < last,
        "the case ends early: {all:?}"
    );
    let stopping = "EarlyStopping(patience=3, restore_best_weights=True), \
                    ModelCheckpoint('kept/best.safetensors', save_best_only=True), \
                    ModelCheckpoint('kept/{epoch:02d}.safetensors'), CSVLogger('log.tsv', separator=';')";
    write(home, "stops.cnn", 40, stopping);
    run(home, "stops.cnn", "stops", &[]);
    assert_eq!(history(home, "stops"), all[..last]);
    let kept = weights(home, "stops/kept/best.safetensors");
    assert_eq!(
        kept,
        weights(home, &format!("stops/kept/{:02}.safetensors", best_epoch + 1))
    );
    assert_eq!(kept, weights(home, "stops/weights.safetensors"));
    assert!(!home.join(format!("stops/kept/{:02}.safetensors", last + 1)).exists());
    let log = std::fs::read_to_string(home.join("stops/log.tsv")).unwrap();
    let table = std::fs::read_to_string(home.join("stops/history.csv")).unwrap();
    assert_eq!(log.replace(';', ","), table);
    // What is over stays over.
    run(home, "stops.cnn", "stops", &["--resume"]);
    assert_eq!(history(home, "stops"), all[..last]);
    assert_eq!(kept, weights(home, "stops/weights.safetensors"));
}

#[test]
fn a_plateau_reduces_the_learning_rate() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    write(
        home,
        "net.cnn",
        12,
        "ReduceLROnPlateau(factor=0.5, patience=1, cooldown=1, min_lr=0.2)",
    );
    run(home, "net.cnn", "run", &[]);
    let rows = history(home, "run");
    let (mut rate, mut best, mut wait, mut cooldown) = (0.9_f32, f64::INFINITY, 0, 0);
    for (epoch, (loss, found)) in rows.iter().enumerate() {
        assert_eq!(*found, Some(f64::from(rate)), "epoch {epoch}: {rows:?}");
        if cooldown > 0 {
            cooldown -= 1;
            wait = 0;
        }
        if loss + 1e-4 < best {
            (best, wait) = (*loss, 0);
        } else if cooldown == 0 {
            wait += 1;
            if wait >= 1 && rate > 0.2 {
                rate = (f64::from(rate) * 0.5).max(0.2) as f32;
                (cooldown, wait) = (1, 0);
            }
        }
    }
    assert!(rate < 0.5, "the case reduces it: {rows:?}");
}

#[test]
fn a_run_in_parts_remembers_what_callbacks_saw() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    let callbacks = "ReduceLROnPlateau(factor=0.5, patience=1), EarlyStopping(patience=6)";
    write(home, "net.cnn", 24, callbacks);
    run(home, "net.cnn", "whole", &[]);
    // The number of epochs is no part of what a run is: it is resumed with more of them.
    for epochs in ["2", "5", "6", "24"] {
        let more: &[&str] = if epochs == "2" {
            &["--epochs", epochs]
        } else {
            &["--epochs", epochs, "--resume"]
        };
        run(home, "net.cnn", "parts", more);
    }
    assert_eq!(history(home, "whole"), history(home, "parts"));
}

#[test]
fn a_loss_that_is_no_number_ends_training() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    write(home, "net.cnn", 6, "TerminateOnNaN()");
    let text = std::fs::read_to_string(home.join("net.cnn"))
        .unwrap()
        .replace("SGD(0.9", "SGD(1e38");
    std::fs::write(home.join("net.cnn"), text).unwrap();
    run(home, "net.cnn", "run", &[]);
    let table = std::fs::read_to_string(home.join("run/history.csv")).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
    // As in Keras, the epoch is still validated.
    assert!(table.contains("val_loss") && !table.contains("NA"), "{table}");
}

#[test]
fn a_scheduler_sets_the_learning_rate_of_each_epoch() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    let callbacks = "ReduceLROnPlateau(factor=0.5, patience=1), LearningRateScheduler(ExponentialDecay(0.25, 1, 0.5))";
    write(home, "net.cnn", 5, callbacks);
    run(home, "net.cnn", "run", &[]);
    let rates: Vec<f64> = history(home, "run").iter().map(|row| row.1.unwrap()).collect();
    // A plateau may halve the rate at an epoch's end; the schedule sets it again.
    for (rate, set) in rates.iter().zip([0.25, 0.125, 0.0625, 0.031_25, 0.015_625]) {
        assert!(
            (rate - set).abs() < 1e-9 || (rate - set / 2.0).abs() < 1e-9,
            "{rates:?}"
        );
    }
    // The same as a schedule of the optimizer, which is a function of the step: twelve an epoch.
    write(
        home,
        "set.cnn",
        5,
        "LearningRateScheduler(ExponentialDecay(0.25, 1, 0.5))",
    );
    run(home, "set.cnn", "set", &[]);
    write(home, "steps.cnn", 5, "");
    let text = std::fs::read_to_string(home.join("steps.cnn"))
        .unwrap()
        .replace("SGD(0.9", "SGD(ExponentialDecay(0.25, 12, 0.5, staircase=True)");
    std::fs::write(home.join("steps.cnn"), text).unwrap();
    run(home, "steps.cnn", "steps", &[]);
    let weights = |out: &str| weights(home, &format!("{out}/weights.safetensors"));
    assert_eq!(weights("set"), weights("steps"));
}

/// The tags, steps and values of a file of events, read as its format says.
fn events(path: &Path) -> Vec<(String, u64, f32)> {
    let bytes = std::fs::read(path).unwrap();
    let (mut at, mut events) = (0, Vec::new());
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let data = &bytes[at + 12..at + 12 + length];
        at += length + 16;
        let fields = message(data);
        let Some((_, Field::Bytes(summary))) = fields.iter().find(|field| field.0 == 5) else {
            assert!(matches!(fields[1], (3, Field::Bytes(version)) if version == b"brain.Event:2"));
            continue;
        };
        let step = fields.iter().find_map(|field| {
            if let (2, Field::Number(step)) = field {
                Some(*step)
            } else {
                None
            }
        });
        let value = message(bytes_of(&message(summary), 1));
        let tensor = message(bytes_of(&value, 8));
        let number = f32::from_le_bytes(bytes_of(&tensor, 5).try_into().unwrap());
        let tag = String::from_utf8(bytes_of(&value, 1).to_vec()).unwrap();
        events.push((tag, step.unwrap_or(0), number));
    }
    events
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message by number.
fn message(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut number = 0;
        for place in 0.. {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                break;
            }
        }
        number
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let size = match key & 7 {
            0 => {
                fields.push((key >> 3, Field::Number(varint(&mut bytes))));
                continue;
            }
            1 => 8,
            2 => varint(&mut bytes) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, Field::Bytes(&bytes[..size])));
        bytes = &bytes[size..];
    }
    fields
}

fn bytes_of<'a>(fields: &[(u64, Field<'a>)], number: u64) -> &'a [u8] {
    let found = fields.iter().find_map(|field| match field {
        (found, Field::Bytes(bytes)) if *found == number => Some(*bytes),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn tensor_board_gets_every_point_once() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    write(home, "net.cnn", 4, "TensorBoard('logs/net/', write_graph=False)");
    for epochs in ["2", "4"] {
        let more: &[&str] = if epochs == "2" {
            &["--epochs", epochs]
        } else {
            &["--resume"]
        };
        run(home, "net.cnn", "run", more);
    }
    let folder = home.join("run/logs/net");
    let file = |split: &str| folder.join(split).join("events.out.tfevents.0.cnnc.v2");
    let text = std::fs::read_to_string(home.join("run/history.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (epoch, line) in lines.enumerate() {
        let mut later = Vec::new();
        for (name, value) in names.iter().zip(line.split(',')).skip(1) {
            let value = value.parse::<f64>().unwrap() as f32;
            if let Some(name) = name.strip_prefix("val_") {
                validation.push((
                    format!("evaluation_{name}_vs_iterations"),
                    12 * (epoch as u64 + 1),
                    value,
                ));
                later.push((format!("epoch_{name}"), epoch as u64, value));
            } else {
                train.push((format!("epoch_{name}"), epoch as u64, value));
            }
        }
        validation.extend(later);
        train.push(("epoch_learning_rate".to_owned(), epoch as u64, 0.9));
    }
    assert_eq!(train.len(), 12);
    assert_eq!(events(&file("train")), train);
    assert_eq!(events(&file("validation")), validation);
    // TensorFlow's own reader, where it is installed: with the interpreter that the environment names.
    let Some(python) = std::env::var_os("CNNC_TEST_TENSORFLOW") else {
        return;
    };
    let script = "import sys, tensorflow as tf\n\
                  for event in tf.compat.v1.train.summary_iterator(sys.argv[1]):\n\
                  \x20   for value in event.summary.value:\n\
                  \x20       assert value.metadata.plugin_data.plugin_name == 'scalars'\n\
                  \x20       print(value.tag, event.step, float(tf.make_ndarray(value.tensor)))\n";
    for (split, expected) in [("train", train), ("validation", validation)] {
        let output = Command::new(&python)
            .args(["-c", script])
            .arg(file(split))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read: Vec<(String, u64, f32)> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let value: f64 = words[2].parse().unwrap();
                (words[0].to_owned(), words[1].parse().unwrap(), value as f32)
            })
            .collect();
        assert_eq!(read, expected);
    }
}

/// Without shuffling, an epoch of four steps of eight samples, then one of eight, is two passes in any parts.
#[test]
fn epochs_of_some_steps_go_on_where_the_last_one_ended() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home);
    write(home, "whole.cnn", 2, "");
    let text = std::fs::read_to_string(home.join("whole.cnn")).unwrap();
    let parts = text
        .replace("epochs=2", "epochs=6, steps_per_epoch=4, validation_steps=3, verbose=2")
        .replace("model net", "model parts");
    std::fs::write(home.join("parts.cnn"), parts).unwrap();
    run(home, "whole.cnn", "whole", &[]);
    run(home, "parts.cnn", "parts", &[]);
    let weights = |out: &str| weights(home, &format!("{out}/weights.safetensors"));
    assert_eq!(weights("whole"), weights("parts"));
    assert_eq!(history(home, "parts").len(), 6);
    let uneven = text.replace("epochs=2", "epochs=2, steps_per_epoch=5, verbose=0");
    std::fs::write(home.join("uneven.cnn"), uneven).unwrap();
    let output = cnnc(home, &["run", "uneven.cnn", "--out", "uneven", "--device", "cpu"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("steps_per_epoch=5 does not divide the 12 batches"),
        "{said}"
    );
    assert!(!said.contains("Epoch 1/2"), "{said}");
}
