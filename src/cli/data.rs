//! `cnnc data`

#[cfg(feature = "fetch")]
use super::fetch::FetchArgs;
#[cfg(not(feature = "fetch"))]
use super::lacking::FetchArgs;
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use compiler::training::data::KnownData;
use std::path::PathBuf;

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

/// Take a data set from files that you have already
///
/// Published files are recognised by their sha256; others are read whole, and their format, sizes and labels must be right.
/// All files are checked before any is copied to where data sets are kept.
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
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// A data set with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneSet(KnownData);

impl OneSet {
    pub const MNIST: Self = Self(KnownData::Mnist);
    pub const FASHION_MNIST: Self = Self(KnownData::FashionMnist);
    pub const CIFAR10: Self = Self(KnownData::Cifar10);

    /// The set that the name stands for.
    pub fn known(&self) -> &KnownData {
        &self.0
    }
}

impl ValueEnum for OneSet {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::MNIST, Self::FASHION_MNIST, Self::CIFAR10]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}
