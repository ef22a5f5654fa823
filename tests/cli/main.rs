//! The real binary: exit statuses, what goes to which stream, and what each command prints.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use std::path::Path;
use std::process::{Command, Output};

/// A snapshot without the expression that made it.
macro_rules! assert_text {
    ($name:expr, $text:expr) => {
        insta::with_settings!(
            { omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" },
            { insta::assert_snapshot!(format!("cli__{}", $name), $text) }
        )
    };
}

mod check;
mod emit;
mod help;
mod start;
mod streams;

const SPECS: [&str; 17] = [
    "mnist_onelayer",
    "mnist_pyramid",
    "mnist_pyramid_average",
    "mnist_mlp",
    "lenet",
    "mnist_tiny",
    "mobilenet_fashion",
    "autoencoder_fashion",
    "cifar10_small_vgg",
    "resnet8_cifar10",
    "resnet20_cifar10",
    "photos",
    "cats_and_dogs",
    "regression_angles",
    "transfer_flowers",
    "unet_masks",
    "siamese_digits",
];

/// Those whose layers are all their own: what is printed of an application is too long to be read.
const SHORT: [&str; 16] = [
    "mnist_onelayer",
    "mnist_pyramid",
    "mnist_pyramid_average",
    "mnist_mlp",
    "lenet",
    "mnist_tiny",
    "mobilenet_fashion",
    "autoencoder_fashion",
    "cifar10_small_vgg",
    "resnet8_cifar10",
    "resnet20_cifar10",
    "photos",
    "cats_and_dogs",
    "regression_angles",
    "unet_masks",
    "siamese_digits",
];

/// The binary in the repository's folder, where nothing of the caller's terminal reaches it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().expect("an exit status, not a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn cnnc(arguments: &[&str]) -> Ran {
    ran(command(arguments).output().unwrap())
}

/// Runs what must succeed and gives its standard output.
fn stdout(arguments: &[&str]) -> String {
    let ran = cnnc(arguments);
    assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.stderr);
    ran.stdout
}

fn spec(name: &str) -> String {
    format!("specs/{name}.cnn")
}

fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Both streams of a failure, for a snapshot; the folder's own name does not belong there.
fn failure(ran: &Ran, folder: &Path) -> String {
    let text = format!(
        "status {}\n---- stdout\n{}---- stderr\n{}",
        ran.status, ran.stdout, ran.stderr
    );
    text.replace(folder.to_str().unwrap(), "FOLDER")
}

const BROKEN: &str = "model deep {
    Input(shape=(28, 28, 1))
    Conv2D(8, 5, activation=\"relu\")
    MaxPooling2D(4)
    Conv2D(16, 7)
    Flatten()
    Dense(10)
}
";
