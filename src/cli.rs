//! What can be typed: commands, their arguments and their help.

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use compiler::network::KnownData;
use compiler::resolve::settings::{MOST_EPOCHS, MOST_SAMPLES_A_STEP};
use compiler::tiling::DeviceClass;
use std::path::PathBuf;

/// Compile and train small convolutional networks
///
/// A network, its loss and its training are described in one text file, in a language like Keras's. cnnc checks it,
/// compiles it to hand-written WGSL kernels and trains it on any GPU, or on the CPU.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
#[command(after_help = "\
Start with:
  cnnc new digits.cnn --from mnist_pyramid
  cnnc check digits.cnn
  cnnc run digits.cnn

Exit status: 0 done; 1 the description, the data or the run is at fault;
2 the command line is wrong. Results go to standard output, messages to standard
error; NO_COLOR turns colours off.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(CheckArgs),
    Run(RunArgs),
    Eval(EvalArgs),
    Predict(PredictArgs),
    Bench(BenchArgs),
    Emit(EmitArgs),
    New(NewArgs),
    /// List what can run a network here, and which one `--device auto` takes
    #[command(after_help = "\
Examples:
  cnnc devices
  cnnc run digits.cnn --device gpu       the best GPU, a software one included
  cnnc run digits.cnn --device llvmpipe  the first one with `llvmpipe` in its name")]
    Devices,
    Data(DataArgs),
}

