//! Networks of thousands of layers: four times as many take some four times as long, whatever is asked about them.

#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Convolutions with and without a relu, pools, normalizations and branches, so many layers in all.
fn description(layers: usize) -> String {
    let mut text = "model deep {\n    Input(shape=(8, 8, 4))\n".to_owned();
    let groups = [
        "a0 = Conv2D(4, 3, padding='same', activation='relu')",
        "BatchNormalization()",
        "Activation('tanh')",
        "Conv2D(4, 1)",
        "MaxPooling2D(2, strides=1, padding='same')",
        "a1 = Conv2D(4, 3, padding='same', activation='relu')",
        "Add()([a0, a1])",
        "ReLU()",
    ];
    for index in 0..layers - 3 {
        let group = groups[index % groups.len()];
        let own = group.replace("a0", &format!("a{index}_0", index = index / groups.len()));
        let own = own.replace("a1", &format!("a{index}_1", index = index / groups.len()));
        writeln!(text, "    {own}").unwrap();
    }
    text + "    Flatten()\n    Dense(3)\n}\ncompile(optimizer='adam', loss=SparseCategoricalCrossentropy(from_logits=True))\n"
}

/// The shortest of several times.
fn seconds(folder: &Path, arguments: &[&str], layers: usize) -> f64 {
    let file = format!("deep{layers}.cnn");
    std::fs::write(folder.join(&file), description(layers)).unwrap();
    let once = |_| {
        let begun = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
        let output = command.args(arguments).arg(&file).current_dir(folder).output().unwrap();
        let took = begun.elapsed();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        took
    };
    (0..3).map(once).min().unwrap_or(Duration::MAX).as_secs_f64()
}

#[test]
fn whatever_is_asked_takes_time_in_proportion_to_the_layers() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        ["check"].as_slice(),
        &["check", "--verbose"],
        &["explain"],
        &["emit", "ir"],
        &["emit", "plan"],
        &["emit", "wgsl"],
    ] {
        let [few, many] = [1000, 4000].map(|layers| seconds(folder.path(), arguments, layers));
        // Four times, if not for the machine's own noise; sixteen where each layer looks at every other.
        assert!(
            many < 9.0 * few.max(0.05),
            "{arguments:?}: {few:.2} s, then {many:.2} s"
        );
    }
}
