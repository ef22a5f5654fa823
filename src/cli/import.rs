//! `cnnc import`

use clap::Args;
use std::path::PathBuf;

/// Make a description of a Keras script or notebook
///
/// A script is followed, not run: what it says by itself becomes the description, and what does not is listed at the
/// description's end with its lines. The exit status is 0 where `cnnc check` accepts the description.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc import train.py
  cnnc import unit.ipynb -o unit.cnn
  cnnc import train.py --let num_classes=10 --input 28,28,1

What is followed of a script: Sequential and Model(inputs, outputs), functions, loops and branches whose course the script \
itself says, compile, fit, callbacks, Keras's data sets and folders of pictures. Models that are classes are not.")]
pub struct ImportArgs {
    /// What to import: FILE.py or FILE.ipynb
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The description to write, in place of standard output; an existing file is never overwritten
    #[arg(long, short, value_name = "FILE.cnn")]
    pub output: Option<PathBuf>,
    /// A value of Python for a name of the script, in place of what it has there; may be given several times
    #[arg(long = "let", value_name = "NAME=VALUE", value_parser = binding)]
    pub given: Vec<(String, String)>,
    /// The shape of a sample, where the script does not say it
    #[arg(long, value_name = "SIZES", value_parser = sizes)]
    pub input: Option<Sizes>,
    /// The model that is meant, by its variable or its name, where the script has several
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
        .ok_or_else(|| "sizes with commas between are needed, as in 28,28,1".to_owned())
}
