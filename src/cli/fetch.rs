//! `cnnc data fetch`

use super::one_set::OneSet;
use super::values::mirror;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use compiler::training::data::KnownData;

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
    /// Fetch again what is here already and right
    #[arg(long)]
    pub force: bool,
    /// Print no progress
    #[arg(long, short)]
    pub quiet: bool,
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
            Self::One(set) => std::slice::from_ref(set.known()),
            Self::All => &KnownData::ALL,
        }
    }
}

impl ValueEnum for SetName {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::One(OneSet::MNIST),
            Self::One(OneSet::FASHION_MNIST),
            Self::One(OneSet::CIFAR10),
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
