//! The data sets that have names, and what `data=` may be.

use crate::shape::Shape;
use serde::Serialize;

/// A data set that the description names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataName {
    /// A data set that this compiler knows by name.
    Known(KnownData),
    /// A path, relative to the description's folder.
    Path(String),
}

/// The data sets that have names. Shapes and numbers of classes are facts of the files, so that `check` can compare a
/// network with them before a byte is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownData {
    /// Handwritten digits, 28x28x1, ten classes (the MNIST database, 1998).
    Mnist,
    /// Articles of clothing, 28x28x1, ten classes (Zalando Research, 2017).
    FashionMnist,
    /// Colour photographs, 32x32x3, ten classes (Krizhevsky, 2009).
    Cifar10,
    /// Colour photographs, 32x32x3, a hundred classes (Krizhevsky, 2009).
    Cifar100,
}

impl KnownData {
    /// All of them, in the order in which lists name them.
    pub const ALL: [Self; 4] = [Self::Mnist, Self::FashionMnist, Self::Cifar10, Self::Cifar100];

    /// The name that a description gives as `data`.
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

    /// The number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::Mnist | Self::FashionMnist | Self::Cifar10 => 10,
            Self::Cifar100 => 100,
        }
    }

    /// The numbers of samples for training and for testing.
    pub const fn samples(self) -> (usize, usize) {
        match self {
            Self::Mnist | Self::FashionMnist => (60_000, 10_000),
            Self::Cifar10 | Self::Cifar100 => (50_000, 10_000),
        }
    }

    /// The numbers of samples that the program itself carries, for use without the whole set; None where it carries none.
    pub const fn carried(self) -> Option<(usize, usize)> {
        match self {
            Self::Mnist => Some((8000, 2000)),
            Self::FashionMnist | Self::Cifar10 | Self::Cifar100 => None,
        }
    }
}
