//! The arguments and the help of `cnnc import`.

use clap::Args;
use std::path::PathBuf;

/// Make a description from a Keras script, a notebook or a trained file
///
/// A trained file gives its weights as well. A script is followed, not run: what it says by itself becomes the description,
/// and what was left out is listed at the description's end, with its lines. The exit status is 0 if `cnnc check` accepts the
/// description.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc import train.py
  cnnc import unit.ipynb -o unit.cnn
  cnnc import train.py --let num_classes=10 --input 28,28,1
  cnnc import trained.keras -o net.cnn                   net.cnn and net.safetensors
  cnnc import trained.weights.h5 --into net.cnn          the weights alone, for a network described there
  cnnc import model.safetensors --into net.cnn -o w.safetensors

Followed in a script: Sequential and Model(inputs, outputs), functions, loops and branches whose course the script itself \
determines, compile, fit, callbacks, Keras's data sets and folders of pictures; not models that are classes. Trained files: .keras and .h5 of any \
version of Keras, and .onnx; with --into also .weights.h5, and PyTorch state dicts as .safetensors, whose modules are recognised by their shapes.")]
pub struct ImportArgs {
    /// What to import: .py, .ipynb, .keras, .h5, .weights.h5 or .safetensors
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write the description, instead of standard output, with the weights beside it; with --into, where to write the
    /// weights; an existing file is never overwritten
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The description of the network that the weights are for
    #[arg(long, value_name = "FILE.cnn", conflicts_with_all = ["given", "input", "model"])]
    pub into: Option<PathBuf>,
    /// A Python value for a name in the script, instead of the one it has there; may be given several times
    #[arg(long = "let", value_name = "NAME=VALUE", value_parser = binding)]
    pub given: Vec<(String, String)>,
    /// The shape of a sample, if the script does not say it
    #[arg(long, value_name = "SIZES", value_parser = sizes)]
    pub input: Option<Sizes>,
    /// Which model to import, by its variable or its name, if the script has several
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// A shape as it can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes(pub Vec<usize>);

fn binding(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err("a name, `=` and a value are needed, as in num_classes=10".to_owned()),
    }
}

fn sizes(text: &str) -> Result<Sizes, String> {
    let sizes: Option<Vec<usize>> = text
        .trim_matches(['(', ')'])
        .split(',')
        .map(|size| size.trim().parse().ok())
        .collect();
    sizes
        .filter(|sizes| !sizes.contains(&0))
        .map(Sizes)
        .ok_or_else(|| "sizes separated by commas are needed, as in 28,28,1".to_owned())
}
