//! What can be typed: commands, their arguments and their help.

use crate::commands::show::kernel::{self, NamedKernel};
use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use compiler::tiling::DeviceClass;
use compiler::training::data::KnownData;
use compiler::training::settings::{MOST_EPOCHS, MOST_SAMPLES_A_STEP};
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

Exit status: 0 done; 1 the description, the data or the run is at fault; 2 the command line is wrong. Results go to \
standard output, messages to standard error; NO_COLOR turns colours off.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(CheckArgs),
    Explain(ExplainArgs),
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
    Report(ReportArgs),
    Show(ShowArgs),
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

/// Explain every number of a network's summary, and what training does
///
/// In words and arithmetic, layer by layer: sizes, parameters, receptive fields, multiply-adds, memory; then the loss, the
/// optimizer, and how many steps there are. No data are read and no device is opened.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc explain digits.cnn
  cnnc explain digits.cnn --format markdown > digits.md")]
pub struct ExplainArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How to write it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Prose::Text)]
    pub format: Prose,
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
  cnnc run pets.cnn --data photos/       with a folder of pictures for each class in photos/
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
/// Prints the class and its probability for each sample; for a folder of pictures a table in CSV.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc predict digits.cnn --weights runs/mnist_pyramid/weights.safetensors --input seven.png
  cnnc predict digits.cnn --weights weights.safetensors --input x.npy --output y.npy
  cnnc predict pets.cnn --weights runs/pets/weights.safetensors --input new_photos/ --output predicted.csv

A picture (PNG, JPEG, WebP, BMP) is resized to the network's input, as the network's training pictures were: where it was
trained on a folder of pictures, by Keras's bilinear filter; else by a triangle filter, transparent parts white. An array is
float32 or uint8 of shape (samples, height, width, channels); uint8 is scaled by 1/255, float32 is taken as it is.

Of a folder every picture is taken, those in folders below it too: a line each of path, class, name and probability.
Pictures that cannot be read are left out and listed; more than one in twenty of them, or more than 100, is exit status 1.
Classes have the names in the run.yaml beside the weights, else those of the description's data set.")]
pub struct PredictArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// A picture (.png, .jpg, .webp, .bmp), a folder of pictures, or an array of samples (.npy)
    #[arg(long, value_name = "FILE|FOLDER")]
    pub input: PathBuf,
    /// Write the network's raw output here, as float32; for a folder, the table [default: standard output]
    #[arg(long, value_name = "FILE.npy|FILE.csv")]
    pub output: Option<PathBuf>,
    /// For a folder: a column of probabilities for each class
    #[arg(long)]
    pub all: bool,
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

/// Draw pictures: images of a data set, learnt filters, feature maps, convolutions, curves, confusions, mistakes, networks
///
/// A terminal that can show pictures shows them; elsewhere they become a PNG file in the current folder. With --out they
/// are written there, as PNG or SVG.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct ShowArgs {
    /// What to draw.
    #[command(subcommand)]
    pub command: ShowCommand,
}

/// What `cnnc show` draws.
#[derive(Debug, Subcommand)]
pub enum ShowCommand {
    Data(ShowDataArgs),
    Filters(ShowFiltersArgs),
    Activations(ShowActivationsArgs),
    Convolve(ShowConvolveArgs),
    Curves(ShowCurvesArgs),
    Confusion(ShowConfusionArgs),
    Mistakes(ShowMistakesArgs),
    Network(ShowNetworkArgs),
}

/// Where a picture goes.
#[derive(Debug, Args)]
pub struct PictureArgs {
    /// Write the picture here, as PNG or SVG; may be given more than once
    #[arg(long, value_name = "FILE.png|FILE.svg", value_parser = picture)]
    pub out: Vec<PathBuf>,
    /// Pixels of a PNG for each px of the drawing
    #[arg(long, value_name = "N", default_value_t = 2.0, value_parser = scale)]
    pub scale: f64,
}

/// Images of a data set with their classes
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show data mnist
  cnnc show data cifar10 --count 40 --split test --out images.png
  cnnc show data ~/pictures.npz --start 100 --out images.svg")]
pub struct ShowDataArgs {
    /// A known name (see `cnnc data list`) or a path
    #[arg(value_name = "NAME|PATH")]
    pub data: String,
    /// How many images
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = images)]
    pub count: usize,
    /// The split to take them from
    #[arg(long, value_enum, value_name = "SPLIT", default_value_t = SplitName::Train)]
    pub split: SplitName,
    /// The first image, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub start: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// The learnt kernels of a convolution, one panel each
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show filters digits.cnn --weights runs/mnist_onelayer/weights.safetensors
  cnnc show filters lenet.cnn --weights weights.safetensors --layer conv2d_1 --out filters.png
  cnnc show filters lenet.cnn --weights weights.safetensors --rgb --out filters.svg

