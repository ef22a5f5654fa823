//! What networks are trained on that is no class number: numbers, several labels, one-hot rows, the samples themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use npyz::WriterBuilder;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Writes an array of floats into an archive, as NumPy's `savez` does.
fn entry(archive: &mut ZipWriter<File>, name: &str, shape: &[u64], values: &[f32]) {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::<f32>::new()
        .default_dtype()
        .shape(shape)
        .writer(&mut bytes)
        .begin_nd()
        .unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file(name, stored).unwrap();
    archive.write_all(&bytes).unwrap();
}

/// A data set of 64 samples of four values, and what `target` says of each.
fn data(home: &Path, shape: &[u64], target: impl Fn(&[f32]) -> Vec<f32>) {
    let samples: Vec<[f32; 4]> = (0..64)
        .map(|sample| std::array::from_fn(|value| ((sample * 7 + value * 13) % 17) as f32 / 17.0))
        .collect();
    let mut archive = ZipWriter::new(File::create(home.join("data.npz")).unwrap());
    entry(&mut archive, "x_train.npy", &[64, 4], &samples.concat());
    let targets: Vec<f32> = samples.iter().flat_map(|sample| target(sample)).collect();
    entry(&mut archive, "y_train.npy", &[&[64], shape].concat(), &targets);
    archive.finish().unwrap();
}

/// Trains on `device`; the losses of the epochs, or what was said of it.
fn train(home: &Path, device: &str, layers: &str, compile: &str, fit: &str) -> Result<Vec<f64>, String> {
    let text = format!(
        "model net {{\n    Input(shape=(4,))\n{layers}\n}}\ncompile({compile})\nfit(data=\"./data.npz\", epochs=12{fit})\n"
    );
    std::fs::write(home.join("net.cnn"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(["run", "net.cnn", "--out", "run", "--device", device, "--quiet"])
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let history = std::fs::read_to_string(home.join("run/history.csv")).unwrap();
    let mut lines = history.lines();
    let loss = lines
        .next()
        .unwrap()
        .split(',')
        .position(|name| name == "loss")
        .unwrap();
    Ok(lines
        .map(|line| line.split(',').nth(loss).unwrap().parse().unwrap())
        .collect())
}

/// The shape of a target, what it is of a sample, layers, loss, more for `fit`, and how small the loss gets.
type Case<'a> = (
    &'a [u64],
    &'a dyn Fn(&[f32]) -> Vec<f32>,
    &'a str,
    &'a str,
    &'a str,
    f64,
);

#[test]
fn every_kind_of_target_is_learnt() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let sum = |sample: &[f32]| vec![sample.iter().sum::<f32>() - 1.5];
    let labels = |sample: &[f32]| {
        sample
            .iter()
            .take(3)
            .map(|&value| f32::from(u8::from(value > 0.4)))
            .collect()
    };
    let one_hot = |sample: &[f32]| {
        let class = usize::from(sample[0] > 0.3) + usize::from(sample[0] > 0.6);
        (0..3).map(|at| f32::from(u8::from(at == class))).collect()
    };
    let yes = |sample: &[f32]| vec![f32::from(u8::from(sample[0] > 0.5))];
    let adam = "optimizer=Adam(0.05), loss=";
    let cases: [Case<'_>; 6] = [
        // The output is a view of a map of one channel.
        (
            &[4],
            &|sample| sample.iter().map(|value| value * 0.5).collect(),
            "    Reshape((2, 2, 1))\n    Conv2D(1, 3, padding='same')\n    Flatten()",
            "'mse'",
            "",
            0.8,
        ),
        (
            &[],
            &sum,
            "    Dense(8, activation='tanh')\n    Dense(1)",
            "'mse', metrics=['accuracy']",
            "",
            0.2,
        ),
        (
            &[3],
            &labels,
            "    Dense(3, activation='sigmoid')",
            "'binary_crossentropy'",
            "",
            0.8,
        ),
        (
            &[3],
            &one_hot,
            "    Dense(3, activation='softmax')",
            "'categorical_crossentropy', metrics=['acc']",
            "",
            0.8,
        ),
        (
            &[1],
            &yes,
            "    Dense(1, activation='sigmoid')",
            "'binary_crossentropy', metrics=['accuracy']",
            "",
            0.7,
        ),
        (
            &[1],
            &yes,
            "    Dense(8, activation='relu')\n    Dense(4)",
            "Huber()",
            ", targets='input'",
            0.5,
        ),
    ];
    for (shape, target, layers, loss, fit, most) in cases {
        data(home, shape, target);
        let losses = train(home, "cpu", layers, &format!("{adam}{loss}"), fit).unwrap();
        let (first, last) = (losses[0], losses[losses.len() - 1]);
        assert!(last < most * first, "{loss}: {losses:?}");
        let again = train(home, "cpu", layers, &format!("{adam}{loss}"), fit).unwrap();
        assert_eq!(losses, again, "{loss}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    data(home, &[], |sample| vec![sample[0]]);
    let refused =
        |layers: &str, loss: &str, fit: &str| train(home, "cpu", layers, &format!("loss={loss}"), fit).unwrap_err();
    let text = refused("    Dense(3)", "SparseCategoricalCrossentropy(from_logits=True)", "");
    assert!(
        text.contains("error[E0507]: the loss takes class numbers, the data set has none"),
        "{text}"
    );
    let text = refused("    Dense(3)", "'mse'", "");
    assert!(
        text.contains("error[E0507]: the output is not of the targets' shape"),
        "{text}"
    );
    let text = refused("    Dense(3)", "'mse'", ", targets='input'");
    assert!(
        text.contains("error[E0507]: the outputs cannot be compared with the samples"),
        "{text}"
    );
    let text = refused("    Dense(32)\n    Reshape((4, 4, 2))", "'mse'", ", targets='input'");
    assert!(text.contains("error[E0507]"), "{text}");
    data(home, &[3], |_| vec![0.0, 0.0, 1.0]);
    let text = refused("    Dense(1, activation='sigmoid')", "'binary_crossentropy'", "");
    assert!(text.contains("error[E0504]"), "{text}");
}
