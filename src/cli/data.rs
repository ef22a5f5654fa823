//! The arguments and the help of `cnnc data`.

#[cfg(feature = "fetch")]
use super::fetch::FetchArgs;
#[cfg(not(feature = "fetch"))]
use super::lacking::FetchArgs;
use super::one_set::OneSet;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// List, fetch or import the data sets that have names
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct DataArgs {
    /// What is to be done with the data sets.
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
    Cache(CacheArgs),
}

/// List the decoded pictures that are kept on the disk, or remove them
///
/// Pictures whose samples take more than 128 MB are decoded and resized once, and kept in a file in the cache folder. It is
/// found again by the paths, lengths and times of the pictures, and by how they are read. The files that have not been used
/// for longest make room for new ones.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc data cache
  cnnc data cache --clear")]
pub struct CacheArgs {
    /// Remove all of them
    #[arg(long)]
    pub clear: bool,
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

MNIST and Fashion-MNIST: four IDX files (.gz or not), a folder of them, or an .npz as Keras's. CIFAR-10 and CIFAR-100: the
archive of the binary version, or the folder that it unpacks to.")]
pub struct ImportArgs {
    /// The data set that the files hold
    #[arg(value_enum, value_name = "NAME")]
    pub name: OneSet,
    /// Files or folders that hold it
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}
