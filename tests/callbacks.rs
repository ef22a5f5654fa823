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
}