All panels have one scale of colours. A convolution over several channels has a row of panels for each of them.")]
pub struct ShowFiltersArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// The convolution, by its name in `cnnc check` [default: the first]
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Draw the weights for red, green and blue as one colour image
    #[arg(long)]
    pub rgb: bool,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// What each layer makes of one image
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show activations digits.cnn --weights weights.safetensors --input seven.png
  cnnc show activations digits.cnn --weights weights.safetensors --input x.npy --index 3 --out maps.png
  cnnc show activations digits.cnn --weights weights.safetensors --data mnist --index 7

One row a layer: feature maps as panels, vectors as cells, the last layer as the probability of each class. Each row has
its own scale of colours, which stands below the layer's name.")]
#[command(group = ArgGroup::new("image").required(true).args(["input", "data"]))]
pub struct ShowActivationsArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,
    /// A picture (.png, .jpg) or an array of samples (.npy)
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Take an image of this data set: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// The split of --data [default: test]
    #[arg(long, value_enum, value_name = "SPLIT", conflicts_with = "input")]
    pub split: Option<SplitName>,
    /// Which sample, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub index: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// What a kernel makes of images as it slides over them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show convolve --kernel vertical-edge --data mnist
  cnnc show convolve --kernel sharpen --data cifar10 --count 3 --out sharp.png
  cnnc show convolve --kernel '[[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]]' --data mnist

Kernels with names: vertical-edge, horizontal-edge, sobel, sobel-down, laplacian, sharpen, blur, gaussian, emboss. As in
Conv2D the kernel is not flipped; zeros surround the image, so that the result has its size.")]
pub struct ShowConvolveArgs {
    /// A name, or rows of numbers: [[-1, 0, 1], [-1, 0, 1]]
    #[arg(long, value_name = "NAME|[[...]]", value_parser = kernel::parse, allow_hyphen_values = true)]
    pub kernel: NamedKernel,
    /// The images: a known name (see `cnnc data list`) or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: String,
    /// How many images
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = few_images)]
    pub count: usize,
    /// The split to take them from [default: train]
    #[arg(long, value_enum, value_name = "SPLIT")]
    pub split: Option<SplitName>,
    /// The first image, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub start: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// Accuracy, loss and other metrics of runs, epoch by epoch
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show curves runs/mnist_pyramid
  cnnc show curves runs/* --out compared.png")]
pub struct ShowCurvesArgs {
    /// Run directories
    #[arg(required = true, value_name = "RUN_DIR")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// Which run, and with what its network is asked again.
#[derive(Debug, Args)]
pub struct PastRunArgs {
    /// The run directory
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,
    /// Where the run's data lie now, if elsewhere: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// What to run on: auto, gpu, cpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
}

/// Which classes a trained network takes for which, on the test split
///
/// Rows are true classes, columns predicted ones. A class's recall is the share of its samples that were found, its
/// precision the share of what was taken for it that is of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show confusion runs/mnist_pyramid
  cnnc show confusion runs/lenet --data ~/cifar-10-batches-bin --out confusion.svg")]
pub struct ShowConfusionArgs {
    #[command(flatten)]
    pub past: PastRunArgs,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// The test images that a trained network is most wrong about
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show mistakes runs/mnist_pyramid
  cnnc show mistakes runs/mnist_pyramid --count 40 --out mistakes.png")]
pub struct ShowMistakesArgs {
    #[command(flatten)]
    pub past: PastRunArgs,
    /// The most images
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = images)]
    pub count: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// The architecture of a network, drawn as papers draw it
///
/// Stacks are feature maps, bars are rows of numbers, small squares the windows that slide over maps.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show network digits.cnn
  cnnc show network digits.cnn --out network.svg")]
pub struct ShowNetworkArgs {
    /// The description
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// Write the report of a run again: one page that a browser opens, without a network
///
/// `cnnc run` writes it into the run directory at its end: the network, its curves, its filters, what it confuses, its
/// worst mistakes, and where the time goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc report runs/mnist_pyramid
  cnnc report runs/mnist_pyramid --out ~/pyramid.html")]
pub struct ReportArgs {
    #[command(flatten)]
    pub past: PastRunArgs,
    /// Write it here instead of report.html in the run directory
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
}

/// The splits of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// What is trained on
    Train,
    /// What is tested on
    Test,
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

/// How an explanation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Prose {
    /// Text, as wide as the terminal
    Text,
    /// Markdown, with headings and tables
    Markdown,
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

/// More would be too small to see, and too large to open.
fn images(text: &str) -> Result<usize, String> {
    count(text, 1000)
}

/// They stand in one row.
fn few_images(text: &str) -> Result<usize, String> {
    count(text, 20)
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if (0.1..=20.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.1 to 20 is needed".to_owned()),
    }
}

/// A path whose end says what is written.
fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("png" | "svg") => Ok(path),
        Some(_) | None => Err("a name that ends in .png or .svg is needed".to_owned()),
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