/// Check descriptions and print Keras's summary of each
///
/// Everything is checked: names, arguments, shapes, the loss against the output, the network against its data set. No
/// data are read and no device is opened. Where a description is wrong, the summary ends before the layer that fails.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc check digits.cnn
  cnnc check specs/*.cnn
  cnnc check digits.cnn --verbose
  cnnc check digits.cnn --format json

One file gives one JSON object; several give one array, where each object says its `file` first. A description that is
wrong has its layers down to the one that fails, totals of null, and the errors under `diagnostics`.")]
pub struct CheckArgs {
    /// The descriptions
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print the summary
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
    /// Add what the network costs: multiply-adds, receptive fields, memory by batch size, kernels of a step
    #[arg(long, short)]
    pub verbose: bool,
}

/// Train the network of a description
///
/// Prints progress as Keras does, and writes a run directory: weights.safetensors, history.csv and run.yaml. Ctrl-C
/// finishes the step under way and writes what there is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc run digits.cnn
  cnnc run digits.cnn --epochs 10 --seed 1 --out runs/seed1
  cnnc run digits.cnn --data fashion-mnist
  cnnc run digits.cnn --data ~/pictures.npz --device gpu
  cnnc run digits.cnn --epochs 20 --resume")]
pub struct RunArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Train on this instead of the description's data: a known name (see `cnnc data list`) or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Begin with these weights instead of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub weights: Option<PathBuf>,
    /// Passes over the training data, instead of the description's
    #[arg(long, value_name = "N", value_parser = epochs)]
    pub epochs: Option<usize>,
    /// Samples of a step, instead of the description's
    #[arg(long, value_name = "N", value_parser = batch_size)]
    pub batch_size: Option<usize>,
    /// Where all randomness starts, instead of the description's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// What to train on: auto, gpu, cpu, or a part of a device's name (see `cnnc devices`)
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// The run directory [default: runs/ and the model's name]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on where the run directory's run ended
    #[arg(long)]
    pub resume: bool,
    /// Print no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Measure loss and metrics on the test split
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc eval digits.cnn --weights runs/mnist_pyramid/weights.safetensors
  cnnc eval digits.cnn --weights weights.safetensors --data ./t10k --format json")]
pub struct EvalArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// Measure on this instead of the description's data: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// What to run on: auto, gpu, cpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// Samples of a step, instead of the description's
    #[arg(long, value_name = "N", value_parser = batch_size)]
    pub batch_size: Option<usize>,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
}

/// Run a trained network on pictures or arrays
///
/// Prints the class and its probability for each sample.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc predict digits.cnn --weights runs/mnist_pyramid/weights.safetensors --input seven.png
  cnnc predict digits.cnn --weights weights.safetensors --input x.npy --output y.npy

A picture (PNG or JPEG) is resized to the network's input. An array is float32 or uint8 of shape (samples, height, width,
channels); uint8 is scaled by 1/255, float32 is taken as it is.")]
pub struct PredictArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// A picture (.png, .jpg) or an array of samples (.npy)
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Write the network's raw output here, as float32
    #[arg(long, value_name = "FILE.npy")]
    pub output: Option<PathBuf>,
    /// What to run on: auto, gpu, cpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}

/// Measure how fast a network trains and predicts here
///
/// For each device and batch size: seconds an epoch, samples and floating-point operations a second, the time of each
/// operation of a step, peak memory; for each device, how long a prediction takes. Nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc bench digits.cnn
  cnnc bench digits.cnn --device cpu,gpu --batch-size 1,32,128
  cnnc bench digits.cnn --data fashion-mnist --epochs 3 --format json

Where the description's data set is not on this machine, samples of its shape are made up. The first step, in which a
device compiles its kernels, is measured apart. An epoch that --seconds breaks off is scaled up.")]
pub struct BenchArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to run on, with commas between: auto, gpu, cpu, or parts of devices' names
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "auto")]
    pub device: Vec<String>,
    /// Samples of a step, with commas between, instead of the description's
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = batch_size)]
    pub batch_size: Vec<usize>,
    /// Train whole epochs, this many
    #[arg(long, value_name = "N", value_parser = epochs, conflicts_with = "seconds")]
    pub epochs: Option<usize>,
    /// Train for about this long
    #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
    /// Train on this instead of the description's data: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Use only the first samples of the data set, this many
    #[arg(long, value_name = "N", value_parser = samples)]
    pub samples: Option<usize>,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
}

/// Show what the compiler makes of a description, at each of its stages
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc emit ir digits.cnn               every default filled in
  cnnc emit plan digits.cnn             the operations of a training step and the memory between them
  cnnc emit wgsl digits.cnn --out wgsl  one complete WGSL file a kernel")]
pub struct EmitArgs {
    /// The stage
    #[arg(value_enum, value_name = "STAGE")]
    pub stage: Stage,
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write files into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The class of device that kernels are tiled for; `wgsl` only [default: discrete]
    #[arg(long, value_enum, value_name = "CLASS")]
    pub class: Option<Class>,
}

/// Start a description from one that cnnc carries
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc new --list
  cnnc new digits.cnn --from mnist_pyramid")]
pub struct NewArgs {
    /// The file to write; one that exists is left alone
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub file: Option<PathBuf>,
    /// The description to start from
    #[arg(long, value_name = "SPEC", required_unless_present = "list")]
    pub from: Option<String>,
    /// List the descriptions to start from
    #[arg(long, conflicts_with_all = ["file", "from"])]
    pub list: bool,
}

/// List, fetch or import the data sets that have names
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct DataArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DataCommand,
}

/// What `cnnc data` does.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the known data sets and where each would come from on this machine
    #[command(after_help = "\
Examples:
  cnnc data list
  cnnc run digits.cnn --data fashion-mnist")]
    List,
    Fetch(FetchArgs),
    Import(ImportArgs),
}

/// Fetch data sets from the places that publish them
///
/// Each file is tried at one mirror after another and accepted by its sha256 alone; a download that was interrupted
/// goes on where it ended. A set is used once all of it is here. Proxies are taken from `HTTPS_PROXY` and `NO_PROXY`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc data fetch mnist
  cnnc data fetch all
  cnnc data fetch cifar10 --mirror http://192.168.0.2:8000/

A --mirror is a folder that holds the files; where several sets are fetched, it holds a folder for each, by their names.")]
pub struct FetchArgs {
    /// The data sets
    #[arg(required = true, value_enum, value_name = "NAME")]
    pub names: Vec<SetName>,
    /// Try this address first; may be given several times
    #[arg(long = "mirror", value_name = "URL", value_parser = mirror)]
    pub mirrors: Vec<String>,
    /// Fetch what is here and right as well
    #[arg(long)]
    pub force: bool,
    /// Print no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Take a data set from files that are here already
///
/// Published files are known by their sha256; others are read whole, and their format, sizes and labels must be right.
/// All files are judged before any is copied to where data sets are kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc data import mnist ~/Downloads/mnist.npz
  cnnc data import fashion-mnist ~/Downloads/*-ubyte.gz
  cnnc data import cifar10 ~/Downloads/cifar-10-binary.tar.gz

MNIST and Fashion-MNIST: four IDX files (.gz or not), a folder of them, or an .npz as Keras's. CIFAR-10: the archive of the
binary version, or the folder that it unpacks to.")]
pub struct ImportArgs {
    /// The data set
    #[arg(value_enum, value_name = "NAME")]
    pub name: OneSet,
    /// Files or folders that hold it
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// A data set with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneSet(KnownData);

impl OneSet {
    /// Which.
    pub fn set(self) -> KnownData {
        self.0
    }
}

impl ValueEnum for OneSet {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(KnownData::Mnist),
            Self(KnownData::FashionMnist),
            Self(KnownData::Cifar10),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

/// A data set with a name, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetName {
    /// One.
    One(OneSet),
    /// All.
    All,
}

impl SetName {
    /// Which.
    pub fn sets(&self) -> &[KnownData] {
        match self {
            Self::One(set) => std::slice::from_ref(&set.0),
            Self::All => &KnownData::ALL,
        }
    }
}

impl ValueEnum for SetName {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::One(OneSet(KnownData::Mnist)),
            Self::One(OneSet(KnownData::FashionMnist)),
            Self::One(OneSet(KnownData::Cifar10)),
            Self::All,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::One(set) => set.to_possible_value(),
            Self::All => Some(PossibleValue::new("all")),
        }
    }
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For both
    Yaml,
}

/// What `cnnc emit` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The syntax tree, as YAML
    Ast,
    /// The checked network with every default filled in, as YAML
    Ir,
    /// Buffers, their lifetimes, and the operations in order
    Plan,
    /// The kernels, as complete WGSL files
    Wgsl,
}

/// Classes of device that kernels are tiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Class {
    /// A GPU with its own memory
    Discrete,
    /// A GPU that shares the CPU's memory
    Integrated,
    /// A Vulkan that runs on the CPU
    Software,
}

impl From<Class> for DeviceClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Discrete => Self::Discrete,
            Class::Integrated => Self::Integrated,
            Class::Software => Self::Software,
        }
    }
}

/// A whole number from 1 to the most that a description may say.
fn count(text: &str, most: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("a whole number from 1 to {most} is needed")),
    }
}

fn epochs(text: &str) -> Result<usize, String> {
    count(text, MOST_EPOCHS)
}

fn batch_size(text: &str) -> Result<usize, String> {
    count(text, MOST_SAMPLES_A_STEP)
}

/// The most samples that indices of 32 bits reach, with room for padding.
fn samples(text: &str) -> Result<usize, String> {
    count(text, 1 << 31)
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.01 to 86400 is needed".to_owned()),
    }
}

/// An address that can be asked for files.
fn mirror(text: &str) -> Result<String, String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        _ => Err("an address that begins with http:// or https:// is needed".to_owned()),
    }
}

/// Ends the process as any wrong command line does.
pub fn conflict(message: &str) -> ! {
    Cli::command().error(ErrorKind::ArgumentConflict, message).exit()
}
