//! The catalogue of data sets with names, and what `data=` may name.

use crate::shape::Shape;
use serde::Serialize;

/// What `data=` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataName {
    /// A data set that this compiler knows by name.
    Known(KnownData),
    /// A path, relative to the description's folder.
    Path(String),
}

/// The data sets with names. Shapes and class counts are facts of the files, so `check` can compare a network with
/// them before a byte is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownData {
    /// Handwritten digits.
    Mnist,
    /// Zalando's clothes.
    FashionMnist,
    /// Small colour photographs.
    Cifar10,
    /// The same of more kinds.
    Cifar100,
}

impl KnownData {
    /// Every one, in the order in which lists name them.
    pub const ALL: [Self; 4] = [Self::Mnist, Self::FashionMnist, Self::Cifar10, Self::Cifar100];

    /// The name that `data=` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
        }
    }

    /// The shape of one picture.
    pub fn shape(self) -> Shape {
        match self {
            Self::Mnist | Self::FashionMnist => Shape::map(28, 28, 1),
            Self::Cifar10 | Self::Cifar100 => Shape::map(32, 32, 3),
        }
    }

    /// How many classes there are.
    pub const fn classes(self) -> usize {
        match self {
            Self::Mnist | Self::FashionMnist | Self::Cifar10 => 10,
            Self::Cifar100 => 100,
        }
    }

    /// How many samples of the training and of the test split the whole set has.
    pub const fn samples(self) -> (usize, usize) {
        match self {
            Self::Mnist | Self::FashionMnist => (60_000, 10_000),
            Self::Cifar10 | Self::Cifar100 => (50_000, 10_000),
        }
    }

    /// How many samples the program itself carries, for where the whole set is not at hand.
    pub const fn carried(self) -> Option<(usize, usize)> {
        match self {
            Self::Mnist => Some((8000, 2000)),
            Self::FashionMnist | Self::Cifar10 | Self::Cifar100 => None,
        }
    }
}
