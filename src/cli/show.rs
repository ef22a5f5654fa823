//! The arguments and the help of `cnnc show`.

use super::past::PastRunArgs;
use super::values::{few_images, images, picture, scale};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use cnnc::show::data::SplitName;
use cnnc::show::kernel::{self, NamedKernel};
use std::path::PathBuf;

/// Draw pictures: images of a data set, learnt filters, feature maps, convolutions, curves, confusions, mistakes, networks
///
/// A terminal that can show pictures shows them; otherwise they go into a PNG file in the current folder. With --out they
/// are written there, as PNG or SVG.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct ShowArgs {
    /// What to draw, with the arguments of that drawing.
    #[command(subcommand)]
    pub command: ShowCommand,
}

/// What `cnnc show` draws.
#[derive(Debug, Subcommand)]
pub enum ShowCommand {
    Data(ShowDataArgs),
    Augmented(ShowAugmentedArgs),
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
    /// How many pixels a PNG has for each px of the drawing
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
    /// How many images to draw
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = images)]
    pub count: usize,
    /// The split to take them from
    #[arg(long, value_enum, value_name = "SPLIT", default_value_t = Split::Train)]
    pub split: Split,
    /// The first image, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub start: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// Images, and below them what training sees after the layers that change them at random
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show augmented photos.cnn
  cnnc show augmented photos.cnn --data ~/photos --count 6 --seed 3 --out seen.png

These are the images of the first step of a run with the same seed.")]
pub struct ShowAugmentedArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The data set, in place of the description's: a known name or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// The seed, in place of the description's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many images to draw, a batch at most
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = few_images)]
    pub count: usize,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// The kernels that a convolution has learnt, one panel each
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc show filters digits.cnn --weights runs/mnist_onelayer/weights.safetensors
  cnnc show filters lenet.cnn --weights weights.safetensors --layer conv2d_1 --out filters.png
  cnnc show filters lenet.cnn --weights weights.safetensors --rgb --out filters.svg

All panels share one colour scale. A convolution over several channels has a row of panels for each channel.")]
pub struct ShowFiltersArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights, as `cnnc run` writes them
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

One row for each layer: feature maps as panels, vectors as cells, the last layer as the probability of each class. Each row
has its own colour scale, shown below the layer's name.")]
#[command(group = ArgGroup::new("image").required(true).args(["input", "data"]))]
pub struct ShowActivationsArgs {
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The trained weights, as `cnnc run` writes them
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
    pub split: Option<Split>,
    /// Which sample to take, counted from 0
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

Named kernels: vertical-edge, horizontal-edge, sobel, sobel-down, laplacian, sharpen, blur, gaussian, emboss. As in
Conv2D the kernel is not flipped; zeros surround the image, so the result has the same size.")]
pub struct ShowConvolveArgs {
    /// A name, or rows of numbers: [[-1, 0, 1], [-1, 0, 1]]
    #[arg(long, value_name = "NAME|[[...]]", value_parser = kernel::parse, allow_hyphen_values = true)]
    pub kernel: NamedKernel,
    /// The images: a known name (see `cnnc data list`) or a path
    #[arg(long, value_name = "NAME|PATH")]
    pub data: String,
    /// How many images to draw
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = few_images)]
    pub count: usize,
    /// The split to take them from [default: train]
    #[arg(long, value_enum, value_name = "SPLIT")]
    pub split: Option<Split>,
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
    /// The directories of the runs to compare
    #[arg(required = true, value_name = "RUN_DIR")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// Which classes a trained network mistakes for which, on the test split
///
/// Rows are true classes, columns predicted ones. A class's recall is the share of its samples that were
/// recognised, its precision the share of the samples taken for it that really belong to it.
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
    /// How many images to draw at most
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
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub picture: PictureArgs,
}

/// The splits of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// The split that is trained on
    Train,
    /// The split that is tested on
    Test,
}

impl From<Split> for SplitName {
    fn from(split: Split) -> Self {
        match split {
            Split::Train => Self::Train,
            Split::Test => Self::Test,
        }
    }
}
