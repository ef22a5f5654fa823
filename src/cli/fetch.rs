//! The arguments and the help of `cnnc data fetch`.

use super::one_set::OneSet;
use super::values::mirror;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use compiler::applications::{PUBLISHED, Published};
use compiler::training::data::KnownData;
use std::sync::LazyLock;

/// Fetch data sets, and weights of Keras's applications, from the places that publish them
///
/// Each file is tried at one mirror after another and accepted only if its checksum is right (sha256; md5 for weights, for
/// which Keras publishes no other). An interrupted download goes on where it ended. A set is used once all of it is here. Proxies are taken from `HTTPS_PROXY` and `NO_PROXY`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc data fetch mnist
  cnnc data fetch all
  cnnc data fetch vgg16
  cnnc data fetch cifar10 --mirror http://192.168.0.2:8000/

`vgg16` and the like are weights without the layers that classify, `vgg16-top` those with them; `mobilenet_v2-96` are those
for pictures of 96x96. `all` stands for all data sets. A --mirror is a folder that holds the files; for several sets it has a
folder for each, of the set's name.")]
pub struct FetchArgs {
    /// The data sets or weights
    #[arg(required = true, value_enum, value_name = "NAME")]
    pub names: Vec<SetName>,
    /// Try this address first; may be given several times
    #[arg(long = "mirror", value_name = "URL", value_parser = mirror)]
    pub mirrors: Vec<String>,
    /// Fetch again even what is here already and right
    #[arg(long)]
    pub force: bool,
    /// Print no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// A data set with a name, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetName {
    /// One data set, by its name.
    One(OneSet),
    /// `all`: every data set that has a name.
    All,
    /// A file of weights that Keras publishes, by the name of the application.
    Weights(&'static Published),
}

impl SetName {
    /// The data sets that the name stands for; none where it stands for weights.
    pub fn sets(&self) -> &[KnownData] {
        match self {
            Self::One(set) => std::slice::from_ref(set.known()),
            Self::All => &KnownData::ALL,
            Self::Weights(_) => &[],
        }
    }
}

impl SetName {
    /// The file of weights that it is.
    pub fn weights(&self) -> Option<&'static Published> {
        match self {
            Self::Weights(file) => Some(file),
            Self::One(_) | Self::All => None,
        }
    }
}

impl ValueEnum for SetName {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<SetName>> = LazyLock::new(|| {
            let weights = PUBLISHED
                .iter()
                .filter(|file| file.bytes.is_some())
                .map(SetName::Weights);
            let sets = OneSet::value_variants().iter().copied().map(SetName::One);
            sets.chain([SetName::All]).chain(weights).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::One(set) => set.to_possible_value(),
            Self::All => Some(PossibleValue::new("all")),
            Self::Weights(file) => Some(PossibleValue::new(file.set)),
        }
    }
}
